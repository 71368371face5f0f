"""Audits, meetings and weekly reports of a random history."""

from __future__ import annotations

from datetime import datetime, time

from audits import actions as audits
from audits.actions import Said as Seen
from audits.kinds import AuditKind, AuditState, FindingState, Result
from audits.models import Audit, Finding
from meetings import actions as meetings
from meetings.actions import Decided
from meetings.actions import reports as weekly
from meetings.actions.reportsweep import tend_reports
from meetings.models import Decision, Meeting, WeeklyReport
from reports.tests.recount.histories import DAY, HOUR, MINUTE, History
from reports.tests.recount.onrecords import goes_on
from reports.tests.recount.world import BEGINS


def audit(history: History) -> None:
    group, cast, now = history.one_of(history.world.groups), history.cast, history.now
    kind = history.one_of([AuditKind.PROCESS, AuditKind.DOCUMENTS, AuditKind.DOCUMENTS])
    begun = history.attempt(
        "begin_audit",
        lambda: audits.begin_audit(kind=kind, group=group, by=cast.zhou, now=now),
    )
    if begun is None:
        return
    since, until = (now - 40 * DAY).date(), now.date()
    history.attempt(
        "draw_sample",
        lambda: audits.draw_sample(begun, since=since, until=until, size=4, seed="7", by=cast.zhou, now=now),
    )
    history.later(history.dice.random() * 2 * DAY, lambda: look(history, begun.pk))


def look(history: History, pk: int) -> None:
    one, cast, now = Audit.objects.get(pk=pk), history.cast, history.now
    said = {}
    for check in one.checks.filter(result="").values_list("pk", flat=True):
        result = history.one_of([Result.CONFORMS] * 5 + [Result.DEVIATES, Result.NOT_APPLICABLE])
        said[check] = Seen(result, "x" if result == Result.DEVIATES else "")
    if said:
        history.attempt("look_at", lambda: audits.look_at(one, said, by=cast.zhou, now=now))
    client = next(client for client in history.world.clients if client.group_id == one.group_id)
    for check in [*one.checks.filter(result=Result.DEVIATES)[:5], None]:
        one.refresh_from_db()
        owner = history.one_of(history.world.staff[one.group_id])
        kind = history.one_of(["danger", "problem", "suggestion"])
        due_on = (now + history.one_of([1, 4, 9]) * DAY).date()
        history.attempt(
            "raise_finding",
            lambda check=check, owner=owner, kind=kind, due_on=due_on: audits.raise_finding(
                one,
                kind=kind,
                title="x",
                check=check,
                client=client,
                owner=owner,
                due_on=due_on,
                by=cast.zhou,
                now=now,
            ),
        )
    one.refresh_from_db()
    history.attempt("report_audit", lambda: audits.report_audit(one, conclusion="x", by=cast.zhou, now=now))


def follow_audit(history: History) -> None:
    """A finding is answered, verified, given back or withdrawn; an audit gets its statement and is closed."""
    now, cast = history.now, history.cast
    finding = history.any_of(Finding.objects.open().order_by("due_at"))
    if finding is not None:
        end = datetime.combine(finding.due_on + DAY, time(0), BEGINS.tzinfo)
        if not history.exactly(end, lambda: follow_finding(history, finding.pk)):
            follow_finding(history, finding.pk)
    one = history.any_of(Audit.objects.exclude(state=AuditState.CLOSED))
    if one is not None:
        lead = history.world.leads[one.group_id]
        history.attempt(
            "state_statement", lambda: audits.state_statement(one, statement="x", by=lead, now=now)
        )
        one.refresh_from_db()
        history.attempt("close_audit", lambda: audits.close_audit(one, by=cast.zhou, now=now))


def follow_finding(history: History, pk: int) -> None:
    one, cast, now = Finding.objects.select_related("owner").get(pk=pk), history.cast, history.now
    if history.chance(0.12):
        history.attempt(
            "withdraw_finding", lambda: audits.withdraw_finding(one, reason="x", by=cast.zhou, now=now)
        )
    elif one.state == FindingState.ANSWERED:
        good = history.chance(0.7)
        history.attempt(
            f"verify_finding {good}",
            lambda: audits.verify_finding(one, is_effective=good, note="x", by=cast.zhou, now=now),
        )
    elif one.kind != "suggestion" and not one.orders.filter(round=one.round).exists():
        order = history.one_of([audits.open_record, audits.open_corrective])
        ordered = history.attempt(order.__name__, lambda: order(one, by=cast.zhou, now=now))
        if ordered is not None and (record := ordered.orders.get(round=one.round).ticket_id):
            goes_on(history, record)
        history.later(history.dice.random() * 6 * DAY, lambda: follow_finding(history, pk))
    else:
        by = one.owner or history.world.leads[one.group_id]
        history.attempt("answer_finding", lambda: audits.answer_finding(one, answer="x", by=by, now=now))
        history.later(history.dice.random() * 3 * DAY, lambda: follow_finding(history, pk))


