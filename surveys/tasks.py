"""What Celery runs for surveys: one line over a verb."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from surveys import actions
from surveys.post import post


@shared_task(name="surveys.tasks.tend_surveys")
def tend_surveys() -> None:
    """Draw closed records, send what is due, remind, take another way, and end what nobody answers."""
    actions.tend_surveys(now=timezone.now())


@shared_task(name="surveys.tasks.post_surveys")
def post_surveys() -> None:
    """Send the e-mails with surveys that wait in the outbox."""
    post(now=timezone.now())
