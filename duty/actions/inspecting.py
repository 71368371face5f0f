"""An inspection is done: values entered, photos put to them, and finished when nothing is missing (§5.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duty.actions.sheets import log
from duty.inspecting import Obstacle, obstacle, result_of
from duty.models import (
    Inspection,
    InspectionAnswer,
    InspectionEventKind,
    InspectionFile,
    SheetItem,
)
from duty.readings import Unreadable, level_of, read
from staff.files import FilesRefused, Upload
from staff.models import User
from staff.refused import Refused
from staff.shelving import Shelved, shelve_all, unshelve

MOST_FILES = 10  # of one item


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of one item: None leaves a thing as it is, an empty result is that of the value."""

    value: str | None = None
    result: str | None = None
    note: str | None = None
    reason: str | None = None
    files: Sequence[Upload] = field(default=())


class ItemsRefused(Refused):
    """What is wrong with some items of an inspection: each by its id, with the field of it and the reason."""

    def __init__(self, faults: Mapping[int, Refused]) -> None:
        first = next(iter(faults.values()))
        super().__init__(first.message, code=first.code)
        self.faults = dict(faults)


def may_inspect(inspection: Inspection, by: User) -> bool:
    """Say whether a person may enter what he found: whoever works in the group, and the technical team."""
    return by.may_work and (by.group_id == inspection.group_id or by.sees_everything)


def answer_items(
    inspection: Inspection, said: Mapping[int, Said], *, by: User, now: datetime
) -> list[InspectionAnswer]:
    """Keep what was found, by the ids of items; the rest of the inspection may follow. Return what changed.

    Whatever can be kept is kept: afterwards raises `ItemsRefused` naming each item of which something cannot.
    """
    shelved, faults = _shelved(said)
    try:
        with transaction.atomic():
            changed, wrong = _answer(_open(inspection, by), said, shelved, by, now)
    except Refused:
        for files in shelved.values():
            unshelve(files)
        raise
    faults |= wrong
    if faults:
        raise ItemsRefused(faults)
    return changed


@transaction.atomic
def finish_inspection(inspection: Inspection, *, by: User, now: datetime) -> Inspection:
    """Close an inspection. Raises `ItemsRefused` naming each item that stands in the way."""
    inspection = _open(inspection, by)
    faults = {
        item.pk: Refused(_words(found), field=FIELDS[found], code=found.value)
        for item, found in obstacles(inspection)
    }
    if faults:
        raise ItemsRefused(faults)
    inspection.finished_at, inspection.finished_by = now, by
    inspection.save(update_fields=["finished_at", "finished_by"])
    log(inspection.sheet, InspectionEventKind.FINISHED, by=by, now=now, inspection=inspection)
    return inspection


def obstacles(inspection: Inspection) -> list[tuple[SheetItem, Obstacle]]:
    """Return what is missing before an inspection can be finished, in the order of its sheet."""
    answers = {one.item_id: one for one in inspection.answers.prefetch_related("files")}
    found = []
    for item in inspection.version.items.all():
        answer = answers.get(item.pk) or InspectionAnswer()
        missing = obstacle(item.wanted, answer.given(len(answer.files.all()) if answer.pk else 0))
        if missing is not None:
            found.append((item, missing))
    return found


@transaction.atomic
def note_record(answer: InspectionAnswer, *, number: str, by: User, now: datetime) -> InspectionAnswer:
    """Note that a maintenance record was opened of what was found, then or later; each has one at most."""
    inspection = _locked(answer.inspection, by)
    answer = inspection.answers.select_for_update(of=("self",)).get(pk=answer.pk)
    if answer.recorded_at is not None:
        raise Refused(_("There is a record of this already."), code="taken")
    answer.recorded_at = now
    answer.save(update_fields=["recorded_at"])
    log(
        inspection.sheet,
        InspectionEventKind.RECORDED,
        by=by,
        now=now,
        inspection=inspection,
        note=number,
    )
    return answer


def _open(inspection: Inspection, by: User) -> Inspection:
    """The inspection, locked, by somebody who may, and not finished."""
    inspection = _locked(inspection, by)
    if inspection.finished_at is not None:
        raise Refused(_("This inspection is finished."), code="wrong_status")
    return inspection


def _locked(inspection: Inspection, by: User) -> Inspection:
    rows = Inspection.objects.select_for_update(of=("self",))
    inspection = rows.select_related("version__sheet").get(pk=inspection.pk)
    if not may_inspect(inspection, by):
        raise Refused(_("This inspection is another group's."), code="forbidden")
    return inspection


