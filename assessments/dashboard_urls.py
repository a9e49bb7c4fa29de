"""Addresses of the dashboard, its scenarios and the portfolio; included by ``assessments.urls``."""

from django.urls import path, re_path

from assessments import dashboard_views, portfolio_views, scenario_views

urlpatterns = [
    path("dasbor/<int:pk>/", dashboard_views.dashboard, name="dashboard"),
    path("dasbor/<int:pk>/angka/<str:target>/", dashboard_views.figure, name="figure"),
    path("dasbor/<int:pk>/potensi/", dashboard_views.potential, name="potential"),
    path(
        "dasbor/<int:pk>/langkah/<str:predicate>/",
        dashboard_views.shortest_way,
        name="shortest_way",
    ),
    path(
        "dasbor/<int:pk>/langkah/<str:predicate>/butir/<str:code>/",
        dashboard_views.row_effort,
        name="row_effort",
    ),
    path("dasbor/<int:pk>/perbandingan/", dashboard_views.year_comparison, name="year_comparison"),
    path("dasbor/<int:pk>/segel/", dashboard_views.seals, name="seal_list"),
    path("dasbor/<int:pk>/segel/<int:seal_pk>/", dashboard_views.seal, name="seal_detail"),
    path("dasbor/<int:pk>/skenario/", scenario_views.scenario_index, name="scenario_list"),
    path("skenario/<int:pk>/", scenario_views.scenario, name="scenario"),
    path("skenario/<int:pk>/butir/<str:code>/", scenario_views.scenario_row, name="scenario_row"),
    path("skenario/<int:pk>/ubah/", scenario_views.scenario_edit, name="scenario_edit"),
    path("skenario/<int:pk>/salin/", scenario_views.scenario_copy, name="scenario_copy"),
    path("skenario/<int:pk>/hapus/", scenario_views.scenario_delete, name="scenario_delete"),
    path("skenario/<int:pk>/terapkan/", scenario_views.scenario_promote, name="scenario_promote"),
    path("pantauan/", portfolio_views.portfolio, name="portfolio"),
    re_path(
        r"^pantauan/unduh/(?P<kind>csv|xlsx)/$",
        portfolio_views.portfolio_export_file,
        name="portfolio_export",
    ),
]