def hold_meeting(history: History) -> None:
    """The next meeting of a group: held with decisions, cancelled, or forgotten."""
    group = history.one_of(history.world.groups)
    meetings.write_ahead(now=history.now)
    rows = Meeting.objects.filter(group=group, starts_at__gt=history.now).meeting().order_by("starts_at")
    meeting = rows.first()
    lead = history.world.leads[group.pk]
    if meeting is None:
        return
    if history.chance(0.2):
        history.attempt(
            "cancel_meeting",
            lambda: meetings.cancel_meeting(meeting, reason="x", by=lead, now=history.now),
        )
    else:
        history.plan(meeting.starts_at, lambda: hold(history, meeting.pk))


def hold(history: History, pk: int) -> None:
    meetings.tend_meetings(now=history.now)
    meeting, now = Meeting.objects.select_related("group", "chair").get(pk=pk), history.now
    lead = history.world.leads[meeting.group_id]
    started = history.attempt("start_meeting", lambda: meetings.start_meeting(meeting, by=lead, now=now))
    if started is None:
        return
    for days in (0, 2, 4, 13):
        owner = history.one_of([*history.world.staff[meeting.group_id], lead])
        decided = Decided("x", owner, (now + days * DAY).date())
        history.attempt(
            "decide in a meeting",
            lambda decided=decided: meetings.decide(started, "leftovers", decided, by=lead, now=now),
        )
    started.refresh_from_db()
    history.attempt("end_meeting", lambda: meetings.end_meeting(started, by=lead, now=now + HOUR))
    ended = Meeting.objects.select_related("group", "chair").get(pk=pk)
    publish = history.near(now + DAY) if history.chance(0.5) else now + 2 * HOUR
    history.plan(
        publish,
        lambda: history.attempt(
            "publish_minutes",
            lambda: meetings.publish_minutes(ended, language="zh-hans", by=lead, now=history.now),
        ),
    )


def follow_decision(history: History) -> None:
    one = history.any_of(Decision.objects.open().order_by("due_on"))
    if one is None:
        return
    end = datetime.combine(one.due_on + DAY, time(0), BEGINS.tzinfo)
    if not history.exactly(end, lambda: settle(history, one.pk)):
        settle(history, one.pk)


def settle(history: History, pk: int) -> None:
    one, now = Decision.objects.select_related("owner", "group").get(pk=pk), history.now
    lead, later = history.world.leads[one.group_id], (now + 3 * DAY).date()
    ways = {
        "settle_decision": lambda: meetings.settle_decision(one, result="x", by=one.owner, now=now),
        "drop_decision": lambda: meetings.drop_decision(one, reason="x", by=lead, now=now),
        "change_decision": lambda: meetings.change_decision(one, due_on=later, reason="x", by=lead, now=now),
    }
    name = history.one_of(["settle_decision", "settle_decision", *ways])
    history.attempt(name, ways[name])


def report_week(history: History) -> None:
    """Weekly reports are submitted, in time or late, given back and submitted again."""
    tend_reports(now=history.now)
    one = history.any_of(WeeklyReport.objects.filter(submitted_at=None).order_by("-first_on"))
    if one is not None and not history.exactly(one.due_at, lambda: submit_report(history, one.pk)):
        submit_report(history, one.pk)


def submit_report(history: History, pk: int) -> None:
    one, now = WeeklyReport.objects.select_related("person", "group").get(pk=pk), history.now
    words = {"done": "x", "problems": "", "plans": "", "help_wanted": ""}
    done = history.attempt("submit_report", lambda: weekly.submit_report(one, words, by=one.person, now=now))
    if done is not None and history.chance(0.25):
        lead = history.world.leads[one.group_id]
        history.attempt(
            "reopen_report", lambda: weekly.reopen_report(done, reason="x", by=lead, now=now + MINUTE)
        )
        history.later(DAY, lambda: submit_report(history, pk))
