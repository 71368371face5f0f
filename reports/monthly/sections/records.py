"""How many records came, of what kind and from whom; what went out; what stands open, and for how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from clients.models import Channel, Client, System
from reports.kpis.records import BACKLOG
from reports.monthly.asked import About
from reports.monthly.words import value_of
from tickets.documents.structure import Chart, Pairs, Part, Table
from tickets.models import Kind, Status, Ticket

MOST_NAMED = 8
AGES = (("0–3", 0, 4), ("4–7", 4, 8), ("8–30", 8, 31), ("> 30", 31, None))  # days, from and before


@dataclass(frozen=True, slots=True)
class Found:
    kinds: Mapping[str, int]
    channels: Mapping[str, int]
    busiest: list[tuple[Any, int]]
    closed: int
    ages: list[int]
    trend: Mapping[tuple[str, str], int]


def gather(about: About) -> Found:
    counted = Ticket.objects.exclude(status=Status.MERGED)
    rows = about.of(counted).filter(reported_at__gte=about.start, reported_at__lt=about.end)
    kinds: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    by_what: Counter[int] = Counter()
    what = "system" if about.client else "client"
    for kind, channel, pk, n in rows.order_by().values_list("kind", "channel", what).annotate(n=Count("pk")):
        kinds[kind] += n
        channels[channel] += n
        by_what[pk] += n
    closed = about.of(counted).filter(closed_at__gte=about.start, closed_at__lt=about.end).count()
    return Found(kinds, channels, _named(by_what, about), closed, _ages(about), _trend(about, counted))


def _named(counts: Counter[int], about: About) -> list[tuple[Any, int]]:
    """The clients, or the client's systems, with the most records."""
    most = [(pk, n) for pk, n in sorted(counts.items(), key=lambda each: (-each[1], each[0] or 0)) if pk]
    model: Any = System if about.client else Client
    names = model.objects.in_bulk([pk for pk, _n in most[:MOST_NAMED]])
    return [(names[pk], n) for pk, n in most[:MOST_NAMED]]


def _ages(about: About) -> list[int]:
    """What the dictionary counts as open at the month's end, by how long it had been open then."""
    end = min(about.end, about.now)
    standing = BACKLOG.cohort(about.scope, about.start, about.end, now=about.now).order_by()
    counts = {
        f"age_{number}": Count("pk", filter=_between(end, since, before))
        for number, (_label, since, before) in enumerate(AGES)
    }
    return list(standing.aggregate(**counts).values())


def _between(end: datetime, since: int, before: int | None) -> Q:
    young = Q(reported_at__lte=end - timedelta(days=since))
    return young if before is None else young & Q(reported_at__gt=end - timedelta(days=before))


def _trend(about: About, counted: QuerySet[Ticket]) -> Mapping[tuple[str, str], int]:
    """By month and kind, of the twelve months that end with this one."""
    since = about.months()[0].span(about.tz)[0]
    rows = about.of(counted).filter(reported_at__gte=since, reported_at__lt=about.end).order_by()
    months = rows.annotate(month=TruncMonth("reported_at", tzinfo=about.tz)).values_list("month", "kind")
    return {(f"{month:%Y-%m}", kind): n for month, kind, n in months.annotate(n=Count("pk"))}


def parts(found: Found, about: About) -> Iterable[Part]:
    reported = sum(found.kinds.values())
    backlog = about.numbers.month.get(BACKLOG.key)
    yield Pairs(
        (
            (_("Reported"), str(reported)),
            (_("Closed"), str(found.closed)),
            (_("Open at the end of the month"), value_of(backlog) if backlog else "–"),
        )
    )
    yield from _counts(_("Kind"), [(str(Kind(key).label), n) for key, n in _sorted(found.kinds)], reported)
    yield from _counts(
        _("Channel"), [(str(Channel(key).label), n) for key, n in _sorted(found.channels)], reported
    )
    what = _("System") if about.client else _("Client")
    yield from _counts(what, [(one.label, n) for one, n in found.busiest], reported)
    open_for = [_("open for %(days)s days") % {"days": label} for label, _since, _before in AGES]
    ages = list(zip(open_for, found.ages, strict=True))
    yield from _counts(_("Age of what is open"), ages, sum(found.ages))
    months = [str(month) for month in about.months()]
    kinds = [kind for kind in Kind if any((month, kind.value) in found.trend for month in months)]
    if kinds:
        yield Chart(
            _("Reported records of twelve months, by kind"),
            tuple(month[2:] for month in months),
            tuple(
                (str(kind.label), tuple(found.trend.get((month, kind.value), 0) for month in months))
                for kind in kinds
            ),
        )


def _counts(what: str, rows: list[tuple[str, int]], total: int) -> Iterable[Part]:
    if rows and total:
        shares = ((label, str(n), f"{100 * n / total:.1f} %") for label, n in rows)
        yield Table((what, _("Number"), _("Share")), (60, 20, 20), tuple(shares))


def _sorted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))
