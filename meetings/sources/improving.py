"""What the meeting hears of work that is planned, and of what would be better: changes, weekly reports, audit
findings, suggestions for the process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.text import Truncator

from audits.models import Finding, Suggestion
from meetings.agenda import Bit, Line, instant
from meetings.asked import Asked
from meetings.models import WeeklyReport
from staff.models import User
from tickets.changes import ChangeState
from tickets.models import Change

at = datetime.fromisoformat
AHEAD = (ChangeState.SCHEDULED, ChangeState.STARTED)
FINDING = "QF-"  # how the key of its line begins
BRIEF = 160  # characters of what somebody wrote; its line opens the whole


def changes(asked: Asked) -> QuerySet[Any, Any]:
    """Changes whose window touches the meeting's week, the earliest first (tail §7.2)."""
    rows = Change.objects.filter(ticket__group=asked.group, state__in=AHEAD)
    rows = rows.filter(window_from__lt=asked.end, window_to__gt=asked.until)
    names = {
        "title": F("ticket__title"),
        "client_name": F("ticket__client__name"),
        "client_en": F("ticket__client__name_en"),
        "owner_name": F("ticket__owner__name"),
        "owner_en": F("ticket__owner__name_en"),
    }
    return rows.order_by("window_from", "pk").values("pk", "window_from", "window_to", **names)


def change_line(row: Mapping[str, Any], asked: Asked) -> Line:
    is_late = at(row["window_to"]) <= asked.now
    bits = [Bit("number", f"T-{row['pk']}"), Bit("client", row["client_name"], row["client_en"])]
    bits += [Bit("from", instant(row["window_from"])), Bit("until", instant(row["window_to"]))]
    if row["owner_name"]:
        bits.append(Bit("person", row["owner_name"], row["owner_en"]))
    url = reverse("changes:change", args=[row["pk"]])
    return Line(f"change-{row['pk']}", row["title"], url, tuple(bits), "bad" if is_late else "")


def reports(asked: Asked) -> QuerySet[Any, Any]:
    """Weekly reports of the time behind that name problems or want help (tail §6.2)."""
    rows = WeeklyReport.objects.filter(group=asked.group, submitted_at__isnull=False)
    rows = rows.filter(last_on__gte=asked.since_on, last_on__lt=asked.until_on)
    rows = rows.filter(~Q(problems="") | ~Q(help_wanted=""))
    names = {"person_name": F("person__name"), "person_en": F("person__name_en")}
    return rows.order_by("person__name", "pk").values("pk", "problems", "help_wanted", **names)


def report_line(row: Mapping[str, Any], asked: Asked) -> Line:
    said = [Bit("help", _brief(row["help_wanted"]))] if row["help_wanted"] else []
    said += [Bit("text", _brief(row["problems"]))] if row["problems"] else []
    url = reverse("weekly_reports:report", args=[row["pk"]])
    tone = "bad" if row["help_wanted"] else ""
    return Line(f"report-{row['pk']}", row["person_name"], url, tuple(said), tone, row["person_en"])


def findings(asked: Asked) -> QuerySet[Any, Any]:
    """Findings of audits that are not closed, those whose next step is due first (§4.1.1)."""
    rows = Finding.objects.open().filter(group=asked.group)
    names = {"owner_name": F("owner__name"), "owner_en": F("owner__name_en")}
    return rows.order_by("due_at", "pk").values("pk", "title", "kind", "due_at", **names)


def finding_line(row: Mapping[str, Any], asked: Asked) -> Line:
    is_late = at(row["due_at"]) <= asked.now
    bits = [Bit("number", f"QF-{row['pk']:04d}"), Bit("finding", row["kind"])]
    bits.append(Bit("overdue" if is_late else "due", instant(row["due_at"])))
    if row["owner_name"]:
        bits.append(Bit("person", row["owner_name"], row["owner_en"]))
    url = reverse("audits:finding", args=[row["pk"]])
    return Line(f"{FINDING}{row['pk']}", row["title"], url, tuple(bits), "bad" if is_late else "")


def closed_to(user: User, lines: Iterable[Line]) -> set[str]:
    """Keys of findings that the meeting hears of and this person may not open: those of others' (§4.1.1)."""
    keys = {line.key for line in lines if line.key.startswith(FINDING)}
    if not keys or user.sees_everything:
        return set()
    numbers = [int(key.removeprefix(FINDING)) for key in keys]
    seen = Finding.objects.visible_to(user).filter(pk__in=numbers).values_list("pk", flat=True)
    return keys - {f"{FINDING}{pk}" for pk in seen}


def suggestions(asked: Asked) -> QuerySet[Any, Any]:
    """Suggestions of the group's people that are not answered yet, those that are due first (§1.1)."""
    rows = Suggestion.objects.open().filter(by__group=asked.group)
    names = {"clause_number": F("clause__number"), "by_name": F("by__name"), "by_en": F("by__name_en")}
    return rows.order_by("due_at", "pk").values("pk", "text", "due_at", **names)


def suggestion_line(row: Mapping[str, Any], asked: Asked) -> Line:
    is_late = at(row["due_at"]) <= asked.now
    bits = [Bit("number", f"PS-{row['pk']:04d}"), Bit("text", f"§{row['clause_number']}")]
    bits.append(Bit("overdue" if is_late else "due", instant(row["due_at"])))
    bits.append(Bit("person", row["by_name"], row["by_en"]))
    url = reverse("process:suggestion", args=[row["pk"]])
    return Line(f"PS-{row['pk']}", _brief(row["text"]), url, tuple(bits), "bad" if is_late else "")


def _brief(text: str) -> str:
    return Truncator(" ".join(text.split())).chars(BRIEF, truncate="…")
