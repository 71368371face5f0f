"""The demo house as a visitor finds it: complete, plausible, and with nothing left undone."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Count, F

from audits.models import ProcessVersion, Reading, Suggestion
from audits.suggesting import SuggestionState
from clients.models import Client, Contact, Contract, System
from duty import inspecting
from duty.actions import obstacles, raise_all, raise_holiday_alarms, remind, tend_inspections
from duty.cover import Why
from duty.coverplans import blocks_ahead, cover_plans
from duty.models import DutyRole, EmptyShift, Inspection, Leave, RosterDraft, Rotation, Shift, SwapRequest
from meetings.models import WeeklyReport, WeeklyReportRead
from meetings.reporting import Standing as ReportStanding
from opsdesk import demo
from opsdesk.demo.current import OF_THE_CONTACT
from opsdesk.demo.people import ACCOUNTS
from opsdesk.demo.texts import load
from opsdesk.testing import at
from reports.models import Assessment, MonthlyAcknowledgement, MonthlyReport
from reports.periods import parse_period
from reports.scope import DEPARTMENT
from reports.scope import Scope as FigureScope
from reports.tests.recount.counting import differences, prepare
from reports.tests.recount.rows import exported
from staff import shelf
from staff.models import ChannelKind, Delivery, DeliveryState, Notice, NoticeChannel, Role, User
from surveys.models import (
    AnswerSheet,
    Campaign,
    CampaignKind,
    ComplaintRuling,
    CorrectiveAction,
    Exclusion,
    Outreach,
    SurveyMail,
)
from tickets.actions import enforce_deadlines, tend_handovers, tend_overruns
from tickets.audit import problems
from tickets.documents.kinds import DocumentKind, Edition
from tickets.handover import HandoverState
from tickets.handovers import changes_in, overruled
from tickets.mailing import Outcome, Reason
from tickets.models import (
    Attachment,
    CannedReply,
    ChecklistItem,
    ChecklistTemplate,
    Clock,
    Dispatch,
    Entry,
    EntryKind,
    Escalation,
    FollowUp,
    Grade,
    Handover,
    HandoverEvent,
    Hotline,
    InspectionRecord,
    IntakeMail,
    IssuedDocument,
    Kind,
    Link,
    LinkKind,
    MeetingGuest,
    OutgoingMail,
    Overrun,
    OverrunState,
    Pause,
    PauseReason,
    ReceivedMail,
    RemoteAuthorisation,
    RemoteSession,
    Scope,
    Status,
    Ticket,
    TimeSpent,
    repeat_faults,
)
from tickets.openmatters import OpenMatters
from tickets.remote import Standing, standing
from visits.kinds import Kind as Kind_
from visits.kinds import NeedState, PromiseState, State
from visits.models import Callback, CallbackProblem, Need, Promise

NOW = at("2026-11-23 14:20")
MINUTE = timedelta(minutes=1)
PASSWORD = "maple-river-teapot-27"


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker):
    """One small house for the whole module; the tests only read it, or write inside their own transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        staff = demo.seed(now=NOW, present=lambda: NOW, password=PASSWORD, records=400)
        yield staff
        transaction.set_rollback(True)


@pytest.fixture
def seeded(house, db):
    return house


def test_there_are_four_groups_forty_people_and_a_hundred_and_twenty_clients(seeded) -> None:
    assert {team.group.code for team in seeded.teams} == {"south", "north", "east", "southwest"}
    assert len(seeded.everyone) == 40
    assert Counter(user.role for user in seeded.everyone)[Role.ENGINEER] == 20
    assert sorted(user.management_level for user in seeded.everyone if user.management_level) == [1] * 4 + [
        2,
        3,
        4,
    ]
    assert Client.objects.count() == 121  # one of them is a double
    assert set(Client.objects.values_list("type__code", flat=True)) == {"A", "B", "C"}
    for client in Client.objects.exclude(code__endswith="-2"):  # the double has no contract
        assert 1 <= client.systems.count() <= 4
        assert 1 <= client.contacts.count() <= 3
        assert client.contracts.exists()
        assert client.name and client.name_en
    assert not System.objects.exclude(maintainer__group=F("client__group")).exists()
    assert not System.objects.filter(maintainer=F("backup")).exists()


