"""What the tests of inspections have in common: a sheet of the hospital's system, and somebody on duty."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from duty.actions import (
    Rhythm,
    Said,
    answer_items,
    draft_version,
    make_plan,
    publish_version,
    save_item,
    write_sheet,
)
from duty.models import Inspection, InspectionPlan, InspectionSheet, SheetItem
from duty.readings import ItemKind
from duty.recurrence import Often
from opsdesk.testing import MONDAY, Cast
from staff.models import User

CPU = {
    "name": "CPU 使用率",
    "name_en": "CPU load",
    "kind": ItemKind.NUMBER,
    "unit": "%",
    "warn_high": Decimal(80),
    "critical_high": Decimal(90),
}
BACKUP = {
    "name": "备份成功",
    "name_en": "Backup done",
    "kind": ItemKind.YES_NO,
    "expected": "yes",
    "section": "backup",
}
LAMP = {
    "name": "告警灯",
    "name_en": "Alarm lamp",
    "kind": ItemKind.CHOICE,
    "section": "environment",
    "options": [
        {"text": "绿", "text_en": "green", "level": "normal"},
        {"text": "红", "text_en": "red", "level": "critical"},
    ],
}
REMARK = {
    "name": "其他",
    "name_en": "Anything else",
    "kind": ItemKind.TEXT,
    "is_required": False,
    "section": "other",
}
ITEMS = (CPU, BACKUP, LAMP, REMARK)


def published(cast: Cast, *items: dict[str, Any], now: datetime = MONDAY, **more: Any) -> InspectionSheet:
    """A sheet of the hospital's system in force, by 王强; unless others are given of four items."""
    facts = {"name": "HIS 日巡检", "name_en": "HIS daily", "system": cast.his} | more
    sheet = write_sheet(cast.south, **facts, by=cast.wang, now=now)
    version = draft_version(sheet, by=cast.wang)
    for item in items or ITEMS:
        save_item(version, item, line=None, by=cast.wang)
    publish_version(version, by=cast.wang, now=now)
    return sheet


def daily(**more: Any) -> Rhythm:
    """Every day by 10 o'clock, with two hours' window, from the Monday of the cast on."""
    return Rhythm(**({"often": Often.DAILY, "due": time(10), "since": date(2026, 11, 23)} | more))


def planned(cast: Cast, now: datetime = MONDAY, **more: Any) -> InspectionPlan:
    return make_plan(published(cast, now=now), daily(**more), by=cast.wang, now=now)


def due(cast: Cast, now: datetime = MONDAY) -> Inspection:
    """The inspection of that day, due at 10."""
    plan = planned(cast, now, since=now.date())
    return plan.inspections.select_related("version__sheet__system__client").get(day=now.date())


def item_of(inspection: Inspection, name: str) -> SheetItem:
    return inspection.version.items.get(name_en=name)


def say(inspection: Inspection, by: User, now: datetime, **said: Said | str) -> None:
    """Answer items by `cpu`, `backup`, `lamp` and `remark`: with a value, or with all that is said."""
    names = {"cpu": "CPU load", "backup": "Backup done", "lamp": "Alarm lamp", "remark": "Anything else"}
    answer_items(
        inspection,
        {
            item_of(inspection, names[name]).pk: one if isinstance(one, Said) else Said(value=one)
            for name, one in said.items()
        },
        by=by,
        now=now,
    )
