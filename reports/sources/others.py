"""Rows of duty, callbacks, surveys, audits, meetings and the telephone (§4, §5, §6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy

from audits.models import Audit, Check, Finding
from duty.models import EmptyShift, Inspection, InspectionAnswer, Shift
from meetings.models import Decision, WeeklyReport
from reports.models import PhoneDay
from reports.sources.listing import Cell, PartOf, Source, in_time, name_of
from surveys.models import Answer, AnswerSheet, CorrectiveAction, Invitation
from tickets.models import Handover
from visits.models import Callback

SHEET = ("version__sheet__system__client",)


def _inspection(one: Inspection, now: datetime) -> Sequence[Cell]:
    standing = str(one.standing(now).label)
    dates = (one.day, one.closes_at, one.finished_at)
    return name_of(one.sheet), name_of(one.group), name_of(one.person), *dates, standing


def _abnormal(answer: InspectionAnswer, now: datetime) -> Sequence[Cell]:
    one = answer.inspection
    return name_of(one.sheet), name_of(answer.item), one.day, answer.shown_value, answer.note, answer.reason


def _shift(shift: Shift | EmptyShift, now: datetime) -> Sequence[Cell]:
    return name_of(shift.user), name_of(shift.group), shift.starts_at, shift.ends_at


def _callback(one: Callback, now: datetime) -> Sequence[Cell]:
    last_day = timezone.localdate(one.limit_at - timedelta(microseconds=1), timezone.get_default_timezone())
    who = name_of(one.person)
    return one.number, name_of(one.client), who, last_day, one.tried_at, one.done_at, one.get_state_display()


def _answer(answer: Answer, now: datetime) -> Sequence[Cell]:
    asked = answer.sheet.invitation
    points = float(answer.number) if answer.number is not None else None
    return asked.number, name_of(asked.client), name_of(answer.question), points, answer.sheet.given_at


def _sheet(sheet: AnswerSheet, now: datetime) -> Sequence[Cell]:
    asked = sheet.invitation
    score = float(sheet.score) if sheet.score is not None else None
    return asked.number, name_of(asked.client), score, sheet.get_channel_display(), sheet.given_at


def _corrective(action: CorrectiveAction, now: datetime) -> Sequence[Cell]:
    what = (action.number, name_of(action.client), action.title, name_of(action.owner))
    return *what, action.due_on, action.carried_out_at, action.verified_at, action.get_state_display()


def _finding(finding: Finding, now: datetime) -> Sequence[Cell]:
    what = (finding.number, finding.title, finding.get_kind_display(), name_of(finding.owner))
    return *what, finding.raised_at, finding.due_on, finding.answered_at, finding.get_state_display()


def _check(check: Check, now: datetime) -> Sequence[Cell]:
    record = f"T-{check.sampled.ticket_id}" if check.sampled else ""
    what = (check.audit.number, name_of(check.item), record)
    return *what, check.get_result_display(), check.note, check.at


def _decision(decision: Decision, now: datetime) -> Sequence[Cell]:
    what = (decision.number, decision.text, name_of(decision.owner))
    return *what, decision.due_on, decision.settled_at, decision.get_state_display()


def _weekly_report(report: WeeklyReport, now: datetime) -> Sequence[Cell]:
    result = in_time(report.first_submitted_at, report.due_at, now)
    what = (name_of(report.person), name_of(report.group), report.first_on, report.last_on)
    return *what, report.due_at, report.first_submitted_at, result


def _phone(day: PhoneDay, now: datetime) -> Sequence[Cell]:
    recorded = getattr(day, "recorded", None)
    return f"{day.day:%Y-%m-%d}", name_of(day.group), day.offered, day.answered, recorded


def _shift_url(shift: Shift) -> str:
    stamp = Handover(changes_at=shift.starts_at).stamp
    return reverse("handovers:one", args=[shift.group.code, stamp])


INSPECTION = Source(
    Inspection,
    (
        gettext_lazy("Sheet"),
        gettext_lazy("Group"),
        gettext_lazy("On duty"),
        gettext_lazy("Day"),
        gettext_lazy("Window to"),
        gettext_lazy("Finished"),
        gettext_lazy("State"),
    ),
    _inspection,
    lambda one: reverse("duty:inspection", args=[one.pk]),
    ("group", "person", *SHEET),
)
ABNORMAL = PartOf(
    InspectionAnswer,
    (
        gettext_lazy("Sheet"),
        gettext_lazy("Item"),
        gettext_lazy("Day"),
        gettext_lazy("Value"),
        gettext_lazy("Note"),
        gettext_lazy("Why no record"),
    ),
    _abnormal,
    lambda answer: reverse("duty:inspection", args=[answer.inspection_id]),
    ("item", "inspection__version__sheet"),
    (),
    "inspection",
    Inspection,
)
SHIFT = Source(
    Shift,
    (gettext_lazy("Person"), gettext_lazy("Group"), gettext_lazy("From"), gettext_lazy("To")),
    _shift,
    _shift_url,
    ("user", "group"),
)
EMPTY_SHIFT = Source(
    EmptyShift,
    (gettext_lazy("Person"), gettext_lazy("Group"), gettext_lazy("From"), gettext_lazy("To")),
    _shift,
    lambda shift: reverse("duty:wallchart", args=[shift.group.code]),
    ("user", "group"),
)
CALLBACK = Source(
    Callback,
    (
        gettext_lazy("Number"),
        gettext_lazy("Client"),
        gettext_lazy("Who calls"),
        gettext_lazy("Last day"),
        gettext_lazy("Tried"),
        gettext_lazy("Done"),
        gettext_lazy("State"),
    ),
    _callback,
    lambda one: reverse("visits:callback", args=[one.pk]),
    ("client", "person"),
    ("summary", "expectation_words"),
)
ANSWER = PartOf(
    Answer,
    (
        gettext_lazy("Number"),
        gettext_lazy("Client"),
        gettext_lazy("Question"),
        gettext_lazy("Points"),
        gettext_lazy("Answered at"),
    ),
    _answer,
    lambda answer: reverse("surveys:invitation", args=[answer.sheet.invitation_id]),
    ("question", "sheet__invitation__client"),
    ("why",),
    "sheet__invitation",
    Invitation,
)
ANSWERS = Source(
    AnswerSheet,
    (
        gettext_lazy("Number"),
        gettext_lazy("Client"),
        gettext_lazy("Score"),
        gettext_lazy("Came by"),
        gettext_lazy("Answered at"),
    ),
    _sheet,
    lambda sheet: reverse("surveys:invitation", args=[sheet.invitation_id]),
    ("invitation__client",),
)
CORRECTIVE = Source(
    CorrectiveAction,
    (
        gettext_lazy("Number"),
        gettext_lazy("Client"),
        gettext_lazy("What was not met"),
        gettext_lazy("Owner"),
        gettext_lazy("To be carried out by"),
        gettext_lazy("Carried out"),
        gettext_lazy("Verified"),
        gettext_lazy("State"),
    ),
    _corrective,
    lambda action: reverse("satisfaction:corrective", args=[action.pk]),
    ("client", "owner"),
    ("words", "measure", "result", "reply", "verification", "effect_note", "dropped_because"),
)
FINDING = Source(
    Finding,
    (
        gettext_lazy("Number"),
        gettext_lazy("What was found"),
        gettext_lazy("Kind"),
        gettext_lazy("Owner"),
        gettext_lazy("Raised"),
        gettext_lazy("To be remedied by"),
        gettext_lazy("Remedied"),
        gettext_lazy("State"),
    ),
    _finding,
    lambda finding: reverse("audits:finding", args=[finding.pk]),
    ("owner",),
    ("details", "answer", "verification", "withdrawn_because"),
)
CHECK = PartOf(
    Check,
    (
        gettext_lazy("Audit"),
        gettext_lazy("Item"),
        gettext_lazy("Record"),
        gettext_lazy("Result"),
        gettext_lazy("Note"),
        gettext_lazy("When"),
    ),
    _check,
    lambda check: reverse("audits:audit", args=[check.audit_id]),
    ("audit", "item", "sampled"),
    (),
    "audit",
    Audit,
)
DECISION = Source(
    Decision,
    (
        gettext_lazy("Number"),
        gettext_lazy("Decision"),
        gettext_lazy("Owner"),
        gettext_lazy("Due on"),
        gettext_lazy("Settled"),
        gettext_lazy("State"),
    ),
    _decision,
    lambda decision: reverse("meetings:decision", args=[decision.pk]),
    ("owner",),
    ("result",),
)
WEEKLY_REPORT = Source(
    WeeklyReport,
    (
        gettext_lazy("Engineer"),
        gettext_lazy("Group"),
        gettext_lazy("First day"),
        gettext_lazy("Last day"),
        gettext_lazy("Due"),
        gettext_lazy("Submitted"),
        gettext_lazy("Result"),
    ),
    _weekly_report,
    lambda report: reverse("weekly_reports:report", args=[report.pk]),
    ("person", "group"),
    ("done", "problems", "plans", "help_wanted", "figures"),
)
PHONE = Source(
    PhoneDay,
    (
        gettext_lazy("Day"),
        gettext_lazy("Group"),
        gettext_lazy("Came in"),
        pgettext_lazy("telephone", "Answered"),
        gettext_lazy("Recorded"),
    ),
    _phone,
    lambda day: reverse("reports:phone_day", args=[day.pk]),
    ("group",),
)
