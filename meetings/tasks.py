"""What beat wakes up in meetings; each looks in the database for what is due."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from meetings import actions
from meetings.actions import reportsweep


@shared_task(name="meetings.tasks.tend_meetings")
def tend_meetings() -> None:
    """Write meetings ahead, invite, freeze agendas, and tell of what is late (§6.1.1)."""
    actions.tend_meetings(now=timezone.now())


@shared_task(name="meetings.tasks.tend_reports")
def tend_reports() -> None:
    """Draft weekly reports, ask for them, and tell of those that are late (tail §6.2)."""
    reportsweep.tend_reports(now=timezone.now())
