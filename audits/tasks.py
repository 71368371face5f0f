"""What Celery runs for quality: one line over a verb."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from audits import actions
from audits.actions import suggestions


@shared_task(name="audits.tasks.tend_audits")
def tend_audits() -> None:
    """Tell of planned audits that were missed, and of findings that wait too long (§4.1.1)."""
    actions.tend_audits(now=timezone.now())


@shared_task(name="audits.tasks.tend_suggestions")
def tend_suggestions() -> None:
    """Tell of suggestions whose answer is overdue, level by level (§1.1)."""
    suggestions.tend_suggestions(now=timezone.now())
