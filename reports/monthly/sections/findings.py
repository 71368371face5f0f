"""What quality audits found in the month, and what of it is open still (§4.1.1). The house's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from audits.models import Finding
from reports.monthly.asked import About, Rows, first_of
from reports.monthly.words import brief, day, table
from tickets.documents.structure import Part, Text, Tone


@dataclass(frozen=True, slots=True)
class Found:
    raised: Rows
    open: int


def gather(about: About) -> Found:
    raised = Finding.objects.raised_in(about.start, about.end).with_names().order_by("raised_at", "pk")
    return Found(first_of(about.of(raised)), about.of(Finding.objects.open()).count())


def parts(found: Found, about: About) -> Iterable[Part]:
    yield from table(
        (_("Number"), _("How grave"), _("What was found"), _("Group"), _("To be remedied by"), _("State")),
        (12, 14, 32, 14, 14, 14),
        found.raised,
        lambda one: (
            f"QF-{one.pk:04d}",
            str(one.get_kind_display()),
            brief(one.title, 160),
            one.group.label,
            day(one.due_on),
            str(one.get_state_display()),
        ),
        lambda one: Tone.BAD if one.is_open else Tone.GOOD,
    )
    if found.open or found.raised.rows:
        yield Text(_("Findings open in all: %(n)s.") % {"n": found.open})
