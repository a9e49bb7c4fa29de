"""Addresses of periods and teams; included by ``assessments.urls``."""

from django.urls import path

from assessments import period_views, team_views

urlpatterns = [
    path("periode/", period_views.period_list, name="period_list"),
    path("periode/baru/", period_views.period_create, name="period_create"),
    path("periode/<int:pk>/", period_views.period_detail, name="period_detail"),
    path("periode/<int:pk>/ubah/", period_views.period_edit, name="period_edit"),
    path("periode/<int:pk>/buka/", period_views.period_open, name="period_open"),
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
