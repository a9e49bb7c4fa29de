"""Addresses of windows; included by ``assessments.urls``."""

from django.urls import path

from assessments.windows import views

urlpatterns = [
    path("periode/<int:pk>/jendela/", views.period_windows, name="period_windows"),
    path("periode/<int:pk>/perpanjangan/", views.period_extend, name="period_extend"),
]
