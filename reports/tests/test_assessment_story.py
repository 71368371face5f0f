"""Assessments from the draft of the clock to their end: shown, appealed against, ruled on, frozen (§5.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from audits.tests.auditing import through
from duty.models import CalendarDay
from opsdesk.testing import Cast, at
from reports.assessment import actions
from reports.assessment.gathering import found
from reports.assessment.kinds import EventKind, Excuse, Outcome, Source
from reports.assessment.scheme import as_json
from reports.assessment.section import assessment_section
from reports.assessment.simulating import simulate
from reports.models import Assessment, AssessmentItem, SchemeVersion
from reports.periods import parse_period
from reports.tests.assessing import (
    CHECKED,
    DAY,
    DRAFTED,
    HOUR,
    OCTOBER,
    appealed,
    drafted,
    of,
    ruled,
    shown,
    worked,
)
from staff.models import Notice, User
from staff.refused import Refused
from surveys.models import ComplaintRuling
from tickets.actions import enforce_deadlines, explain, rule
from tickets.actions.links import link
from tickets.lifecycle import Moved
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
    assert not Assessment.objects.filter(month__lt="2026-09-01").exists()


def test_a_draft_counts_the_figures_of_the_person_and_leaves_out_small_samples(cast: Cast) -> None:
    draft = drafted(cast)
    [response] = draft.result["lines"][0]["measures"]
    assert (response["n"], response["value"], response["points"]) == (6, "100", "100")
    callbacks = draft.result["lines"][7]["measures"][0]
    assert callbacks["points"] is None and callbacks["why"] in ("empty", "small")
    # All of 65 points of weight but for the 5 of repeat faults: the same cause in the same system again.
    assert draft.score == Decimal("92.3") and draft.grade == "B" and draft.factor == Decimal("1.00")
    assert of(cast.outsider).score is None and of(cast.outsider).grade == ""


def test_shown_then_appealed_then_upheld_then_frozen(cast: Cast) -> None:
    draft = drafted(cast)
    with pytest.raises(Refused) as refused:
        actions.appeal(draft, text="x", by=cast.chen, now=CHECKED)
    assert refused.value.code == "wrong_status"
    one = actions.show(draft, note="x", by=cast.wang, now=CHECKED)
    assert one.appeal_until == at("2026-11-07 00:00")  # Tuesday and three working days
    assert told("shown") == {"chen"}
    with pytest.raises(Refused):
        actions.appeal(one, text="x", by=cast.li, now=CHECKED)
    one = actions.appeal(one, text="不对", by=cast.chen, now=one.appeal_until)
    assert told("appealed") == {"liu"}
    for who in (cast.chen, cast.wang, cast.li, cast.zhou, cast.admin):
        with pytest.raises(Refused) as refused:
            actions.rule(one, outcome=Outcome.DISMISSED, reason="x", by=who, now=CHECKED + 5 * DAY)
        assert refused.value.code == "forbidden", who
    one = actions.rule(
        one, outcome=Outcome.UPHELD, reason="对", lines=[0], by=cast.liu, now=CHECKED + 5 * DAY
    )
    assert one.is_final and one.snapshot["ruling"] == "对" and one.left_out == [0]
    assert one.snapshot["result"]["lines"][0]["is_left_out"]
    assert told("ruled") == {"chen", "wang"}
    kinds = [event.kind for event in one.events.all()]
    assert kinds == ["drafted", "shown", "appealed", "ruled", "final"]


def test_what_is_final_stays_whatever_happens_to_the_data(cast: Cast) -> None:
    one = ruled(cast)
    before = Assessment.objects.values().get(pk=one.pk)
    Ticket.objects.filter(owner=cast.chen).update(owner=cast.li)
    User.objects.filter(pk=cast.chen.pk).update(name="改名")
    actions.tend_assessments(now=CHECKED + 60 * DAY)
    actions.draft_group(cast.south, OCTOBER, by=cast.wang, now=CHECKED + 60 * DAY)
    assert Assessment.objects.values().get(pk=one.pk) == before
    for change in (
        lambda: Assessment.objects.filter(pk=one.pk).update(score=1),
        lambda: Assessment.objects.filter(pk=one.pk).delete(),
        lambda: AssessmentItem.objects.filter(assessment=one).update(reason="x"),
        lambda: AssessmentItem.objects.create(assessment=one, code="x", source="hand", key="x", at=CHECKED),
        lambda: one.events.update(text="x"),
        lambda: SchemeVersion.objects.update(title="x"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_without_an_appeal_it_is_final_when_the_term_is_over(cast: Cast) -> None:
    one = shown(cast)
    assert one.appeal_until is not None
    actions.tend_assessments(now=one.appeal_until)
    assert not of(cast.chen).is_final
    for seconds in (1, 2):
        actions.tend_assessments(now=one.appeal_until + timedelta(seconds=seconds))
    done = of(cast.chen)
    assert done.final_at == one.appeal_until and done.snapshot is not None
    assert done.events.filter(kind=EventKind.FINAL).count() == 1 and told("final") == {"chen"}
    with pytest.raises(Refused) as refused:
        actions.appeal(done, text="x", by=cast.chen, now=done.final_at)
    assert refused.value.code == "wrong_status"


def test_drafts_that_nobody_checks_and_appeals_that_nobody_rules_on_are_told_of_once(cast: Cast) -> None:
    one = appealed(cast)
    for days in (3, 30, 31):
        actions.tend_assessments(now=CHECKED + days * DAY)
    assert told("unchecked") == {"zhao", "qian"}
    assert one.events.filter(kind=EventKind.REPORTED_UP).count() == 1
    unruled = Notice.objects.filter(kind="assessment", params__what="unruled")
    assert unruled.count() == 2


def test_the_supervisor_and_the_group_are_checked_by_leaders_and_ruled_on_above_them(cast: Cast) -> None:
    drafted(cast)
    for one in (of(cast.wang), of(None, group=cast.south)):
        with pytest.raises(Refused) as refused:
            actions.show(one, by=cast.wang, now=CHECKED)
        assert refused.value.code == "forbidden"
        with pytest.raises(Refused) as refused:
            actions.show(one, by=cast.qian, now=CHECKED)
        assert refused.value.code == "nobody_above"
        done = actions.show(one, by=cast.zhao, now=CHECKED)
        done = actions.appeal(done, text="x", by=cast.wang, now=CHECKED)
        for who in (cast.wang, cast.liu, cast.zhao):
            with pytest.raises(Refused):
                actions.rule(done, outcome=Outcome.DISMISSED, reason="x", by=who, now=CHECKED)
        assert actions.rule(done, outcome=Outcome.DISMISSED, reason="x", by=cast.qian, now=CHECKED).is_final


def test_what_is_entered_by_hand_needs_a_reason_and_evidence_and_can_be_taken_back(cast: Cast) -> None:
    draft = drafted(cast)
    record = Ticket.objects.get(pk=Ticket.objects.earliest("pk").pk)
    for facts, field in (
        ({"reason": "x"}, "record"),
        ({"reason": " ", "record": record}, "reason"),
        ({"reason": "x", "record": record, "code": "nonsense"}, "code"),
    ):
        with pytest.raises(Refused) as refused:
            actions.add_item(draft, **({"code": "praise"} | facts), by=cast.wang, now=CHECKED)
        assert refused.value.field == field
    with pytest.raises(Refused):
        actions.add_item(draft, code="praise", reason="x", record=record, by=cast.li, now=CHECKED)
    draft = actions.add_item(draft, code="forged", reason="x", record=record, by=cast.wang, now=CHECKED)
    assert draft.score == Decimal("92.3") and draft.grade == "D"
    [item] = draft.items.all()
    draft = actions.take_out(draft, item=item.pk, reason="看错了", by=cast.wang, now=CHECKED)
    assert draft.grade == "B" and draft.items.get().out_because == "看错了"


def test_two_hands_never_overwrite_each_other(cast: Cast) -> None:
    draft = drafted(cast)
    other = Assessment.objects.get(pk=draft.pk)
    actions.show(draft, by=cast.wang, now=CHECKED)
    with pytest.raises(Moved):
        actions.show(other, by=cast.wang, now=CHECKED)
    stale = Assessment.objects.get(pk=draft.pk)
    stale.version -= 1
    with pytest.raises(Moved):
        actions.appeal(stale, text="x", by=cast.chen, now=CHECKED)


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


# Schemes


def changed(cast: Cast, **facts: object) -> SchemeVersion:
    draft = actions.begin_scheme(by=cast.zhao, now=CHECKED)
    content = replace(draft.says, **facts)
    return actions.save_scheme(draft, content, title="第二版", why="", by=cast.zhao, now=CHECKED)


def test_a_scheme_is_drafted_saved_adopted_for_a_month_and_never_for_one_that_is_over(cast: Cast) -> None:
    worked(cast)
    for who in (cast.wang, cast.admin, cast.zhou, cast.li):
        with pytest.raises(Refused):
            actions.begin_scheme(by=who, now=CHECKED)
    draft = changed(cast, minimum_sample=7)
    assert actions.begin_scheme(by=cast.qian, now=CHECKED).pk == draft.pk
    stale = SchemeVersion.objects.get(pk=draft.pk)
    stale.edition -= 1
    with pytest.raises(Moved):
        actions.save_scheme(stale, draft.says, title="x", why="", by=cast.zhao, now=CHECKED)
    with pytest.raises(Refused) as refused:
        actions.adopt_scheme(draft, from_month=OCTOBER.first, by=cast.zhao, now=CHECKED)
    assert refused.value.field == "from_month"
    november = OCTOBER.plus(1)
    actions.draft_group(cast.south, november, by=cast.wang, now=CHECKED)
    actions.adopt_scheme(draft, from_month=november.first, by=cast.zhao, now=CHECKED)
    assert SchemeVersion.objects.in_force(OCTOBER.first).first().number == 1
    assert SchemeVersion.objects.in_force(november.first).first().number == 2
    assert of(cast.chen, november).scheme.number == 2  # what was drafted of it follows
    with pytest.raises(DatabaseError), transaction.atomic():
        SchemeVersion.objects.filter(pk=draft.pk).update(content=as_json(draft.says))


def test_a_simulation_shows_before_and_after_and_writes_nothing(
    cast: Cast, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    shown(cast)
    draft = changed(cast, minimum_sample=7)
    counts = [model.objects.count() for model in (Assessment, AssessmentItem, SchemeVersion)]
    with django_assert_max_num_queries(60):
        lines = simulate(draft.says, cast.south, [OCTOBER, parse_period("2026-09")], now=CHECKED)
    [chen] = [one for one in lines if one.person == cast.chen and one.month == OCTOBER]
    assert chen.before.score == of(cast.chen).score == Decimal("94.3")
    assert chen.after.score is None and chen.changes_grade and chen.change is None  # six records are too few
    same = simulate(SchemeVersion.objects.get(number=1).says, cast.south, [OCTOBER], now=CHECKED)
    assert all(one.before == one.after for one in same)
    assert [model.objects.count() for model in (Assessment, AssessmentItem, SchemeVersion)] == counts


def test_the_section_of_the_monthly_report_says_names_scores_grades_and_factors(cast: Cast) -> None:
    ruled(cast)
    lines = assessment_section(OCTOBER, cast.south)
    assert [line.name for line in lines][:1] == [cast.south.name] and len(lines) == 4
    chen = next(line for line in lines if line.name == cast.chen.name)
    assert chen.is_final and chen.grade == "B" and chen.score == Decimal("92.0")
    assert len(assessment_section(OCTOBER)) == 6 and assessment_section(OCTOBER.plus(1)) == []
