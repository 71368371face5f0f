"""All figures of the dictionary against their targets, the month before, and the year so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.kpis import SUBJECTS, Kpi
from reports.kpis.figure import NOTHING, Unit
from reports.monthly.asked import About
from reports.monthly.words import light_of, sample_of, target_of
from reports.wording import interval_words, number_words, whole_words
from tickets.documents.structure import Part, Table, Text


def gather(about: About) -> None:
    """Nothing besides the figures that every section is told."""


def parts(found: None, about: About) -> Iterable[Part]:
    for subject in SUBJECTS:
        shown = [kpi for kpi in subject.kpis if _is_shown(kpi.key, about)]
        if shown:
            yield _table(str(subject.name), shown, about)
    if spread := _spread(about):
        yield Text(spread)
    yield from _course(about)


def _is_shown(key: str, about: About) -> bool:
    """To a client figures of which there was nothing all year say nothing; the house wants to see that."""
    numbers = about.numbers
    if key not in numbers.kpis:
        return False
    found = (numbers.month[key], numbers.before[key], numbers.year[key])
    return not about.is_for_client or any(figure.value is not None for figure in found)


def _table(name: str, shown: Sequence[Kpi], about: About) -> Table:
    numbers, rows, tones = about.numbers, [], []
    for kpi in shown:
        key = kpi.key
        figure, aim = numbers.month[key], numbers.aims[key]
        light, tone = light_of(aim, figure)
        rows.append(
            (
                str(kpi.name),
                target_of(aim, kpi.unit),
                whole_words(figure, aim),
                interval_words(figure) or NOTHING,
                whole_words(numbers.before[key]),
                whole_words(numbers.year[key]),
                sample_of(figure),
                light,
            )
        )
        tones.append(tone)
    head = (
        name,
        _("Target"),
        pgettext("monthly report", "This month"),
        _("95 % interval"),
        _("Month before"),
        _("Year to date"),
        "n",
        _("Target reached?"),
    )
    return Table(head, (24, 11, 11, 17, 11, 11, 7, 12), tuple(rows), tuple(tones))


def _course(about: About) -> Iterable[Part]:
    """The figures of the first page in the twelve months that end with this one."""
    numbers = about.numbers
    shown = [key for key in about.headlines if key in numbers.kpis]
    if not shown:
        return
    rows = [
        (str(month), *(whole_words(numbers.trend[key, str(month)]) for key in shown))
        for month in about.months()
    ]
    head = (_("Twelve months"), *(str(numbers.kpis[key].name) for key in shown))
    yield Table(head, (16, *(84 // len(shown) for _key in shown)), tuple(rows))


def _spread(about: About) -> str:
    """Of durations the median and what nine in ten do not exceed: the mean hides both."""
    said = []
    for key, kpi in about.numbers.kpis.items():
        figure = about.numbers.month[key]
        if figure.median is not None and figure.p90 is not None:
            facts = {
                "name": kpi.name,
                "median": number_words(Unit.SECONDS, figure.median),
                "p90": number_words(Unit.SECONDS, figure.p90),
            }
            said.append(_("%(name)s: half within %(median)s, nine in ten within %(p90)s.") % facts)
    return "\n".join(said)
