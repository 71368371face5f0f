"""What is owed besides records: inspections, callbacks, corrective actions; and open remote access."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse

from duty.inspecting import Result
from duty.models import Inspection
from meetings.agenda import Bit, Line, instant
from meetings.asked import Asked
from surveys.models import CorrectiveAction
from tickets.models import RemoteAuthorisation
from visits.models import Callback

at = datetime.fromisoformat
CLIENT = {"client_name": F("client__name"), "client_en": F("client__name_en")}


def inspections(asked: Asked) -> QuerySet[Any, Any]:
    """Inspections of the time behind that were missed, or found something abnormal."""
    rows = Inspection.objects.filter(group=asked.group, day__gte=asked.since_on, day__lt=asked.until_on)
    found = rows.annotate(abnormal=Count("answers", filter=Q(answers__result=Result.ABNORMAL)))
    found = found.filter(Q(missed_at__isnull=False) | Q(abnormal__gt=0)).order_by("-abnormal", "due_at", "pk")
    names = {
        "sheet_name": F("version__sheet__name"),
        "sheet_en": F("version__sheet__name_en"),
        "person_name": F("person__name"),
        "person_en": F("person__name_en"),
    }
    facts = ("pk", "day", "abnormal", "missed_at", "finished_at")
    return found.values(*facts, **names)


def callbacks(asked: Asked) -> QuerySet[Any, Any]:
    """Callbacks that wait and are due by the end of the week, the latest allowed first."""
    rows = Callback.objects.open().filter(group=asked.group, due_at__lt=asked.end)
    names = {"person_name": F("person__name"), "person_en": F("person__name_en"), **CLIENT}
    return rows.order_by("limit_at", "pk").values("pk", "limit_at", "note", **names)


def callback_line(row: Mapping[str, Any], asked: Asked) -> Line:
    is_late = at(row["limit_at"]) <= asked.now
    bits = [
        Bit("number", f"HF-{row['pk']:05d}"),
        Bit("overdue" if is_late else "due", instant(row["limit_at"])),
    ]
    if row["person_name"]:
        bits.append(Bit("person", row["person_name"], row["person_en"]))
    if row["note"]:
        bits.append(Bit("text", row["note"]))
    return Line(
        f"V-{row['pk']}",
        row["client_name"],
        reverse("visits:callback", args=[row["pk"]]),
        tuple(bits),
        "bad" if is_late else "",
        row["client_en"],
    )


def correctives(asked: Asked) -> QuerySet[Any, Any]:
    """Corrective actions that are late or due this week, and those that ended in the last one (§4.3)."""
    rows = CorrectiveAction.objects.for_meeting(asked.group, asked.since, asked.until, asked.end)
    names = {"owner_name": F("owner__name"), "owner_en": F("owner__name_en"), **CLIENT}
    return rows.values("pk", "title", "state", "due_at", **names)


def corrective_line(row: Mapping[str, Any], asked: Asked) -> Line:
    is_late = row["due_at"] is not None and at(row["due_at"]) <= asked.now
    bits = [Bit("number", f"CA-{row['pk']:04d}"), Bit("client", row["client_name"], row["client_en"])]
    bits.append(Bit("corrective", row["state"]))
    if row["due_at"]:
        bits.append(Bit("overdue" if is_late else "due", instant(row["due_at"])))
    if row["owner_name"]:
        bits.append(Bit("person", row["owner_name"], row["owner_en"]))
    tone = "bad" if is_late else "" if row["due_at"] else "good"
    url = reverse("satisfaction:corrective", args=[row["pk"]])
    return Line(f"CA-{row['pk']}", row["title"], url, tuple(bits), tone)


def remote(asked: Asked) -> QuerySet[Any, Any]:
    """Authorisations that are not over, or wait for their paper (§4.2.2)."""
    usable = Q(revoked_at__isnull=True, window_to__gt=asked.now)
    paper = Q(written_due_at__isnull=False, written_received_at__isnull=True, revoked_at__isnull=True)
    rows = RemoteAuthorisation.objects.filter(usable | paper, ticket__group=asked.group)
    names = {
        "title": F("ticket__title"),
        "client_name": F("ticket__client__name"),
        "client_en": F("ticket__client__name_en"),
    }
    facts = ("pk", "ticket_id", "given_by", "window_to", "written_due_at", "written_received_at")
    return rows.order_by("window_to", "pk").values(*facts, **names)


def remote_line(row: Mapping[str, Any], asked: Asked) -> Line:
    waits = row["written_due_at"] is not None and row["written_received_at"] is None
    is_late = waits and at(row["written_due_at"]) <= asked.now
    bits = [Bit("number", f"T-{row['ticket_id']}"), Bit("client", row["client_name"], row["client_en"])]
    bits += [Bit("allowed_by", row["given_by"]), Bit("until", instant(row["window_to"]))]
    if waits:
        bits.append(Bit("paper_by", instant(row["written_due_at"])))
    url = reverse("tickets:remote_access", args=[row["ticket_id"], row["pk"]])
    return Line(f"remote-{row['pk']}", row["title"], url, tuple(bits), "bad" if is_late else "")


def inspection_line(row: Mapping[str, Any], asked: Asked) -> Line:
    bits = [Bit("day", row["day"])]
    if row["abnormal"]:
        bits.append(Bit("abnormal", str(row["abnormal"])))
    if row["missed_at"]:
        bits.append(Bit("inspection", "late" if row["finished_at"] else "missed"))
    if row["person_name"]:
        bits.append(Bit("person", row["person_name"], row["person_en"]))
    return Line(
        f"inspection-{row['pk']}",
        row["sheet_name"],
        reverse("duty:inspection", args=[row["pk"]]),
        tuple(bits),
        "bad",
        row["sheet_en"],
    )
