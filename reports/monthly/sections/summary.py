"""The leader's page: how the month was, what got worse, what is asked of him. The lists are its editor's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.kpis.definition import Duration
from reports.monthly.asked import About
from reports.monthly.words import change_of, light_of, target_of, worse_by
from reports.wording import whole_words
from tickets.documents.structure import Part, Table, Text
from tickets.models import Grade, Kind, Status, Ticket

WORST = 3
LITTLE = 0.01  # of what it was: less is no news


@dataclass(frozen=True, slots=True)
class Found:
    severe: int


def gather(about: About) -> Found:
    rows = Ticket.objects.filter(kind=Kind.FAULT, grade=Grade.ONE).exclude(status=Status.MERGED)
    rows = rows.filter(reported_at__gte=about.start, reported_at__lt=about.end)
    return Found(about.of(rows).count())


def parts(found: Found, about: About) -> Iterable[Part]:
    yield Text(_headline(found, about))
    numbers = about.numbers
    shown = [key for key in about.headlines if key in numbers.kpis]
    rows, tones = [], []
    for key in shown:
        kpi, figure, aim = numbers.kpis[key], numbers.month[key], numbers.aims[key]
        light, tone = light_of(aim, figure)
        change = change_of(kpi, aim, figure, numbers.before[key])
        rows.append((str(kpi.name), whole_words(figure, aim), target_of(aim, kpi.unit), change, light))
        tones.append(tone)
    if rows:
        head = (_("Figure"), _("Value"), _("Target"), _("Since the month before"), _("Target reached?"))
        yield Table(head, (32, 16, 14, 22, 16), tuple(rows), tuple(tones))
    worse = _worse(about) or [_("Nothing of note.")]
    yield Text("\n".join([_("What got worse:"), *(f"– {line}" for line in worse)]))


def _headline(found: Found, about: About) -> str:
    aims = about.numbers.aims
    said = [aims[key].is_reached(figure) for key, figure in about.numbers.month.items()]
    aimed = sum(one is not None for one in said)
    kept = _("%(n)s of %(all)s figures with a target reach it.") % {"n": said.count(True), "all": aimed}
    severe = ngettext("%(n)s fault of grade 1.", "%(n)s faults of grade 1.", found.severe)
    return " ".join([kept, severe % {"n": found.severe}])


def _worse(about: About) -> list[str]:
    """The three figures that got worse by most, of those that have cases enough to mean something."""
    numbers, found = about.numbers, []
    for key, kpi in numbers.kpis.items():
        figure, before, aim = numbers.month[key], numbers.before[key], numbers.aims[key]
        # How much there was is no merit and no fault: only what is aimed at, or how long things took.
        is_judged = aim.target is not None or isinstance(kpi, Duration)
        if not is_judged or aim.is_small(figure) or aim.is_small(before):
            continue
        if (by := worse_by(aim, figure, before)) > LITTLE:
            found.append((by, f"{kpi.name}: {whole_words(before)} → {whole_words(figure)}"))
    return [line for _by, line in sorted(found, key=lambda each: (-each[0], each[1]))[:WORST]]
