"""Inspection sheets in versions, and the plans that go by them (tail 7.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from duty import actions
from duty.actions import tend_inspections
from duty.models import Inspection, InspectionEvent, InspectionSheet, SheetItem
from duty.recurrence import Often
from duty.tests.inspections import BACKUP, CPU, LAMP, REMARK, daily, due, planned, published, say
from opsdesk.testing import MONDAY
from staff.refused import Refused

DAY = timedelta(days=1)


def test_a_published_version_is_frozen_and_runs_keep_theirs(cast):
    inspection = due(cast)
    sheet = inspection.sheet
    say(inspection, cast.chen, MONDAY, cpu="42")
    first = inspection.version
    with pytest.raises(Refused):
        actions.save_item(first, CPU, line=1, by=cast.wang)
    second = actions.draft_version(sheet, by=cast.wang)
    assert second.number == 2 and actions.draft_version(sheet, by=cast.wang) == second
    assert [item.line for item in second.items.all()] == [item.line for item in first.items.all()]
    actions.save_item(second, CPU | {"critical_high": Decimal(99)}, line=1, by=cast.wang)
    actions.remove_item(second, 3, by=cast.wang)
    actions.move_item(second, 2, up=True, by=cast.wang)
    new = actions.save_item(second, CPU | {"name": "内存"}, line=None, by=cast.wang)
    assert new.line == 5  # a line is never used again
    actions.publish_version(second, by=cast.wang, now=MONDAY)
    tomorrow = Inspection.objects.get(day=date(2026, 11, 24))
    assert tomorrow.version == second and [item.line for item in second.items.all()] == [2, 1, 4, 5]
    inspection.refresh_from_db()
    assert inspection.version == first and first.items.get(line=1).critical_high == 90


def test_a_line_is_never_used_again_though_its_item_was_taken_out(cast):
    sheet = published(cast, CPU, BACKUP)
    draft = actions.draft_version(sheet, by=cast.wang)
    actions.remove_item(draft, 2, by=cast.wang)
    actions.publish_version(draft, by=cast.wang, now=MONDAY)
    third = actions.draft_version(sheet, by=cast.wang)
    assert actions.save_item(third, LAMP, line=None, by=cast.wang).line == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"warn_high": Decimal(95)}, "critical_high"),
        ({"kind": "choice", "options": []}, "options"),
        ({"kind": "choice", "options": [{"text": "a", "level": "normal"}] * 2}, "options"),
    ],
)
def test_an_item_that_contradicts_itself_is_refused_at_its_field(cast, change, field):
    sheet = actions.write_sheet(cast.south, name="x", by=cast.wang, now=MONDAY)
    draft = actions.draft_version(sheet, by=cast.wang)
    with pytest.raises(Refused) as refused:
        actions.save_item(draft, CPU | change, line=None, by=cast.wang)
    assert refused.value.field == field


def test_what_belongs_to_another_kind_is_not_kept(cast):
    sheet = published(cast, REMARK | {"unit": "%", "warn_high": Decimal(3), "expected": "no"})
    item = SheetItem.objects.get(version__sheet=sheet)
    assert (item.unit, item.warn_high, item.expected) == ("", None, "")


def test_only_the_groups_supervisor_writes_sheets_and_plans(cast):
    sheet = published(cast)
    for person in (cast.chen, cast.outsider, cast.zhao):
        for act in (
            lambda by: actions.write_sheet(cast.south, name="x", by=by, now=MONDAY),
            lambda by: actions.draft_version(sheet, by=by),
            lambda by: actions.make_plan(sheet, daily(), by=by, now=MONDAY),
            lambda by: actions.retire_sheet(sheet, by=by, now=MONDAY),
        ):
            with pytest.raises(Refused) as refused:
                act(person)
            assert refused.value.code == "forbidden"


def test_a_name_is_used_once_for_one_system_and_a_foreign_system_is_refused(cast):
    published(cast)
    with pytest.raises(Refused) as refused:
        published(cast)
    assert refused.value.field == "name"
    published(cast, system=None)
    cast.hospital.group = cast.north
    cast.hospital.save()
    with pytest.raises(Refused) as refused:
        published(cast, name="y")
    assert refused.value.field == "system"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"often": Often.WEEKLY}, "weekday"),
        ({"often": Often.MONTHLY, "month_day": 32}, "month_day"),
        ({"window_minutes": 99_999}, "window_minutes"),
        ({"since": date(2026, 11, 22)}, "since"),
    ],
)
def test_a_rhythm_that_cannot_be_is_refused_at_its_field(cast, change, field):
    with pytest.raises(Refused) as refused:
        actions.make_plan(published(cast), replace(daily(), **change), by=cast.wang, now=MONDAY)
    assert refused.value.field == field


def test_an_unpublished_sheet_is_not_planned_and_one_with_a_plan_not_retired(cast):
    sheet = actions.write_sheet(cast.south, name="x", by=cast.wang, now=MONDAY)
    with pytest.raises(Refused) as refused:
        actions.make_plan(sheet, daily(), by=cast.wang, now=MONDAY)
    assert refused.value.field == "sheet"
    plan = planned(cast)
    with pytest.raises(Refused):
        actions.retire_sheet(plan.sheet, by=cast.wang, now=MONDAY)
    actions.end_plan(plan, by=cast.wang, now=MONDAY)
    actions.retire_sheet(plan.sheet, by=cast.wang, now=MONDAY)
    assert not InspectionSheet.objects.in_use().filter(pk=plan.sheet_id).exists()
    assert [event.kind for event in InspectionEvent.objects.filter(sheet=plan.sheet).order_by("pk")] == [
        "sheet_written",
        "sheet_published",
        "plan_made",
        "plan_ended",
        "sheet_retired",
    ]


def test_a_change_or_an_end_leaves_what_was_begun_or_is_due(cast):
    plan = planned(cast)
    today, _tomorrow = plan.inspections.order_by("day")
    say(today, cast.chen, MONDAY, cpu="42")
    plan = actions.change_plan(plan, daily(due=time(16)), by=cast.wang, now=MONDAY)
    assert [(f"{one.day:%m-%d}", one.due_at.hour + 8) for one in plan.inspections.order_by("day")] == [
        ("11-23", 10),
        ("11-24", 16),
    ]
    actions.end_plan(plan, by=cast.wang, now=MONDAY)
    assert list(plan.inspections.all()) == [today]
    tend_inspections(now=MONDAY + 3 * DAY)
    assert plan.inspections.count() == 1
