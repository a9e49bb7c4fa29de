"""All addresses. Each app chooses its own first words; the roof adds accounts.

/livez and /readyz are answered by `zona.middleware.HealthMiddleware`.
"""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("", include("zona.home_urls")),
    path("akun/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("units.urls")),
    path("", include("surveys.urls")),
    path("", include("assessments.urls")),
    path("", include("assistance.urls")),
]
