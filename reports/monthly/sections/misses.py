"""Which limits were missed how often, and why; and what a rate leaves out: waiting and merged records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, DateTimeField, F, Q, Sum, Value
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.kpis.definition import Share
from reports.monthly.asked import About
from reports.monthly.words import value_of
from tickets.documents.structure import Pairs, Part, Table, Tone
from tickets.models import ClockKind, Overrun, OverrunCause, Pause, Status, Ticket

NOT_RULED = ""


@dataclass(frozen=True, slots=True)
class Found:
    reasons: Mapping[tuple[str, str], int]
    waited: timedelta
    merged: int


def gather(about: About) -> Found:
    reasons: Mapping[tuple[str, str], int] = {}
    if not about.is_for_client:
        rows = Overrun.objects.standing().filter(due_at__gte=about.start, due_at__lt=about.end)
        counted = about.of(rows, client="ticket__client").order_by().values_list("kind", "cause")
        reasons = {(kind, cause): n for kind, cause, n in counted.annotate(n=Count("pk"))}
    until = min(about.end, about.now)
    merged = Ticket.objects.filter(
        status=Status.MERGED, reported_at__gte=about.start, reported_at__lt=about.end
    )
    pauses = Pause.objects.filter(started_at__lt=until).filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=about.start)
    )
    span = Least(Coalesce("ended_at", _at(until)), _at(until)) - Greatest(F("started_at"), _at(about.start))
    own = about.of(pauses, group="ticket__group", client="ticket__client")
    waited = own.aggregate(span=Sum(span))["span"] or timedelta(0)
    return Found(reasons, waited, about.of(merged).count())


def _at(instant):  # type: ignore[no-untyped-def]
    return Value(instant, output_field=DateTimeField())


def parts(found: Found, about: About) -> Iterable[Part]:
    rows, tones = [], []
    for key, kpi in about.numbers.kpis.items():
        figure = about.numbers.month[key]
        if kpi.source != "clock" or not isinstance(kpi, Share) or not figure.denominator:
            continue
        missed = figure.denominator - int(figure.numerator)
        rows.append((str(kpi.name), str(figure.denominator), str(missed), value_of(figure)))
        tones.append(Tone.BAD if missed else Tone.GOOD)
    if rows:
        head = (_("Limit"), _("Fell due"), pgettext("limits", "Missed"), _("Kept"))
        yield Table(head, (46, 18, 18, 18), tuple(rows), tuple(tones))
    if found.reasons:
        reasons = sorted(found.reasons.items(), key=lambda each: (-each[1], each[0]))
        yield Table(
            (_("Clock"), _("Cause as ruled"), _("Number")),
            (40, 40, 20),
            tuple((str(ClockKind(kind).label), _cause(cause), str(n)) for (kind, cause), n in reasons),
        )
    if rows or found.waited or found.merged:
        hours = f"{found.waited.total_seconds() / 3600:.1f} h"
        yield Pairs(
            (
                (_("Time in which records waited and clocks stood still"), hours),
                (_("Records merged into others, not counted"), str(found.merged)),
            )
        )


def _cause(cause: str) -> str:
    return str(OverrunCause(cause).label) if cause else _("not ruled on yet")
