"""The roof's own addresses."""

from django.urls import path

from zona import home

app_name = "zona"

urlpatterns = [
    path("", home.home, name="home"),
    path("cari/", home.search, name="search"),
    path("dasbor/", home.own_dashboard, name="own_dashboard"),
    path("lke/", home.own_worksheet, name="own_worksheet"),
    path("bukti/", home.own_evidence, name="own_evidence"),
    path("periode/sekarang/", home.period, name="period"),
    path("pemberitahuan/", home.notices, name="notices"),
    path("pemberitahuan/dibaca/", home.notices_read, name="notices_read"),
    path("pemberitahuan/<int:pk>/", home.notice_open, name="notice_open"),
    path("akun/saya/", home.profile, name="profile"),
    path("akun/sesi/<str:name>/akhiri/", home.session_end, name="session_end"),
    path("akun/tampilan/", home.theme, name="theme"),
]
