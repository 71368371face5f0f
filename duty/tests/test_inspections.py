"""Inspections: written ahead, done, finished, missed; sheets in versions (§5.1, tail 7.1)."""

from __future__ import annotations

import io
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from duty import actions
from duty.actions import ItemsRefused, Said, tend_inspections
from duty.inspecting import Standing
from duty.models import (
    Inspection,
    InspectionAnswer,
    InspectionFile,
    OverrideKind,
)
from duty.recurrence import Often
from duty.tests.inspections import CPU, daily, due, item_of, planned, published, say
from duty.tests.rosters import defined
from opsdesk.testing import MONDAY, Cast, at
from staff import shelf
from staff.actions import sweep_shelf
from staff.files import Upload
from staff.models import Notice
from staff.refused import Refused
from staff.tests.hostile import picture

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
NOON = at("2026-11-23 12:00")  # the window of what was due at 10 ends


def days(plan) -> list[str]:
    return [f"{one.day:%m-%d}" for one in plan.inspections.order_by("day")]


def state() -> list[tuple[object, ...]]:
    rows = Inspection.objects.order_by("day").values_list(
        "day", "due_at", "closes_at", "person", "reminded_at", "missed_at", "finished_at", "version__number"
    )
    return [*rows, *Notice.objects.order_by("pk").values_list("recipient", "kind", "key")]


# Written ahead


def test_today_and_tomorrow_are_written_at_once_and_each_day_brings_the_next(cast):
    plan = planned(cast)
    assert days(plan) == ["11-23", "11-24"]
    tend_inspections(now=at("2026-11-24 00:01"))
    assert days(plan) == ["11-23", "11-24", "11-25"]


def test_a_second_run_changes_nothing_and_a_late_one_makes_good_every_day(cast):
    plan = planned(cast)
    defined(cast)
    late = at("2026-11-27 08:00")
    tend_inspections(now=late)
    assert days(plan) == [f"11-{n}" for n in range(23, 29)]
    assert plan.inspections.filter(missed_at__isnull=False).count() == 4
    once = state()
    tend_inspections(now=late)
    tend_inspections(now=late + timedelta(seconds=30))
    assert state() == once


def test_the_database_holds_one_inspection_of_a_plan_a_day(cast):
    inspection = due(cast)
    facts = {"plan": inspection.plan, "version": inspection.version, "group": cast.south}
    with pytest.raises(IntegrityError), transaction.atomic():
        Inspection.objects.create(
            **facts, day=inspection.day, due_at=inspection.due_at, closes_at=inspection.closes_at
        )


@pytest.mark.parametrize(
    ("rhythm", "expected"),
    [
        ({"often": Often.WORKDAYS}, ["11-23", "11-24", "11-25", "11-26", "11-27", "11-30"]),
        ({"often": Often.WEEKLY, "weekday": 5}, ["11-23", "11-30"]),
        ({"often": Often.WEEKLY, "weekday": 5, "is_moved": False}, ["11-28"]),
        ({"often": Often.MONTHLY, "month_day": 28}, ["11-30"]),
    ],
)
def test_the_rhythm_follows_the_working_calendar(cast, rhythm, expected):
    plan = planned(cast, **rhythm)
    tend_inspections(now=at("2026-11-29 12:00"))
    assert days(plan) == expected


def test_what_is_due_already_is_not_made_by_a_new_plan(cast):
    plan = actions.make_plan(published(cast), daily(due=time(9)), by=cast.wang, now=MONDAY)  # it is 9:30
    assert days(plan) == ["11-24"]


def test_it_belongs_to_whoever_is_on_duty_then_and_follows_the_roster(cast):
    plan = planned(cast)
    assert set(plan.inspections.values_list("person", flat=True)) == {None}
    defined(cast, since=at("2026-11-23 09:35"), starts=time(9), ends=time(9))  # a day each from nine on
    tend_inspections(now=at("2026-11-23 09:40"))
    assert [one.person for one in plan.inspections.order_by("day")] == [cast.chen, cast.li]
    actions.place_override(
        cast.south,
        OverrideKind.REPLACE,
        "primary",
        at("2026-11-24 09:00"),
        at("2026-11-24 12:00"),
        user=cast.wang,
        instead_of=cast.li,
        reason="ill",
        by=cast.wang,
        now=at("2026-11-23 09:40"),
    )
    tend_inspections(now=at("2026-11-23 11:00"))
    assert [one.person for one in plan.inspections.order_by("day")] == [cast.chen, cast.wang]


