"""Roof and cellar of the house; the Celery app is loaded with Django, so that tasks find it."""

from zona.celery import app as celery_app

__all__ = ["celery_app"]
