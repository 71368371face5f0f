"""The words with which a weekly report begins: one line for each thing, from the engineer's own rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from meetings.reportfigures import Figures
from meetings.reporting import Figure
from staff.models import User
from tickets.models import Dispatch, Ticket
from visits.models import Callback

# Of each kind so many lines; the rest is behind the figures.
MOST_LINES = 12
AHEAD = timedelta(days=7)


def drafted(person: User, figures: Figures, *, now: datetime) -> dict[str, str]:
    """Return the words that a report is drafted with, in its writer's own language."""
    solved, is_open = figures[Figure.SOLVED]["rows"], figures[Figure.OPEN]["rows"]
    overdue = set(figures[Figure.OVERDUE]["rows"])
    tickets = Ticket.objects.filter(pk__in=[*solved[-MOST_LINES:], *is_open]).without_texts()
    records = {one.pk: one for one in tickets.select_related("client")}
    sent = Dispatch.objects.filter(pk__in=figures[Figure.DISPATCHES]["rows"]).select_related("ticket__client")
    ahead = Callback.objects.open().filter(person=person, due_at__gt=now, due_at__lt=now + AHEAD)
    with override(person.language or settings.LANGUAGE_CODE):
        done = [_("Solved: %(record)s") % {"record": _record(records[pk])} for pk in solved if pk in records]
        done += [_("On site: %(record)s") % {"record": _record(order.ticket)} for order in sent]
        problems = [
            _("Overdue: %(record)s") % {"record": _record(records[pk])} for pk in is_open if pk in overdue
        ]
        plans = [_("Go on with %(record)s") % {"record": _record(records[pk])} for pk in is_open]
        calls = ahead.select_related("client").order_by("due_at", "pk")[:MOST_LINES]
        plans += [_("Call back: %(client)s") % {"client": one.client.label} for one in calls]
        return {"done": _lines(done), "problems": _lines(problems), "plans": _lines(plans)}


def _record(ticket: Ticket) -> str:
    return f"{ticket.number} {ticket.client.label}: {ticket.title}"


def _lines(lines: Sequence[str]) -> str:
    more = len(lines) - MOST_LINES
    rest = [_("and %(n)s more") % {"n": more}] if more > 0 else []
    return "\n".join([*lines[:MOST_LINES], *rest])