def test_contracts_run_end_soon_and_have_ended(seeded) -> None:
    today = NOW.date()
    assert 0 < Contract.objects.filter(ends_on__lt=today).count() < 15
    assert 0 < Contract.objects.filter(ends_on__range=[today, today + timedelta(days=60)]).count() < 30
    assert Contract.objects.filter(grade_two_round_the_clock=False).exists()


def test_somebody_is_on_duty_at_every_instant_and_never_by_day_after_a_night(seeded) -> None:
    for team in seeded.teams:
        instant = NOW - timedelta(weeks=8)
        while instant < NOW + timedelta(weeks=3):
            on_duty = Shift.objects.on_duty(team.group, instant)
            assert {shift.role for shift in on_duty} == set(DutyRole), (team.group, instant)
            instant += timedelta(hours=9, minutes=7)
    for night in Shift.objects.filter(role=DutyRole.PRIMARY, starts_at__hour=17):
        after = Shift.objects.filter(user=night.user, starts_at__gte=night.ends_at)
        following = after.filter(starts_at__lt=night.ends_at + timedelta(hours=9))
        assert not following.exclude(role=DutyRole.SUPERVISOR).exists()


def test_rosters_are_rotations_and_one_of_them_shows_all_that_changes_a_roster(seeded) -> None:
    for team in seeded.teams:
        assert Rotation.objects.filter(group=team.group, until=None).count() == 5
    sources = set(Shift.objects.filter(ends_at__gt=NOW).values_list("source", flat=True))
    assert sources == {"rotation", "layer", "swap", "override"}
    assert set(Leave.objects.values_list("state", flat=True)) == {"asked", "approved"}
    assert EmptyShift.objects.filter(starts_at__gt=NOW).exists()
    assert set(SwapRequest.objects.values_list("state", flat=True)) == {"open", "taken"}
    [draft] = RosterDraft.objects.open()
    assert draft.first_day > NOW.date() and not draft.slots.filter(user=None).exists()


def test_a_month_was_inspected_one_was_missed_and_one_finding_has_its_record(seeded) -> None:
    done = Inspection.objects.filter(finished_at__isnull=False)
    assert 150 < done.count() < 300 and not done.filter(finished_at__gt=NOW).exists()
    assert not done.filter(missed_at__isnull=False).exists()
    for inspection in done.select_related("version"):
        assert not obstacles(inspection)
    [missed] = Inspection.objects.standing(inspecting.Standing.MISSED, NOW)
    assert NOW - timedelta(days=7) < missed.missed_at < NOW and missed.person
    [found] = InspectionRecord.objects.select_related("ticket", "answer")
    assert found.answer.level == "critical" and found.answer.recorded_at == NOW == found.ticket.logged_at
    assert Inspection.objects.standing(inspecting.Standing.DUE, NOW).exists()
    assert not Inspection.objects.open().filter(person=None).exists()
    once = list(Inspection.objects.order_by("pk").values())
    tend_inspections(now=NOW)
    assert list(Inspection.objects.order_by("pk").values()) == once


def test_the_next_holiday_is_covered_by_every_group_but_one_and_people_heard_of_it(seeded) -> None:
    (block,) = blocks_ahead(NOW.date(), NOW.date() + timedelta(days=60))
    plans = cover_plans([team.group for team in seeded.teams], [block], now=NOW)
    assert [plan.is_complete for plan in plans] == [True, False, True, True]
    assert {lack.why for lack in plans[1].lacks} == {Why.ABSENT, Why.PHONE}
    team = seeded.teams[0]
    told = set(Notice.objects.filter(recipient__group=team.group).values_list("kind", flat=True))
    assert {"roster_changed", "swap", "leave", "cover_wanted", "duty_ahead", "holes"} <= told
    assert raise_all(now=NOW) == raise_holiday_alarms(now=NOW) == remind(now=NOW) == 0


