"""Addresses of the work plan; included by ``assessments.urls``."""

from django.urls import path

from assessments.workplan import views

urlpatterns = [
    path("unit/<int:unit>/rencana/<int:year>/", views.plan_detail, name="plan_detail"),
    path("unit/<int:unit>/rencana/<int:year>/unduh/", views.plan_export, name="plan_export"),
    path("unit/<int:unit>/rencana/<int:year>/mulai/", views.plan_begin, name="plan_begin"),
    path("unit/<int:unit>/rencana/<int:year>/tim/", views.plan_team, name="plan_team"),
    path(
        "unit/<int:unit>/rencana/<int:year>/area/<str:area>/", views.plan_target, name="plan_target"
    ),
    path(
        "unit/<int:unit>/rencana/<int:year>/kegiatan/",
        views.plan_activity_new,
        name="plan_activity_new",
    ),
    path("kegiatan/<int:pk>/", views.plan_activity, name="plan_activity"),
    path("kegiatan/<int:pk>/ubah/", views.plan_activity_edit, name="plan_activity_edit"),
    path("kegiatan/<int:pk>/hapus/", views.plan_activity_remove, name="plan_activity_remove"),
    path("kegiatan/<int:pk>/buka/", views.plan_activity_reopen, name="plan_activity_reopen"),
    path("lke/<int:pk>/rencana/<str:code>/", views.plan_row, name="plan_row"),
]
