"""What stands against a person's taking a duty, in words."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from duty.eligibility import Obstacle, Reason
from duty.fairness import Period
from duty.models import DutyRole
from duty.roster import Span


def reason_of(obstacle: Obstacle, period: Period) -> str:
    """One line about an obstacle, without the person's name."""
    if obstacle.leave is not None:
        return _("on leave %(span)s") % {"span": _words(obstacle.leave)}
    if obstacle.duty is not None:
        other = next(slot for slot in period.slots if slot.key == obstacle.duty)
        facts = {"duty": DutyRole(other.role).label, "span": _words(other.span)}
        if obstacle.reason == Reason.BUSY:
            return _("has another duty then: %(duty)s %(span)s") % facts
        return _("would rest too little beside %(duty)s %(span)s") % facts
    return {
        Reason.ROLE: _("does not take this duty"),
        Reason.WEEK_LIMIT: _("has %(limit)s duties that week already"),
        Reason.PERIOD_LIMIT: _("has %(limit)s duties already"),
    }[obstacle.reason] % {"limit": obstacle.limit}


def _words(span: Span) -> str:
    starts_at, ends_at = timezone.localtime(span.starts_at), timezone.localtime(span.ends_at)
    return f"{starts_at:%m-%d %H:%M} – {ends_at:%m-%d %H:%M}"
