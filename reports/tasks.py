"""What Celery runs for figures: one line over a verb."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from reports.assessment import actions


@shared_task(name="reports.tasks.tend_assessments")
def tend_assessments() -> None:
    """Draft the assessments of the month that is over, and make final what nobody appealed against (§5.2)."""
    actions.tend_assessments(now=timezone.now())
