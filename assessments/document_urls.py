"""Addresses of documents; included by ``assessments.urls``."""

from django.urls import path

from assessments import document_views as views

urlpatterns = [
    path("dokumen/", views.document_list, name="document_list"),
    path("dokumen/<int:pk>/unduh/", views.document_download, name="document_download"),
    path("dokumen/<int:pk>/tanda-tangan/", views.document_send, name="document_send"),
    path("dokumen/<int:pk>/terbit/", views.document_issue, name="document_issue"),
    path("dokumen/<int:pk>/tarik/", views.document_withdraw, name="document_withdraw"),
    path("lke/<int:pk>/laporan/", views.document_report, name="document_report"),
    path("lke/<int:pk>/laporan/buat/<slug:kind>/", views.document_make, name="document_make"),
    path("v/", views.document_find, name="document_find"),
    path("v/<str:code>/", views.document_verify, name="document_verify"),
]
