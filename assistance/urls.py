"""Addresses of recommendations and visits."""

from django.urls import path

from assistance import minutes_views, report_views, views, visit_views

app_name = "assistance"

urlpatterns = [
    path("asistensi/", visit_views.visit_list, name="visit_list"),
    path("asistensi/rencana/", visit_views.visit_create, name="visit_create"),
    path("asistensi/dampak/", visit_views.effect_list, name="visit_effects"),
    path("asistensi/<int:pk>/", visit_views.visit, name="visit"),
    path("asistensi/<int:pk>/ubah/", visit_views.visit_edit, name="visit_edit"),
    path("asistensi/<int:pk>/tim/", visit_views.visit_team, name="visit_team"),
    path("asistensi/<int:pk>/langkah/<str:step>/", visit_views.visit_step, name="visit_step"),
    path("asistensi/<int:pk>/hadir/", visit_views.attendance_add, name="attendance_add"),
    path("asistensi/<int:pk>/layanan/", visit_views.service_note_add, name="service_note_add"),
    path("asistensi/<int:pk>/survei/", visit_views.consultation, name="consultation"),
    path("asistensi/<int:pk>/berita-acara/", minutes_views.minutes, name="minutes"),
    path(
        "asistensi/<int:pk>/berita-acara/konfirmasi/",
        minutes_views.minutes_confirm,
        name="minutes_confirm",
    ),
    path("asistensi/<int:pk>/laporan/", report_views.visit_report, name="visit_report"),
    path(
        "asistensi/<int:pk>/laporan/langkah/<str:act>/",
        report_views.visit_report_step,
        name="visit_report_step",
    ),
    path("asistensi/<int:pk>/naskah/<str:kind>/", report_views.paper_state, name="paper_state"),
    path("asistensi/<int:pk>/naskah/<str:kind>/buat/", report_views.paper_make, name="paper_make"),
    path(
        "asistensi/<int:pk>/dokumen/<int:document>/",
        report_views.paper_download,
        name="paper_download",
    ),
    path(
        "asistensi/<int:pk>/dokumen/<int:document>/kirim/",
        report_views.paper_send,
        name="paper_send",
    ),
    path(
        "asistensi/<int:pk>/dokumen/<int:document>/terbit/",
        report_views.paper_issue,
        name="paper_issue",
    ),
    path(
        "asistensi/<int:pk>/dokumen/<int:document>/tarik/",
        report_views.paper_withdraw,
        name="paper_withdraw",
    ),
    path("asistensi/<int:pk>/butir/", visit_views.visit_checks, name="visit_checks"),
    path("asistensi/<int:pk>/simpan/", visit_views.check_save, name="check_save"),
    path("rekomendasi/", views.register, name="register"),
    path("rekomendasi/unduh/", views.register_export, name="register_export"),
    path("rekomendasi/pantauan/", views.portfolio, name="portfolio"),
    path("rekomendasi/<int:pk>/", views.recommendation, name="recommendation"),
    path("rekomendasi/<int:pk>/ubah/", views.recommendation_edit, name="recommendation_edit"),
    path(
        "rekomendasi/<int:pk>/langkah/<str:step>/",
        views.recommendation_move,
        name="recommendation_move",
    ),
    path("rekomendasi/<int:pk>/perpanjangan/", views.extension_ask, name="extension_ask"),
    path(
        "rekomendasi/<int:pk>/perpanjangan/<int:wish_pk>/",
        views.extension_decide,
        name="extension_decide",
    ),
    path("unit/<int:unit_pk>/rekomendasi/", views.unit_register, name="unit_register"),
    path(
        "unit/<int:unit_pk>/rekomendasi/baru/",
        views.recommendation_create,
        name="recommendation_create",
    ),
    path("unit/<int:unit_pk>/rekomendasi/matriks/", views.matrix, name="matrix"),
    path(
        "lke/<int:pk>/rekomendasi/<str:code>/",
        views.recommendation_for_row,
        name="recommendation_for_row",
    ),
    path(
        "lke/<int:pk>/rekomendasi-langkah/<str:predicate>/",
        views.recommendation_way,
        name="recommendation_way",
    ),
]
