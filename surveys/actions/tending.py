"""What time does to surveys: drawn, sent, reminded, ended; as late as it comes, and as often."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from surveys.actions.campaigns import close_campaign
from surveys.actions.drawing import draw_closed, reopened
from surveys.actions.sending import note_mails, send_due
from surveys.actions.withdrawing import withdraw_all
from surveys.models import Campaign, Knock, Withdrawal

KNOCKS_KEPT = timedelta(days=1)
MOST_ROUNDS = 20  # of fifty: what is left is for the next minute


def tend_surveys(*, now: datetime) -> None:
    """Do all that is due; a second run changes nothing."""
    withdraw_all(reopened(), Withdrawal.REOPENED, by=None, now=now)
    draw_closed(now=now)
    for _round in range(MOST_ROUNDS):
        if not note_mails(now=now) + send_due(now=now):
            break
    _close_over(now)
    Knock.objects.filter(since__lt=now - KNOCKS_KEPT).delete()


def _close_over(now: datetime) -> None:
    """Close campaigns past their last day."""
    over = Campaign.objects.running().filter(closes_on__lt=timezone.localdate(now))
    for campaign in over:
        close_campaign(campaign, by=None, now=now)
