"""Addresses of units, people and their roles."""

from django.urls import URLPattern, path

from units import demo_login, people_views, roster_views, views
from units.models import RosterImport

app_name = "units"

urlpatterns: list[URLPattern] = [
    path("unit/", views.unit_list, name="unit_list"),
    path("unit/baru/", views.unit_create, name="unit_create"),
    path(
        "unit/impor/",
        roster_views.roster_import,
        {"kind": RosterImport.Kind.UNITS},
        name="unit_import",
    ),
    path("unit/unduh/", roster_views.unit_export, name="unit_export"),
    path(
        "orang/impor/",
        roster_views.roster_import,
        {"kind": RosterImport.Kind.PEOPLE},
        name="person_import",
    ),
    path("orang/unduh/", roster_views.person_export, name="person_export"),
    path("impor/<int:pk>/", roster_views.roster_preview, name="roster_preview"),
    path("impor/<int:pk>/buang/", roster_views.roster_discard, name="roster_discard"),
    path("unit/<int:pk>/", views.unit_detail, name="unit_detail"),
    path("unit/<int:pk>/akses/", views.unit_access, name="unit_access"),
    path("unit/<int:pk>/ubah/", views.unit_edit, name="unit_edit"),
    path("unit/<int:pk>/nonaktifkan/", views.unit_deactivate, name="unit_deactivate"),
    path("unit/<int:pk>/aktifkan/", views.unit_reactivate, name="unit_reactivate"),
    path("unit/<int:pk>/layanan/baru/", views.service_create, name="service_create"),
    path("layanan/<int:pk>/ubah/", views.service_edit, name="service_edit"),
    path("unit/<int:pk>/angka/", views.figures, name="figures"),
    path("unit/<int:pk>/angka/<int:year>/", views.figures_edit, name="figures_edit"),
    path("unit/<int:pk>/pencanangan/", views.pledge_edit, name="pledge_edit"),
    path("unit/<int:pk>/peran/baru/", people_views.membership_grant, name="membership_grant"),
    path("peran/<int:pk>/akhiri/", people_views.membership_end, name="membership_end"),
    path("orang/", people_views.person_list, name="person_list"),
    path("orang/baru/", people_views.person_create, name="person_create"),
    path("orang/<int:pk>/", people_views.person_detail, name="person_detail"),
    path("orang/<int:pk>/ubah/", people_views.person_edit, name="person_edit"),
    path("orang/<int:pk>/peran/baru/", people_views.person_grant, name="person_grant"),
    path("orang/undang/", people_views.people_invite, name="people_invite"),
    path("orang/<int:pk>/undang/", people_views.person_invite, name="person_invite"),
    path("orang/<int:pk>/sandi/", people_views.person_password, name="person_password"),
    path("orang/<int:pk>/nonaktifkan/", people_views.person_deactivate, name="person_deactivate"),
    path("orang/<int:pk>/aktifkan/", people_views.person_reactivate, name="person_reactivate"),
    path("masuk-sebagai/", demo_login.demo_login, name="demo_login"),
]
