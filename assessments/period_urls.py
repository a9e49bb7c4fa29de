"""Addresses of periods and teams; included by ``assessments.urls``."""

from django.urls import path

from assessments import closing_views, period_views, team_views

urlpatterns = [
    path("periode/", period_views.period_list, name="period_list"),
    path("periode/baru/", period_views.period_create, name="period_create"),
    path("periode/<int:pk>/", period_views.period_detail, name="period_detail"),
    path("periode/<int:pk>/ubah/", period_views.period_edit, name="period_edit"),
    path("periode/<int:pk>/buka/", period_views.period_open, name="period_open"),
    path("periode/<int:pk>/tutup/", closing_views.period_close, name="period_close"),
    path("periode/<int:pk>/buka-kembali/", closing_views.period_reopen, name="period_reopen"),
    path("periode/<int:pk>/pekerjaan/", closing_views.period_state, name="period_state"),
    path("periode/<int:pk>/arsip/", closing_views.archive_make, name="period_archive_make"),
    path("periode/arsip/<int:pk>/", closing_views.archive_download, name="period_archive"),
    path("periode/<int:pk>/gulirkan/", closing_views.period_roll, name="period_roll"),
    path("periode/<int:pk>/lanjutkan/", closing_views.period_roll_on, name="period_roll_on"),
    path("penilaian/<int:pk>/tim/", team_views.team_detail, name="team_detail"),
    path("penilaian/<int:pk>/surat-tugas/", team_views.team_assignment, name="team_assignment"),
    path(
        "penilaian/<int:pk>/surat-tugas/pilih/",
        team_views.team_assignment_choose,
        name="team_assignment_choose",
    ),
    path("tim/<int:pk>/ubah/", team_views.team_member_edit, name="team_member_edit"),
    path("tim/<int:pk>/keluarkan/", team_views.team_member_remove, name="team_member_remove"),
    path("surat-tugas/<int:pk>/ubah/", team_views.assignment_edit, name="assignment_edit"),
]
