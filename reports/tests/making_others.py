"""Rows beside the records for the tests of figures: duty, callbacks, surveys, audits, meetings, works."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from audits.models import Audit, Check, ChecklistItem, ChecklistVersion, Finding, SampledRecord
from duty.models import (
    EmptyShift,
    Inspection,
    InspectionAnswer,
    InspectionPlan,
    InspectionSheet,
    SheetItem,
    SheetVersion,
    Shift,
)
from meetings.models import AgendaItem, Decision, Meeting, WeeklyReport
from opsdesk.testing import SHANGHAI, Cast, at
from reports.models import PhoneDay
from reports.tests.making import day, record
from surveys.models import Answer, AnswerSheet, CorrectiveAction, Question
from surveys.tests.correcting import invited, questionnaire
from tickets.models import (
    Attachment,
    Change,
    Handover,
    RemoteAuthorisation,
    RemoteSession,
    Ticket,
    WorkType,
)
from visits.models import Callback

MINUTE = timedelta(minutes=1)


def moment(text: str) -> datetime | None:
    return at(text) if text else None


def inspection(cast: Cast, due: str, finished: str = "", **more: Any) -> Inspection:
    """Of the hospital's system, by 陈工; the window closes two hours after it is due."""
    sheet, _new = InspectionSheet.objects.get_or_create(group=cast.south, system=cast.his, name="日检")
    version, _new = SheetVersion.objects.get_or_create(
        sheet=sheet, number=1, published_at=at("2026-01-01 09:00")
    )
    times = {"due": time(9), "since": day("2026-01-01"), "written_until": day("2026-12-31")}
    plan = InspectionPlan.objects.create(sheet=sheet, **times)
    due_at = at(due)
    return Inspection.objects.create(
        plan=plan,
        version=version,
        group=cast.south,
        day=due_at.date(),
        due_at=due_at,
        closes_at=due_at + 120 * MINUTE,
        person=cast.chen,
        finished_at=moment(finished),
        finished_by=cast.chen if finished else None,
        **more,
    )


def abnormal(cast: Cast, of: Inspection, *, recorded: str = "") -> InspectionAnswer:
    number = of.version.items.count() + 1
    item = SheetItem.objects.create(version=of.version, line=number, position=number, name="磁盘")
    return InspectionAnswer.objects.create(
        inspection=of,
        item=item,
        result="abnormal",
        reason="" if recorded else "已知",
        recorded_at=moment(recorded),
        answered_at=of.due_at,
        answered_by=cast.chen,
    )


def shift(cast: Cast, user: Any, starts: str, hours: int = 12, model: Any = Shift, **more: Any) -> Any:
    starts_at = at(starts)
    ends_at = starts_at + timedelta(hours=hours)
    facts = {"group": cast.south, "role": "primary", "starts_at": starts_at, "ends_at": ends_at}
    return model.objects.create(user=user, **(facts | more))


def empty_shift(cast: Cast, starts: str) -> EmptyShift:
    return shift(cast, cast.li, starts, model=EmptyShift)


def handover(cast: Cast, changes: str, signed: str) -> Handover:
    return Handover.objects.create(
        group=cast.south,
        outgoing=cast.li,
        incoming=cast.chen,
        changes_at=at(changes),
        state="signed",
        note="平安",
        handed_over_at=at(changes) - 30 * MINUTE,
        handed_over_by=cast.li,
        signed_at=at(signed),
    )


def callback(cast: Cast, last_day: str, done: str = "", **more: Any) -> Callback:
    """By 李敏; its limit is the midnight after its last day."""
    limit = datetime.combine(day(last_day) + timedelta(days=1), time(0), SHANGHAI)
    facts: dict[str, Any] = {
        "kind": "by_hand",
        "client": cast.hospital,
        "group": cast.south,
        "person": cast.li,
    }
    if done:
        facts |= {"state": "done", "done_at": at(done), "done_by": cast.li, "tried_at": at(done)}
    times = {"due_at": limit - timedelta(hours=9), "limit_at": limit, "created_at": limit - timedelta(days=9)}
    return Callback.objects.create(**(facts | times | more))


def sheet(cast: Cast, points: int, given: str, **more: Any) -> AnswerSheet:
    """A finished sheet with points of 5 on overall satisfaction, about 陈工."""
    scale = Question.objects.filter(dimension="overall").first()
    if scale is None:
        scale = questionnaire(cast).questions.get(line=1)
        Question.objects.filter(pk=scale.pk).update(dimension="overall")
    given_at = at(given)
    found = AnswerSheet.objects.create(
        invitation=invited(cast, scale.version, **more),
        channel="web",
        begun_at=given_at,
        finished_at=given_at,
        given_at=given_at,
        score=points * 20,
    )
    Answer.objects.create(sheet=found, question=scale, value=points, number=points)
    return found


def corrective(cast: Cast, due: str, **more: Any) -> CorrectiveAction:
    opened = at("2026-11-01 09:00")
    facts = {"source": "client", "client": cast.hospital, "group": cast.south, "owner": cast.chen}
    times = {"opened_at": opened, "since": opened, "due_on": day(due), "due_at": opened + timedelta(days=5)}
    return CorrectiveAction.objects.create(title="回复太慢", **(facts | times | more))


def audit(cast: Cast, kind: str = "documents") -> Audit:
    version = ChecklistVersion.objects.filter(kind=kind).first() or ChecklistVersion.objects.create(
        kind=kind, number=1, published_at=at("2026-01-01 09:00"), published_by=cast.zhou
    )
    begun = at("2026-11-02 09:00")
    return Audit.objects.create(
        kind=kind, group=cast.south, checklist=version, auditor=cast.zhou, begun_at=begun
    )


