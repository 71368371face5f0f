"""Every task may run twice, and may die between any two statements: the same state in the end."""

# ruff: noqa: T201  (figures)

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.db.models import Count, Sum
from django.utils import timezone

from audits import actions as audits
from audits.actions.clauses import load_defaults as load_process
from audits.actions.suggestions import file_suggestion
from audits.models import AuditEvent, Clause, Finding, PlannedAudit, ProcessEvent, Suggestion
from clients.models import ArchiveEntry, Client, Contact, Contract, RenewalReminder
from duty.actions import finish_inspection, make_plan, place_override
from duty.calendar import working_days
from duty.models import (
    CalendarDay,
    CalendarYear,
    DutyRole,
    HoleAlarm,
    Inspection,
    OverrideKind,
    Shift,
    ShiftChange,
)
from duty.tests.inspections import daily, published, say
from duty.tests.rosters import defined
from meetings import actions as weekly
from meetings.actions import reports as weekly_reports
from meetings.models import Decision, Meeting, MeetingEvent, WeeklyReport, WeeklyReportEvent
from opsdesk.celery import app
from opsdesk.schedule import SCHEDULE
from opsdesk.testing import Cast, build_cast
from opsdesk.tests.faults.conftest import DRILL, copied_database
from reports.actions import keep as keep_counts
from reports.models import Reckoning, StaleSpan
from staff import shelf
from staff.actions import save_channel
from staff.actions.shelf import UNCLAIMED
from staff.delivery import deliver
from staff.files import Upload
from staff.models import Delivery, IdempotencyKey, Notice, NoticeChannel, User
from staff.outbox import LEASE
from staff.topics import Topic
from surveys.actions.corrective import reply_to_client
from surveys.actions.correctivereplies import post_replies
from surveys.actions.sending import send_due
from surveys.models import (
    CampaignKind,
    CorrectiveAction,
    CorrectiveEvent,
    CorrectiveReply,
    Exclusion,
    Invitation,
    Outreach,
    SurveyMail,
)
from surveys.post import post as post_surveys
from surveys.tests import correcting
from surveys.tests.surveys import closed as survey_closed
from surveys.tests.surveys import published as survey_published
from surveys.tests.surveys import running as survey_running
from tickets import actions
from tickets.actions.drafting import draft_policy
from tickets.actions.rehearsal import ask_what_if
from tickets.grams import key
from tickets.models import (
    Attachment,
    Cause,
    Change,
    Clock,
    ClockKind,
    CoordinationMeeting,
    Custody,
    Entry,
    Escalation,
    FollowUp,
    Grade,
    Heartbeat,
    HowGiven,
    Kind,
    OutgoingMail,
    Overrun,
    Presence,
    ReceivedMail,
    RemoteAuthorisation,
    RemoteSession,
    SearchText,
    StaleIndex,
    Tally,
    Ticket,
    WhatIf,
)
from tickets.post import post
from tickets.tests import works
from tickets.tests.mailserver import Mailbox
from visits import actions as visits
from visits.kinds import Method
from visits.models import Cadence, Callback, CallbackEvent, CallbackPlan, FaultDraw, Promise

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW_NAME = "康复中心"
BOX: list[Mailbox] = []
ARRIVED: list[datetime] = []  # anew for each test: a record's first limit is short
app.loader.import_default_modules()


KILLS = 4  # of each task in the everyday run; the drill tries every statement


class Killed(BaseException):
    """Death between two statements: what was not committed is gone, and nothing after it happens."""


@contextmanager
def dying_at(number: int) -> Iterator[list[str]]:
    """Die instead of executing the statement of this number; the list tells which were executed."""
    done: list[str] = []

    def count(execute, sql, params, many, context):
        if len(done) + 1 == number:
            raise Killed(sql)
        done.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield done