def test_every_duty_was_handed_over_and_one_waits_to_be_signed_today(seeded) -> None:
    first = seeded.teams[0]
    own = Handover.objects.filter(group=first.group)
    [waiting] = Handover.objects.exclude(state=HandoverState.SIGNED)
    assert waiting.group == first.group and waiting.changes_at == at("2026-11-23 08:30")
    found = changes_in([team.group for team in seeded.teams], NOW - demo.HISTORY, NOW)
    assert {group: len(changes) for group, changes in found.items()} == dict(
        Handover.objects.order_by().values_list("group").annotate(n=Count("pk"))
    )
    for handover in own:
        at_work = Shift.objects.on_duty(first.group, handover.changes_at).get(role=DutyRole.PRIMARY)
        assert handover.incoming == at_work.user
        records = OpenMatters.thawed(handover.open_matters).records
        grave = {record.id for record in records if record.grade == 1 and record.status != Status.RESOLVED}
        assert grave == overruled(handover), handover
    assert {event.kind for event in HandoverEvent.objects.all()} >= {"handed_over", "sent_back", "signed"}
    assert tend_handovers(now=NOW) == 3


def test_ids_follow_the_order_of_the_calls(seeded) -> None:
    calls = Ticket.objects.exclude(kind=Kind.CHANGE)  # these are planned, not called in
    reported = list(calls.order_by("pk").values_list("reported_at", flat=True))
    assert reported == sorted(reported)
    assert len(reported) > 400


def test_nothing_lies_in_the_future_and_nothing_is_left_unmarked(seeded) -> None:
    assert problems(NOW) == []
    assert not Entry.objects.filter(at__gt=NOW).exists()
    assert not Clock.objects.filter(next_at__lt=NOW).exists()
    assert enforce_deadlines(now=NOW) == 0
    assert not Escalation.objects.filter(is_late=True).exists()


def test_open_records_stand_in_every_state(seeded) -> None:
    still_open = Ticket.objects.open()
    assert 40 <= still_open.count() <= 90
    assert set(still_open.values_list("status", flat=True)) == set(Status) - {Status.CLOSED, Status.MERGED}
    assert still_open.filter(grade=Grade.ONE, status=Status.IN_PROGRESS).exists()
    assert still_open.filter(kind=Kind.FAULT, grade=None).exists()
    assert still_open.overdue(NOW).exists()


def test_records_of_today_belong_together_and_faults_repeat(seeded) -> None:
    [whole] = set(Link.objects.filter(kind=LinkKind.CHILD).values_list("other", flat=True))
    parts = Ticket.objects.filter(links__other=whole, links__kind=LinkKind.CHILD)
    assert parts.count() == 6 and parts.values("client").distinct().count() == 6
    [merged] = Ticket.objects.filter(status=Status.MERGED)
    assert merged.links.get(kind=LinkKind.DUPLICATE).other.is_open
    assert Link.objects.filter(kind=LinkKind.SPLIT).count() == 1
    assert repeat_faults(Ticket.objects.all()).exists()
    for tie in Link.objects.filter(kind=LinkKind.REPEAT).select_related("record", "other"):
        record, other = tie.record, tie.other
        assert (record.system_id, record.cause) == (other.system_id, other.cause)
        assert record.entries.get(kind=EntryKind.LINKED, by=None).changes == {
            "repeat_of": [None, other.number]
        }


def test_the_first_minutes_show_marks_breaches_and_report_ups(seeded) -> None:
    sid = transaction.savepoint()
    marks = Counter[tuple[str, int]]()
    for minute in range(7):
        before = Entry.objects.latest("pk").pk
        enforce_deadlines(now=NOW + (minute + 1) * MINUTE)
        for entry in Entry.objects.filter(pk__gt=before):
            marks[entry.kind, minute] += 1
    assert marks[EntryKind.NEAR, 0] >= 1
    assert all(marks[EntryKind.BREACHED, minute] for minute in (1, 2, 3, 4))
    assert all(marks[EntryKind.REPORTED_UP, minute] for minute in (1, 2, 3, 4, 5))
    transaction.savepoint_rollback(sid)


def test_no_mail_is_queued_for_what_is_past_and_inboxes_hold_recent_notices(seeded) -> None:
    assert not Delivery.objects.exists()
    each = Counter(Notice.objects.values_list("recipient", flat=True))
    assert 20 < each.total() < 400 and max(each.values()) < 60
    assert not Notice.objects.unread().filter(created_at__lt=NOW - timedelta(days=1)).exists()
    assert not User.objects.filter(email_notices=False).exclude(email="").exists()
    assert not User.objects.exclude(email__endswith=".example.test").exists()