def finding(cast: Cast, due: str, answered: str = "", **more: Any) -> Finding:
    facts: dict[str, Any] = {
        "audit": more.pop("audit", None) or audit(cast),
        "kind": "problem",
        "title": "没有备份",
        "group": cast.south,
        "client": cast.hospital,
        "owner": cast.chen,
        "due_on": day(due),
        "raised_at": at("2026-11-02 09:00"),
        "raised_by": cast.zhou,
        "due_at": at("2026-12-31 09:00"),
    }
    if answered:
        facts |= {"state": "answered", "answered_at": at(answered), "answered_by": cast.chen}
    return Finding.objects.create(**(facts | more))


def check(cast: Cast, result: str, when: str, of: Audit | None = None) -> Check:
    of = of or audit(cast)
    number = of.checklist.items.count() + 1
    item = ChecklistItem.objects.create(version=of.checklist, line=number, position=number, text="有记录")
    sampled = SampledRecord.objects.create(audit=of, ticket=record(cast), place=number, person=cast.chen)
    note = "缺" if result == "deviates" else ""
    return Check.objects.create(
        audit=of, item=item, sampled=sampled, result=result, note=note, by=cast.zhou, at=at(when)
    )


def decision(cast: Cast, due: str, settled: str = "", state: str = "done", **more: Any) -> Decision:
    began = at("2026-11-02 14:00")
    meeting, _new = Meeting.objects.get_or_create(
        group=cast.south,
        week=day("2026-11-02"),
        defaults={
            "slot_on": day("2026-11-02"),
            "starts_at": began,
            "minutes": 60,
            "changed_at": began,
            "announce_at": began,
        },
    )
    item = AgendaItem.objects.create(meeting=meeting, title="遗留", by=cast.wang, at=began)
    facts = (
        {"state": state, "settled_at": at(settled), "settled_by": cast.chen, "result": "好"}
        if settled
        else {}
    )
    return Decision.objects.create(
        meeting=meeting,
        group=cast.south,
        item=item,
        text="补文档",
        owner=cast.chen,
        due_on=day(due),
        decided_at=began,
        decided_by=cast.wang,
        **facts,
        **more,
    )


def weekly_report(cast: Cast, first: str, due: str, submitted: str = "") -> WeeklyReport:
    when = moment(submitted)
    return WeeklyReport.objects.create(
        person=cast.chen,
        group=cast.south,
        first_on=day(first),
        last_on=day(first) + timedelta(days=6),
        due_at=at(due),
        drafted_at=at(first + " 09:00"),
        done="巡检" if when else "",
        submitted_at=when,
        first_submitted_at=when,
    )


def phone(cast: Cast, on: str, offered: int, answered: int, **more: Any) -> PhoneDay:
    facts = {"group": cast.south, "day": day(on), "offered": offered, "answered": answered}
    return PhoneDay.objects.create(**(facts | more))


def session(cast: Cast, ends: str, *, ended: str = "", how: str = "fax", has_paper: bool = True, **more: Any):
    """Under an authorisation whose window is the two hours before `ends`, begun half an hour into it."""
    ticket = record(cast)
    window_to = at(ends)
    began = window_to - 90 * MINUTE
    paper = None
    if has_paper:
        kept = {"stored": f"x{ticket.pk}", "name": "授权.pdf", "size": 1, "at": began, "by": cast.li}
        paper = Attachment.objects.create(ticket=ticket, **kept)
    facts: dict[str, Any] = {"how": how, "evidence": paper}
    if how == "phone":
        due = window_to + timedelta(hours=22)
        received = {"written_evidence": paper, "written_received_at": due - MINUTE} if has_paper else {}
        facts |= {"evidence": None, "callback_number": "1", "written_due_at": due, **received}
    allowed = RemoteAuthorisation.objects.create(
        ticket=ticket,
        given_by="孙主任",
        given_at=window_to - 130 * MINUTE,
        purpose="排障",
        window_from=window_to - 120 * MINUTE,
        window_to=window_to,
        recorded_by=cast.li,
        recorded_at=window_to - 125 * MINUTE,
        **(facts | more),
    )
    facts = {"ended_at": at(ended), "ended_by": cast.chen, "summary": "重启"} if ended else {}
    return RemoteSession.objects.create(authorisation=allowed, operator=cast.chen, started_at=began, **facts)


def change(cast: Cast, finished: str, outcome: str = "succeeded", **more: Any) -> Change:
    """Carried out in the hour before it ended; its window is that of `more`, or that hour."""
    end = at(finished)
    ticket = record(cast, kind="change", status="in_progress", acknowledged_at=at("2026-11-02 09:00"))
    facts: dict[str, Any] = {
        "type": WorkType.objects.first(),
        "state": "done",
        "planner": cast.chen,
        "needs_client": False,
        "needs_window": True,
        "needs_review": True,
        "plan": "升级",
        "rollback": "恢复",
        "decided_at": end - timedelta(days=1),
        "decided_by": cast.wang,
        "window_from": end - timedelta(hours=1),
        "window_to": end,
        "started_at": end - timedelta(hours=1),
        "started_by": cast.chen,
        "finished_at": end,
        "finished_by": cast.chen,
        "outcome": outcome,
        "result": "好",
    }
    return Change.objects.create(ticket=ticket, **(facts | more))


def outage(cast: Cast, reported: str, resolved: str = "", **more: Any) -> Ticket:
    """A grade-1 fault of the hospital's system."""
    return record(cast, reported=reported, resolved=resolved, grade=1, **more)