def overdue(cast: Cast) -> None:
    """Two records with much to be done about them, one of them waiting."""
    long_ago = timezone.now() - 3 * HOUR
    actions.grade(cast.ticket(long_ago), Grade.ONE, reason="clause", by=cast.li, now=long_ago)
    ticket = actions.grade(cast.ticket(long_ago), Grade.TWO, reason="clause", by=cast.li, now=long_ago)
    ticket = actions.acknowledge(ticket, by=cast.chen, now=long_ago)
    soon = long_ago + HOUR
    actions.pause(ticket, reason="parts", text="备件", until=soon, by=cast.chen, now=long_ago)


def noticed(cast: Cast) -> None:
    """Notices for people with an e-mail address, and for one who reads another mailbox."""
    cast.chen.email_topics = []
    cast.chen.save(update_fields=["email_topics"])
    channel = NoticeChannel(owner=cast.chen, kind="email", name="Pager", topics=Topic.values)
    save_channel(channel, address="pager@home.test", by=cast.chen, now=timezone.now())
    overdue(cast)
    actions.enforce_deadlines(now=timezone.now())


def unsolved(cast: Cast) -> None:
    """Two grade-1 faults that have been reported up to the technical lead, and one that has its meeting."""
    long_ago = timezone.now() - 3 * HOUR
    tickets = [
        actions.grade(cast.ticket(long_ago), Grade.ONE, reason="clause", by=cast.li, now=long_ago)
        for _n in range(3)
    ]
    actions.enforce_deadlines(now=timezone.now())
    actions.convene(tickets[0], reason="x", by=cast.chen, now=timezone.now())


def written(cast: Cast) -> None:
    """Two messages to a client who has an address."""
    Contact.objects.filter(pk=cast.contact.pk).update(email="sun@hospital.test")
    ticket = cast.ticket(timezone.now() - HOUR, contact=Contact.objects.get(pk=cast.contact.pk))
    for text in ("备件明早到。", "请保持开机。"):
        actions.write_to_client(ticket, text=text, by=cast.li, now=timezone.now())


def mail_came(cast: Cast) -> None:
    """From a contact with a file, from somebody unknown, and from a machine."""
    Contact.objects.filter(pk=cast.contact.pk).update(email="sun@hospital.test")
    fill_mailbox()


def fill_mailbox() -> None:
    """Put the same e-mails into the mailbox as if no one had read them yet."""
    BOX[0].empty()
    senders = {"sun@hospital.test": "no", "new@clinic.test": "no", "bot@x.test": "auto-replied"}
    for sender, automatic in senders.items():
        message = EmailMessage()
        message["From"], message["Subject"], message["Message-ID"] = sender, "系统崩溃", f"<1.{sender}>"
        message["Auto-Submitted"] = automatic
        message.set_content("无法登录")
        message.add_attachment(b"log", maintype="text", subtype="plain", filename="a.log")
        BOX[0].put(message.as_bytes(), at=ARRIVED[0])


def sunk(cast: Cast) -> None:
    """A record that the constraints cannot see: nothing runs on it."""
    ticket = cast.ticket(timezone.now() - HOUR)
    Clock.objects.filter(ticket=ticket).update(stopped_at=timezone.now(), next_at=None)


def unplanned_year(cast: Cast) -> None:
    CalendarYear.objects.update(is_official=False)


def old_answers(cast: Cast) -> None:
    for number, age in enumerate((1, 23, 25, 400)):
        at = timezone.now() - age * HOUR
        IdempotencyKey.objects.create(user=cast.li, key=str(number), endpoint="x", created_at=at)


