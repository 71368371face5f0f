"""What the meetings before decided, until it is done or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse

from meetings.agenda import Bit, Line
from meetings.asked import Asked
from meetings.kinds import DecisionState
from meetings.models import Decision


def decisions(asked: Asked) -> QuerySet[Any, Any]:
    """All that are open, the overdue first, and those settled since the last meeting's week began."""
    rows = Decision.objects.filter(
        Q(state=DecisionState.OPEN) | Q(settled_at__gte=asked.since), group=asked.group
    ).exclude(meeting=asked.meeting)
    place = Case(
        When(state=DecisionState.OPEN, due_on__lt=asked.today, then=Value(0)),
        When(state=DecisionState.OPEN, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    found = rows.annotate(place=place).order_by("place", "due_on", "pk")
    owner = {"owner_name": F("owner__name"), "owner_en": F("owner__name_en")}
    facts = ("pk", "place", "text", "state", "due_on", "came_back", "result", "ticket_id")
    return found.values(*facts, **owner)


def decision_line(row: Mapping[str, Any], asked: Asked) -> Line:
    bits = [Bit("number", f"D-{row['pk']:04d}"), Bit("person", row["owner_name"], row["owner_en"])]
    bits.append(Bit("overdue" if row["place"] == 0 else "due", row["due_on"]))
    if row["ticket_id"]:
        bits.append(Bit("number", f"T-{row['ticket_id']}"))
    if row["came_back"]:
        bits.append(Bit("came_back", str(row["came_back"])))
    bits.append(Bit("decision", row["state"]))
    if row["result"]:
        bits.append(Bit("text", row["result"][:200]))
    return Line(
        f"D-{row['pk']}",
        row["text"],
        reverse("meetings:decision", args=[row["pk"]]),
        tuple(bits),
        ("bad", "", "good")[row["place"]],
    )
