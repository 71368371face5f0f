"""Limits that were exceeded: who answers for each, what he says, the ruling (§3.2). Not for everybody."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from reports.monthly.asked import About, Rows, first_of
from reports.monthly.words import brief, moment, table
from staff.templatetags.look import in_words
from tickets.documents.structure import Part, Tone
from tickets.models import Overrun


def gather(about: About) -> Rows:
    rows = Overrun.objects.standing().filter(due_at__gte=about.start, due_at__lt=about.end)
    own = about.of(rows, client="ticket__client").select_related("clock", "person", "ticket")
    return first_of(own.order_by("grade", "due_at", "pk"))


def parts(found: Rows, about: About) -> Iterable[Part]:
    head = (
        _("Record"),
        _("Clock"),
        _("Due at"),
        _("Late by"),
        _("Who answers"),
        _("Explanation, reason of the ruling"),
        _("Ruling"),
    )
    yield from table(
        head,
        (10, 14, 12, 11, 12, 25, 16),
        found,
        lambda case: _line(case, about),
        lambda case: Tone.PLAIN if case.is_excused else Tone.BAD,
    )


def _line(case: Overrun, about: About) -> list[str]:
    cause = str(case.get_cause_display()) if case.cause else ""
    excused = _("excused") if case.is_excused else ""
    said = [brief(case.explanation) or _("not explained yet"), brief(case.decision or case.ruling)]
    return [
        case.ticket.number,
        case.kind_label,
        moment(case.due_at, about.tz),
        in_words(case.late_by(about.now).total_seconds()),
        case.person.label if case.person else "–",
        "\n".join(filter(None, said)),
        " · ".join(filter(None, (cause, excused))) or "–",
    ]
