"""What Celery runs for meetings: one line over a verb."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from meetings.actions import reportsweep


@shared_task(name="meetings.tasks.tend_reports")
def tend_reports() -> None:
    """Draft weekly reports, ask for them, and tell of those that are late (tail §6.2)."""
    reportsweep.tend_reports(now=timezone.now())
