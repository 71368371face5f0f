"""What Celery runs for quality audits: one line over a verb."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from audits import actions


@shared_task(name="audits.tasks.tend_audits")
def tend_audits() -> None:
    """Tell of planned audits that were missed, and of findings that wait too long (§4.1.1)."""
    actions.tend_audits(now=timezone.now())
