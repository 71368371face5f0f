"""Assessments from the draft of the clock to their end: shown, appealed against, ruled on, frozen (§5.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from opsdesk.testing import Cast, at
from reports.assessment import actions
from reports.assessment.gathering import Whose, found, found_of
from reports.assessment.kinds import EventKind, Outcome
from reports.assessment.scheme import as_json
from reports.assessment.section import assessment_section
from reports.assessment.simulating import simulate
from reports.models import Assessment, AssessmentFile, AssessmentItem, SchemeVersion
from reports.periods import Period, parse_period
from reports.tests.assessing import (
    CHECKED,
    DAY,
    OCTOBER,
    appealed,
    drafted,
    of,
    ruled,
    shown,
)
from staff.models import Notice, User
from staff.refused import Refused
from surveys.models import ComplaintRuling
from tickets.actions.links import link
from tickets.lifecycle import Moved
from tickets.linking import LinkKind
from tickets.models import Ticket


@pytest.fixture
def cast(october: Cast, db: None) -> Cast:
    return october


def told(what: str) -> set[str]:
    rows = Notice.objects.filter(kind="assessment", params__what=what)
    return set(rows.values_list("recipient__username", flat=True))


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
    def evidence(item: AssessmentItem) -> AssessmentFile:
        facts = {"name": "x", "media_type": "x", "size": 1, "sha256": "x", "stored": uuid4().hex}
        return AssessmentFile.objects.create(item=item, at=CHECKED, **facts)

    waits = appealed(cast)
    file = evidence(waits.items.get())
    one = actions.rule(waits, outcome="dismissed", reason="x", by=cast.liu, now=CHECKED + DAY)
    entered = {"code": "x", "source": "hand", "key": "y", "reason": "x", "by": cast.wang, "at": CHECKED}
    other = AssessmentItem.objects.create(assessment=of(cast.li), **entered)
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
        lambda: AssessmentItem.objects.filter(pk=other.pk).update(assessment=one),
        lambda: AssessmentItem.objects.filter(assessment=one).update(assessment=other.assessment),
        lambda: evidence(one.items.get()),
        lambda: AssessmentFile.objects.filter(pk=file.pk).update(item=other),
        lambda: AssessmentFile.objects.filter(pk=file.pk).delete(),
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


# Schemes


def changed(cast: Cast, **facts: object) -> SchemeVersion:
    draft = actions.begin_scheme(by=cast.zhao, now=CHECKED)
    content = replace(draft.says, **facts)
    return actions.save_scheme(draft, content, title="第二版", why="", by=cast.zhao, now=CHECKED)


def test_a_scheme_is_drafted_saved_adopted_for_a_month_and_never_for_one_that_is_over(cast: Cast) -> None:
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
    done = actions.appeal(of(cast.chen), text="x", by=cast.chen, now=CHECKED)
    actions.rule(done, outcome=Outcome.UPHELD, reason="x", lines=[4], by=cast.liu, now=CHECKED)
    same = simulate(SchemeVersion.objects.get(number=1).says, cast.south, [OCTOBER], now=CHECKED)
    assert all(one.before == one.after for one in same)  # a line that was left out stays so
    assert [model.objects.count() for model in (Assessment, AssessmentItem, SchemeVersion)] == counts


def test_a_simulation_takes_somebody_as_he_was_assessed_though_he_has_moved(cast: Cast) -> None:
    shown(cast)
    User.objects.filter(pk=cast.chen.pk).update(group=cast.north)
    same = simulate(SchemeVersion.objects.get(number=1).says, cast.north, [OCTOBER], now=CHECKED)
    [chen] = [one for one in same if one.person == cast.chen]
    assert chen.before.score == chen.after.score == Decimal("94.3")  # with what was entered by hand


def test_the_rows_of_many_people_and_months_cost_as_much_as_those_of_one(cast: Cast) -> None:
    first, second = (Ticket.objects.order_by("pk")[place] for place in (0, 1))
    for complaint, record in ((cast.ticket(CHECKED, kind="complaint"), one) for one in (first, second)):
        facts = {"verdict": "founded", "reason": "x", "by": cast.wang, "at": CHECKED - 5 * DAY}
        ComplaintRuling.objects.create(ticket=complaint, **facts)
        link(complaint, other=record, kind=LinkKind.RELATED, reason="x", by=cast.wang, now=CHECKED)
    Ticket.objects.filter(pk=second.pk).update(owner=cast.li)
    months = [OCTOBER.plus(-back) for back in range(12)]

    def asked(people: list[User], months: list[Period]) -> tuple[int, dict[Any, list[Any]]]:
        with CaptureQueriesContext(connection) as queries:
            found = found_of(Whose(cast.south, people), months)
        return len(queries), {subject: rows for subject, rows in found.items() if rows}

    one, few = asked([cast.chen], [OCTOBER])
    many, rows = asked([cast.chen, cast.li, cast.wang], months)
    assert one == many
    assert {subject: len(found) for subject, found in rows.items()} == {
        (None, OCTOBER): 2,
        (cast.chen.pk, OCTOBER): 1,
        (cast.li.pk, OCTOBER): 1,
    }
    assert few[cast.chen.pk, OCTOBER] == rows[cast.chen.pk, OCTOBER] == found(cast.south, cast.chen, OCTOBER)


def test_the_section_of_the_monthly_report_says_names_scores_grades_and_factors(cast: Cast) -> None:
    ruled(cast)
    lines = assessment_section(OCTOBER, cast.south)
    assert [line.name for line in lines][:1] == [cast.south.name] and len(lines) == 4
    chen = next(line for line in lines if line.name == cast.chen.name)
    assert chen.is_final and chen.grade == "B" and chen.score == Decimal("92.0")
    assert len(assessment_section(OCTOBER)) == 6 and assessment_section(OCTOBER.plus(1)) == []
