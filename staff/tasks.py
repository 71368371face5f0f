"""What Celery runs for people."""

from celery import shared_task
from django.utils import timezone

from staff import actions
from staff.delivery import deliver
from staff.idempotency import forget_keys


@shared_task(name="staff.tasks.deliver_notices")
def deliver_notices() -> None:
    """Send the notices that wait in the outbox."""
    deliver(now=timezone.now())


@shared_task(name="staff.tasks.forget_idempotency_keys")
def forget_idempotency_keys() -> None:
    """Forget the answers kept for repeated requests once they are a day old."""
    forget_keys(now=timezone.now())


@shared_task(name="staff.tasks.sweep_shelf")
def sweep_shelf() -> None:
    """Delete files that nothing has claimed."""
    actions.sweep_shelf(now=timezone.now())
