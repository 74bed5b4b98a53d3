"""The Celery app. Messages are doorbells: an id at most, never a value."""

from celery import Celery

from config.env import use_settings

use_settings()

app = Celery("erasure")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
