"""What Celery runs for callbacks."""

from celery import shared_task
from django.utils import timezone

from visits import actions


@shared_task(name="visits.tasks.tend_callbacks")
def tend_callbacks() -> None:
    """Draw solved faults, write callbacks ahead, remind of those due, report up those overdue (§5.3)."""
    actions.tend_callbacks(now=timezone.now())