# Due, missed, told


def test_what_is_due_is_reminded_of_and_what_is_missed_goes_up_once_each(cast):
    defined(cast, since=at("2026-11-23 09:35"), starts=time(9), ends=time(9))
    inspection = due(cast, at("2026-11-23 09:40"))
    tend_inspections(now=at("2026-11-23 09:59"))
    assert not Notice.objects.exists()
    for minute in range(4):
        tend_inspections(now=at("2026-11-23 10:00") + minute * MINUTE)
    assert list(Notice.objects.values_list("recipient__username", "kind")) == [("chen", "inspection_due")]
    for minute in range(4):
        tend_inspections(now=NOON + minute * MINUTE)
    missed = Notice.objects.filter(kind="inspection_missed").values_list("recipient__username", flat=True)
    assert sorted(missed) == ["chen", "wang"]
    inspection.refresh_from_db()
    assert inspection.missed_at == NOON and inspection.standing(NOON) == Standing.MISSED
    assert [event.kind for event in inspection.events.all()] == ["missed"]


def test_with_nobody_on_duty_the_supervisor_is_told_when_it_is_due(cast):
    due(cast)
    tend_inspections(now=at("2026-11-23 10:00"))
    assert list(Notice.objects.values_list("recipient__username", "kind")) == [("wang", "inspection_due")]


def test_what_is_finished_in_its_window_is_never_missed_and_what_comes_after_it_is_late(cast):
    first = due(cast)
    finish(first, cast, at("2026-11-23 11:59"))
    tend_inspections(now=at("2026-11-24 12:00"))
    first.refresh_from_db()
    assert first.missed_at is None and first.standing(NOON) == Standing.FINISHED
    second = Inspection.objects.get(day=date(2026, 11, 24))
    assert second.missed_at == at("2026-11-24 12:00")
    finish(second, cast, at("2026-11-24 13:00"))
    second.refresh_from_db()
    assert second.missed_at and second.standing(NOON) == Standing.LATE


@pytest.mark.parametrize("standing", Standing)
def test_the_database_counts_as_the_rule_does(cast, standing):
    plan = planned(cast)
    now = at("2026-11-25 11:00")
    tend_inspections(now=now)
    finish(plan.inspections.get(day=date(2026, 11, 24)), cast, now)
    tend_inspections(now=at("2026-11-26 11:30"))
    finish(plan.inspections.get(day=date(2026, 11, 26)), cast, at("2026-11-26 11:30"))
    for now in (at("2026-11-26 11:30"), at("2026-11-27 09:00")):
        by_rule = {one.pk for one in Inspection.objects.all() if one.standing(now) == standing}
        assert set(Inspection.objects.standing(standing, now).values_list("pk", flat=True)) == by_rule


def finish(inspection: Inspection, cast: Cast, now) -> Inspection:
    say(inspection, cast.chen, now, cpu="42", backup="yes", lamp="绿")
    return actions.finish_inspection(inspection, by=cast.chen, now=now)


# Done


def test_values_are_kept_bit_by_bit_and_finishing_names_what_is_missing(cast):
    inspection = due(cast)
    say(inspection, cast.chen, MONDAY, cpu="42.5")
    with pytest.raises(ItemsRefused) as refused:
        actions.finish_inspection(inspection, by=cast.chen, now=MONDAY)
    assert {pk: (one.field, one.code) for pk, one in refused.value.faults.items()} == {
        item_of(inspection, "Backup done").pk: ("result", "unanswered"),
        item_of(inspection, "Alarm lamp").pk: ("result", "unanswered"),
    }
    say(inspection, cast.li, MONDAY, backup="yes", lamp="绿")
    done = actions.finish_inspection(inspection, by=cast.li, now=MONDAY + MINUTE)
    assert (done.finished_at, done.finished_by) == (MONDAY + MINUTE, cast.li)
    cpu = inspection.answers.get(item__name_en="CPU load")
    assert (cpu.number, cpu.level, cpu.result, cpu.answered_by) == (
        Decimal("42.5"),
        "normal",
        "normal",
        cast.chen,
    )
    assert [(event.kind, event.by) for event in inspection.events.order_by("pk")] == [
        ("answered", cast.chen),
        ("answered", cast.li),
        ("finished", cast.li),
    ]
    for act in (lambda: say(inspection, cast.chen, MONDAY, cpu="1"), lambda: finish(done, cast, MONDAY)):
        with pytest.raises(Refused) as late:
            act()
        assert late.value.code == "wrong_status"