def _shelved(said: Mapping[int, Said]) -> tuple[dict[int, list[Shelved]], dict[int, Refused]]:
    shelved, faults = {}, {}
    for pk, one in said.items():
        try:
            shelved[pk] = shelve_all(one.files)
        except FilesRefused as refused:
            faults[pk] = Refused(refused.message, field="files", code=refused.code)
        except Refused as refused:
            faults[pk] = refused
    return shelved, faults


def _answer(
    inspection: Inspection,
    said: Mapping[int, Said],
    shelved: Mapping[int, list[Shelved]],
    by: User,
    now: datetime,
) -> tuple[list[InspectionAnswer], dict[int, Refused]]:
    items = {item.pk: item for item in inspection.version.items.all()}
    answers = {one.item_id: one for one in inspection.answers.all()}
    changed, faults = [], {}
    for pk, one in said.items():
        item, files = items.get(pk), shelved.get(pk, [])
        if item is None:
            faults[pk] = Refused(_("This inspection has no such item."), field="item", code="invalid")
            unshelve(files)
            continue
        answer = answers.get(pk) or InspectionAnswer(inspection=inspection, item=item)
        is_changed, fault = _take(answer, item, one)
        if fault is not None:
            faults[pk] = fault
        if not is_changed and not files:
            continue
        answer.answered_at, answer.answered_by = now, by
        answer.save()
        if files and answer.files.count() + len(files) > MOST_FILES:
            unshelve(files)
            message = _("At most %(most)s files of one item.") % {"most": MOST_FILES}
            faults[pk] = Refused(message, field="files", code="too_many_files")
        else:
            InspectionFile.objects.bulk_create(
                InspectionFile(answer=answer, **file.facts, by=by, at=now) for file in files
            )
        changed.append(answer)
    if changed:
        _log_values(inspection, by, now)
    return changed, faults


def _take(answer: InspectionAnswer, item: SheetItem, said: Said) -> tuple[bool, Refused | None]:
    """Take over what was said; return whether anything changed, and what of it could not be taken."""
    before, fault = _facts(answer), None
    for name in ("note", "reason"):
        text = getattr(said, name)
        if text is not None:
            setattr(answer, name, text.strip())
    if said.value is not None:
        try:
            reading = read(item.scale, said.value)
        except Unreadable as error:
            fault = Refused(_unreadable(error.code), field="value", code=error.code)
        else:
            answer.value = reading.text if reading else ""
            answer.number = reading.number if reading else None
            answer.level = level_of(item.scale, reading) or ""
    if said.result is not None or (said.value is not None and not answer.result):
        answer.result = result_of(said.result or "", answer.level or None)  # type: ignore[arg-type]
    return _facts(answer) != before, fault


def _facts(answer: InspectionAnswer) -> tuple[object, ...]:
    return answer.result, answer.value, answer.note, answer.reason


def _log_values(inspection: Inspection, by: User, now: datetime) -> None:
    """One entry for each person who enters values, not one for each time that he saves."""
    last = inspection.events.order_by("-pk").first()
    if last is None or last.kind != InspectionEventKind.ANSWERED or last.by_id != by.pk:
        log(inspection.sheet, InspectionEventKind.ANSWERED, by=by, now=now, inspection=inspection)


FIELDS = {
    Obstacle.UNANSWERED: "result",
    Obstacle.NO_VALUE: "value",
    Obstacle.CRITICAL: "result",
    Obstacle.NO_NOTE: "note",
    Obstacle.NO_FILE: "files",
    Obstacle.NO_RECORD: "reason",
}


def _words(found: Obstacle) -> str:
    return {
        Obstacle.UNANSWERED: _("Not answered yet."),
        Obstacle.NO_VALUE: _("Enter the value."),
        Obstacle.CRITICAL: _("This value is critical: it cannot be normal."),
        Obstacle.NO_NOTE: _("Say in a note what is the matter."),
        Obstacle.NO_FILE: _("A photo or a file belongs to it."),
        Obstacle.NO_RECORD: _("Open a record of it, or say why there is none."),
    }[found]


def _unreadable(code: str) -> str:
    return {
        "not_a_number": _("This is not a number."),
        "too_large": _("This number is too large."),
        "not_an_option": _("Choose one of the values."),
        "too_long": _("At most 300 characters."),
    }[code]
