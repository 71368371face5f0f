"""From the invitation to the minutes: frozen agenda, notes, decisions that order something, who is told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from clients.models import Client
from duty.models import Leave, LeaveState
from meetings import actions
from meetings.actions import Decided
from meetings.agenda import Mark, read
from meetings.drawing import agenda_of
from meetings.kinds import DecisionState, EventKind, MeetingState, Presence
from meetings.models import Decision, Meeting, Minutes
from meetings.tests.meetings import DAY, HOUR, MINUTE, START, THURSDAY, ended, next_of, running, written
from opsdesk.testing import Cast, at
from staff.models import Notice
from staff.refused import Refused
from tickets.actions import acknowledge, grade
from tickets.models import Dispatch, Grade, Ticket

pytestmark = pytest.mark.django_db
FRIDAY = at("2026-11-20 16:00")
DUE = date(2026, 11, 27)


def said_to(person: object, kind: str = "meeting") -> list[str]:
    rows = Notice.objects.filter(recipient=person, kind=kind).order_by("pk")
    return [notice.params["what"] for notice in rows]


def fault(cast: Cast, when: object = FRIDAY - DAY) -> Ticket:
    ticket = grade(cast.ticket(when), Grade.TWO, reason="x", by=cast.li, now=when)  # type: ignore[arg-type]
    return acknowledge(ticket, by=cast.chen, now=when)  # type: ignore[arg-type]


def test_people_are_told_on_friday_and_half_an_hour_before(cast: Cast) -> None:
    written(cast)
    actions.tend_meetings(now=FRIDAY - timedelta(seconds=1))
    assert said_to(cast.li) == []
    for _time in range(2):
        actions.tend_meetings(now=FRIDAY)
    assert said_to(cast.li) == ["invited"] and said_to(cast.sun) == []
    assert said_to(cast.outsider) == ["invited"]  # to the meeting of his own group
    actions.tend_meetings(now=START - 31 * MINUTE)
    assert said_to(cast.li) == ["invited"]
    for _time in range(2):
        actions.tend_meetings(now=START - 30 * MINUTE)
    assert said_to(cast.li) == ["invited", "soon"]


def test_the_agenda_is_drawn_frozen_and_marks_what_changes_later(cast: Cast) -> None:
    ticket, meeting = fault(cast), written(cast)
    live = {one.source: one for one in agenda_of(meeting, FRIDAY)}
    assert live["leftovers"].count == 1 and live["faults"].count == 1
    assert live["leftovers"].lines[0].line.key == f"T-{ticket.pk}"
    actions.tend_meetings(now=START - 30 * MINUTE)
    meeting.refresh_from_db()
    assert [one.source for one in read(meeting.agenda)] == list(live)
    another = fault(cast, FRIDAY)
    Ticket.objects.filter(pk=ticket.pk).update(owner=cast.li)
    now = {one.source: one for one in agenda_of(meeting, START)}
    leftovers = now["leftovers"]
    assert (leftovers.count, leftovers.count_now, leftovers.is_changed) == (1, 2, True)
    marks = {one.line.key: one.mark for one in leftovers.lines}
    assert marks == {f"T-{ticket.pk}": Mark.CHANGED, f"T-{another.pk}": Mark.NEW}


def test_a_meeting_may_not_begin_before_its_agenda_freezes(cast: Cast) -> None:
    meeting = written(cast)
    with pytest.raises(Refused) as refused:
        actions.start_meeting(meeting, by=cast.wang, now=START - 31 * MINUTE)
    assert refused.value.code == "too_early"
    with pytest.raises(Refused):
        actions.start_meeting(meeting, by=cast.li, now=START)


def test_who_is_on_leave_counts_as_absent(cast: Cast) -> None:
    Leave.objects.create(user=cast.li, starts_at=START - HOUR, ends_at=START + DAY, state=LeaveState.APPROVED)
    meeting = running(cast)
    found = {one.user: one.presence for one in meeting.attendance.select_related("user")}
    assert found[cast.li] == Presence.ABSENT and found[cast.chen] == Presence.PRESENT
    facts = {"presence": Presence.DEPUTY, "by": cast.wang, "now": START}
    with pytest.raises(Refused) as refused:
        actions.write_attendance(meeting, cast.li, **facts)
    assert refused.value.field == "deputy"
    actions.write_attendance(meeting, cast.li, deputy=cast.chen, **facts)
    assert meeting.attendance.get(user=cast.li).deputy == cast.chen


def test_a_decision_dispatches_the_record_or_is_not_made(cast: Cast) -> None:
    Client.objects.filter(pk=cast.hospital.pk).update(address="人民路 1 号")
    ticket, meeting = fault(cast), running(cast)
    decided = Decided("周三前上门更换硬盘", cast.chen, DUE, ticket, "dispatch")
    made = actions.decide(meeting, "leftovers", decided, by=cast.wang, now=START)
    order = Dispatch.objects.get()
    assert (order.ticket, order.engineer, order.address) == (ticket, cast.chen, "人民路 1 号")
    assert made.number in order.note and made.item.source == "leftovers"
    assert said_to(cast.chen, "decision") == ["decided"]
    with pytest.raises(Refused) as refused:  # sent there already
        actions.decide(meeting, "leftovers", decided, by=cast.wang, now=START)
    assert refused.value.field == "owner" and Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"text": " "}, "text"),
        ({"due_on": date(2026, 11, 22)}, "due_on"),
        ({"due_on": date(2028, 1, 1)}, "due_on"),
        ({"order": "assign"}, "ticket"),
        ({"owner": "sun"}, "owner"),
    ],
)
def test_what_is_wrong_with_a_decision_is_said_at_its_field(
    cast: Cast, facts: dict[str, object], field: str
) -> None:
    meeting = running(cast)
    if "owner" in facts:
        facts = {"owner": cast.sun}
    decided = Decided(**({"text": "x", "owner": cast.chen, "due_on": DUE} | facts))  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        actions.decide(meeting, "faults", decided, by=cast.wang, now=START)
    assert refused.value.field == field and not Decision.objects.exists()


def test_an_overdue_decision_comes_back_and_counts_until_it_is_settled(cast: Cast) -> None:
    meeting = running(cast)
    decided = Decided("补交巡检报告", cast.chen, DUE)
    made = actions.decide(meeting, "inspections", decided, by=cast.wang, now=START)
    actions.end_meeting(meeting, by=cast.wang, now=START + HOUR)
    now = START
    for times in (1, 2):
        now += 7 * DAY
        following = next_of(cast.south, now - DAY)
        actions.tend_meetings(now=now - 30 * MINUTE)
        following.refresh_from_db()
        first = read(following.agenda)[0]
        assert first.source == "decisions" and first.lines[0].title == "补交巡检报告"
        assert first.lines[0].tone == "bad"
        made.refresh_from_db()
        assert made.came_back == times
    assert said_to(cast.chen, "decision_overdue") == ["overdue"]
    with pytest.raises(Refused):
        actions.settle_decision(made, result="x", by=cast.li, now=now)
    with pytest.raises(Refused):
        actions.drop_decision(made, reason="x", by=cast.chen, now=now)
    with pytest.raises(Refused) as refused:
        actions.settle_decision(made, result=" ", by=cast.chen, now=now)
    assert refused.value.field == "result"
    actions.settle_decision(made, result="已交", by=cast.chen, now=now)
    made.refresh_from_db()
    assert made.state == DecisionState.DONE
    after = next_of(cast.south, now)
    sections = {one.source: one for one in agenda_of(after, now + DAY)}
    assert sections["decisions"].lines[0].line.tone == "good"  # said once, then it is over


def test_minutes_are_frozen_told_of_and_only_added_to(cast: Cast) -> None:
    meeting = running(cast)
    actions.write_note(meeting, "faults", text="无一级故障", by=cast.wang, now=START)
    actions.decide(meeting, "faults", Decided("复盘", cast.chen, DUE), by=cast.wang, now=START)
    with pytest.raises(Refused) as refused:
        actions.publish_minutes(meeting, language="zh-hans", by=cast.wang, now=START)
    assert refused.value.code == "wrong_status"
    actions.end_meeting(meeting, by=cast.wang, now=START + HOUR)
    actions.publish_minutes(meeting, language="zh-hans", by=cast.wang, now=START + 2 * HOUR)
    minutes = Minutes.objects.get()
    texts = list(minutes.document.texts())
    assert "无一级故障" in texts and "复盘" in texts
    assert said_to(cast.li)[-1] == "minutes"
    with pytest.raises(DatabaseError), transaction.atomic():
        Minutes.objects.update(language="en")
    with pytest.raises(Refused):
        actions.write_note(meeting, "faults", text="x", by=cast.wang, now=START + 2 * HOUR)
    actions.add_to_minutes(meeting, text="陈工负责复盘", by=cast.wang, now=START + 3 * HOUR)
    again = Minutes.objects.get()
    assert again.content == minutes.content
    added = [text for text in again.document.texts() if text not in texts]
    assert added[-1] == "陈工负责复盘" and "王强" in added[0]


def test_minutes_that_are_late_and_meetings_not_held_are_told_of_once(cast: Cast) -> None:
    meeting = ended(cast)
    actions.tend_meetings(now=START + HOUR + DAY - MINUTE)
    assert said_to(cast.wang, "meeting_overdue") == []
    for _time in range(2):
        actions.tend_meetings(now=START + HOUR + DAY)
    assert said_to(cast.wang, "meeting_overdue") == ["no_minutes"]
    assert meeting.events.filter(kind=EventKind.REPORTED).count() == 1
    actions.tend_meetings(now=START + 9 * DAY)
    assert said_to(cast.wang, "meeting_overdue") == ["no_minutes", "not_held"]


def test_staff_of_the_group_put_things_on_the_agenda(cast: Cast) -> None:
    meeting = written(cast)
    item = actions.add_item(meeting, title="备件库搬迁", by=cast.li, now=THURSDAY)
    for who in (cast.outsider, cast.zhou):
        with pytest.raises(Refused):
            actions.add_item(meeting, title="x", by=who, now=THURSDAY)
    with pytest.raises(Refused):
        actions.remove_item(meeting, item, by=cast.chen, now=THURSDAY)
    actions.remove_item(meeting, item, by=cast.li, now=THURSDAY)
    assert not meeting.items.exists()


def test_who_sees_meetings(cast: Cast) -> None:
    meeting = written(cast)
    for person, sees in ((cast.li, True), (cast.zhao, True), (cast.outsider, False), (cast.sun, False)):
        assert Meeting.objects.visible_to(person).filter(pk=meeting.pk).exists() == sees
    assert meeting.state == MeetingState.SCHEDULED
