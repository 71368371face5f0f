"""What the meeting hears of maintenance records: what is left over, severe faults, limits, what is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from clients.models import Client
from meetings.agenda import Bit, Line, instant
from meetings.asked import Asked
from tickets.models import Clock, ClockKind, Grade, Kind, Tally, Ticket

TOO_LATE = Q(stopped_at__isnull=True) | Q(stopped_at__gt=F("due_at"))
# The limits of which the share kept is compared week on week.
LIGHTS = (ClockKind.RESPONSE, ClockKind.DIAGNOSIS, ClockKind.ARRIVAL, ClockKind.RESOLUTION)
FACTS = ("pk", "title", "grade", "status", "next_due_at", "reported_at")
CLIENT = Client.objects.filter(pk=OuterRef("client"))
NAMES = {
    "owner_name": F("owner__name"),
    "owner_en": F("owner__name_en"),
    # Looked up for the rows that are shown: a join would read all clients for the others, which are counted.
    "client_name": Subquery(CLIENT.values("name")),
    "client_en": Subquery(CLIENT.values("name_en")),
}


def leftovers(asked: Asked) -> QuerySet[Any, Any]:
    """Open records from before this week: the overdue first, then by grade, the oldest first."""
    rows = Ticket.objects.open().filter(group=asked.group, reported_at__lt=asked.until)
    late = Case(When(next_due_at__lt=asked.now, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = rows.annotate(late=late, weight=Coalesce("grade", 9)).order_by(
        "late", "weight", "reported_at", "pk"
    )
    return found.values(*FACTS, "late", **NAMES)


def faults(asked: Asked) -> QuerySet[Any, Any]:
    """Faults of grade 1 and 2 reported in the time behind, with the limits that they missed."""
    rows = Ticket.objects.filter(
        group=asked.group,
        kind=Kind.FAULT,
        grade__in=(Grade.ONE, Grade.TWO),
        reported_at__gte=asked.since,
        reported_at__lt=asked.until,
    )
    late = Clock.objects.current().filter(TOO_LATE, ticket=OuterRef("pk"), due_at__lte=asked.now)
    kinds = late.filter(kind__in=LIGHTS).order_by("kind").values("kind")
    found = rows.annotate(late=ArraySubquery(kinds)).order_by("grade", "reported_at", "pk")
    return found.values(*FACTS, "late", **NAMES)


def lights(asked: Asked) -> QuerySet[Any, Any]:
    """How many limits fell due and were kept in the time behind, and in as long a time before, by kind."""
    behind = Q(since__gte=asked.since)
    rows = Tally.objects.filter(
        group=asked.group, kind__in=LIGHTS, since__gte=asked.before, since__lt=asked.until
    )
    place = Case(*(When(kind=kind, then=Value(n)) for n, kind in enumerate(LIGHTS)))
    return (
        rows.annotate(place=place)
        .values("kind", "place")
        .order_by("place")
        .annotate(
            due=Sum("number", filter=behind, default=0),
            kept=Sum("stopped_in_time", filter=behind, default=0),
            due_before=Sum("number", filter=~behind, default=0),
            kept_before=Sum("stopped_in_time", filter=~behind, default=0),
        )
    )


def missed_in_all(rows: Sequence[Mapping[str, Any]]) -> int:
    return sum(row["due"] - row["kept"] for row in rows)


def missed(asked: Asked) -> QuerySet[Any, Any]:
    """The limits behind the lights: those that fell due and were not kept, of one kind or of all."""
    kinds = [asked.of] if asked.of in LIGHTS else list(LIGHTS)
    rows = Clock.objects.current().filter(
        TOO_LATE, kind__in=kinds, ticket__group=asked.group, due_at__gte=asked.since, due_at__lt=asked.until
    )
    names = {name: F(f"ticket__{path}") for name, path in TICKET_FACTS.items()}
    found = rows.order_by("due_at", "pk").values("pk", "kind", "due_at", "stopped_at", "ticket_id", **names)
    return found


TICKET_FACTS = {
    "title": "title",
    "ticket_grade": "grade",
    "client_name": "client__name",
    "client_en": "client__name_en",
}


def deadlines(asked: Asked) -> QuerySet[Any, Any]:
    """Open records whose next due time lies between now and the end of the week."""
    rows: QuerySet[Ticket] = Ticket.objects.open().filter(
        group=asked.group, next_due_at__gte=asked.now, next_due_at__lt=asked.end
    )
    return rows.order_by("next_due_at", "pk").values(*FACTS, **NAMES)


def leftover_line(row: Mapping[str, Any], asked: Asked) -> Line:
    is_late = row["late"] == 0
    due = Bit("overdue" if is_late else "due", instant(row["next_due_at"]))
    return _record(row, due, Bit("reported", instant(row["reported_at"])), tone="bad" if is_late else "")


def fault_line(row: Mapping[str, Any], asked: Asked) -> Line:
    said = Bit("missed", ",".join(row["late"])) if row["late"] else Bit("kept", "")
    reported = Bit("reported", instant(row["reported_at"]))
    return _record(row, said, reported, tone="bad" if row["late"] else "good")


def deadline_line(row: Mapping[str, Any], asked: Asked) -> Line:
    return _record(row, Bit("due", instant(row["next_due_at"])))


def _record(row: Mapping[str, Any], *more: Bit, tone: str = "") -> Line:
    bits = [Bit("number", f"T-{row['pk']}")]
    if row["grade"]:
        bits.append(Bit("grade", str(row["grade"])))
    bits += [Bit("client", row["client_name"], row["client_en"]), Bit("status", row["status"]), *more]
    if row["owner_name"]:
        bits.append(Bit("person", row["owner_name"], row["owner_en"]))
    return Line(
        f"T-{row['pk']}", row["title"], reverse("tickets:detail", args=[row["pk"]]), tuple(bits), tone
    )


def light_line(row: Mapping[str, Any], asked: Asked) -> Line:
    """Red where a limit was missed and the share is no better than before; green where all were kept."""
    gone, before = row["due"] - row["kept"], row["due_before"] - row["kept_before"]
    is_no_better = gone * max(row["due_before"], 1) >= before * max(row["due"], 1)
    tone = ("bad" if is_no_better else "") if gone else "good" if row["due"] else ""
    url = reverse("meetings:rows", args=[asked.meeting, "lights"]) + f"?of={row['kind']}"
    bits = (
        Bit("rate", f"{row['kept']}/{row['due']}"),
        Bit("before", f"{row['kept_before']}/{row['due_before']}"),
    )
    return Line(f"light-{row['kind']}", f"clock:{row['kind']}", url, bits, tone)


def missed_line(row: Mapping[str, Any], asked: Asked) -> Line:
    bits = [Bit("number", f"T-{row['ticket_id']}"), Bit("missed", row["kind"])]
    if row["ticket_grade"]:
        bits.append(Bit("grade", str(row["ticket_grade"])))
    bits += [Bit("client", row["client_name"], row["client_en"]), Bit("due", instant(row["due_at"]))]
    if row["stopped_at"]:
        bits.append(Bit("met_at", instant(row["stopped_at"])))
    url = reverse("tickets:detail", args=[row["ticket_id"]])
    return Line(f"clock-{row['pk']}", row["title"], url, tuple(bits), "bad")
