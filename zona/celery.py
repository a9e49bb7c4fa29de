"""The Celery app. Its settings are those in `zona.settings` that begin with CELERY_."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zona.settings")
TRANSPORT_ALIASES["filesystem"] = "zona.broker:Transport"

app = Celery("zona")
app.config_from_object("django.conf:settings", namespace="CELERY")
