"""What stands first in a section, in which clock time is told, and which words stay in the house."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from audits.actions import open_record
from audits.tests.auditing import begun, raised
from clients.models import ServiceHours
from opsdesk.testing import SHANGHAI, Cast, at
from reports.monthly.asked import About, Numbers
from reports.monthly.kinds import Edition
from reports.monthly.sections import changes, faults, inspections, plan, remote, reviews
from reports.monthly.words import span
from reports.periods import parse_period
from reports.tests import making_others
from reports.tests.making import clock, record
from tickets import actions
from tickets.models import Clock, ClockKind, Pause, Ticket
from visits.models import Callback

NOTHING = Numbers({}, {}, {}, {}, {}, {})


def about(edition: Edition, cast: Cast, now: str = "2026-12-05 09:00") -> About:
    client = cast.hospital if edition == Edition.CLIENT else None
    return About(edition, parse_period("2026-11"), at(now), SHANGHAI, NOTHING, client=client)


def said(section, facts: About) -> str:
    """All that a section says, read in English."""
    with translation.override("en"):
        return "\n".join(str(part) for part in section.parts(section.gather(facts), facts))


def test_words_of_audits_and_inspections_stay_in_the_house(cast: Cast):
    now = at("2026-11-10 10:00")
    finding = raised(cast, begun(cast, now), now, title="FINDING-SENTINEL 值班员从不做备份")
    ordered = open_record(finding, by=cast.zhou, now=now).orders.get().ticket
    answer = making_others.abnormal(cast, making_others.inspection(cast, "2026-11-11 09:00"))
    answer.note, answer.value = "NOTE-SENTINEL 机房无人打扫", "95"
    answer.save()
    found = actions.open_record_of(answer, by=cast.chen, now=now)
    own = record(cast, reported="2026-11-12 09:00", title="OWN-SENTINEL", grade=1)
    for ticket in (ordered, found, own):
        Ticket.objects.filter(pk=ticket.pk).update(
            grade=1, acknowledged_at=now, resolved_at=now, status="resolved", solution="好", cause="software"
        )
    for section in (faults, reviews):
        text = said(section, about(Edition.CLIENT, cast))
        assert "OWN-SENTINEL" in text and "Found in an inspection: 磁盘" in text
        assert "Found in a quality check of our own" in text and ordered.number in text
        assert "FINDING-SENTINEL" not in text and "NOTE-SENTINEL" not in text
        assert "FINDING-SENTINEL" in said(section, about(Edition.GROUP, cast))
    # Nor does a contact find it in the portal: nobody of his has called.
    assert ordered.contact is None and ordered not in Ticket.objects.visible_to(cast.sun)


def test_what_failed_comes_first(cast: Cast):
    for finished, outcome in (("2026-11-03 09:00", "succeeded"), ("2026-11-20 09:00", "rolled_back")):
        making_others.change(cast, finished, outcome)
    making_others.change(cast, "2026-11-25 09:00", "failed")
    listed = changes.gather(about(Edition.DEPARTMENT, cast)).rows
    assert [one.outcome for one in listed] == ["rolled_back", "failed", "succeeded"]

    making_others.session(cast, "2026-11-03 12:00", ended="2026-11-03 11:30")
    late = making_others.session(cast, "2026-11-20 12:00", ended="2026-11-20 12:30")
    awaited = making_others.session(
        cast, "2026-11-30 23:00", ended="2026-11-30 22:00", how="phone", has_paper=False
    )
    judged = remote.gather(about(Edition.DEPARTMENT, cast, "2026-12-01 02:00")).rows
    assert [one.pk for one in judged[:2]] == [late.pk, awaited.pk] and len(judged) == 3
    text = said(remote, about(Edition.CLIENT, cast, "2026-12-01 02:00"))
    assert all(word in text for word in ("As authorised?", "not settled yet", "'No'", "'Yes'"))

    first, second, third = (
        making_others.abnormal(cast, making_others.inspection(cast, f"2026-11-0{day} 09:00"))
        for day in (2, 3, 4)
    )
    solved = actions.open_record_of(first, by=cast.chen, now=at("2026-11-02 10:00"))
    over = at("2026-11-02 11:00")
    over = {"acknowledged_at": over, "resolved_at": over, "closed_at": over, "next_due_at": None}
    words = {"status": "closed", "confirmed_by": "孙", "solution": "好", "cause": "software"}
    Ticket.objects.filter(pk=solved.pk).update(**over, **words)
    actions.open_record_of(third, by=cast.chen, now=at("2026-11-04 10:00"))
    facts = about(Edition.DEPARTMENT, cast)
    assert [one.pk for one in inspections.gather(facts).abnormal.rows] == [second.pk, third.pk, first.pk]
    assert solved.number in said(inspections, facts) and "已知" in said(inspections, facts)
    assert "已知" not in said(inspections, about(Edition.CLIENT, cast))


@pytest.mark.parametrize(
    ("round_the_clock", "words"), [(True, "2 d 17 h / 4 h"), (False, "2 h / 4 h\\nin service hours")]
)
def test_time_taken_is_told_in_the_clock_of_its_limit(cast: Cast, round_the_clock: bool, words: str):
    cast.hospital.hours = ServiceHours.objects.get(code="office")
    cast.hospital.save()
    fault = record(cast, reported="2026-11-13 17:00", grade=2)  # a Friday
    clock(fault, "2026-11-16 14:00", "2026-11-16 10:00", kind=ClockKind.DIAGNOSIS)
    Clock.objects.update(round_the_clock=round_the_clock, limit=timedelta(hours=4))
    assert words in said(faults, about(Edition.DEPARTMENT, cast))
    # What waited for the client does not count as taken.
    Pause.objects.create(
        ticket=fault,
        started_at=at("2026-11-16 09:00"),
        until=at("2026-11-16 10:00"),
        ended_at=at("2026-11-16 10:00"),
        reason="client",
    )
    assert words not in said(faults, about(Edition.DEPARTMENT, cast))


def test_of_many_severe_faults_those_that_were_late_are_told(cast: Cast):
    for day in range(1, 22):
        kept = record(cast, reported=f"2026-11-{day:02} 09:00", grade=2)
        clock(kept, f"2026-11-{day:02} 10:00", f"2026-11-{day:02} 09:30", kind=ClockKind.RESPONSE)
    late = record(cast, reported="2026-11-28 09:00", grade=2)
    clock(late, "2026-11-28 10:00", "2026-11-28 11:00", kind=ClockKind.RESOLUTION)
    major = record(cast, reported="2026-11-29 09:00", grade=1)
    again = record(cast, reported="2026-11-27 09:00", grade=2)
    for cycle, stopped in enumerate(("2026-11-27 11:00", "2026-11-27 09:30"), start=1):
        clock(again, "2026-11-27 10:00", stopped, kind=ClockKind.DIAGNOSIS, cycle=cycle)
    listed = faults.gather(about(Edition.DEPARTMENT, cast)).severe
    assert [one.pk for one in listed.rows[:2]] == [major.pk, late.pk]
    assert again not in listed.rows and listed.left_off == 4


def test_what_is_planned_does_not_depend_on_when_it_is_counted(cast: Cast):
    change = making_others.change(cast, "2026-12-03 09:00", state="scheduled", finished_at=None)
    call = making_others.callback(cast, "2026-12-02")
    before = said(plan, about(Edition.GROUP, cast, "2026-12-01 02:00"))
    assert change.ticket.number in before and "('Callbacks planned', '1')" in before
    over = at("2026-12-03 09:00")
    reviewed = {"reviewed_at": over, "reviewed_by": cast.wang, "review": "好"}
    type(change).objects.filter(pk=change.pk).update(state="closed", finished_at=over, **reviewed)
    done = {"state": "done", "done_at": at("2026-12-02 09:00"), "done_by": cast.li}
    Callback.objects.filter(pk=call.pk).update(tried_at=at("2026-12-02 09:00"), **done)
    assert said(plan, about(Edition.GROUP, cast)) == before
    Callback.objects.update(state="withdrawn", done_at=None, done_by=None)
    assert said(plan, about(Edition.GROUP, cast)) != before


def test_an_end_on_another_day_says_which():
    start = at("2026-11-03 22:00")
    assert span(start, start + timedelta(hours=1), SHANGHAI) == "11-03 22:00 – 23:00"
    assert span(start, start + timedelta(hours=4), SHANGHAI) == "11-03 22:00 – 11-04 02:00"
