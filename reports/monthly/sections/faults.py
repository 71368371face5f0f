"""Faults by grade, their causes, and the severe ones one by one against their limits (§5.4)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import Coalesce, TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.monthly.asked import About, Rows, first_of
from reports.monthly.origins import Origins, origins_of, title_of
from reports.monthly.used import of_limit, used_of
from reports.monthly.words import brief, moment, table
from tickets.documents.structure import Chart, Part, Table, Text, Tone
from tickets.documents.words import listed
from tickets.models import Cause, Clock, ClockKind, Escalation, Grade, Kind, Status, Ticket

LIMITS = (ClockKind.RESPONSE, ClockKind.DIAGNOSIS, ClockKind.ARRIVAL, ClockKind.RESOLUTION)
SEVERE = (Grade.ONE, Grade.TWO)
UNGRADED = 0


@dataclass(frozen=True, slots=True)
class Found:
    """`clocks` are the newest cycle of each limit, by record and kind; `used` is how much of each was used,
    by its id; `reported_up` how often each record was.
    """

    trend: Mapping[tuple[str, int], int]
    causes: Mapping[str, int]
    severe: Rows
    clocks: Mapping[int, Mapping[str, Clock]]
    used: Mapping[int, timedelta]
    reported_up: Mapping[int, int]
    origins: Origins


def gather(about: About) -> Found:
    faults = about.of(Ticket.objects.filter(kind=Kind.FAULT).exclude(status=Status.MERGED))
    own = faults.filter(reported_at__gte=about.start, reported_at__lt=about.end)
    causes = own.exclude(cause="").order_by().values_list("cause").annotate(n=Count("pk"))
    severe = own.filter(grade__in=SEVERE).select_related("client__hours", "system").without_texts()
    # Of many, those that were kept are left off first.
    severe = severe.annotate(is_late=_is_late(about))
    listed_ones = first_of(severe.order_by("grade", "-is_late", "reported_at", "pk"))
    pks = [ticket.pk for ticket in listed_ones.rows]
    clocks: defaultdict[int, dict[str, Clock]] = defaultdict(dict)
    for clock in Clock.objects.current().filter(ticket__in=pks, kind__in=LIMITS).order_by("pk"):
        clocks[clock.ticket_id][clock.kind] = clock
    fired = Escalation.objects.filter(ticket__in=pks).fired().order_by().values_list("ticket")
    return Found(
        _trend(about, faults),
        dict(causes),
        listed_ones,
        clocks,
        used_of([clock for kinds in clocks.values() for clock in kinds.values()], listed_ones.rows),
        dict(fired.annotate(n=Count("pk"))),
        origins_of(listed_ones.rows, about),
    )


def _is_late(about: About) -> Exists:
    """As `_missed` says it of a line, asked of the database."""
    limits = Clock.objects.current().filter(ticket=OuterRef(OuterRef("pk")), kind__in=LIMITS)
    newest = limits.order_by("kind", "-pk").distinct("kind").values("pk")
    missed = Clock.objects.filter(pk__in=newest, due_at__lt=Coalesce("stopped_at", about.now))
    return Exists(missed)


def _trend(about: About, faults) -> Mapping[tuple[str, int], int]:  # type: ignore[no-untyped-def]
    since = about.months()[0].span(about.tz)[0]
    rows = faults.filter(reported_at__gte=since, reported_at__lt=about.end).order_by()
    months = rows.annotate(month=TruncMonth("reported_at", tzinfo=about.tz)).values_list("month", "grade")
    counts: Counter[tuple[str, int]] = Counter()
    for month, grade, n in months.annotate(n=Count("pk")):
        counts[f"{month:%Y-%m}", grade or UNGRADED] += n
    return counts


def parts(found: Found, about: About) -> Iterable[Part]:
    months = [str(month) for month in about.months()]
    grades = [*Grade.values, UNGRADED]
    present = [grade for grade in grades if any(found.trend.get((month, grade)) for month in months)]
    now, before = str(about.month), str(about.month.plus(-1))
    if not present:
        return
    yield Table(
        (_("Grade"), pgettext("monthly report", "This month"), _("Month before")),
        (60, 20, 20),
        tuple(
            (_grade(grade), str(found.trend.get((now, grade), 0)), str(found.trend.get((before, grade), 0)))
            for grade in present
        ),
    )
    yield Chart(
        _("Faults of twelve months, by grade"),
        tuple(month[2:] for month in months),
        tuple(
            (_grade(grade), tuple(found.trend.get((month, grade), 0) for month in months))
            for grade in present
        ),
    )
    if found.causes:
        causes = sorted(found.causes.items(), key=lambda each: (-each[1], each[0]))
        names = tuple(str(Cause(cause).label) for cause, _n in causes)
        counts = tuple(n for _cause, n in causes)
        yield Chart(_("Causes of the month's faults"), names, ((_("Faults"), counts),), is_lying=True)
    if not found.severe.rows:
        yield Text(_("No faults of grade 1 or 2."))
    head = [
        _("Record"),
        _("Grade"),
        *(str(kind.label) for kind in LIMITS),
        _("Report-ups"),
        _("Against limits"),
    ]
    yield from table(
        head,
        (26, 7, 11, 12, 12, 12, 9, 11),
        found.severe,
        lambda ticket: _line(ticket, found, about),
        lambda ticket: Tone.BAD if _missed(ticket, found, about) else Tone.GOOD,
    )
    if found.severe.rows:
        yield Text(
            _(
                "Time taken / limit, both in the hours in which the limit runs; waiting that holds it up is "
                "not counted. Sorted by grade, those that missed a limit first, then by when they were "
                "reported."
            )
        )


def _line(ticket: Ticket, found: Found, about: About) -> list[str]:
    whose = ticket.system.label if ticket.system else ""
    if not about.client:
        whose = " · ".join(filter(None, (ticket.client.label, whose)))
    clocks = found.clocks.get(ticket.pk, {})
    missed = _missed(ticket, found, about)
    result = _("missed: %(which)s") % {"which": listed(missed)} if missed else _("kept")
    title = brief(title_of(ticket, found.origins), 60)
    said = f"{ticket.number} {moment(ticket.reported_at, about.tz)}\n{title}\n{whose}"
    return [
        said.rstrip("\n"),
        str(ticket.grade or "–"),
        *(_taken(clocks.get(kind), found) for kind in LIMITS),
        str(found.reported_up.get(ticket.pk, 0)),
        result,
    ]


def _taken(clock: Clock | None, found: Found) -> str:
    return "–" if clock is None else of_limit(clock, found.used.get(clock.pk))


def _missed(ticket: Ticket, found: Found, about: About) -> list[str]:
    clocks = found.clocks.get(ticket.pk, {})
    return [
        str(ClockKind(kind).label)
        for kind, clock in clocks.items()
        if clock.due_at is not None and (clock.stopped_at or about.now) > clock.due_at
    ]


def _grade(grade: int) -> str:
    return str(Grade(grade).label) if grade else _("not graded")
