"""What Celery runs for the client archive."""

from celery import shared_task
from django.utils import timezone

from clients import actions


@shared_task(name="clients.tasks.remind_of_renewals")
def remind_of_renewals() -> None:
    """Tell of the contracts that end within one of the terms, once by each (§2.2)."""
    actions.remind_of_renewals(now=timezone.now())