def test_channels_are_there_and_none_calls_out_of_the_house(seeded) -> None:
    channels = NoticeChannel.objects.all()
    assert {channel.kind for channel in channels} == set(ChannelKind) and channels.of_groups(
        User.objects.get(username="admin")
    )
    for channel in channels.filter(is_active=True):
        assert channel.kind == ChannelKind.EMAIL and channel.plain_address.endswith(".example.test")
    for channel in channels.exclude(kind__in=[ChannelKind.EMAIL, ChannelKind.SMS]):
        assert channel.plain_address.startswith("https://chat.example.test/")


def test_messages_have_gone_out_answers_have_come_and_three_e_mails_wait(seeded) -> None:
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    written = Entry.objects.filter(kind=EntryKind.MESSAGE, outgoing_mail__isnull=False)
    assert written.count() == 3
    assert Entry.objects.filter(kind=EntryKind.REPLY).count() == 1
    assert Entry.objects.filter(kind=EntryKind.MAIL).count() == 1
    reasons = set(IntakeMail.objects.waiting().values_list("mail__reason", flat=True))
    assert reasons == {Reason.UNKNOWN_SENDER, Reason.OTHER_CLIENT, Reason.SEVERAL_SENDERS}
    assert ReceivedMail.objects.filter(outcome=Outcome.IGNORED).exists()


def test_there_is_one_account_a_role_and_only_these_have_a_password(seeded) -> None:
    for role, username in ACCOUNTS.items():
        user = User.objects.get(username=username)
        assert user.role == role
        assert user.check_password(PASSWORD)
        assert user.group is None or user.group.code == "south"
        assert user.is_superuser == user.is_staff == (role == Role.ADMINISTRATOR)
    others = User.objects.exclude(username__in=ACCOUNTS.values())
    assert not any(user.has_usable_password() for user in others)


def test_the_contact_sees_open_and_closed_records_of_his_own(seeded) -> None:
    contact = User.objects.get(username="contact")
    mine = Ticket.objects.visible_to(contact)
    assert set(mine.values_list("status", flat=True)) == set(Status)
    assert mine.open().count() >= len(OF_THE_CONTACT)
    assert Pause.objects.get(ticket__in=mine, ended_at=None).reason == PauseReason.CLIENT
    assert Hotline.objects.filter(group__clients__contacts__user=contact).exists()
    assert not mine.exclude(contact=Contact.objects.get(user=contact)).exists()


def test_there_is_something_to_work_with(seeded) -> None:
    assert CannedReply.objects.in_use().count() == 12
    assert set(CannedReply.objects.values_list("scope", flat=True)) == set(Scope)
    assert ChecklistTemplate.objects.in_use().count() == 4
    ticked = ChecklistItem.objects.exclude(ticked_at=None)
    assert ticked.count() >= 5 and ChecklistItem.objects.filter(ticked_at=None).count() >= 5
    assert not ticked.exclude(checklist__ticket__entries__kind=EntryKind.TICKED).exists()
    assert Notice.objects.filter(kind="mentioned").count() >= 4
    spent = TimeSpent.objects.by_person_and_month()
    assert len({row["month"] for row in spent}) >= 12 and len({row["person"] for row in spent}) >= 15


def test_words_are_filled_in_and_fit_the_system(seeded) -> None:
    for ticket in Ticket.objects.select_related("system"):
        for text in (ticket.title, ticket.details, ticket.diagnosis, ticket.solution):
            assert "{" not in text
        assert len(ticket.title) <= 60
    own_words = {
        kind: {row["title"] for row in load("faults").get(kind, []) if "{" not in row["title"]}
        for kind in load("systems")
    }
    kind_of = {facts["name"]: kind for kind, facts in load("systems").items()}
    for ticket in Ticket.objects.select_related("system"):
        elsewhere = {kind for kind, titles in own_words.items() if ticket.title in titles}
        assert not elsewhere or kind_of[ticket.system.name] in elsewhere


def test_some_of_todays_records_have_files_that_are_really_there(seeded) -> None:
    rows = Attachment.objects.exclude(entry__kind__in=[EntryKind.ARRIVED, EntryKind.LEFT])
    rows = rows.exclude(ticket__kind=Kind.CHANGE)  # documents in name alone
    files = list(rows.select_related("ticket", "entry", "by"))
    assert 10 <= len(files) <= 30
    assert {file.media_type for file in files} == {"image/png", "text/plain"}
    for file in files:
        with shelf.take(file.stored) as content:
            assert len(content.read()) == file.size > 2000
        assert file.ticket.logged_at < file.at < NOW and file.entry.text
    contact = User.objects.get(username="contact")
    assert Attachment.objects.visible_to(contact).filter(by=contact).exists()