def gone_home(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    for person, ago in ((cast.li, 1), (cast.chen, 40), (cast.wang, 4000)):
        seen_at = timezone.now() - timedelta(seconds=ago)
        Presence.objects.create(ticket=ticket, user=person, seen_at=seen_at)


def unclaimed_files(cast: Cast) -> None:
    """One file of a record, and two that were left behind: one long ago, one just now."""
    actions.attach(cast.ticket(), [Upload("a.log", BytesIO(b"x"))], by=cast.li, now=timezone.now())
    shelf.put(BytesIO(b"just now"))
    long_ago = shelf.put(BytesIO(b"long ago"))
    [path] = Path(settings.MEDIA_ROOT).glob(f"*/*/{long_ago.name}")
    os.utime(path, (1, 1))


def exceeded(cast: Cast) -> None:
    """Overruns that wait: one new, one that nobody explained, ruled on, or appealed against in time."""
    ago = [timedelta(days=days) for days in (0, 9, 30, 60)]
    for number, age in enumerate(ago):
        at = timezone.now() - age - HOUR
        ticket = cast.ticket(at)
        actions.enforce_deadlines(now=at + HOUR)
        case = Overrun.objects.get(ticket=ticket, kind="response")
        if number > 1:
            actions.explain(case, text="漏看", cause="own", by=cast.chen, now=at + HOUR)
        if number > 2:
            case.refresh_from_db()
            actions.rule(case, cause="own", is_excused=False, reason="x", by=cast.wang, now=at + HOUR)


def renamed(cast: Cast) -> None:
    """A client whose records are known under his old name."""
    cast.ticket(timezone.now() - HOUR)
    actions.forget_stale()
    Client.objects.filter(pk=cast.hospital.pk).update(name=NEW_NAME)


def counted(cast: Cast) -> None:
    """Several rows of one span of the tallies."""
    at = timezone.now() - HOUR
    for _number in range(3):
        cast.ticket(at)


def windows_ended(cast: Cast) -> None:
    """A session past its window with a password in custody, one about to end, and paper that never came."""
    now = timezone.now()
    for ends, how in ((now - HOUR / 60, HowGiven.FAX), (now + HOUR / 10, HowGiven.PHONE)):
        since = ends - 30 * HOUR
        ticket = actions.grade(cast.ticket(since), Grade.ONE, reason="clause", by=cast.li, now=since)
        ticket = actions.acknowledge(ticket, by=cast.chen, now=since)
        paper = Upload("a.txt", BytesIO(b"x"))
        grant = actions.Grant(
            given_by="孙主任",
            how=how,
            callback_number="1",
            purpose="x",
            other_systems="x",
            window_from=since,
            window_to=ends,
            evidence=paper,
        )
        access = actions.authorise_remote(ticket, grant, by=cast.li, now=since)
        actions.open_remote(access, by=cast.chen, now=since)
        facts = {"account": "root", "ciphertext": "x", "key_id": "x"}
        Custody.objects.create(authorisation=access, **facts, deposited_by=cast.li, deposited_at=since)


def asked_what_if(cast: Cast) -> None:
    """A run over a few records, under a draft that tells somebody less."""
    noticed(cast)
    draft = draft_policy(title="x", why="x", by=cast.zhao, now=timezone.now())
    draft.rules.filter(percent=80).delete()
    ask_what_if(draft, months=1, by=cast.zhao, now=timezone.now())


def seen_a_week_ago(cast: Cast) -> None:
    """A roster that was written out as far as it was in sight a week ago."""
    then = timezone.now() - timedelta(days=7)
    defined(cast, since=then, now=then, first_day=timezone.localdate(then))


def inspections_wait(cast: Cast) -> None:
    """A daily plan that nobody tended for three days, of which one inspection is finished and one is due."""
    defined(cast, since=ARRIVED[0] - 4 * DAY, now=ARRIVED[0] - 4 * DAY, first_day=_days_ago(4))
    then = ARRIVED[0] - 3 * DAY
    due = timezone.localtime(ARRIVED[0] - HOUR).time()
    rhythm = daily(due=due, since=_days_ago(3), window_minutes=120)
    plan = make_plan(published(cast, now=then), rhythm, by=cast.wang, now=then - 2 * HOUR)
    inspection = plan.inspections.earliest("day")
    say(inspection, cast.chen, then, cpu="42", backup="yes", lamp="绿")
    finish_inspection(inspection, by=cast.chen, now=then)


def _days_ago(days: int) -> date:
    return timezone.localdate(ARRIVED[0] - days * DAY)


def unsigned_handovers(cast: Cast) -> None:
    """A change of duty that nobody has signed for an hour."""
    local = timezone.localtime() - HOUR
    since = local - timedelta(days=1)
    at = local.time().replace(second=0, microsecond=0)
    defined(cast, since=since, now=since, starts=at, ends=at, first_day=since.date())


def callbacks_wait(cast: Cast) -> None:
    """A fault solved and not looked at, slots not written, one callback overdue, a promise not kept."""
    long_ago, today = timezone.now() - 30 * DAY, timezone.localdate()
    visits.load_defaults(now=long_ago)
    ticket = actions.grade(cast.ticket(long_ago), Grade.ONE, reason="clause", by=cast.li, now=long_ago)
    ticket = actions.acknowledge(ticket, by=cast.chen, now=long_ago)
    solved_at = timezone.now() - 10 * DAY
    actions.resolve(ticket, solution="x", cause=Cause.OTHER, by=cast.chen, now=solved_at)
    visits.plan_callbacks(now=timezone.now())
    plan = CallbackPlan.objects.get(type=cast.hospital.type)
    Cadence.objects.filter(client=cast.hospital).update(next_on=today, last_on=None, plan=plan)
    CallbackEvent.objects.all().delete()
    Callback.objects.all().delete()
    visits.arrange(
        cast.hospital,
        method=Method.PHONE,
        on=timezone.localdate(long_ago),
        note="x",
        by=cast.li,
        now=long_ago,
    )
    promise = visits.PromiseSaid("x", (long_ago + DAY).date(), cast.chen)
    visits.make_promise(cast.hospital, promise, by=cast.li, now=long_ago)


def audits_wait(cast: Cast) -> None:
    """A planned audit nobody held, and a finding overdue for all levels."""
    long_ago = timezone.now() - 60 * DAY
    is_working = working_days(since=long_ago.date())
    day = next(one for number in range(15) if is_working(one := long_ago.date() + (1 + number) * DAY))
    audits.load_defaults(now=long_ago)
    subject = {"kind": "process", "group": cast.south, "system": None}
    audits.plan_audit(**subject, planned_on=day, by=cast.zhou, now=long_ago)
    held = audits.begin_audit(**subject, by=cast.zhou, now=long_ago)
    audits.raise_finding(held, kind="danger", title="x", owner=cast.chen, by=cast.zhou, now=long_ago)


def windows_open_soon(cast: Cast) -> None:
    """Three windows: in less than an hour, in less than a day, and later than that."""
    now = timezone.now()
    for opens in (HOUR / 2, 20 * HOUR, 3 * DAY):
        works.scheduled(cast, now - 2 * DAY, opens=2 * DAY + opens)


def expectations_not_met(cast: Cast) -> None:
    """A complaint, a bad answer and a callback that says so; and one that is long overdue."""
    now = timezone.now()
    correcting.planned(cast, now - 60 * DAY, due_on=(now - 50 * DAY).date())
    version = correcting.questionnaire(cast)
    correcting.answered(cast, version, 1, "x", now=now - HOUR)
    cast.ticket(now - HOUR, kind=Kind.COMPLAINT)
    correcting.disappointed(cast, now - HOUR)


def answers_wait(cast: Cast) -> None:
    """Two answers to a client whose address is known."""
    Contact.objects.filter(pk=cast.contact.pk).update(email="sun@hospital.test")
    for _number in range(2):
        action = correcting.opened(cast, timezone.now(), contact=Contact.objects.get(pk=cast.contact.pk))
        reply_to_client(action, text="x", how="email", by=cast.chen, now=timezone.now())


def contract_ends(cast: Cast) -> None:
    """The hospital's contract ends in twenty days."""
    Contract.objects.update(ends_on=timezone.localdate() + timedelta(days=20))


def nobody_there(cast: Cast) -> None:
    """Gaps now and ahead, and a holiday in five days that nobody covers."""
    seen_a_week_ago(cast)
    now = timezone.now()
    for days in (0, 3):
        since, kind = now + timedelta(days=days), OverrideKind.REMOVE
        ends = since + 12 * HOUR
        place_override(cast.south, kind, DutyRole.PRIMARY, since, ends, by=cast.wang, now=now)
    holiday = {"kind": "statutory", "name": "x", "source": "x"}
    on = timezone.localdate(now) + timedelta(days=5)
    CalendarDay.objects.update_or_create(date=on, defaults=holiday)


def surveys_wait(cast: Cast) -> None:
    """A wave to be sent, one to be reminded of, one that bounced, and records that were closed meanwhile."""
    now = timezone.now()
    Contact.objects.filter(pk=cast.contact.pk).update(email="sun@hospital.test")
    for number in range(3):
        Contact.objects.create(client=cast.hospital, name=str(number), email=f"{number}@hospital.test")
    sent = survey_running(cast, now=now - 4 * DAY, channels=["email", "letter"])
    send_due(now=now - 4 * DAY)
    SurveyMail.objects.filter(to="0@hospital.test").update(state="failed", error="550")
    SurveyMail.objects.filter(to="1@hospital.test").update(state="sent", sent_at=now)
    reopened = sent.invitations.get(contact__name="2")
    facts = {"version": survey_published(cast.zhou, name="b"), "now": now - 3 * DAY, "cooldown_days": 0}
    survey_running(cast, CampaignKind.AFTER_TICKET, **facts)
    for level in (1, 3):
        survey_closed(cast, now - 2 * DAY, level=level)
    survey_closed(cast, now - DAY, level=2, contact=reopened.contact)


def surveys_to_post(cast: Cast) -> None:
    """Two e-mails with a survey that have not left."""
    surveys_wait(cast)


def reports_wait(cast: Cast) -> None:
    """A weekly report long overdue that nobody was told of, and a week since then that nobody has drafted."""
    now = timezone.now()
    User.objects.update(date_joined=now - 60 * DAY)
    weekly_reports.draft_report(_days_ago(14), by=cast.chen, now=now - 14 * DAY)


def measures_overdue(cast: Cast) -> None:
    """A measure of a coordination meeting whose hour has passed, and nobody was told."""
    now = timezone.now() - 3 * HOUR
    ticket = actions.grade(cast.ticket(now), Grade.ONE, reason="clause", by=cast.li, now=now)
    ticket = actions.convene(ticket, reason="x", by=cast.li, now=now)
    actions.follow_up(ticket, text="x", owner=cast.chen, due_at=now + HOUR, by=cast.li, now=now)


def meetings_wait(cast: Cast) -> None:
    """Plans not made, a meeting to be invited to and frozen, one not held, a decision and minutes overdue."""
    now = timezone.now()
    weekly.write_ahead(now=now - 28 * DAY)
    first, second = Meeting.objects.filter(group=cast.south).meeting().order_by("starts_at")[:2]
    for meeting in (first, second):
        weekly.start_meeting(meeting, by=cast.wang, now=meeting.starts_at)
    decided = weekly.Decided("x", cast.chen, second.starts_at.date())
    weekly.decide(second, "faults", decided, by=cast.wang, now=second.starts_at)
    weekly.end_meeting(second, by=cast.wang, now=second.starts_at + HOUR)
    soon = Meeting.objects.filter(group=cast.north).meeting().latest("starts_at")
    facts = {"starts_at": now + HOUR / 3, "announce_at": now, "is_by_hand": True, "why": "by_hand"}
    Meeting.objects.filter(pk=soon.pk).update(**facts, reason="x")


def suggestion_unanswered(cast: Cast) -> None:
    """A suggestion whose answer was due long ago, and one that is due now for the first time."""
    now = timezone.now()
    load_process(now=now - 90 * DAY)
    clause = Clause.objects.get(number="3.2")
    file_suggestion(clause, text="a", by=cast.li, now=now - 60 * DAY)
    one = file_suggestion(clause, text="b", by=cast.chen, now=now - DAY)
    Suggestion.objects.filter(pk=one.pk).update(due_at=now, tell_at=now)


def figures_stale(cast: Cast) -> None:
    """Counts that were brought up to date an hour ago, and records since then."""
    overdue(cast)
    keep_counts(now=timezone.now() - HOUR, stint=60)
    actions.enforce_deadlines(now=timezone.now())
    cast.ticket(timezone.now())


# Tried twice and late where their months are: reports/tests/monthly, reports/tests/test_assessment_*.
ELSEWHERE = {"reports.tasks.tend_monthly", "reports.tasks.tend_assessments"}
WORK: dict[str, Callable[[Cast], None]] = {
    "meetings.tasks.tend_meetings": meetings_wait,
    "surveys.tasks.tend_surveys": surveys_wait,
    "surveys.tasks.post_surveys": surveys_to_post,
    "tickets.tasks.enforce_deadlines": overdue,
    "staff.tasks.deliver_notices": noticed,
    "tickets.tasks.convene_meetings": unsolved,
    "tickets.tasks.post_mail": written,
    "tickets.tasks.read_mail": mail_came,
    "tickets.tasks.audit_records": sunk,
    "duty.tasks.check_calendar": unplanned_year,
    "duty.tasks.write_rosters": seen_a_week_ago,
    "duty.tasks.tend_inspections": inspections_wait,
    "duty.tasks.raise_alarms": nobody_there,
    "duty.tasks.remind_people": seen_a_week_ago,
    "staff.tasks.forget_idempotency_keys": old_answers,
    "tickets.tasks.forget_absent": gone_home,
    "staff.tasks.sweep_shelf": unclaimed_files,
    "tickets.tasks.follow_names": renamed,
    "tickets.tasks.tend_overruns": exceeded,
    "tickets.tasks.tend_changes": windows_open_soon,
    "tickets.tasks.add_up_tallies": counted,
    "reports.tasks.keep_counts": figures_stale,
    "tickets.tasks.watch_windows": windows_ended,
    "tickets.tasks.rehearse": asked_what_if,
    "tickets.tasks.tend_handovers": unsigned_handovers,
    "visits.tasks.tend_callbacks": callbacks_wait,
    "tickets.tasks.tend_follow_ups": measures_overdue,
    "meetings.tasks.tend_reports": reports_wait,
    "surveys.tasks.tend_corrective": expectations_not_met,
    "surveys.tasks.post_corrective": answers_wait,
    "audits.tasks.tend_suggestions": suggestion_unanswered,
    "clients.tasks.remind_of_renewals": contract_ends,
    "audits.tasks.tend_audits": audits_wait,
}


# What a task finds outside of the database: put there anew before each death.
OUTSIDE: dict[str, Callable[[], None]] = {"tickets.tasks.read_mail": fill_mailbox}


def state() -> dict[str, object]:
    """Everything that a task may write, without row numbers and without the instants of this run."""
    clocks = Clock.objects.order_by("ticket__title", "ticket_id", "kind", "pk")
    # A number that was drawn by whoever died is not drawn again.
    shelved = {name for names in shelf.folders() for name in names}
    tallies = Tally.objects.values("kind", "group", "grade", "since").order_by(
        "kind", "group", "grade", "since"
    )
    place = {pk: place for place, pk in enumerate(Ticket.objects.order_by("pk").values_list("pk", flat=True))}
    return {
        "records": list(
            Ticket.objects.order_by("pk").values_list("status", "next_due_at", "owner__username")
        ),
        "clocks": [
            (
                c.kind,
                in_this_run(c, c.due_at),
                in_this_run(c, c.next_at),
                bool(c.near_marked_at),
                bool(c.breached_marked_at),
            )
            for c in clocks
        ],
        "report-ups": sorted(
            (
                e.clock.kind,
                e.target,
                str(in_this_run(e.clock, e.due_at)),
                bool(e.fired_at),
                sorted(p.username for p in e.told.all()),
            )
            for e in Escalation.objects.select_related("clock").prefetch_related("told")
        ),
        "history": sorted(
            (place[e.ticket_id], e.kind, str(e.changes.get("due_at")), str(e.changes.get("target")))
            for e in Entry.objects.all()
        ),
        "overruns": sorted(
            Overrun.objects.values_list("kind", "due_at", "person__username", "state", "told")
        ),
        "inbox": sorted(
            (notice.recipient.username, notice.kind, place.get(_number(notice), -1))
            for notice in Notice.objects.select_related("recipient")
        ),
        "outbox": sorted(Delivery.objects.values_list("notice__recipient__username", "state")),
        "to clients": sorted(OutgoingMail.objects.values_list("to", "state")),
        "from clients": sorted(ReceivedMail.objects.values_list("key", "outcome", "reason")),
        "files": sorted(Attachment.objects.values_list("name", "sha256")),
        "mail": sorted({message.extra_headers["Message-ID"] for message in mail.outbox}),
        "answers": sorted(IdempotencyKey.objects.values_list("key", flat=True)),
        "present": sorted(Presence.objects.values_list("user__username", flat=True)),
        "shelf": sorted(Attachment.objects.filter(stored__in=shelved).values_list("name", flat=True)),
        "left behind": sum(shelf.is_older(name, timezone.now() - UNCLAIMED) for name in shelved),
        "found by the new name": SearchText.objects.filter(grams__contains=[key(NEW_NAME[:2])]).count(),
        "stale": StaleIndex.objects.count(),
        "tallies": list(tallies.annotate(n=Sum("number"), good=Sum("stopped_in_time"))),
        "tallies are added up": not tallies.annotate(rows=Count("pk")).filter(rows__gt=1).exists(),
        "meetings": sorted(
            (
                place[meeting.ticket_id],
                meeting.cycle,
                meeting.closed_at,
                sorted(meeting.invited.values_list("username")),
            )
            for meeting in CoordinationMeeting.objects.all()
        ),
        "shifts": list(
            Shift.objects.order_by("starts_at").values_list("role", "user__username", "starts_at", "ends_at")
        ),
        "inspections": list(
            Inspection.objects.order_by("due_at").values_list(
                "day", "person__username", "missed_at", "finished_at", "events__kind"
            )
        ),
        "reminded of inspections": Inspection.objects.filter(reminded_at__isnull=False).count(),
        "gaps": sorted(HoleAlarm.objects.values_list("role", "step", "told", "goes_on")),
        "not heard of": ShiftChange.objects.count(),
        "sessions": sorted(
            (place[s.authorisation.ticket_id], bool(s.warned_at), bool(s.overrun_at))
            for s in RemoteSession.objects.select_related("authorisation")
        ),
        "passwords": sorted(Custody.objects.values_list("ciphertext", "purged_because")),
        "reminded of": RemoteAuthorisation.objects.filter(reminded_at__isnull=False).count(),
        "windows": list(Change.objects.order_by("window_from").values_list("state", "reminded")),
        "what if": [(run.done, bool(run.finished_at), run.result) for run in WhatIf.objects.order_by("pk")],
        "callbacks": sorted(
            (c.kind, c.method, c.state, str(c.slot_on), str(c.due_at), str(c.limit_at), c.person_id, c.told)
            for c in Callback.objects.all()
        ),
        "callbacks' history": sorted(CallbackEvent.objects.values_list("kind", "text")),
        "drawn": list(FaultDraw.objects.order_by("pk").values_list("outcome", "drawn")),
        "rhythms": list(Cadence.objects.order_by("pk").values_list("method", "last_on", "next_on")),
        "weekly reports": sorted(
            WeeklyReport.objects.values_list("person__username", "first_on", "due_at", "reminded")
        ),
        "their entries": sorted(WeeklyReportEvent.objects.values_list("kind", "text")),
        "measures told of": FollowUp.objects.filter(told_at__isnull=False).count(),
        "promises told of": Promise.objects.filter(told_at__isnull=False).count(),
        "corrective actions": sorted(
            CorrectiveAction.objects.values_list("source", "title", "state", "told", "owner__username")
        ),
        "their history": sorted(CorrectiveEvent.objects.values_list("kind", "text")),
        "answers to clients": sorted(CorrectiveReply.objects.values_list("to", "state")),
        "surveys": sorted(
            (
                one.contact.name,
                one.ticket_id in place,
                one.state,
                one.channel,
                one.reminders,
                one.withdrawn_why,
            )
            for one in Invitation.objects.select_related("contact")
        ),
        "left out": sorted(
            (place.get(pk, -1), reason) for pk, reason in Exclusion.objects.values_list("ticket", "reason")
        ),
        "tried": sorted(
            Outreach.objects.values_list("invitation__contact__name", "channel", "occasion", "state")
        ),
        "survey mail": sorted(SurveyMail.objects.values_list("to", "state")),
        "audits": sorted(AuditEvent.objects.values_list("kind", "text")),
        "findings": sorted(Finding.objects.values_list("title", "state", "told")),
        "audits told of": PlannedAudit.objects.filter(told_for__isnull=False).count(),
        "reminded of renewals": sorted(RenewalReminder.objects.values_list("contract__number", "days")),
        "archive": sorted(ArchiveEntry.objects.values_list("thing", "deed")),
        "weekly meetings": sorted(
            (
                one.group.code,
                one.week,
                one.state,
                one.starts_at,
                bool(one.announced_at),
                bool(one.frozen_at),
                bool(one.told_at),
            )
            for one in Meeting.objects.select_related("group")
        ),
        "what they decided": list(Decision.objects.order_by("pk").values_list("came_back", "state")),
        "history of meetings": sorted(MeetingEvent.objects.values_list("kind", "text")),
        "suggestions": sorted(Suggestion.objects.values_list("text", "state", "told")),
        "what happened to them": sorted(ProcessEvent.objects.values_list("kind", "text")),
        "stale counts": StaleSpan.objects.count(),
        "figures kept": Reckoning.objects.count(),
        "heartbeats": sorted(Heartbeat.objects.values_list("name", "note", "found")),
    }


def in_this_run(clock: Clock, at: datetime | None) -> object:
    """An instant of a clock; of one that a task has started, how long after its start."""
    return at - clock.started_at if at and clock.kind == ClockKind.VERDICT else at


def _number(notice: Notice) -> int:
    number = str(notice.params.get("number") or "")
    return int(number.removeprefix("T-")) if number.startswith("T-") else 0


def run(name: str) -> None:
    app.tasks[name].run()
    if name == "staff.tasks.deliver_notices":
        while deliver(now=timezone.now() + 2 * LEASE):  # what a dead sender held is free a minute later
            pass
    if name == "surveys.tasks.post_corrective":
        while post_replies(now=timezone.now() + 2 * LEASE):
            pass
    if name == "tickets.tasks.post_mail":
        while post(now=timezone.now() + 2 * LEASE):
            pass
    if name == "surveys.tasks.post_surveys":
        while post_surveys(now=timezone.now() + 2 * LEASE):
            pass


@pytest.fixture
def cast(own_database: str, mailbox: Mailbox) -> Cast:
    BOX[:], ARRIVED[:] = [mailbox], [timezone.now()]
    return build_cast()


def test_every_task_of_the_schedule_is_tried_here() -> None:
    assert set(WORK) | ELSEWHERE == {entry["task"] for entry in SCHEDULE.values()}


@pytest.mark.parametrize("name", WORK)
def test_a_task_that_runs_twice_has_the_result_of_once(cast: Cast, name: str) -> None:
    WORK[name](cast)
    before = state()
    run(name)
    once = state()
    assert once != before  # the control: there was something to do
    sent = len(mail.outbox)
    run(name)
    assert state() == once
    assert len(mail.outbox) == sent


@pytest.mark.drill("tasks")
@pytest.mark.parametrize("name", WORK)
def test_a_task_that_dies_anywhere_is_made_good_by_the_next(cast: Cast, name: str, dice: Random) -> None:
    WORK[name](cast)
    with copied_database():
        OUTSIDE.get(name, bool)()
        with dying_at(0) as statements:
            app.tasks[name].run()
        run(name)
        expected = state()
    kills = range(1, len(statements) + 1)
    if not DRILL:
        kills = sorted(dice.sample(kills, min(KILLS, len(kills))))
    for number in kills:
        mail.outbox.clear()
        with copied_database():
            OUTSIDE.get(name, bool)()
            with dying_at(number), suppress(Killed):
                app.tasks[name].run()
            run(name)
            assert state() == expected, f"killed at statement {number}"
            names = {message.extra_headers["Message-ID"] for message in mail.outbox}
            assert len(mail.outbox) - len(names) <= 1  # the copy in flight, under its own name
    print(f"{name}: killed at {len(kills)} of {len(statements)} statements")
