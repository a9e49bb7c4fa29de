"""The roof's own addresses."""

from django.urls import path

from zona import home, setup_views

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
    path("mulai/<str:token>/", setup_views.first_admin, name="first_admin"),
    path("penyiapan/", setup_views.setup, name="setup"),
    path("penyiapan/selesai/", setup_views.setup_finish, name="setup_finish"),
    path("penyiapan/<str:code>/lewati/", setup_views.setup_put_off, name="setup_put_off"),
    path("data-sendiri/", setup_views.own_data_start, name="own_data"),
    path("kop-surat/", setup_views.letterhead_edit, name="letterhead"),
    path("akun/tampilan/", home.theme, name="theme"),
]
