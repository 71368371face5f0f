"""What happens around the records of a random history: duties, callbacks, surveys, audits, meetings, changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from audits import actions as audits
from audits.actions import Said as Seen
from audits.kinds import AuditKind, AuditState, FindingState, Result
from audits.models import Audit, Finding
from clients.models import Channel
from duty import actions as duty
from duty.actions import Said as Read
from duty.models import Inspection, Shift
from meetings import actions as meetings
from meetings.actions import Decided
from meetings.actions import reports as weekly
from meetings.actions.reportsweep import tend_reports
from meetings.models import Decision, Meeting, WeeklyReport
from reports.tests.recount.histories import DAY, HOUR, MINUTE, History
from reports.tests.recount.onrecords import goes_on
from reports.tests.recount.world import BEGINS, ENDS
from surveys import actions as surveys
from surveys.actions import Given, Source, corrective, opening, resurvey
from surveys.correcting import Effect, RootCause
from surveys.models import CorrectiveAction, Invitation
from tickets import actions as tickets
from reports.models import PhoneDay
from tickets.models import Attachment, Change, Handover, InspectionRecord, WorkType
from tickets.tests.works import WHOLE, client_said_yes, file_all
from visits import actions as visits
from visits.actions import Said as Told
from visits.kinds import Method
from visits.models import Callback


def begin(history: History) -> None:
    """Plan the days of the house, and a number of things of each kind at any time."""
    audits.load_defaults(now=history.now)
    day = BEGINS
    while day < ENDS:
        history.plan(day + history.dice.random() * DAY, lambda: tend(history))
        day += 4 * DAY
    for days in (20, 45, 70):
        history.plan(BEGINS + days * DAY, lambda: duty.publish_all(now=history.now))
    for often, happens in (
        (40, inspect),
        (30, hand_over),
        (12, arrange),
        (30, call_back),
        (30, survey),
        (14, complain),
        (30, correct),
        (4, audit),
        (20, follow_audit),
        (10, change),
        (9, hold_meeting),
        (24, follow_decision),
        (10, report_week),
        (4, take_leave),
        (12, file_calls),
        (8, take_paper_back),
    ):
        for _time in range(max(2, often * history.records // 40)):
            history.plan(history.some_time(), lambda happens=happens: happens(history))


def tend(history: History) -> None:
    """What the house does by itself; now and then it is late."""
    for sweep in (
        tickets.enforce_deadlines,
        tickets.tend_overruns,
        tickets.tend_changes,
        duty.tend_inspections,
        visits.tend_callbacks,
        surveys.tend_surveys,
        opening.open_due,
        audits.tend_audits,
        meetings.write_ahead,
        meetings.tend_meetings,
        tend_reports,
    ):
        if history.chance(0.4):
            sweep(now=history.now)


def _any(history: History, rows):  # type: ignore[no-untyped-def]
    """One of a few rows; None where there are none."""
    found = list(rows[:8])
    return history.one_of(found) if found else None


def _exactly(history: History, instant: datetime, act: Callable[[], None]) -> bool:
    """Now and then let it happen at an instant that decides, where that is still to come."""
    if instant > history.now and history.chance(0.4):
        history.plan(history.near(instant), act)
        return True
    return False


# Duty


def inspect(history: History) -> None:
    if history.chance(0.2):
        duty.tend_inspections(now=history.now)
    one = _any(history, Inspection.objects.filter(finished_at=None).order_by("-day"))
    if one is not None and not _exactly(
        history, history.one_of([one.due_at, one.closes_at]), lambda: go_through(history, one.pk)
    ):
        go_through(history, one.pk)


def go_through(history: History, pk: int) -> None:
    one = Inspection.objects.select_related("version__sheet__system__client").get(pk=pk)
    by, now = history.anybody(one.group_id), history.now
    values = {"CPU load": history.one_of(["20", "85", "97"]), "Backup done": "yes", "Alarm lamp": "绿"}
    items = {item.name_en: item for item in one.version.items.all()}
    said = {items[name].pk: Read(value=value, note="x", reason="x") for name, value in values.items()}
    history.attempt("answer_items", lambda: duty.answer_items(one, said, by=by, now=now))
    if history.chance(0.8):
        history.attempt("finish_inspection", lambda: duty.finish_inspection(one, by=by, now=now))
    related = one.answers.select_related("item", "inspection__version__sheet__system__client")
    for answer in related.filter(result="abnormal"):
        if history.chance(0.7) and not InspectionRecord.objects.filter(answer=answer).exists():
            opened = history.attempt(
                "open_record_of", lambda answer=answer: tickets.open_record_of(answer, by=by, now=now)
            )
            if opened is not None:
                goes_on(history, opened.pk)


def hand_over(history: History) -> None:
    """The next step of the change of duty that comes next, or of one that is still open."""
    waiting = _any(history, Handover.objects.exclude(state="signed").order_by("-changes_at"))
    if waiting is None or history.chance(0.5):
        group = history.one_of(history.world.groups)
        after = Shift.objects.filter(group=group, starts_at__gt=history.now).order_by("starts_at").first()
        if after is None:
            return
        before = after.starts_at - history.one_of([10, 25, 40]) * MINUTE
        history.plan(before, lambda: step_of_handover(history, group.pk, after.starts_at))
    else:
        step_of_handover(history, waiting.group_id, waiting.changes_at)


def step_of_handover(history: History, group: int, at: datetime) -> None:
    shift = Shift.objects.select_related("group").filter(group=group, starts_at=at).first()
    if shift is None:
        return
    lead, now = history.world.leads[group], history.now
    handover = history.attempt(
        "open_handover", lambda: tickets.open_handover(shift.group, at, by=lead, now=now)
    )
    if handover is None or handover.state == "signed":
        return
    if handover.state != "waiting":
        done = [point["key"] if isinstance(point, dict) else point for point in handover.points]
        history.attempt(
            "hand_over",
            lambda: tickets.hand_over(
                handover, note="x", to_do="", done=done, by=handover.outgoing, now=now
            ),
        )
    elif history.chance(0.15):
        history.attempt(
            "send_back", lambda: tickets.send_back(handover, remark="x", by=handover.incoming, now=now)
        )
    elif (
        history.attempt("sign", lambda: tickets.sign(handover, by=handover.incoming, now=now)) is None
    ):
        history.attempt("overrule", lambda: tickets.overrule(handover, reason="x", by=lead, now=now))
    signs_by = history.one_of([at, at + 30 * MINUTE, at + HOUR])
    if signs_by > now:
        history.plan(history.near(signs_by), lambda: step_of_handover(history, group, at))


def take_leave(history: History) -> None:
    """Somebody takes leave over a duty of his that nobody takes on."""
    group = history.one_of(history.world.groups)
    person, lead = history.one_of(history.world.staff[group.pk]), history.world.leads[group.pk]
    since = history.now + history.one_of([1, 3]) * DAY
    leave = history.attempt(
        "ask_leave", lambda: duty.ask_leave(person, since, since + 4 * DAY, by=lead, now=history.now)
    )
    if leave is not None:
        history.attempt("approve_leave", lambda: duty.approve_leave(leave, by=lead, now=history.now))


def file_calls(history: History) -> None:
    """The numbers of the telephone exchange are filed for some days, and some of them anew."""
    group = history.one_of(history.world.groups)
    for days in range(1, 6):
        offered = history.dice.randrange(30)
        numbers = {"offered": offered, "answered": offered - min(offered, 3)}
        day = (history.now - days * DAY).date()
        PhoneDay.objects.update_or_create(group=group, day=day, defaults=numbers)
    history.done["file_calls"] += 1


def take_paper_back(history: History) -> None:
    """A file is withdrawn that proved an authorisation."""
    papers = Attachment.objects.present().filter(ticket__remote_authorisations__isnull=False).order_by("-pk")
    if (paper := _any(history, papers)) is not None:
        history.attempt(
            "withdraw paper",
            lambda: tickets.withdraw(paper, reason="x", by=history.cast.admin, now=history.now),
        )


# Callbacks and surveys


def arrange(history: History) -> None:
    client = history.one_of(history.world.clients)
    by = history.anybody(client.group_id)
    on = (history.now + history.one_of([1, 2, 5]) * DAY).date()
    method = history.one_of(list(Method))
    history.attempt(
        "arrange",
        lambda: visits.arrange(client, method=method, on=on, note="x", person=by, by=by, now=history.now),
    )


def call_back(history: History) -> None:
    one = _any(history, Callback.objects.open().filter(due_at__lt=history.now + 9 * DAY).order_by("due_at"))
    if one is not None and not _exactly(
        history, history.one_of([one.limit_at, one.limit_at, one.due_at]), lambda: calls(history, one.pk)
    ):
        calls(history, one.pk)


def calls(history: History, pk: int) -> None:
    one = Callback.objects.select_related("client", "group", "ticket", "person").get(pk=pk)
    by, now = one.person or history.anybody(one.group_id), history.now
    lead = history.world.leads[one.group_id]
    disappointed = history.chance(0.2)
    said = Told(
        "x",
        summary="x",
        is_solved=history.chance(0.8) if one.ticket is not None else None,
        satisfaction=history.one_of(["1", "3", "4", "5"]),
        expectation_not_met=disappointed,
        expectation_words="x" if disappointed else "",
    )
    on = (now + 3 * DAY).date()
    ways = {
        "record_reached": lambda: visits.record_reached(one, said, by=by, now=now),
        "record_not_reached": lambda: visits.record_not_reached(one, by=by, now=now),
        "record_refused": lambda: visits.record_refused(one, by=by, now=now),
        "skip callback": lambda: visits.skip(one, reason="x", by=lead, now=now),
        "move callback": lambda: visits.move(one, now + 2 * DAY, reason="x", by=lead, now=now),
        "decide callback": lambda: visits.decide(
            one, method=Method.PHONE, on=on, reason="x", by=lead, now=now
        ),
    }
    name = history.one_of([*["record_reached", "record_not_reached"] * 3, *ways])
    if name == "record_not_reached":
        for _time in range(4):  # on the half days that follow
            history.later(_time * 13 * HOUR, lambda: not_reached(history, pk))
    else:
        history.attempt(name, ways[name])


def not_reached(history: History, pk: int) -> None:
    one = Callback.objects.select_related("client", "group", "person").get(pk=pk)
    by = one.person or history.anybody(one.group_id)
    history.attempt(
        "record_not_reached", lambda: visits.record_not_reached(one, by=by, now=history.now)
    )


def survey(history: History) -> None:
    """Surveys leave and come back: keyed by phone, good or bad, as a complaint or not at all."""
    if history.chance(0.5):
        surveys.tend_surveys(now=history.now)
    for one in Invitation.objects.filter(state="open").select_related("group")[:3]:
        points = history.one_of([1, 2, 3, 4, 5, 5])
        solved = history.one_of(["yes", "no"])
        whys = {1: "x", 2: "x"}
        given = Given({1: points, 2: solved}, whys, history.chance(0.1), False)
        at = history.now - history.one_of([timedelta(0), timedelta(0), HOUR])
        source = Source(Channel.PHONE, max(at, one.sent_at or at), "x")
        history.attempt(
            "key_answers",
            lambda one=one, given=given, source=source: surveys.key_answers(
                one, given, source, by=history.cast.zhou, now=history.now
            ),
        )


def complain(history: History) -> None:
    """A corrective action by hand, and what is due of answers, complaints and callbacks."""
    opening.open_due(now=history.now)
    client = history.one_of(history.world.clients)
    if history.chance(0.3):
        by = history.world.leads[client.group_id]
        history.attempt(
            "open_by_hand", lambda: opening.open_by_hand(client=client, title="x", by=by, now=history.now)
        )


def correct(history: History) -> None:
    one = _any(history, CorrectiveAction.objects.open().order_by("-pk"))
    if one is None:
        return
    end = one.due_on and datetime.combine(one.due_on + DAY, time(0), BEGINS.tzinfo)
    if not (end and _exactly(history, end, lambda: correct_one(history, one.pk))):
        correct_one(history, one.pk)


def correct_one(history: History, pk: int) -> None:
    one = CorrectiveAction.objects.select_related("group", "client", "owner", "answer").get(pk=pk)
    lead, now = history.world.leads[one.group_id], history.now
    owner = history.one_of(history.world.staff[one.group_id])
    due_on = (now + history.one_of([0, 1, 4]) * DAY).date()
    steps = {
        "analyse": lambda: corrective.analyse(
            one, whys=["x"], root_cause=RootCause.PROCESS, by=lead, now=now
        ),
        "plan_measure": lambda: corrective.plan_measure(
            one, measure="x", owner=owner, due_on=due_on, by=lead, now=now
        ),
        "reply_to_client": lambda: corrective.reply_to_client(
            one, text="x", how=Channel.PHONE, told="x", by=lead, now=now
        ),
        "carry_out": lambda: corrective.carry_out(one, result="x", by=one.owner or owner, now=now),
        "verify": lambda: corrective.verify(
            one, is_done=history.chance(0.8), note="x", by=lead, now=now
        ),
        "check_effect": lambda: corrective.check_effect(
            one, effect=history.one_of(list(Effect)), note="x", by=lead, now=now
        ),
        "ask_again": lambda: resurvey.ask_again(one, by=lead, now=now),
        "close_corrective": lambda: corrective.close_corrective(one, by=lead, now=now),
    }
    if history.chance(0.06):
        history.attempt("drop_corrective", lambda: corrective.drop_corrective(one, reason="x", by=lead, now=now))
        return
    for name, act in steps.items():
        one.refresh_from_db()
        history.attempt(name, act)
        if history.chance(0.35):
            return


# Audits


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
    history.attempt(
        "report_audit", lambda: audits.report_audit(one, conclusion="x", by=cast.zhou, now=now)
    )


def follow_audit(history: History) -> None:
    """A finding is answered, verified, given back or withdrawn; an audit gets its statement and is closed."""
    now, cast = history.now, history.cast
    finding = _any(history, Finding.objects.open().order_by("due_at"))
    if finding is not None:
        end = datetime.combine(finding.due_on + DAY, time(0), BEGINS.tzinfo)
        if not _exactly(history, end, lambda: follow_finding(history, finding.pk)):
            follow_finding(history, finding.pk)
    one = _any(history, Audit.objects.exclude(state=AuditState.CLOSED))
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


# Changes


def change(history: History) -> None:
    client = history.one_of(history.world.clients)
    staff, lead = history.world.staff[client.group_id], history.world.leads[client.group_id]
    planner, owner, now = staff[0], history.one_of(staff), history.now
    draft = tickets.Draft(
        type=WorkType.objects.get(code="optimisation"),
        client=client,
        title="x",
        system=history.world.systems[client.pk][0],
        owner=owner,
        text=WHOLE,
    )
    drafted = history.attempt("draft_change", lambda: tickets.draft_change(draft, by=planner, now=now))
    if drafted is None:
        return
    submitted = history.attempt(
        "submit_change", lambda: tickets.submit_change(drafted, by=planner, now=now)
    )
    if submitted is None:
        return
    if history.chance(0.1):
        history.attempt(
            "reject_change", lambda: tickets.reject_change(submitted, reason="x", by=lead, now=now)
        )
        return

    def prepared() -> Change:
        change = tickets.approve_change(submitted, note="x", by=lead, now=now)
        file_all(change, planner, now=now)
        if change.needs_client:
            change = client_said_yes(change, planner, now=now)
        opens = history.one_of([now + HOUR, history.boundary()])
        opens = opens if opens > now else now + HOUR
        return tickets.schedule_change(
            change, window_from=opens, window_to=opens + 4 * HOUR, by=planner, now=now
        )

    scheduled = history.attempt("schedule_change", prepared)
    if scheduled is not None and scheduled.window_from is not None:
        if history.chance(0.15):
            history.attempt(
                "withdraw_change", lambda: tickets.withdraw_change(scheduled, reason="x", by=lead, now=now)
            )
            return
        history.plan(scheduled.window_from, lambda: work(history, scheduled.pk))


def work(history: History, pk: int) -> None:
    """The window is open: begun; its end is near the end of the window."""
    one, now = Change.objects.select_related("ticket__owner", "planner").get(pk=pk), history.now
    by = one.ticket.owner or one.planner
    started = history.attempt("start_change", lambda: tickets.start_change(one, by=by, now=now))
    if started is not None and started.window_to is not None and history.chance(0.9):
        ends = history.one_of([history.near(started.window_to), now + HOUR])
        history.plan(ends, lambda: end_work(history, pk))


def end_work(history: History, pk: int) -> None:
    one, now = Change.objects.select_related("ticket__owner", "planner").get(pk=pk), history.now
    by, outcome = one.ticket.owner or one.planner, history.one_of(["succeeded", "rolled_back", "failed"])
    done = history.attempt(
        f"finish_change {outcome}",
        lambda: tickets.finish_change(one, outcome=outcome, result="x", by=by, now=now),
    )
    if done is not None and history.chance(0.7):
        lead = history.world.leads[one.ticket.group_id]
        history.attempt("review_change", lambda: tickets.review_change(done, review="x", by=lead, now=now))
        goes_on(history, pk)


# Meetings and weekly reports


def hold_meeting(history: History) -> None:
    """The next meeting of a group: held with decisions, cancelled, or forgotten."""
    group = history.one_of(history.world.groups)
    meetings.write_ahead(now=history.now)
    rows = Meeting.objects.filter(group=group, starts_at__gt=history.now).meeting().order_by("starts_at")
    meeting = rows.first()
    lead = history.world.leads[group.pk]
    if meeting is None:
        return
    if history.chance(0.1):
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
    one = _any(history, Decision.objects.open().order_by("due_on"))
    if one is None:
        return
    end = datetime.combine(one.due_on + DAY, time(0), BEGINS.tzinfo)
    if not _exactly(history, end, lambda: settle(history, one.pk)):
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
    one = _any(history, WeeklyReport.objects.filter(submitted_at=None).order_by("-first_on"))
    if one is not None and not _exactly(history, one.due_at, lambda: submit_report(history, one.pk)):
        submit_report(history, one.pk)


def submit_report(history: History, pk: int) -> None:
    one, now = WeeklyReport.objects.select_related("person", "group").get(pk=pk), history.now
    words = {"done": "x", "problems": "", "plans": "", "help_wanted": ""}
    done = history.attempt(
        "submit_report", lambda: weekly.submit_report(one, words, by=one.person, now=now)
    )
    if done is not None and history.chance(0.25):
        lead = history.world.leads[one.group_id]
        history.attempt(
            "reopen_report", lambda: weekly.reopen_report(done, reason="x", by=lead, now=now + MINUTE)
        )
        history.later(DAY, lambda: submit_report(history, pk))

