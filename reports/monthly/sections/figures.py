"""All figures of the dictionary against their targets, the month before, and the year so far."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from reports.kpis.figure import Unit
from reports.monthly.asked import About
from reports.monthly.words import amount, interval_of, light_of, sample_of, target_of, value_of
from tickets.documents.structure import Part, Table, Text


def gather(about: About) -> None:
    """Nothing besides the figures that every section is told."""


def parts(found: None, about: About) -> Iterable[Part]:
    rows, tones = [], []
    numbers = about.numbers
    for key, kpi in numbers.kpis.items():
        figure = numbers.month[key]
        light, tone = light_of(kpi, figure)
        rows.append(
            (
                str(kpi.name),
                target_of(kpi),
                value_of(figure),
                interval_of(figure),
                value_of(numbers.before[key]),
                value_of(numbers.year[key]),
                sample_of(figure),
                light,
            )
        )
        tones.append(tone)
    head = (
        _("Figure"),
        _("Target"),
        _("Month"),
        _("95 % interval"),
        _("Month before"),
        _("Year to date"),
        "n",
        _("Target reached?"),
    )
    yield Table(head, (24, 11, 12, 15, 12, 12, 7, 12), tuple(rows), tuple(tones))
    if spread := _spread(about):
        yield Text(spread)


def _spread(about: About) -> str:
    """Of durations the median and what nine in ten do not exceed: the mean hides both."""
    said = []
    for key, kpi in about.numbers.kpis.items():
        figure = about.numbers.month[key]
        if figure.median is not None and figure.p90 is not None:
            facts = {
                "name": kpi.name,
                "median": amount(figure.median, Unit.SECONDS),
                "p90": amount(figure.p90, Unit.SECONDS),
            }
            said.append(_("%(name)s: half within %(median)s, nine in ten within %(p90)s.") % facts)
    return "\n".join(said)