def test_engineers_are_on_the_road_with_their_clocks(seeded) -> None:
    orders = list(Dispatch.objects.select_related("ticket", "engineer", "signature"))
    states = {(bool(order.called_off_at), order.outcome, order.next_step) for order in orders}
    assert states >= {(False, "solved", None), (False, "", "arrive"), (False, "", "depart")}
    account = [order for order in orders if order.engineer.username == ACCOUNTS[Role.ENGINEER]]
    assert any(order.is_open for order in account)
    for order in orders:
        assert order.ordered_at < NOW and order.bring
        assert order.ticket.grade != Grade.THREE or order.ticket.written_reports.exists()
        if order.left_at:
            assert order.signature is not None and order.signature.media_type == "image/png"
    assert not problems(NOW)


def test_clients_allow_remote_access_in_every_way_that_it_can_stand(seeded) -> None:
    rows = RemoteAuthorisation.objects.with_sessions().select_related(
        "ticket", "evidence", "written_evidence"
    )
    states = Counter(standing(row.facts, NOW) for row in rows)
    assert {Standing.VALID, Standing.PLANNED, Standing.BLOCKED, Standing.REVOKED} <= set(states)
    assert RemoteAuthorisation.objects.awaiting_paper().count() == 1
    assert RemoteSession.objects.open().count() == 1 and RemoteSession.objects.count() == 2
    assert not RemoteSession.objects.filter(overrun_at__isnull=False).exists()


def test_what_is_grave_has_its_notices_and_what_was_solved_its_reports(seeded) -> None:
    issued = IssuedDocument.objects.select_related("ticket")
    notices, reports = (issued.filter(kind=kind) for kind in DocumentKind)
    assert {document.edition for document in notices} == set(Edition)
    assert {document.language for document in notices} == {"zh-hans", "en"}
    assert 0 < reports.filter(edition=Edition.INTERNAL).count() <= 3
    contact = User.objects.get(username=ACCOUNTS[Role.CONTACT])
    assert IssuedDocument.objects.visible_to(contact).filter(kind=DocumentKind.REPORT).exists()
    for document in issued:
        assert "{" not in "".join(document.document.texts()), document


def test_what_was_exceeded_has_its_case_in_every_state(seeded) -> None:
    breached = Clock.objects.filter(breached_marked_at__isnull=False)
    assert Overrun.objects.count() == breached.count() > 50
    states = Counter(Overrun.objects.values_list("state", flat=True))
    assert set(states) == set(OverrunState)
    assert states[OverrunState.SETTLED] > Overrun.objects.count() / 2
    judged = Overrun.objects.exclude(cause="")
    assert set(judged.values_list("cause", flat=True)) >= {"own", "client", "third_party"}
    assert judged.filter(decided_by__isnull=False).exists()
    ruled = Entry.objects.filter(kind=EntryKind.RULED).count()
    assert ruled == judged.count() + judged.filter(decided_by__isnull=False).count()
    assert tend_overruns(now=NOW) < 100  # old cases tell nobody of anything


def test_clients_have_answered_three_waves_by_all_ways_and_some_calls_wait(seeded) -> None:
    waves = Campaign.objects.filter(kind=CampaignKind.PERIODIC)
    assert (
        waves.count() == 3 and Campaign.objects.running().filter(kind=CampaignKind.AFTER_TICKET).count() == 1
    )
    assert {wave.version.number for wave in waves} == {1, 2}
    answers = AnswerSheet.objects.finished()
    assert answers.count() > 120 and 2 < answers.filter(is_bad=True).count() < answers.count() / 2
    ways = set(answers.values_list("channel", flat=True))
    assert ways >= {"web", "phone"} and ways & {"letter", "fax", "on_site"}
    for wave in waves:
        assert answers.filter(invitation__campaign=wave).count() >= 25
    assert Outreach.objects.to_do().exists() and Exclusion.objects.exists()
    assert not SurveyMail.objects.filter(state=DeliveryState.WAITING).exists()
    assert not AnswerSheet.objects.filter(keyed_by=F("invitation__engineer")).exists()


