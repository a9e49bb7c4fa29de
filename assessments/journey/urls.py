"""Addresses of the journey; included by ``assessments.urls``."""

from django.urls import path

from assessments.journey import views

urlpatterns = [
    path("unit/<int:unit>/tahapan/<int:period>/", views.journey_detail, name="journey_detail"),
    path(
        "unit/<int:unit>/tahapan/<int:period>/langkah/<str:act>/",
        views.journey_act,
        name="journey_act",
    ),
    path(
        "unit/<int:unit>/tahapan/<int:period>/syarat/<str:code>/",
        views.check_edit,
        name="check_edit",
    ),
    path(
        "unit/<int:unit>/tahapan/<int:period>/pengecualian/<str:scope>/<str:code>/",
        views.exception_edit,
        name="exception_edit",
    ),
    path("unit/<int:unit>/pakta/", views.pact_list, name="pact_list"),
    path("periode/<int:period>/syarat/", views.house_checks, name="house_checks"),
    path(
        "periode/<int:period>/syarat/<str:code>/", views.house_check_edit, name="house_check_edit"
    ),
    path("periode/<int:period>/usulan/", views.proposal_list, name="proposal_list"),
    path("periode/<int:period>/usulan/baru/", views.proposal_create, name="proposal_create"),
]
