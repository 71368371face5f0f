"""What Celery runs for meetings: one line over a verb."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from meetings import actions


@shared_task(name="meetings.tasks.tend_meetings")
def tend_meetings() -> None:
    """Write meetings ahead, invite, freeze agendas, and tell of what is late (§6.1.1)."""
    actions.tend_meetings(now=timezone.now())
