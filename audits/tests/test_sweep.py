"""What time does to audits: missed ones told, findings reminded of, overdue, reported up; never twice."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from audits import actions
from audits.actions.plan import workdays_of
from audits.kinds import EventKind, PlanState
from audits.models import AuditEvent, Finding, PlannedAudit
from audits.tests.auditing import DAY, HOUR, begun, looked_at, raised
from opsdesk.testing import MONDAY, Cast, at
from staff.models import Notice
from staff.notices import render
from staff.refused import Refused

pytestmark = pytest.mark.django_db


def told(kind: str) -> list[tuple[str, str]]:
    rows = Notice.objects.filter(kind=kind).order_by("pk")
    return list(rows.values_list("recipient__username", "params__what"))


def test_a_missed_audit_is_told_of_once_and_a_new_day_anew(cast: Cast) -> None:
    planned = actions.plan_audit(
        kind="hardware",
        group=cast.south,
        system=cast.his,
        planned_on=MONDAY.date(),
        by=cast.zhou,
        now=MONDAY,
    )
    actions.tend_audits(now=MONDAY + 12 * HOUR)
    assert not Notice.objects.filter(kind="audit_missed").exists()
    for hour in range(24, 28):
        actions.tend_audits(now=MONDAY + hour * HOUR)
    who = set(Notice.objects.filter(kind="audit_missed").values_list("recipient__username", flat=True))
    assert who == {"zhou", "zhao"} and Notice.objects.filter(kind="audit_missed").count() == 2
    notice = Notice.objects.filter(kind="audit_missed")[0]
    for language, names in (("en", "First Hospital · HIS inpatient"), ("zh-hans", "市一医院 · HIS 住院系统")):
        assert names in render(notice, language=language)[0]
    planned.refresh_from_db()
    assert planned.is_missed((MONDAY + DAY).date())
    planned = actions.change_planned(
        planned, planned_on=(MONDAY + 2 * DAY).date(), by=cast.zhou, now=MONDAY + DAY
    )
    actions.tend_audits(now=MONDAY + 3 * DAY)
    assert Notice.objects.filter(kind="audit_missed").count() == 4
    assert AuditEvent.objects.filter(kind=EventKind.MISSED).count() == 2


def test_a_finding_is_reminded_of_then_overdue_then_goes_up_level_by_level(cast: Cast) -> None:
    finding = raised(cast, begun(cast))  # due on Monday the 30th
    for hour in range(24 * 16):
        actions.tend_audits(now=MONDAY + hour * HOUR)
        if hour % 50 == 0:
            actions.tend_audits(now=MONDAY + hour * HOUR)
    assert sorted(told("finding")) == [("chen", "raised"), ("chen", "reminder"), ("wang", "raised")]
    assert told("finding_overdue") == [
        ("chen", "overdue"),
        ("wang", "reported_up"),
        ("liu", "reported_up"),
        ("zhao", "reported_up"),
    ]
    ups = finding.events.filter(kind=EventKind.REPORTED_UP).values_list("at", flat=True)
    due = at("2026-12-01 00:00")
    assert [int((when - due) / DAY) for when in ups] == [1, 3, 7]  # Saturday and Sunday lie between


def test_who_slept_for_long_tells_the_same_in_one_go(cast: Cast) -> None:
    raised(cast, begun(cast))
    actions.tend_audits(now=MONDAY + 30 * DAY)
    assert Counter(what for _who, what in told("finding_overdue")) == {"overdue": 1, "reported_up": 3}


def test_a_late_statement_is_told_of_once(cast: Cast) -> None:
    audit = looked_at(cast, begun(cast))
    actions.report_audit(audit, conclusion="x", by=cast.zhou, now=MONDAY)
    for days in (1, 7, 8, 20):
        actions.tend_audits(now=MONDAY + days * DAY)
    late = [who for who, what in told("audit_report") if what == "unstated"]
    assert sorted(late) == ["wang", "zhao", "zhou"]


def test_the_auditor_is_told_when_his_verification_waits(cast: Cast) -> None:
    finding = raised(cast, begun(cast), kind="suggestion")
    actions.answer_finding(finding, answer="x", by=cast.chen, now=MONDAY)
    actions.tend_audits(now=MONDAY + timedelta(days=9))
    assert ("zhou", "overdue") in told("finding_overdue")


def test_a_proposal_fills_the_rest_of_the_year_once_and_is_adopted(cast: Cast) -> None:
    added = actions.propose_plan(2027, actions.USUAL_TIMES, by=cast.zhou, now=MONDAY)
    rows = PlannedAudit.objects.filter(year=2027)
    assert added == rows.count() == 2 * 2 * 2 + 2  # two groups twice two kinds; one system twice
    assert actions.propose_plan(2027, actions.USUAL_TIMES, by=cast.zhou, now=MONDAY) == 0
    assert {row.state for row in rows} == {PlanState.PROPOSED}
    days = set(workdays_of(2027))
    assert all(row.planned_on in days for row in rows)
    assert actions.adopt_plan(2027, by=cast.zhou, now=MONDAY) == added
    with pytest.raises(Refused):
        actions.adopt_plan(2027, by=cast.zhou, now=MONDAY)
    actions.propose_plan(2026, actions.USUAL_TIMES, by=cast.zhou, now=MONDAY)
    assert min(PlannedAudit.objects.filter(year=2026).values_list("planned_on", flat=True)) > MONDAY.date()


def test_a_plan_says_what_is_missing_at_its_field(cast: Cast) -> None:
    facts = {"auditor": None, "by": cast.zhou, "now": MONDAY}
    day = MONDAY.date()
    for kind, group, system, planned_on, field in (
        ("", cast.south, None, day, "kind"),
        ("software", cast.south, None, day, "system"),
        ("process", None, None, day, "group"),
        ("process", cast.south, cast.his, day, "system"),
        ("process", cast.south, None, day - DAY, "planned_on"),
        ("process", cast.south, None, day + 5 * DAY, "planned_on"),  # a Saturday
    ):
        with pytest.raises(Refused) as refused:
            actions.plan_audit(kind=kind, group=group, system=system, planned_on=planned_on, **facts)
        assert refused.value.field == field
    with pytest.raises(Refused) as refused:
        actions.plan_audit(
            kind="process",
            group=cast.south,
            system=None,
            planned_on=day,
            auditor=cast.li,
            by=cast.zhou,
            now=MONDAY,
        )
    assert refused.value.field == "auditor"


def test_what_is_open_is_due_in_the_database_too(cast: Cast) -> None:
    finding = raised(cast, begun(cast))
    assert finding.due_at and finding.tell_at
    assert Finding.objects.overdue(finding.due_at).get() == finding
    assert not Finding.objects.overdue(finding.due_at - HOUR).exists()
