"""Changes whose window lay in the month, or that were finished in it, and how they ended (tail §7.2).

Those that did not succeed come first, then those that are not over, so that what matters is not cut off.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Case, Q, When
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.monthly.asked import About, Rows, first_of
from reports.monthly.words import brief, span, table
from tickets.changes import ChangeState, Outcome
from tickets.documents.structure import Part, Tone
from tickets.models import Change

FAILED_FIRST = Case(
    When(outcome__in=[Outcome.ROLLED_BACK, Outcome.FAILED], then=0),
    When(outcome=Outcome.SUCCEEDED, then=2),
    default=1,
)


def gather(about: About) -> Rows:
    window = Q(window_from__lt=about.end, window_to__gt=about.start)
    finished = Q(finished_at__gte=about.start, finished_at__lt=about.end)
    rows = Change.objects.filter(window | finished).exclude(state=ChangeState.WITHDRAWN).with_names()
    own = about.of(rows, group="ticket__group", client="ticket__client")
    return first_of(own.order_by(FAILED_FIRST, "window_from", "pk"))


def parts(found: Rows, about: About) -> Iterable[Part]:
    who, width = ([], []) if about.is_for_client else ([_("Client")], [18])
    head = [
        _("Record"),
        pgettext("kind of record", "Change"),
        *who,
        pgettext("of a change", "Window"),
        _("Outcome"),
    ]
    widths = [12, 48 - sum(width), *width, 22, 18]
    yield from table(head, widths, found, lambda change: _line(change, about), _tone)


def _line(change: Change, about: About) -> list[str]:
    ticket = change.ticket
    who = [] if about.is_for_client else [ticket.client.label]
    window = "–"
    if change.window_from and change.window_to:
        window = span(change.window_from, change.window_to, about.tz)
    title = f"{brief(ticket.title, 90)}\n{change.type.label}"
    outcome = change.get_outcome_display() or change.get_state_display()
    return [ticket.number, title, *who, window, str(outcome)]


def _tone(change: Change) -> Tone:
    if change.outcome == Outcome.SUCCEEDED:
        return Tone.GOOD
    return Tone.BAD if change.outcome else Tone.PLAIN
