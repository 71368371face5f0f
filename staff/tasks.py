"""What Celery runs for people."""

from celery import shared_task
from django.utils import timezone

from staff.delivery import deliver


@shared_task(name="staff.tasks.deliver_notices")
def deliver_notices() -> None:
    """Send the notices that wait in the outbox."""
    deliver(now=timezone.now())
