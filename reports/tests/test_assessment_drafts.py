"""What an assessment is made of: drafted by the clock, or ahead; what the rows of a month say (§5.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from audits.tests.auditing import through
from duty.models import CalendarDay
from opsdesk.testing import Cast, at
from reports.assessment import actions
from reports.assessment.gathering import found
from reports.assessment.kinds import EventKind, Excuse, Source
from reports.models import Assessment
from reports.tests.assessing import (
    CHECKED,
    DRAFTED,
    HOUR,
    OCTOBER,
    of,
    worked,
)
from staff.models import Notice, User
from staff.refused import Refused
from surveys.models import ComplaintRuling
from tickets.actions import enforce_deadlines, explain, rule
from tickets.actions.links import link
from tickets.linking import LinkKind
from tickets.models import Overrun, Ticket

pytestmark = pytest.mark.django_db


def told(what: str) -> set[str]:
    rows = Notice.objects.filter(kind="assessment", params__what=what)
    return set(rows.values_list("recipient__username", flat=True))


def test_the_clock_drafts_everybody_of_a_group_and_the_group_once_on_the_first_at_half_past_two(
    cast: Cast,
) -> None:
    worked(cast)
    actions.tend_assessments(now=DRAFTED - timedelta(seconds=1))
    assert not Assessment.objects.filter(month=OCTOBER.first).exists()
    for hours in (0, 1, 24 * 40):
        actions.tend_assessments(now=DRAFTED + hours * HOUR)
    rows = Assessment.objects.filter(month=OCTOBER.first)
    south = set(rows.filter(group=cast.south).values_list("person__username", flat=True))
    assert south == {"li", "chen", "wang", None}
    assert rows.filter(group=cast.north).count() == 2
    assert told("drafted") == {"wang", "zhao", "qian"}
    assert all(row.events.get(kind=EventKind.DRAFTED).by is None for row in rows)
    # Nobody is assessed for a month before there was a scheme.
    assert not Assessment.objects.filter(month__lt="2026-10-01").exists()


def test_a_month_that_runs_can_be_drafted_but_not_shown(cast: Cast) -> None:
    worked(cast)
    drafts = actions.draft_group(cast.south, OCTOBER, by=cast.wang, now=at("2026-10-20 10:00"))
    assert len(drafts) == 4 and told("drafted") == set()
    with pytest.raises(Refused) as refused:
        actions.show(of(cast.chen), by=cast.wang, now=CHECKED)
    assert refused.value.code == "not_whole"
    actions.tend_assessments(now=DRAFTED)
    assert actions.show(of(cast.chen), by=cast.wang, now=CHECKED).state == "shown"
    with pytest.raises(Refused):
        actions.draft_group(cast.south, OCTOBER.plus(2), by=cast.wang, now=CHECKED)
    with pytest.raises(Refused):
        actions.draft_group(cast.north, OCTOBER, by=cast.wang, now=CHECKED)


def test_a_draft_that_was_never_counted_is_picked_up_by_the_next_run(cast: Cast) -> None:
    worked(cast)
    actions.tend_assessments(now=DRAFTED)
    Assessment.objects.filter(pk=of(cast.li).pk).update(counted_at=None, result={})  # its worker has died
    actions.tend_assessments(now=DRAFTED + HOUR)
    assert of(cast.li).counted_at == DRAFTED + HOUR


def test_leaders_hear_of_their_drafts_also_where_a_supervisor_was_quicker_than_the_clock(cast: Cast) -> None:
    worked(cast, records=1)
    actions.draft_group(cast.south, OCTOBER, by=cast.wang, now=DRAFTED - HOUR)
    assert told("drafted") == {"zhao", "qian"}


# What the rows say


def sources(cast: Cast, person: User | None) -> list[Source]:
    return sorted(one.source for one in found(cast.south, person, OCTOBER))


def test_a_grade_one_fault_of_a_holiday_handled_in_limit_is_a_bonus_and_no_other_is(cast: Cast) -> None:
    worked(cast)
    national_day = at("2026-10-02 10:00")
    assert CalendarDay.objects.get(date="2026-10-02").kind == "statutory"
    through(cast, cast.ticket(national_day), national_day + 60 * timedelta(seconds=1), level=1)
    assert sources(cast, cast.chen) == [Source.HOLIDAY]
    through(cast, cast.ticket(national_day), national_day, level=2)
    through(cast, cast.ticket(at("2026-10-13 10:00")), at("2026-10-13 10:00"), level=1)
    assert sources(cast, cast.chen) == [Source.HOLIDAY] == sources(cast, None)
    assert sources(cast, cast.li) == []
    late = cast.ticket(national_day + HOUR)
    enforce_deadlines(now=national_day + 2 * HOUR)
    through(cast, Ticket.objects.get(pk=late.pk), national_day + 2 * HOUR, level=1)
    assert sources(cast, cast.chen) == [Source.HOLIDAY]
    actions.tend_assessments(now=DRAFTED)
    assert of(cast.chen).result["bonus"] == "2"


def test_an_overrun_counts_where_it_was_ruled_an_own_cause_and_an_excused_one_does_not(cast: Cast) -> None:
    worked(cast, records=1)
    now = at("2026-10-12 16:00")
    for cause, excused in (("own", False), ("client", True), ("third_party", False)):
        ticket = cast.ticket(now - HOUR)
        enforce_deadlines(now=now)
        case = Overrun.objects.filter(ticket=ticket).earliest("pk")
        assert sources(cast, cast.chen).count(Source.OVERRUN) == min(1, Overrun.objects.count() - 1)
        case = explain(case, text="x", cause=cause, by=cast.chen, now=now)
        rule(case, cause=cause, is_excused=excused, reason="x", by=cast.wang, now=now)
    assert sources(cast, cast.chen).count(Source.OVERRUN) == 1 == sources(cast, None).count(Source.OVERRUN)
    actions.tend_assessments(now=DRAFTED)
    draft = of(cast.chen)
    assert draft.result["penalty"] == "1"
    item = draft.items.get(source=Source.OVERRUN)
    with pytest.raises(Refused) as refused:
        actions.take_out(draft, item=item.pk, reason="x", by=cast.wang, now=CHECKED)
    assert refused.value.field == "cause"
    draft = actions.take_out(
        draft, item=item.pk, cause=Excuse.FORCE_MAJEURE, reason="台风", by=cast.wang, now=CHECKED
    )
    assert draft.result["penalty"] == "0"
    draft = actions.recount(draft, by=cast.wang, now=CHECKED)
    assert draft.result["penalty"] == "0"  # what is excused stays so


def test_a_founded_complaint_falls_on_the_owner_of_the_record_that_it_is_about(cast: Cast) -> None:
    [record] = worked(cast, records=1)
    now = at("2026-10-13 10:00")
    complaint = cast.ticket(now, kind="complaint")
    Ticket.objects.filter(pk=complaint.pk).update(owner=cast.li)
    ComplaintRuling.objects.create(ticket=complaint, verdict="founded", reason="x", by=cast.wang, at=now)
    assert sources(cast, None) == [Source.COMPLAINT]
    assert sources(cast, cast.chen) == sources(cast, cast.li) == []
    link(complaint, other=record, kind=LinkKind.RELATED, reason="x", by=cast.wang, now=now)
    assert sources(cast, cast.chen) == [Source.COMPLAINT] and sources(cast, cast.li) == []
    ComplaintRuling.objects.update(verdict="unfounded")
    assert sources(cast, None) == []


# A row counts once


def complained(cast: Cast, record: Ticket) -> Ticket:
    """A complaint about a record, ruled founded in October, that nothing ties to it yet."""
    now = at("2026-10-20 10:00")
    complaint = cast.ticket(now, kind="complaint")
    ComplaintRuling.objects.create(ticket=complaint, verdict="founded", reason="x", by=cast.wang, at=now)
    return complaint


def tie(complaint: Ticket, record: Ticket, by: User) -> None:
    link(complaint, other=record, kind=LinkKind.RELATED, reason="x", by=by, now=CHECKED)


def test_what_was_entered_by_hand_no_rule_counts_once_more(cast: Cast) -> None:
    [record] = worked(cast, records=1)
    complaint = complained(cast, record)
    actions.tend_assessments(now=DRAFTED)
    facts = {"code": "complaint", "reason": "x", "record": complaint, "by": cast.wang}
    draft = actions.add_item(of(cast.chen), **facts, now=CHECKED)  # type: ignore[arg-type]
    tie(complaint, record, cast.wang)
    draft = actions.recount(draft, by=cast.wang, now=CHECKED)
    assert draft.result["penalty_sum"] == "3"
    draft = actions.take_out(draft, item=draft.items.get().pk, reason="x", by=cast.wang, now=CHECKED)
    draft = actions.recount(draft, by=cast.wang, now=CHECKED)
    assert draft.result["penalty_sum"] == "3"  # taken back, so that the rule finds it
    assert draft.items.counted().get().by is None


def test_what_was_shown_in_one_month_does_not_count_in_a_later_one_again(cast: Cast) -> None:
    [record] = worked(cast, records=1)
    national_day, november = at("2026-10-02 10:00"), OCTOBER.plus(1)
    fault = through(cast, cast.ticket(national_day), national_day, level=1)
    tie(complained(cast, record), record, cast.wang)
    actions.tend_assessments(now=DRAFTED)
    draft = of(cast.chen)
    assert (draft.result["bonus"], draft.result["penalty"]) == ("2", "3")
    again = at("2026-11-10 10:00")  # ruled founded anew, reopened and solved again
    ComplaintRuling.objects.update(at=again)
    Ticket.objects.filter(pk=fault.pk).update(resolved_at=again)

    def of_november() -> tuple[str, str]:
        actions.draft_group(cast.south, november, by=cast.wang, now=again)
        return of(cast.chen, november).result["bonus"], of(cast.chen, november).result["penalty"]

    assert of_november() == ("2", "3")  # October is not shown yet: counted anew it has neither
    actions.show(draft, by=cast.wang, now=CHECKED)
    assert of_november() == ("0", "0")


def test_what_a_rule_has_found_follows_the_codes_of_the_scheme(cast: Cast) -> None:
    [record] = worked(cast, records=1)
    tie(complained(cast, record), record, cast.wang)
    ComplaintRuling.objects.update(at=CHECKED)
    november = OCTOBER.plus(1)
    actions.draft_group(cast.south, november, by=cast.wang, now=CHECKED)
    begun = actions.begin_scheme(by=cast.zhao, now=CHECKED)
    items = tuple(
        replace(item, code="v2-1", points=Decimal(4)) if item.source == Source.COMPLAINT else item
        for item in begun.says.items
    )
    facts = {"title": "第二版", "why": "", "by": cast.zhao, "now": CHECKED}
    begun = actions.save_scheme(begun, replace(begun.says, items=items), **facts)  # type: ignore[arg-type]
    actions.adopt_scheme(begun, from_month=november.first, by=cast.zhao, now=CHECKED)
    draft = of(cast.chen, november)
    assert draft.items.get().code == "v2-1" and draft.result["penalty"] == "4"
