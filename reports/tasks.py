"""What Celery runs for the figures."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from reports import actions


@shared_task(name="reports.tasks.keep_counts")
def keep_counts() -> None:
    """Bring the kept counts behind the figures up to date (§3.2)."""
    actions.keep(now=timezone.now())
