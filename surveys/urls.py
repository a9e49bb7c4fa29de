"""Addresses of surveys: short ones for the public, the rest for those who manage them."""

from django.urls import path

from surveys import answer_views, public_views, questionnaire_views, result_views, views

app_name = "surveys"

urlpatterns = [
    path("s/<slug:code>/", public_views.form, name="public_form"),
    path("s/<slug:code>/terima-kasih/", public_views.thanks, name="public_thanks"),
    path("s/<slug:code>/hasil/", public_views.result, name="public_result"),
    path("survei/", views.survey_list, name="survey_list"),
    path("survei/sasaran/", views.calculator, name="survey_calculator"),
    path("survei/baru/<int:unit_pk>/", views.survey_create, name="survey_create"),
    path("survei/<int:pk>/", views.survey_detail, name="survey_detail"),
    path("survei/<int:pk>/ubah/", views.survey_edit, name="survey_edit"),
    path("survei/<int:pk>/buka/", views.survey_open, name="survey_open"),
    path("survei/<int:pk>/tutup/", views.survey_close, name="survey_close"),
    path("survei/<int:pk>/kunci/", views.survey_lock, name="survey_lock"),
    path("survei/<int:pk>/buka-kembali/", views.survey_reopen, name="survey_reopen"),
    path("survei/<int:pk>/publikasikan/", views.survey_publish, name="survey_publish"),
    path("survei/<int:pk>/hapus/", views.survey_delete, name="survey_delete"),
    path("survei/bagian/<int:pk>/lke/", views.part_feed, name="survey_part_feed"),
    path("survei/<int:pk>/jawaban/", answer_views.answer_list, name="answer_list"),
    path("survei/<int:pk>/jawaban/putuskan/", answer_views.answer_judge, name="answer_judge"),
    path("survei/<int:pk>/komentar/", answer_views.comment_list, name="comment_list"),
    path("survei/komentar/<int:pk>/", answer_views.comment_moderate, name="comment_moderate"),
    path("survei/<int:pk>/impor/", answer_views.answer_import, name="answer_import"),
    path("survei/<int:pk>/impor/contoh/", answer_views.import_template, name="import_template"),
    path("survei/impor/<int:pk>/", answer_views.import_preview, name="import_preview"),
    path("survei/impor/<int:pk>/tambahkan/", answer_views.import_add, name="import_add"),
    path("survei/impor/<int:pk>/buang/", answer_views.import_discard, name="import_discard"),
    path("survei/<int:pk>/hasil/", result_views.survey_result, name="survey_result"),
    path("survei/<int:pk>/hasil.xlsx", result_views.survey_workbook, name="survey_workbook"),
    path("survei/<int:pk>/tindak-lanjut/", result_views.improvement_add, name="improvement_add"),
    path(
        "survei/tindak-lanjut/<int:pk>/selesai/",
        result_views.improvement_finish,
        name="improvement_finish",
    ),
    path("survei/<int:pk>/cetak/", result_views.print_list, name="print_list"),
    path("survei/<int:pk>/cetak/<str:kind>/", result_views.print_make, name="print_make"),
    path("survei/berkas/<uuid:public_id>.pdf", result_views.print_download, name="print_download"),
    path("survei/unit/<int:pk>/", result_views.unit_surveys, name="unit_surveys"),
    path("survei/unit/<int:pk>/eksternal/", result_views.external_record, name="external_record"),
    path("survei/eksternal/<int:pk>.pdf", result_views.external_report, name="external_report"),
    path("survei/kuesioner/", questionnaire_views.questionnaire_list, name="questionnaire_list"),
    path(
        "survei/kuesioner/<int:pk>/",
        questionnaire_views.questionnaire_detail,
        name="questionnaire_detail",
    ),
    path(
        "survei/kuesioner/<int:pk>/edisi-baru/",
        questionnaire_views.questionnaire_follow,
        name="questionnaire_follow",
    ),
    path(
        "survei/kuesioner/<int:pk>/ubah/",
        questionnaire_views.questionnaire_edit,
        name="questionnaire_edit",
    ),
]
