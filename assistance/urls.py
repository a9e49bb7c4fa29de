"""Addresses of recommendations."""

from django.urls import path

from assistance import views

app_name = "assistance"

urlpatterns = [
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
