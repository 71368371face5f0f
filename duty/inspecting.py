"""When an inspection is done, and what stands in its way (§5.1). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from duty.readings import ItemKind, Level


class Result(TextChoices):
    """What whoever looked says of an item."""

    NORMAL = "normal", _("Normal")
    ABNORMAL = "abnormal", _("Abnormal")
    UNCHECKED = "unchecked", _("Not checked")


class Standing(TextChoices):
    """How an inspection stands at an instant."""

    AHEAD = "ahead", pgettext_lazy("inspection", "Ahead")
    DUE = "due", pgettext_lazy("inspection", "Due")
    OVERDUE = "overdue", pgettext_lazy("inspection", "Overdue")
    MISSED = "missed", pgettext_lazy("inspection", "Missed")
    FINISHED = "finished", pgettext_lazy("inspection", "Finished")
    LATE = "late", pgettext_lazy("inspection", "Finished late")


class Obstacle(StrEnum):
    """Why an item keeps its inspection from being finished."""

    UNANSWERED = "unanswered"
    NO_VALUE = "no_value"
    CRITICAL = "critical"
    NO_NOTE = "no_note"
    NO_FILE = "no_file"
    NO_RECORD = "no_record"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an item asks of whoever inspects."""

    kind: ItemKind
    is_required: bool = True
    needs_file: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What was answered so far. `result` is empty while nothing was said."""

    result: str = ""
    has_value: bool = False
    level: Level | None = None
    note: str = ""
    files: int = 0
    is_recorded: bool = False
    reason: str = ""


def result_of(said: str, level: Level | None) -> str:
    """Return what was said of an item; where nothing was, what its value says: critical is abnormal."""
    if said or level is None:
        return said
    return Result.ABNORMAL if level == Level.CRITICAL else Result.NORMAL


def obstacle(wanted: Wanted, given: Given) -> Obstacle | None:
    """Return what is missing of an item before its inspection can be finished, or None.

    Abnormal needs a note, and a maintenance record or the reason why there is none. Not checked needs a note.
    """
    if not given.result:
        return Obstacle.UNANSWERED if wanted.is_required or given.has_value or given.note else None
    if given.result == Result.NORMAL:
        if not given.has_value:
            return Obstacle.NO_VALUE
        if given.level == Level.CRITICAL:
            return Obstacle.CRITICAL
    elif not given.note:
        return Obstacle.NO_NOTE
    if given.result != Result.UNCHECKED and wanted.needs_file and not given.files:
        return Obstacle.NO_FILE
    if given.result == Result.ABNORMAL and not given.is_recorded and not given.reason:
        return Obstacle.NO_RECORD
    return None


def standing(
    opens_at: datetime,
    due_at: datetime,
    finished_at: datetime | None,
    missed_at: datetime | None,
    now: datetime,
) -> Standing:
    """Return how an inspection stands. It may be done ahead of its day, and after its window: then late."""
    if finished_at is not None:
        return Standing.FINISHED if missed_at is None else Standing.LATE
    if missed_at is not None:
        return Standing.MISSED
    if now >= due_at:
        return Standing.OVERDUE
    return Standing.DUE if now >= opens_at else Standing.AHEAD