def test_people_have_joined_coordination_meetings_and_measures_wait(seeded) -> None:
    assert MeetingGuest.objects.filter(joined_at__isnull=False).exists()
    assert FollowUp.objects.open().exists() and FollowUp.objects.filter(state="done").exists()


def test_engineers_have_written_their_weekly_reports_and_some_are_owed(seeded) -> None:
    states = Counter(report.standing(NOW) for report in WeeklyReport.objects.all())
    assert set(states) == set(ReportStanding) and states[ReportStanding.SUBMITTED] > 8
    assert WeeklyReportRead.objects.exists()
    assert WeeklyReport.objects.filter(edition=2).count() == 1


def test_last_months_reports_are_out_but_for_one_clients(seeded) -> None:
    reports = MonthlyReport.objects.with_names()
    out = Counter(one.edition for one in reports if one.is_published)
    assert out == {"department": 1, "group": 4, "client": 2}
    [draft] = [one for one in reports if not one.is_published]
    assert draft.edition == "client" and draft.counted_at and not draft.is_counting
    assert MonthlyAcknowledgement.objects.count() == 1


def test_corrective_actions_stand_in_every_state_and_old_ones_are_closed(seeded) -> None:
    rows = CorrectiveAction.objects.all()
    assert set(rows.values_list("state", flat=True)) >= {"acting", "verified", "closed"}
    assert {*rows.values_list("source", flat=True)} >= {"answer", "client"}
    assert not rows.open().filter(opened_at__lt=NOW - timedelta(days=60)).exists()
    assert not rows.filter(opened_at__gt=NOW).exists()
    assert {*ComplaintRuling.objects.values_list("verdict", flat=True)} <= {"founded", "unfounded"}


def test_the_process_has_two_versions_a_draft_and_suggestions_in_every_state(seeded) -> None:
    states = list(ProcessVersion.objects.order_by("number").values_list("state", flat=True))
    assert states == ["published", "published", "draft"]
    assert set(Suggestion.objects.values_list("state", flat=True)) == set(SuggestionState)
    assert Suggestion.objects.overdue(NOW).exists()
    assert (
        0 < Reading.objects.filter(version__number=2).count() < User.objects.exclude(role="contact").count()
    )


def test_a_month_is_assessed_one_appeal_upheld_and_the_month_that_runs_drafted(seeded) -> None:
    final = Assessment.objects.filter(state="final")
    assert final.values("group").distinct().count() == 4
    assert final.get(outcome="upheld").snapshot["items"] and final.exclude(score=None).exists()
    assert Assessment.objects.filter(state="draft", group__code="south", month=f"{NOW:%Y-%m-01}").exists()


def test_callbacks_stand_in_every_state_and_what_they_collected_goes_on(seeded) -> None:
    rows = Callback.objects.all()
    states = {State.PLANNED, State.UNREACHED, State.DONE, State.REFUSED, State.SKIPPED}
    assert states <= set(rows.values_list("state", flat=True))
    assert {*rows.values_list("kind", flat=True)} >= {Kind_.PERIODIC, Kind_.AFTER_FAULT, Kind_.BY_HAND}
    assert rows.overdue(NOW).exists()
    assert rows.disappointed().exists()
    assert rows.filter(attendance__isnull=False).exists()
    assert CallbackProblem.objects.exists()
    assert set(Need.objects.values_list("state", flat=True)) == set(NeedState)
    assert set(Promise.objects.values_list("state", flat=True)) == set(PromiseState)
    assert not rows.filter(done_at__gt=NOW).exists()


def test_every_kpi_of_every_month_equals_its_recount_from_the_raw_rows(seeded) -> None:
    raw = exported()
    prepare(raw)
    november = parse_period("2026-11")
    months = [november.plus(-n) for n in range(14)]
    team, client = seeded.teams[0], Contact.objects.get(user__username="contact").client
    scopes = [FigureScope(group=team.group.pk), FigureScope(client=client.pk)]
    scopes.append(FigureScope(person=User.objects.get(username=ACCOUNTS[Role.ENGINEER]).pk))
    assert not differences(raw, [DEPARTMENT], months, now=NOW)
    assert not differences(raw, scopes, months[:4], now=NOW)
