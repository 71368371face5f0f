"""What is inspected: sheets, a month of values, one inspection that was missed, one finding with its record.

Sheets and plans are written by the actions as they were a month ago. What was found since is written in
bulk, with rows equal to what the actions write.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from clients.models import System
from duty import actions
from duty.actions import Rhythm
from duty.inspecting import result_of
from duty.models import (
    Inspection,
    InspectionAnswer,
    InspectionEvent,
    InspectionEventKind,
    InspectionPlan,
    SheetItem,
)
from duty.readings import ItemKind, Level, level_of, read
from duty.recurrence import Often
from opsdesk.demo.people import HOME, Staff, Team
from opsdesk.demo.texts import load
from staff.models import User
from tickets.actions import open_record_of

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
BACK = 35 * DAY
BEFORE_DUE = 25 * MINUTE  # when whoever has the duty usually begins
SCALE = {"warn_low", "warn_high", "critical_low", "critical_high"}


def inspect(rng: random.Random, staff: Staff, *, now: datetime) -> None:
    """Inspect for a month. The first group has all sheets, the others their server room."""
    home = next(team for team in staff.teams if team.group.code == HOME)
    plans = [
        (_plan(team, words, now - BACK), team, words)
        for team in staff.teams
        for key, words in load("inspections")["sheets"].items()
        if team is home or key == "room"
    ]
    actions.write_ahead(now=now)
    for plan, team, words in plans:
        related = plan.inspections.select_related("person", "version", "plan__sheet")
        done = list(related.filter(due_at__lte=now).order_by("day"))
        if plan.often == Often.WORKDAYS:
            done.pop(-3)  # that one is missed
        _write(rng, team, done, words)
    _find(home, now)
    for missed in Inspection.objects.open().filter(closes_at__lte=now):
        actions.tend_inspections(now=missed.closes_at)
    actions.tend_inspections(now=now)


def _plan(team: Team, words: dict[str, Any], then: datetime) -> InspectionPlan:
    by, system = team.supervisors[0], _system(team, words["system"])
    sheet = actions.write_sheet(
        team.group, name=words["name"], name_en=words["name_en"], system=system, by=by, now=then
    )
    draft = actions.draft_version(sheet, by=by)
    for item in words["items"]:
        actions.save_item(draft, _facts(item), line=None, by=by)
    actions.publish_version(draft, by=by, now=then)
    rhythm = Rhythm(
        Often(words["often"]),
        due=time.fromisoformat(words["due"]),
        since=(then + DAY).date(),
        window_minutes=words["window"],
        month_day=words.get("month_day"),
    )
    return actions.make_plan(sheet, rhythm, by=by, now=then)


def _system(team: Team, kind: str) -> System | None:
    if not kind:
        return None
    systems = System.objects.filter(client__group=team.group, name=load("systems")[kind]["name"])
    return systems.select_related("client").order_by("pk")[0]


def _facts(item: dict[str, Any]) -> dict[str, Any]:
    facts = {
        name: value for name, value in item.items() if name not in ("values", "whole", "text", "options")
    }
    facts |= {name: Decimal(str(value)) for name, value in facts.items() if name in SCALE}
    if "options" in item:
        names = ("text", "text_en", "level")
        facts["options"] = [dict(zip(names, option, strict=True)) for option in item["options"]]
    return facts


def _write(rng: random.Random, team: Team, done: list[Inspection], words: dict[str, Any]) -> None:
    answers, events = [], []
    items = list(done[0].version.items.all()) if done else []
    for number, one in enumerate(done):
        by = one.person or team.engineers[number % len(team.engineers)]
        begun = one.due_at - BEFORE_DUE + rng.randrange(20) * MINUTE
        one.finished_at, one.finished_by = begun + rng.randrange(1, 5) * MINUTE, by
        answers += list(_answers(rng, one, items, by, begun, words, number))
        for kind, at in (
            (InspectionEventKind.ANSWERED, begun),
            (InspectionEventKind.FINISHED, one.finished_at),
        ):
            events.append(InspectionEvent(sheet=one.plan.sheet, inspection=one, kind=kind, at=at, by=by))
    Inspection.objects.bulk_update(done, ["finished_at", "finished_by"])
    InspectionAnswer.objects.bulk_create(answers)
    InspectionEvent.objects.bulk_create(events)


def _answers(
    rng: random.Random,
    one: Inspection,
    items: list[SheetItem],
    by: User,
    at: datetime,
    words: dict[str, Any],
    number: int,
) -> Iterator[InspectionAnswer]:
    for item, told in zip(items, words["items"], strict=True):
        value = _value(rng, item, told, number)
        reading = read(item.scale, value)
        if reading is None:
            continue
        level = level_of(item.scale, reading)
        yield InspectionAnswer(
            inspection=one,
            item=item,
            value=reading.text,
            number=reading.number,
            level=level or "",
            result=result_of("" if level else "normal", level),
            answered_at=at,
            answered_by=by,
        )


def _value(rng: random.Random, item: SheetItem, told: dict[str, Any], number: int) -> str:
    """A plausible value of so many times after the first: it wavers and may drift, but is never critical."""
    match item.kind:
        case ItemKind.YES_NO:
            return item.expected
        case ItemKind.CHOICE:
            normal, warn, _critical = item.options
            return str((warn if rng.random() < 0.08 else normal)["text"])
        case ItemKind.TEXT:
            return str(told.get("text") or (load("inspections")["remark"] if rng.random() < 0.05 else ""))
    mean, spread, drift = told["values"]
    drawn = max(0, rng.gauss(mean + drift * number, spread))
    value = f"{drawn:.0f}" if told.get("whole") else f"{drawn:.{2 if mean < 1 else 1}f}"
    is_critical = level_of(item.scale, read(item.scale, value)) == Level.CRITICAL
    return _value(rng, item, told, number) if is_critical else value


def _find(home: Team, now: datetime) -> None:
    """The last inspection of a system found something, and today its record is opened."""
    words = load("inspections")["found"]
    name = load("inspections")["sheets"][words["sheet"]]["name"]
    done = Inspection.objects.filter(version__sheet__name=name, finished_at__isnull=False)
    last = done.select_related("version__sheet__system__client", "finished_by").latest("due_at")
    answer = last.answers.select_related("item", "answered_by").get(item__line=words["line"])
    reading = read(answer.item.scale, words["value"])
    answer.value, answer.number = words["value"], reading and reading.number
    answer.level, answer.result = Level.CRITICAL, "abnormal"
    answer.note, answer.reason = words["note"], words["reason"]
    answer.save()
    answer.inspection = last
    open_record_of(answer, by=home.supervisors[0], now=now)
