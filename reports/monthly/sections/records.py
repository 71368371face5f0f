"""How many records came, of what kind and from whom; what went out; what stands open, and for how long.

Totals are those of the dictionary; here they are split up by what it does not know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clients.models import Channel, Client, System
from reports.board.parts.hours import counts_of, weekdays
from reports.charts.heat import HOURS
from reports.kpis.records import BACKLOG
from reports.kpis.volume import CLOSED, OPEN_3, OPEN_7, OPEN_30, OPEN_LONGER, REPORTED
from reports.monthly.asked import About
from reports.wording import whole_words
from tickets.documents.structure import Chart, Pairs, Part, Table, Text
from tickets.documents.words import listed
from tickets.models import Kind

MOST_NAMED = 8
BUSIEST = 3
AGES = (OPEN_3, OPEN_7, OPEN_30, OPEN_LONGER)


@dataclass(frozen=True, slots=True)
class Found:
    """Records reported in the month, by kind, channel, client or system, weekday (0 is Monday) and hour; by
    month and kind of twelve.
    """

    kinds: Mapping[str, int]
    channels: Mapping[str, int]
    busiest: list[tuple[Any, int]]
    trend: Mapping[tuple[str, str], int]
    hours: Mapping[tuple[int, int], int]


def gather(about: About) -> Found:
    rows = REPORTED.cohort(about.scope, about.start, about.end, now=about.now)
    kinds: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    by_what: Counter[int] = Counter()
    what = "system" if about.client else "client"
    counted = rows.order_by().values_list("kind", "channel", what)
    for kind, channel, pk, n in counted.annotate(n=Count("pk")):
        kinds[kind] += n
        channels[channel] += n
        by_what[pk] += n
    hours = counts_of(about.scope, about.start, about.end, now=about.now)
    return Found(kinds, channels, _named(by_what, about), _trend(about), hours)


def _named(counts: Counter[int], about: About) -> list[tuple[Any, int]]:
    """The clients, or the client's systems, with the most records."""
    most = [(pk, n) for pk, n in sorted(counts.items(), key=lambda each: (-each[1], each[0] or 0)) if pk]
    model: Any = System if about.client else Client
    names = model.objects.in_bulk([pk for pk, _n in most[:MOST_NAMED]])
    return [(names[pk], n) for pk, n in most[:MOST_NAMED]]


def _trend(about: About) -> Mapping[tuple[str, str], int]:
    since = about.months()[0].span(about.tz)[0]
    rows = REPORTED.cohort(about.scope, since, about.end, now=about.now).order_by()
    months = rows.annotate(month=TruncMonth("reported_at", tzinfo=about.tz)).values_list("month", "kind")
    return {(f"{month:%Y-%m}", kind): n for month, kind, n in months.annotate(n=Count("pk"))}


def parts(found: Found, about: About) -> Iterable[Part]:
    month = about.numbers.month
    reported = sum(found.kinds.values())
    yield Pairs(
        (
            (pgettext("monthly report", "Reported"), whole_words(month[REPORTED.key])),
            (_("Closed"), whole_words(month[CLOSED.key])),
            (_("Open at the end of the month"), whole_words(month[BACKLOG.key])),
        )
    )
    yield from _counts(_("Kind"), [(str(Kind(key).label), n) for key, n in _sorted(found.kinds)], reported)
    yield from _counts(
        _("Channel"), [(str(Channel(key).label), n) for key, n in _sorted(found.channels)], reported
    )
    what = _("System") if about.client else _("Client")
    yield from _counts(what, [(one.label, n) for one, n in found.busiest], reported)
    ages = [(str(kpi.name), int(month[kpi.key].numerator)) for kpi in AGES]
    yield from _counts(_("Age of what is open"), ages, sum(n for _name, n in ages))
    months = [str(each) for each in about.months()]
    kinds = [kind for kind in Kind if any((each, kind.value) in found.trend for each in months)]
    if kinds:
        yield Chart(
            _("Reported records of twelve months, by kind"),
            tuple(each[2:] for each in months),
            tuple(
                (str(kind.label), tuple(found.trend.get((each, kind.value), 0) for each in months))
                for kind in kinds
            ),
        )

    yield from _map(found.hours)


def _map(hours: Mapping[tuple[int, int], int]) -> Iterable[Part]:
    """When people called, as a map of the week; the busiest hours in words."""
    if not hours:
        return
    names = weekdays()
    yield Chart(
        _("When records were reported, by weekday and hour"),
        tuple(f"{hour:02}" for hour in range(HOURS)),
        tuple(
            (name, tuple(hours.get((day, hour), 0) for hour in range(HOURS)))
            for day, name in enumerate(names)
        ),
        is_map=True,
    )
    busiest = sorted(hours.items(), key=lambda each: (-each[1], each[0]))[:BUSIEST]
    said = listed(f"{names[day]} {hour:02}:00 ({n})" for (day, hour), n in busiest)
    yield Text(_("The busiest hours: %(hours)s.") % {"hours": said})


def _counts(what: str, rows: list[tuple[str, int]], total: int) -> Iterable[Part]:
    if rows and total:
        shares = ((label, str(n), f"{100 * n / total:.1f} %") for label, n in rows)
        yield Table((what, pgettext("count", "Number"), _("Share")), (60, 20, 20), tuple(shares))


def _sorted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))
