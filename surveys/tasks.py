"""What Celery runs for surveys: one line over a verb."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from surveys import actions
from surveys.actions.correctivereplies import post_replies
from surveys.actions.correctivesweep import tend_corrective as sweep_corrective
from surveys.post import post


@shared_task(name="surveys.tasks.tend_surveys")
def tend_surveys() -> None:
    """Draw closed records, send what is due, remind, take another way, and end what nobody answers."""
    actions.tend_surveys(now=timezone.now())


@shared_task(name="surveys.tasks.post_surveys")
def post_surveys() -> None:
    """Send the e-mails with surveys that wait in the outbox."""
    post(now=timezone.now())


@shared_task(name="surveys.tasks.tend_corrective")
def tend_corrective() -> None:
    """Open corrective actions where an expectation was not met, and tell of those that wait (§4.3)."""
    sweep_corrective(now=timezone.now())


@shared_task(name="surveys.tasks.post_corrective")
def post_corrective() -> None:
    """Send the answers about corrective actions that wait in the outbox."""
    post_replies(now=timezone.now())