def test_a_critical_value_is_abnormal_needs_a_note_and_a_record_or_a_reason(cast):
    inspection = due(cast)
    say(inspection, cast.chen, MONDAY, cpu="95", backup="yes", lamp="绿")
    cpu = item_of(inspection, "CPU load")
    assert inspection.answers.get(item=cpu).result == "abnormal"
    for said, code in (
        (Said(result="normal"), "critical"),
        (Said(result="abnormal"), "no_note"),
        (Said(note="a report runs"), "no_record"),
    ):
        actions.answer_items(inspection, {cpu.pk: said}, by=cast.chen, now=MONDAY)
        with pytest.raises(ItemsRefused) as refused:
            actions.finish_inspection(inspection, by=cast.chen, now=MONDAY)
        assert refused.value.faults[cpu.pk].code == code
    actions.answer_items(inspection, {cpu.pk: Said(reason="it ends at eleven")}, by=cast.chen, now=MONDAY)
    assert actions.finish_inspection(inspection, by=cast.chen, now=MONDAY).finished_at


def test_one_bad_value_does_not_lose_the_others(cast):
    inspection = due(cast)
    with pytest.raises(ItemsRefused) as refused:
        say(inspection, cast.chen, MONDAY, cpu=Said(value="much", note="hot"), backup="yes")
    assert [one.code for one in refused.value.faults.values()] == ["not_a_number"]
    assert inspection.answers.get(item__name_en="Backup done").value == "yes"
    assert inspection.answers.get(item__name_en="CPU load").note == "hot"


def test_a_photo_is_drawn_anew_and_a_required_one_is_missed(cast):
    sheet = published(cast, CPU | {"needs_file": True})
    inspection = actions.make_plan(sheet, daily(), by=cast.wang, now=MONDAY).inspections.first()
    cpu = item_of(inspection, "CPU load")
    say(inspection, cast.chen, MONDAY, cpu="40")
    with pytest.raises(ItemsRefused) as refused:
        actions.finish_inspection(inspection, by=cast.chen, now=MONDAY)
    assert refused.value.faults[cpu.pk].field == "files"
    with pytest.raises(ItemsRefused) as refused:
        say(inspection, cast.chen, MONDAY, cpu=Said(files=[Upload("a.png", io.BytesIO(b"no picture"))]))
    assert refused.value.faults[cpu.pk].field == "files" and not InspectionFile.objects.exists()
    say(inspection, cast.chen, MONDAY, cpu=Said(files=[Upload("a.png", io.BytesIO(picture()))]))
    file = InspectionFile.objects.get()
    assert (file.media_type, file.by, file.is_image) == ("image/png", cast.chen, True)
    sweep_shelf(now=timezone.now() + 2 * DAY)  # whoever keeps files has claimed them by that
    with shelf.take(file.stored) as content:
        assert content.read(4) == b"\x89PNG"
    assert actions.finish_inspection(inspection, by=cast.chen, now=MONDAY).finished_at


def test_another_group_may_not_and_those_who_only_read_do(cast):
    inspection = due(cast)
    for person, sees in ((cast.outsider, False), (cast.sun, False), (cast.zhou, True), (cast.zhao, True)):
        assert Inspection.objects.visible_to(person).exists() == sees
        with pytest.raises(Refused) as refused:
            say(inspection, person, MONDAY, cpu="1")
        assert refused.value.code == "forbidden"
    say(inspection, cast.liu, MONDAY, cpu="1")  # the technical team helps every group
    assert InspectionAnswer.objects.count() == 1
