"""Versions of the policy: drafted, compared, adopted; and what is odd with one (§5.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from opsdesk.testing import MONDAY, Cast
from opsdesk.tests.rest import caller
from staff.models import User
from tickets import actions
from tickets.actions import drafting
from tickets.actions import policy as defaults
from tickets.histories import terms_of
from tickets.lifecycle import Refused
from tickets.models import (
    ClockKind,
    EscalationRule,
    Grade,
    PolicyState,
    PolicyVersion,
    Target,
    TimeLimit,
)
from tickets.policychanges import Change, Finding, changes, remarks
from tickets.policyforms import SpanField
from tickets.terms import Limit, Rule, Terms, as_json, from_json, limit_that_holds, offsets
from tickets.views.intake import default_limits

MIN, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def draft(cast: Cast) -> PolicyVersion:
    return drafting.draft_policy(title="2027", why="Two hospitals more", by=cast.zhao, now=MONDAY)


def adopted() -> PolicyVersion:
    return PolicyVersion.objects.adopted().get()


def resolution(version: PolicyVersion, grade: int | None = 1) -> TimeLimit:
    return version.limits.get(kind=ClockKind.RESOLUTION, grade=grade, contract=None, work="")


# Rules


def limit(**facts: object) -> Limit:
    plain = {"kind": "resolution", "grade": 1, "work": "", "contract_id": None, "near_percent": 80}
    return Limit(**(plain | {"limit": 12 * HOUR, "round_the_clock": True} | facts))


def rule(**facts: object) -> Rule:
    plain = {"kind": "resolution", "grade": 1, "after": None, "percent": 100, "target": "supervisor"}
    return Rule(**(plain | facts))


def test_of_several_limits_the_nearest_holds() -> None:
    general, work = limit(), limit(work="complaint")
    theirs, theirs_for_work = limit(contract_id=7), limit(contract_id=7, work="complaint")
    other = limit(contract_id=8)
    every = [general, work, other, theirs, theirs_for_work]
    assert limit_that_holds(every, "fault", []) == general
    assert limit_that_holds(every, "complaint", []) == work
    assert limit_that_holds(every, "fault", [7]) == theirs
    assert limit_that_holds(every, "complaint", [7]) == theirs_for_work
    assert limit_that_holds(every, "fault", [8, 7]) == theirs  # the older contract
    assert limit_that_holds([theirs], "fault", [8]) is None


def test_instants_of_a_rule() -> None:
    assert offsets(rule(percent=50), 12 * HOUR) == [6 * HOUR]
    assert offsets(rule(percent=None, after=MIN, repeat_every=HOUR, repeat_times=2), HOUR) == [
        MIN,
        HOUR + MIN,
        2 * HOUR + MIN,
    ]


def test_terms_come_back_as_they_were() -> None:
    quiet = rule(percent=None, after=90 * MIN, quiet_from=time(22), quiet_until=time(7), channels=("email",))
    terms = Terms((limit(limit=timedelta(microseconds=1)), limit(contract_id=3)), (rule(), quiet))
    assert from_json(as_json(terms)) == terms


def test_what_differs_is_said_row_by_row() -> None:
    was, same = rule(percent=80, target="owner"), rule(target="general_manager")
    old = Terms((limit(), limit(grade=2)), (was, same, rule(grade=3)))
    new = Terms((limit(limit=HOUR), limit(grade=3)), (replace(was, percent=50), same, rule(grade=2)))
    assert changes(old, new) == [
        Change(limit(), limit(limit=HOUR)),
        Change(limit(grade=2), None),
        Change(None, limit(grade=3)),
        Change(was, replace(was, percent=50)),
        Change(None, rule(grade=2)),
        Change(rule(grade=3), None),
    ]
    assert changes(old, old) == []


@pytest.mark.parametrize(
    ("limits", "rules", "found"),
    [
        ([limit()], [rule()], set()),
        ([], [rule()], {Finding.MISSING}),
        ([limit(work="fault")], [rule()], {Finding.MISSING}),
        ([limit(contract_id=1)], [rule()], {Finding.MISSING}),
        ([limit(limit=DAY)], [rule()], set()),
        ([limit(limit=DAY + MIN)], [rule()], {Finding.GRADE_ONE_LONG}),
        ([limit(round_the_clock=False)], [rule()], {Finding.GRADE_ONE_HOURS}),
        ([limit()], [rule(percent=99)], {Finding.NOBODY_TOLD}),
        ([limit()], [rule(percent=101)], {Finding.AFTER_LIMIT}),
        ([limit()], [rule(), rule(percent=150)], set()),
        ([limit()], [rule(percent=90, repeat_every=HOUR, repeat_times=2)], {Finding.CHAIN_LONG}),
        ([limit()], [rule(percent=50, repeat_every=HOUR, repeat_times=2), rule()], set()),
    ],
)
def test_what_is_odd_is_said(limits, rules, found) -> None:
    terms = Terms(tuple(limits), tuple(rules))
    assert {remark.finding for remark in remarks(terms, {("resolution", 1)})} == found


def test_spans_are_written_as_people_write_them() -> None:
    field = SpanField(least=0)
    for text, span in {"0": 0 * MIN, "45": 45 * MIN, "1h30": 90 * MIN, "72 h": 72 * HOUR}.items():
        assert field.clean(text) == span
        assert field.clean(field.prepare_value(span)) == span


# Versions


def test_the_first_version_is_in_force_and_complete(cast: Cast) -> None:
    assert (adopted().number, PolicyVersion.objects.count()) == (1, 1)
    assert remarks(terms_of(adopted()), defaults.required_limits()) == []


def test_defaults_are_loaded_once_and_a_new_clock_is_added(cast: Cast, draft: PolicyVersion) -> None:
    counts = (TimeLimit.objects.count(), EscalationRule.objects.count())
    adopted().rules.filter(kind=ClockKind.CONFIRMATION).delete()  # on purpose: the draft has them
    defaults.load_defaults()
    assert (TimeLimit.objects.count(), EscalationRule.objects.count()) == (counts[0], counts[1] - 3)
    for model in (TimeLimit, EscalationRule):  # as before the release that brought this clock
        model.objects.filter(kind=ClockKind.PROGRESS).delete()
    for _time in range(2):
        defaults.load_defaults()
        for version in (adopted(), draft):
            assert version.limits.filter(kind=ClockKind.PROGRESS).count() == 3
            assert version.rules.filter(kind=ClockKind.PROGRESS).count() == 6


def test_a_draft_is_a_copy_and_changes_nothing_until_it_is_adopted(cast: Cast, draft: PolicyVersion) -> None:
    assert terms_of(draft) == terms_of(adopted())
    before = actions.grade(cast.ticket(), Grade.ONE, reason="clause", by=cast.li, now=MONDAY)
    row = resolution(draft)
    row.limit = 6 * HOUR
    drafting.save_limit(row, by=cast.zhao)
    assert resolution(adopted()).limit == 12 * HOUR
    drafting.adopt_policy(draft, note="Board of 20 November", by=cast.qian, now=MONDAY)
    after = actions.grade(cast.ticket(), Grade.ONE, reason="clause", by=cast.li, now=MONDAY)
    limits = [ticket.clocks.get(kind=ClockKind.RESOLUTION).limit for ticket in (before, after)]
    assert limits == [12 * HOUR, 6 * HOUR]
    assert {step.rule.version.number for step in before.escalations.all()} == {1}
    assert {step.rule.version.number for step in after.escalations.filter(clock__grade=1)} == {2}
    old = PolicyVersion.objects.get(number=1)
    assert (old.state, old.retired_at) == (PolicyState.RETIRED, MONDAY)
    assert (adopted().adopted_by, adopted().note) == (cast.qian, "Board of 20 November")
    actions.enforce_deadlines(now=MONDAY + 7 * HOUR)
    assert before.clocks.get(kind=ClockKind.RESOLUTION).breached_marked_at is None
    assert after.clocks.get(kind=ClockKind.RESOLUTION).breached_marked_at is not None


def test_the_call_form_shows_what_is_in_force_for_a_fault(cast: Cast, draft: PolicyVersion) -> None:
    drafting.save_limit(
        TimeLimit(
            version=draft,
            kind="resolution",
            limit=HOUR,
            near_percent=80,
            grade=1,
            work="fault",
            round_the_clock=True,
        ),
        by=cast.zhao,
    )
    limits = [("response", 15 * MIN), ("diagnosis", HOUR), ("resolution", 12 * HOUR)]
    assert [(row.kind, row.limit) for row in default_limits()[1]] == limits
    drafting.adopt_policy(draft, by=cast.zhao, now=MONDAY)
    assert [(row.kind, row.limit) for row in default_limits()[1]] == [*limits[:2], ("resolution", HOUR)]


def test_what_was_adopted_is_not_changed(cast: Cast, draft: PolicyVersion) -> None:
    drafting.adopt_policy(draft, by=cast.zhao, now=MONDAY)
    for version in PolicyVersion.objects.all():
        for deed in (
            lambda version=version: drafting.save_limit(resolution(version), by=cast.zhao),
            lambda version=version: drafting.remove_row(resolution(version), by=cast.zhao),
            lambda version=version: drafting.discard_draft_policy(version, by=cast.zhao),
            lambda version=version: drafting.adopt_policy(version, by=cast.zhao, now=MONDAY),
        ):
            with pytest.raises(Refused) as refused:
                deed()
            assert refused.value.code == "moved"


def test_a_policy_with_a_gap_is_not_adopted(cast: Cast, draft: PolicyVersion) -> None:
    drafting.remove_row(resolution(draft), by=cast.zhao)
    with pytest.raises(Refused) as refused:
        drafting.adopt_policy(draft, by=cast.zhao, now=MONDAY)
    assert refused.value.code == "incomplete"
    assert adopted().number == 1


@pytest.mark.parametrize("who", ["li", "wang", "liu", "zhou", "sun"])
def test_only_managers_of_the_department_and_administrators_rule(cast: Cast, who: str) -> None:
    with pytest.raises(Refused) as refused:
        drafting.draft_policy(title="x", why="x", by=getattr(cast, who), now=MONDAY)
    assert refused.value.code == "forbidden"
    assert all(drafting.may_rule(person) for person in (cast.zhao, cast.qian, cast.admin))
    User.objects.filter(pk=cast.zhao.pk).update(is_active=False)
    assert not drafting.may_rule(User.objects.get(pk=cast.zhao.pk))


def test_there_is_one_draft_and_one_version_in_force(cast: Cast, draft: PolicyVersion) -> None:
    with pytest.raises(Refused):
        drafting.draft_policy(title="x", why="x", by=cast.zhao, now=MONDAY)
    for state in (PolicyState.DRAFT, PolicyState.ADOPTED):
        with pytest.raises(IntegrityError), transaction.atomic():
            PolicyVersion.objects.create(number=9, state=state)
    drafting.discard_draft_policy(draft, by=cast.zhao)
    assert not PolicyVersion.objects.draft().exists()


BAD_RULES = {
    "after": {"after": None, "percent": None},
    "percent": {"after": None, "percent": 1001},
    "person": {"target": Target.PERSON},
    "repeat_times": {"repeat_every": HOUR, "repeat_times": 6},
    "repeat_every": {"repeat_times": 2},
    "quiet_from": {"grade": 1, "quiet_from": time(22), "quiet_until": time(7)},
    "quiet_until": {"quiet_from": time(22)},
    "clock": {"kind": ClockKind.GRADING},
}


@pytest.mark.parametrize("field", BAD_RULES)
def test_a_bad_rule_is_refused_at_its_field(cast: Cast, draft: PolicyVersion, field: str) -> None:
    facts = {"kind": ClockKind.RESOLUTION, "grade": 2, "after": 3 * HOUR, "target": Target.OWNER}
    row = EscalationRule(version=draft, **(facts | BAD_RULES[field]))
    with pytest.raises(Refused) as refused:
        drafting.save_rule(row, by=cast.zhao)
    assert refused.value.field == field
    assert row.pk is None


def test_a_rule_names_somebody_who_reads_all_records(cast: Cast, draft: PolicyVersion) -> None:
    facts = {"kind": ClockKind.RESOLUTION, "grade": 2, "after": HOUR, "target": Target.PERSON}
    with pytest.raises(Refused) as refused:
        drafting.save_rule(EscalationRule(version=draft, person=cast.chen, **facts), by=cast.zhao)
    assert refused.value.field == "person"
    drafting.save_rule(EscalationRule(version=draft, person=cast.liu, **facts), by=cast.zhao)


# Pages and REST


@pytest.fixture
def zhao(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.zhao)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def url(name: str, *args: object) -> str:
    return reverse(f"tickets:{name}", args=args)


def test_a_manager_drafts_edits_and_adopts_on_the_pages(cast: Cast, zhao: Browser) -> None:
    assert url("new_policy") in zhao.get(url("policy")).content.decode()
    assert zhao.post(url("new_policy"), {"title": "2027", "why": ""}).status_code == 422
    made = zhao.post(url("new_policy"), {"title": "2027", "why": "More clients"})
    assert made.url == url("policy_version", 2)
    draft = PolicyVersion.objects.draft().get()
    row = resolution(draft)
    edit = url("edit_limit", 2, row.pk)
    assert 'value="12h"' in zhao.get(edit).content.decode()
    typed = {"clock": "resolution:1", "limit": "0", "round_the_clock": "on", "near_percent": "80"}
    bad = zhao.post(edit, typed)
    assert bad.status_code == 422 and "longer than nothing" in bad.content.decode()
    assert zhao.post(edit, typed | {"limit": "30h"}).status_code == 302
    page = zhao.get(url("policy_version", 2)).content.decode()
    assert "§5.4.1.2" in page and "12 h round the clock" in page and "30 h round the clock" in page
    new = {
        "clock": "resolution:2",
        "after": "3h",
        "target": "person",
        "person": cast.liu.pk,
        "needs_ack": "all",
    }
    assert zhao.post(url("new_rule", 2), new | {"person": ""}).status_code == 422
    more = {"repeat_every": "30", "repeat_times": "2", "quiet_from": "22:00", "quiet_until": "07:00"}
    assert zhao.post(url("new_rule", 2), new | more).status_code == 302
    made = draft.rules.get(person=cast.liu)
    assert (made.after, made.repeat_every, made.repeat_times) == (3 * HOUR, 30 * MIN, 2)
    assert "2 times more, every 30 min" in zhao.get(url("policy_version", 2)).content.decode()
    assert zhao.post(url("remove_rule", 2, made.pk)).status_code == 302
    assert not draft.rules.filter(person=cast.liu).exists()
    assert zhao.post(url("adopt_policy", 2), {"note": "Board"}).url == url("policy")
    assert resolution(adopted()).limit == 30 * HOUR
    assert zhao.get(edit).status_code == 403
    assert "12 h round the clock" in zhao.get(url("policy_version", 1)).content.decode()


def test_what_stands_in_the_way_of_adopting_is_said_and_the_note_kept(
    cast: Cast, zhao: Browser, draft: PolicyVersion
) -> None:
    zhao.post(url("remove_limit", 2, resolution(draft).pk))
    answer = zhao.post(url("adopt_policy", 2), {"note": "Board of November"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Board of November" in page and "Missing" in page


def test_the_house_reads_and_does_not_edit(cast: Cast, client: Browser, draft: PolicyVersion) -> None:
    client.force_login(cast.wang)
    page = client.get(url("policy_version", 2)).content.decode()
    assert url("edit_limit", 2, resolution(draft).pk) not in page and url("adopt_policy", 2) not in page
    assert client.get(url("new_limit", 2)).status_code == 403
    assert client.post(url("adopt_policy", 2)).status_code == 403
    client.force_login(cast.sun)
    assert client.get(url("policy_version", 2)).status_code == 403
    client.force_login(cast.zhao)
    assert client.get(url("adopt_policy", 2)).status_code == 405
    assert client.get(url("policy_version", 7)).status_code == 404


def test_a_limit_of_another_groups_contract_is_not_to_be_read(
    cast: Cast, client: Browser, draft: PolicyVersion
) -> None:
    row = resolution(draft)
    row.pk, row.contract, row.limit = None, cast.hospital.contracts.get(), 77 * HOUR
    drafting.save_limit(row, by=cast.zhao)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    seen = {}
    for who in (cast.wang, cast.outsider):
        client.force_login(who)
        page = client.get(url("policy_version", 2)).content.decode()
        limits = caller(who).get("/policy/versions/2/").json()["limits"]
        seen[who.username] = (page.count("77 h"), "HT-1" in page, "HT-1" in str(limits))
    assert seen == {"wang": (2, True, True), "outsider": (0, False, False)}


def test_through_the_rest_interface(cast: Cast, draft: PolicyVersion) -> None:
    wang = caller(cast.wang)
    now = wang.get("/policy/").json()
    assert (now["number"], now["state"], len(now["limits"])) == (1, "adopted", len(defaults.LIMITS) + 1)
    assert [each["number"] for each in wang.get("/policy/versions/").json()["results"]] == [2, 1]
    assert wang.get("/policy/versions/2/").json()["title"] == "2027"
    assert wang.get("/policy/versions/3/").status_code == 404
    assert caller(cast.sun).get("/policy/").status_code == 403
