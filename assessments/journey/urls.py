"""Addresses of the journey; included by ``assessments.urls``."""

from django.urls import path

from assessments.journey import paper_views, plenary_views, views

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
    path(
        "unit/<int:unit>/tahapan/<int:period>/berkas/",
        paper_views.journey_papers,
        name="journey_papers",
    ),
    path(
        "unit/<int:unit>/tahapan/<int:period>/daftar-periksa/",
        paper_views.conditions_paper,
        name="conditions_paper",
    ),
    path("unit/<int:unit>/pemantauan/<int:year>/", paper_views.building_list, name="building_list"),
    path(
        "unit/<int:unit>/pemantauan/<int:year>/baru/",
        paper_views.building_new,
        name="building_new",
    ),
    path("pemantauan/<int:pk>/", paper_views.building_detail, name="building_detail"),
    path("pemantauan/<int:pk>/ubah/", paper_views.building_edit, name="building_edit"),
    path("pemantauan/<int:pk>/laporan/", paper_views.building_paper, name="building_paper"),
    path("pemantauan-predikat/<int:pk>/", paper_views.monitoring_detail, name="monitoring_detail"),
    path(
        "pemantauan-predikat/<int:pk>/laporan/",
        paper_views.monitoring_paper,
        name="monitoring_paper",
    ),
    path("periode/<int:period>/pleno/", plenary_views.plenary_list, name="plenary_list"),
    path("periode/<int:period>/pleno/baru/", plenary_views.plenary_create, name="plenary_create"),
    path("pleno/<int:pk>/", plenary_views.plenary_detail, name="plenary_detail"),
    path("pleno/<int:pk>/ubah/", plenary_views.plenary_edit, name="plenary_edit"),
    path(
        "pleno/<int:pk>/putusan/<int:assessment>/",
        plenary_views.plenary_decide,
        name="plenary_decide",
    ),
    path("pleno/<int:pk>/naskah/", plenary_views.plenary_paper, name="plenary_paper"),
    path("usulan/<int:pk>/", paper_views.proposal_detail, name="proposal_detail"),
    path("usulan/<int:pk>/naskah/<slug:kind>/", paper_views.proposal_paper, name="proposal_paper"),
    path("naskah/<int:pk>/unduh/", paper_views.paper_download, name="paper_download"),
    path("naskah/<int:pk>/tanda-tangan/", paper_views.paper_send, name="paper_send"),
    path("naskah/<int:pk>/terbit/", paper_views.paper_issue, name="paper_issue"),
    path("naskah/<int:pk>/tarik/", paper_views.paper_withdraw, name="paper_withdraw"),
]
