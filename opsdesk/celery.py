"""The Celery application. What runs when stands in `opsdesk/schedule.py`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsdesk.settings")

app = Celery("opsdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def install_schedule(sender: Celery, **_kwargs) -> None:
    from opsdesk.schedule import SCHEDULE

    sender.conf.beat_schedule = SCHEDULE
