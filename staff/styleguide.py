"""The visual language on one page, for people who build pages: /styleguide/."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from staff.views.access import house_only

SECTIONS = [
    ("colours", _("Colours")),
    ("type", _("Letters")),
    ("buttons", _("Buttons, filters, tags")),
    ("badges", _("Grades and states")),
    ("clocks", _("Clocks")),
    ("table", _("Table")),
    ("tiles", _("Figures and charts")),
    ("form", _("Form")),
    ("timeline", _("History")),
    ("notices", _("Notices and empty states")),
    ("calendar", _("Calendar")),
    ("icons", _("Icons")),
]
STATUSES = [
    ("logged", _("Recorded")),
    ("in_progress", _("In progress")),
    ("waiting", _("Waiting")),
    ("resolved", _("Resolved")),
    ("closed", _("Closed")),
    ("merged", _("Merged")),
]
DAY_KINDS = {
    "workday": (_("Working day"), ""),
    "weekend": (_("Weekend"), ""),
    "statutory": (_("Statutory holiday"), pgettext_lazy("mark of a day", "off")),
    "day_in_lieu": (_("Day off in lieu"), pgettext_lazy("mark of a day", "off")),
    "makeup_workday": (_("Make-up working day"), pgettext_lazy("mark of a day", "work")),
}


@dataclass(frozen=True, slots=True)
class SampleClock:
    """What `clock_badge` needs to know of a clock."""

    kind: str
    kind_label: Any
    state: str
    started_at: datetime
    near_at: datetime | None
    due_at: datetime | None
    limit: timedelta


class SampleForm(forms.Form):
    client = forms.CharField(label=_("Client"), help_text=_("Name, number or the beginning of either."))
    channel = forms.ChoiceField(label=_("Channel"), choices=[("phone", _("Phone")), ("email", _("E-mail"))])
    title = forms.CharField(label=_("What happened"), max_length=12)
    details = forms.CharField(label=_("Details"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    solved = forms.BooleanField(label=_("Solved on the phone"), required=False)


@house_only
def styleguide(request: HttpRequest) -> HttpResponse:
    return render(request, "styleguide/index.html", samples(timezone.now()))


def samples(now: datetime) -> dict[str, Any]:
    """Make one of everything, at an instant; some clocks change their state within the next minutes."""
    clocks = sample_clocks(now)
    return {
        "now": now,
        "sections": [(key, title, f"styleguide/_{key}.html") for key, title in SECTIONS],
        "themes": ["light", "dark"],
        "colours": colours(),
        "grades": [1, 2, 3, None],
        "statuses": STATUSES,
        "clocks": clocks,
        "rows": sample_rows(clocks),
        "forms": {theme: _sample_form(theme) for theme in ("light", "dark")},
        "icons": icons(),
        "a_year_ago": now - timedelta(days=365),
        "an_hour_ago": now - timedelta(hours=1, minutes=7),
        "spans": [
            timedelta(seconds=42),
            timedelta(minutes=6),
            timedelta(minutes=80),
            timedelta(days=2, hours=4),
        ],
        "empty_title": _("No records yet"),
        "empty_text": _("Calls that you log appear here."),
        "empty_action": _("Log a call"),
        "day_kinds": [(kind, label) for kind, (label, _mark) in DAY_KINDS.items()],
        "month": [[_sample_day(week * 7 + day) for day in range(7)] for week in range(4)],
        "bars": [
            (index, 36 + index * 96, 90 - height, height)
            for index, height in enumerate((34, 52, 41, 70, 58, 82))
        ],
    }


def colours() -> list[str]:
    """List the colour tokens in the order of static/css/tokens.css."""
    light = _source("css/tokens.css").partition('[data-theme="dark"]')[0]
    return re.findall(r"--([a-z0-9-]+): #", light)


def icons() -> list[str]:
    """List the symbols of static/img/icons.svg."""
    return re.findall(r'<symbol id="([^"]+)"', _source("img/icons.svg"))


def sample_clocks(now: datetime) -> list[SampleClock]:
    """One clock in each state; the near one breaches in a minute, the second comes near in half a minute."""

    def clock(kind: str, label: Any, state: str, begun: float, left: float | None) -> SampleClock:
        started_at = now - timedelta(minutes=begun)
        due_at = None if left is None else now + timedelta(minutes=left)
        near_at = due_at and started_at + 0.8 * (due_at - started_at)
        return SampleClock(
            kind, label, state, started_at, near_at, due_at, timedelta(minutes=begun + (left or 0))
        )

    return [
        clock("response", _("Response"), "running", 2, 8),
        clock("diagnosis", _("Diagnosis"), "running", 79.5, 20.5),
        clock("resolution", _("Resolution"), "running", 60, 3 * 1440 + 125),
        clock("response", _("Response"), "near", 59, 1.1),
        clock("diagnosis", _("Diagnosis"), "breached", 90, -12),
        clock("resolution", _("Resolution"), "paused", 90, None),
        clock("response", _("Response"), "met", 90, -60),
        clock("next_step", _("Next step"), "missed", 90, -30),
    ]


def sample_rows(clocks: list[SampleClock]) -> list[dict[str, Any]]:
    long_title = _(
        "Registration desks cannot print, the queue grows, and the spare printer of the ward is out too"
    )
    rows = [
        (1, "T-20931", _("City First Hospital"), "HIS", _("System down, nobody can sign in"), 1, clocks[4]),
        (
            2,
            "T-20930",
            _("Harbour District Hospital for Women and Children"),
            "PACS",
            long_title,
            1,
            clocks[3],
        ),
        (2, "T-20925", _("City First Hospital"), "LIS", _("Results arrive ten minutes late"), 2, clocks[5]),
        (None, "T-20922", _("Westlake Clinic"), "HIS", _("New account for a doctor"), 0, clocks[0]),
        (3, "T-20877", _("Westlake Clinic"), "EMR", _("Wrong header on one form"), 3, clocks[6]),
    ]
    names = ("grade", "number", "client", "system", "title", "status", "clock")
    made = [dict(zip(names, row, strict=True)) for row in rows]
    for row in made:
        row["status"], row["status_label"] = STATUSES[row["status"]]
    return made


def _source(path: str) -> str:
    return Path(str(finders.find(path))).read_text(encoding="utf-8")


def _sample_form(theme: str) -> SampleForm:
    return SampleForm({f"{theme}-channel": "phone", f"{theme}-title": "x" * 13}, prefix=theme)


def _sample_day(index: int) -> tuple[int, str, Any]:
    special = {7: "statutory", 8: "day_in_lieu", 12: "makeup_workday"}
    kind = special.get(index, "weekend" if index % 7 > 4 else "workday")
    return index + 1, kind, DAY_KINDS[kind][1]
