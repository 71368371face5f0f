"""An audit from its plan to its end: a hidden danger becomes a record and is verified closed (§4.1.1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from audits import actions
from audits.actions import Said
from audits.drawing import draw
from audits.kinds import AuditKind, AuditState, EventKind, FindingState, PlanState, Result
from audits.models import Audit, AuditEvent, Check, Finding, PlannedAudit
from audits.tests.auditing import DAY, HOUR, begun, closed_records, drawn, looked_at, raised, through
from opsdesk.testing import MONDAY, Cast, at
from staff.models import Notice
from staff.refused import Refused
from surveys.actions import corrective as correctives
from surveys.correcting import CorrectiveState, Effect, RootCause
from surveys.models import CorrectiveAction
from tickets.models import EntryKind, Status

pytestmark = pytest.mark.django_db


def test_a_hidden_danger_becomes_a_record_and_is_verified_closed(cast: Cast) -> None:
    records = closed_records(cast)
    actions.load_defaults(now=MONDAY)
    planned = actions.plan_audit(
        kind="process", group=cast.south, system=None, planned_on=MONDAY.date(), by=cast.zhou, now=MONDAY
    )
    audit = actions.begin_audit(planned=planned, by=cast.zhou, now=MONDAY)
    day = MONDAY.date()
    audit = actions.draw_sample(audit, since=day, until=day, size=3, by=cast.zhou, now=MONDAY)
    sampled = [one.ticket_id for one in audit.sampled.all()]
    assert sampled == list(draw([(one.pk, one.grade) for one in records], 3, audit.seed).ids)
    assert (audit.population_size, audit.strata) == (4, {"1": [1, 1], "2": [1, 1], "3": [2, 1]})

    with pytest.raises(Refused, match="have not been looked at"):
        actions.report_audit(audit, conclusion="x", by=cast.zhou, now=MONDAY)
    audit = looked_at(cast, audit, bad=1)
    with pytest.raises(Refused, match="no finding yet"):
        actions.report_audit(audit, conclusion="x", by=cast.zhou, now=MONDAY)
    bad = audit.checks.get(result=Result.DEVIATES)
    finding = raised(cast, audit, check=bad)
    assert finding.due_on == at("2026-11-30 00:00").date()
    audit.refresh_from_db()
    audit = actions.report_audit(audit, conclusion="总体符合", by=cast.zhou, now=MONDAY + HOUR)

    # The order goes down by the intake; the auditor himself stands in the record as the caller alone.
    finding = actions.open_record(finding, by=cast.zhou, now=MONDAY + HOUR)
    ticket = finding.orders.get().ticket
    assert ticket is not None
    assert (ticket.taken_by, ticket.caller_name, ticket.group) == (None, "周姐", cast.south)
    assert ticket.next_due_at and ticket.owner == cast.chen
    assert not ticket.entries.filter(by=cast.zhou).exists()
    with pytest.raises(Refused, match="opened of it already"):
        actions.open_corrective(finding, by=cast.zhou, now=MONDAY + HOUR)
    with pytest.raises(Refused, match="is not closed yet"):
        actions.answer_finding(finding, answer="做了演练", by=cast.chen, now=MONDAY + HOUR)
    through(cast, ticket, MONDAY + 2 * HOUR)
    with pytest.raises(Refused) as refused:
        actions.verify_finding(finding, is_effective=True, note="x", by=cast.zhou, now=MONDAY + 2 * HOUR)
    assert refused.value.code == "wrong_status"
    finding = actions.answer_finding(finding, answer="做了演练", by=cast.chen, now=MONDAY + 2 * HOUR)

    with pytest.raises(Refused) as refused:
        actions.close_audit(audit, by=cast.zhou, now=MONDAY + 2 * HOUR)
    assert "statement" in str(refused.value) and finding.number in str(refused.value)
    audit = actions.state_statement(audit, statement="照办", by=cast.wang, now=MONDAY + 3 * HOUR)
    finding = actions.verify_finding(
        finding, is_effective=True, note="看了演练记录", by=cast.zhou, now=MONDAY + 3 * HOUR
    )
    assert (finding.state, finding.due_at, finding.over_at) == (FindingState.CLOSED, None, MONDAY + 3 * HOUR)
    audit = actions.close_audit(audit, by=cast.zhou, now=MONDAY + 4 * HOUR)
    planned.refresh_from_db()
    assert (audit.state, planned.state) == (AuditState.CLOSED, PlanState.HELD)
    kinds = list(audit.events.values_list("kind", flat=True))
    assert kinds[:2] == [EventKind.BEGUN, EventKind.DRAWN] and kinds[-1] == EventKind.CLOSED
    assert {EventKind.RECORD, EventKind.VERIFIED, EventKind.STATED} <= set(kinds)
    told = set(
        Notice.objects.filter(kind__in=("finding", "audit_report")).values_list(
            "recipient__username", "params__what"
        )
    )
    assert {
        ("wang", "raised"),
        ("chen", "raised"),
        ("wang", "reported"),
        ("zhou", "answered"),
        ("zhou", "stated"),
    } <= told


def test_what_was_not_effective_goes_back_and_owes_a_new_order(cast: Cast) -> None:
    finding = actions.open_corrective(raised(cast, begun(cast)), by=cast.zhou, now=MONDAY)
    action = CorrectiveAction.objects.get()
    assert (action.source, action.owner, action.opened_by) == ("audit", cast.wang, cast.zhou)
    with pytest.raises(Refused, match="is not verified yet"):
        actions.answer_finding(finding, answer="x", by=cast.wang, now=MONDAY)
    action = correctives.analyse(
        action, whys=["没人管"], root_cause=RootCause.PROCESS, by=cast.wang, now=MONDAY
    )
    action = correctives.plan_measure(
        action, measure="每季演练", owner=cast.chen, due_on=(MONDAY + DAY).date(), by=cast.wang, now=MONDAY
    )
    action = correctives.carry_out(action, result="做了", by=cast.chen, now=MONDAY + HOUR)
    action = correctives.verify(action, is_done=True, note="看过", by=cast.wang, now=MONDAY + 2 * HOUR)
    finding = actions.answer_finding(finding, answer="做了", by=cast.wang, now=MONDAY + 3 * HOUR)
    finding = actions.verify_finding(
        finding, is_effective=False, note="没有记录", by=cast.zhou, now=MONDAY + DAY
    )
    assert (finding.state, finding.round, finding.answer) == (FindingState.OPEN, 2, "")
    assert finding.due_on == at("2026-12-01 00:00").date()
    with pytest.raises(Refused, match="has to be opened"):
        actions.answer_finding(finding, answer="x", by=cast.chen, now=MONDAY + DAY)
    finding = actions.open_record(finding, by=cast.zhou, now=MONDAY + DAY)
    assert [order.round for order in finding.orders.all()] == [1, 2]
    # Nobody outside waits for an answer to what an audit found: it closes without one.
    action = correctives.check_effect(
        action, effect=Effect.EFFECTIVE, note="x", by=cast.wang, now=MONDAY + 30 * DAY
    )
    assert (
        correctives.close_corrective(action, by=cast.wang, now=MONDAY + 30 * DAY).state
        == CorrectiveState.CLOSED
    )


def test_a_suggestion_may_be_answered_alone_and_a_danger_without_client_asks_for_one(cast: Cast) -> None:
    audit = begun(cast)
    idea = raised(cast, audit, kind="suggestion", client=None)
    idea = actions.answer_finding(idea, answer="采纳", by=cast.wang, now=MONDAY)
    assert (
        actions.verify_finding(idea, is_effective=True, note="好", by=cast.zhou, now=MONDAY).state == "closed"
    )
    danger = raised(cast, audit, client=None)
    for order in (actions.open_record, actions.open_corrective):
        with pytest.raises(Refused) as refused:
            order(danger, by=cast.zhou, now=MONDAY)
        assert refused.value.field == "client"
    assert actions.open_record(danger, client=cast.hospital, by=cast.zhou, now=MONDAY).client == cast.hospital


def test_the_sample_is_drawn_once_and_the_database_keeps_seed_and_population(cast: Cast) -> None:
    closed_records(cast)
    audit = drawn(cast)
    with pytest.raises(Refused, match="drawn already"):
        actions.draw_sample(audit, since=MONDAY.date(), until=MONDAY.date(), size=1, by=cast.zhou, now=MONDAY)
    with pytest.raises(DatabaseError), transaction.atomic():
        Audit.objects.filter(pk=audit.pk).update(seed="")
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.update(text="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        Check.objects.filter(audit=audit).update(result="deviates", note="", by=cast.zhou, at=MONDAY)


def test_the_population_is_the_groups_or_the_systems_and_the_periods(cast: Cast) -> None:
    records = closed_records(cast)
    cast.ticket(MONDAY)  # open: nothing to look at yet
    other = through(cast, cast.ticket(MONDAY - HOUR, system=None), MONDAY)
    day = MONDAY.date()
    of_group = actions.population_of(begun(cast), day, day)
    of_system = actions.population_of(begun(cast, kind=AuditKind.SOFTWARE), day, day)
    assert {pk for pk, _grade in of_group} == {one.pk for one in records} | {other.pk}
    assert {pk for pk, _grade in of_system} == {one.pk for one in records}
    assert list(actions.population_of(begun(cast), day - DAY, day - DAY)) == []
    with pytest.raises(Refused) as refused:
        actions.draw_sample(begun(cast), since=day - DAY, until=day - DAY, size=3, by=cast.zhou, now=MONDAY)
    assert refused.value.field == "since"


def test_what_does_not_conform_says_what_and_all_of_it_is_kept_or_none(cast: Cast) -> None:
    audit = begun(cast)
    first, second = audit.checks.order_by("pk")[:2]
    said = {first.pk: Said(Result.CONFORMS), second.pk: Said(Result.DEVIATES, " ")}
    with pytest.raises(Refused) as refused:
        actions.look_at(audit, said, by=cast.zhou, now=MONDAY)
    assert refused.value.field == f"note-{second.pk}"
    assert not audit.checks.exclude(result="").exists()


def test_somebody_faster_wins_and_nothing_is_overwritten(cast: Cast) -> None:
    audit = begun(cast)
    stale = Audit.objects.get(pk=audit.pk)
    looked_at(cast, audit)
    with pytest.raises(Refused) as refused:
        actions.report_audit(stale, conclusion="x", by=cast.zhou, now=MONDAY)
    assert refused.value.code == "moved"


@pytest.mark.parametrize("who", ["li", "chen", "wang", "liu", "zhao"])
def test_only_auditors_plan_hold_order_and_verify(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    audit = begun(cast)
    finding = raised(cast, audit)
    audit.refresh_from_db()
    facts = {"by": person, "now": MONDAY}
    day = MONDAY.date()
    for attempt in (
        lambda: actions.propose_plan(2027, actions.USUAL_TIMES, **facts),
        lambda: actions.plan_audit(kind="process", group=cast.south, system=None, planned_on=day, **facts),
        lambda: actions.begin_audit(kind="process", group=cast.south, **facts),
        lambda: actions.draw_sample(audit, since=day, until=day, size=1, **facts),
        lambda: actions.look_at(audit, {}, **facts),
        lambda: actions.report_audit(audit, conclusion="x", **facts),
        lambda: actions.raise_finding(audit, kind="danger", title="x", **facts),
        lambda: actions.open_record(finding, **facts),
        lambda: actions.open_corrective(finding, **facts),
        lambda: actions.verify_finding(finding, is_effective=True, note="x", **facts),
        lambda: actions.withdraw_finding(finding, reason="x", **facts),
        lambda: actions.close_audit(audit, **facts),
        lambda: actions.draft_checklist(AuditKind.PROCESS, by=person),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.code == "forbidden"


def test_an_auditor_neither_answers_nor_states_and_never_verifies_his_own(cast: Cast) -> None:
    audit = begun(cast)
    finding = raised(cast, audit, kind="suggestion")
    with pytest.raises(Refused) as refused:
        actions.answer_finding(finding, answer="x", by=cast.zhou, now=MONDAY)
    assert refused.value.code == "forbidden"
    mine = raised(cast, audit, kind="suggestion", owner=cast.admin)
    mine = actions.answer_finding(mine, answer="x", by=cast.admin, now=MONDAY)
    with pytest.raises(Refused, match="other than its owner"):
        actions.verify_finding(mine, is_effective=True, note="x", by=cast.admin, now=MONDAY)
    audit.refresh_from_db()
    looked_at(cast, audit)
    audit.refresh_from_db()
    audit = actions.report_audit(audit, conclusion="x", by=cast.zhou, now=MONDAY)
    with pytest.raises(Refused) as refused:
        actions.state_statement(audit, statement="x", by=cast.zhou, now=MONDAY)
    assert refused.value.code == "forbidden"


def test_each_sees_what_he_may(cast: Cast) -> None:
    audit = begun(cast)
    finding = raised(cast, audit)
    seen = {
        who: (
            Audit.objects.visible_to(getattr(cast, who)).filter(pk=audit.pk).exists(),
            Finding.objects.visible_to(getattr(cast, who)).filter(pk=finding.pk).exists(),
        )
        for who in ("li", "chen", "wang", "liu", "zhou", "zhao", "outsider", "admin", "sun")
    }
    assert seen == {
        "li": (False, False),
        "chen": (False, True),
        "wang": (True, True),
        "liu": (True, True),
        "zhou": (True, True),
        "zhao": (True, True),
        "outsider": (False, False),
        "admin": (True, True),
        "sun": (False, False),
    }
    planned = actions.plan_audit(
        kind="process", group=cast.south, system=None, planned_on=MONDAY.date(), by=cast.zhou, now=MONDAY
    )
    rows = PlannedAudit.objects
    assert [planned in rows.visible_to(one) for one in (cast.li, cast.wang, cast.zhou, cast.sun)] == [
        False,
        True,
        True,
        False,
    ]


def test_the_record_of_a_finding_says_where_it_comes_from(cast: Cast) -> None:
    finding = actions.open_record(raised(cast, begun(cast)), by=cast.zhou, now=MONDAY)
    ticket = finding.orders.get().ticket
    assert ticket is not None and ticket.status == Status.LOGGED
    logged = ticket.entries.get(kind=EntryKind.LOGGED)
    assert logged.changes["finding"] == [None, finding.pk] and finding.number in ticket.details


def test_the_finding_of_a_closed_day_reckons_working_days_alone(cast: Cast) -> None:
    eve = at("2026-09-30 10:00")  # National Day follows
    finding = raised(cast, begun(cast, eve), eve)
    assert finding.due_on > at("2026-10-08 00:00").date() and finding.due_on - eve.date() > timedelta(days=9)
