"""What Celery runs for quality: one line over a verb."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from audits.actions.suggestions import tend_suggestions as sweep_suggestions


@shared_task(name="audits.tasks.tend_suggestions")
def tend_suggestions() -> None:
    """Tell of suggestions whose answer is overdue, level by level (§1.1)."""
    sweep_suggestions(now=timezone.now())
