"""Addresses of worksheets, evidence, instruments, periods, dashboards and documents."""

from django.urls import path

from assessments import (
    advice_views,
    bulk_views,
    comment_views,
    dashboard_urls,
    document_urls,
    evidence_views,
    instrument_views,
    objection_views,
    period_urls,
    preview_views,
    share_views,
    state_views,
    survey_views,
    worksheet_views,
)
from assessments.control import urls as control_urls
from assessments.journey import urls as journey_urls
from assessments.windows import urls as window_urls
from assessments.workplan import urls as workplan_urls

app_name = "assessments"

urlpatterns = [
    path("sesi/", worksheet_views.whoami, name="whoami"),
    path("lke/<int:pk>/", worksheet_views.worksheet_home, name="worksheet_home"),
    path("lke/<int:pk>/bagian/<str:section>/", worksheet_views.worksheet, name="worksheet"),
    path("lke/<int:pk>/simpan/", worksheet_views.row_save, name="row_save"),
    path("lke/<int:pk>/terima/", worksheet_views.row_accept, name="row_accept"),
    path("lke/<int:pk>/pertahankan/", worksheet_views.row_confirm, name="row_confirm"),
    path("lke/<int:pk>/terima-banyak/", bulk_views.accept_many, name="accept_many"),
    path("lke/<int:pk>/terima-banyak/<int:act>/urung/", bulk_views.accept_undo, name="accept_undo"),
    path("lke/<int:pk>/butir/<str:code>/", worksheet_views.row_detail, name="row_detail"),
    path("lke/<int:pk>/komentar/", comment_views.comment_list, name="comment_list"),
    path("lke/<int:pk>/komentar/orang/", comment_views.comment_people, name="comment_people"),
    path(
        "lke/<int:pk>/komentar/<int:comment>/selesai/",
        comment_views.comment_resolve,
        name="comment_resolve",
    ),
    path("lke/<int:pk>/butir/<str:code>/komentar/", comment_views.comment_add, name="comment_add"),
    path(
        "lke/<int:pk>/butir/<str:code>/komentar/dibaca/",
        comment_views.comment_seen,
        name="comment_seen",
    ),
    path("lke/<int:pk>/butir/<str:code>/frasa/", advice_views.phrase_pick, name="phrase_pick"),
    path("frasa/", advice_views.phrase_list, name="phrase_list"),
    path("frasa/<int:pk>/", advice_views.phrase_edit, name="phrase_edit"),
    path("frasa/<int:pk>/hapus/", advice_views.phrase_delete, name="phrase_delete"),
    path("instrumen/<int:pk>/petunjuk/<str:code>/", advice_views.guidance, name="guidance"),
    path("lke/<int:pk>/sanggah/", objection_views.objection_list, name="objection_list"),
    path("lke/<int:pk>/butir/<str:code>/sanggah/", objection_views.objection, name="objection"),
    path("lke/<int:pk>/cari/", worksheet_views.worksheet_find, name="worksheet_find"),
    path("lke/<int:pk>/selesai/<str:section>/", worksheet_views.area_finish, name="area_finish"),
    path("lke/<int:pk>/periksa/", state_views.findings, name="findings"),
    path("lke/<int:pk>/langkah/<str:name>/", state_views.transition, name="transition"),
    path("lke/<int:pk>/bukti/<str:code>/", evidence_views.evidence_attach, name="evidence_attach"),
    path(
        "lke/<int:pk>/bukti/<str:code>/pilih/", evidence_views.evidence_pick, name="evidence_pick"
    ),
    path(
        "lke/<int:pk>/bukti-butir/<int:use>/nilai/",
        evidence_views.evidence_judge,
        name="evidence_judge",
    ),
    path(
        "lke/<int:pk>/bukti-butir/<int:use>/lepas/",
        evidence_views.evidence_detach,
        name="evidence_detach",
    ),
    path("lke/<int:pk>/survei/<str:code>/", survey_views.survey_adopt, name="survey_adopt"),
    path("bukti/<int:pk>/", evidence_views.evidence_open, name="evidence_open"),
    path(
        "lke/<int:pk>/bagian/<str:section>/bukti.zip",
        preview_views.evidence_archive,
        name="evidence_archive",
    ),
    path("lke/<int:pk>/folder/", evidence_views.evidence_folder, name="evidence_folder"),
    path("lke/<int:pk>/berbagi/", share_views.share_list, name="share_list"),
    path("lke/<int:pk>/berbagi/<int:share>/cabut/", share_views.share_revoke, name="share_revoke"),
    path("berbagi/<str:key>/", share_views.share_page, name="share_page"),
    path("berbagi/<str:key>/<int:evidence>/", share_views.share_file, name="share_file"),
    path("bukti/<int:pk>/lihat/", preview_views.evidence_preview, name="evidence_preview"),
    path("bukti/<int:pk>/lihat/<int:number>/", preview_views.evidence_page, name="evidence_page"),
    path(
        "lke/<int:pk>/bukti-butir/<int:use>/halaman/",
        evidence_views.evidence_point,
        name="evidence_point",
    ),
    path("bukti/<int:pk>/ubah/", evidence_views.evidence_edit, name="evidence_edit"),
    path("bukti/<int:pk>/ganti/", evidence_views.evidence_replace, name="evidence_replace"),
    path("unit/<int:unit>/bukti/", evidence_views.evidence_library, name="evidence_library"),
    path("instrumen/", instrument_views.instrument_list, name="instrument_list"),
    path("instrumen/<int:pk>/", instrument_views.instrument_detail, name="instrument_detail"),
    *document_urls.urlpatterns,
    *period_urls.urlpatterns,
    *dashboard_urls.urlpatterns,
    *journey_urls.urlpatterns,
    *workplan_urls.urlpatterns,
    *control_urls.urlpatterns,
    *window_urls.urlpatterns,
]
