"""Addresses of the control room; included by ``assessments.urls``."""

from django.urls import path

from assessments.control import views

urlpatterns = [
    path("kendali/", views.control_room, name="control_room"),
    path("kendali/<int:pk>/tim/", views.control_team, name="control_team"),
    path("kendali/<int:pk>/ingatkan/", views.control_nudge, name="control_nudge"),
    path("kendali/<int:pk>/umumkan/", views.announcement_create, name="announcement_create"),
    path("pengumuman/", views.announcement_list, name="announcement_list"),
    path("pengumuman/<int:pk>/", views.announcement_detail, name="announcement_detail"),
    path("pengumuman/<int:pk>/tarik/", views.announcement_withdraw, name="announcement_withdraw"),
    path("pengumuman/<int:pk>/dibaca/", views.announcement_read, name="announcement_read"),
]
