"""Bonus, penalty and veto: entered by hand with evidence, excused, taken out (§5.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.utils.translation import gettext as _

from reports.assessment.actions.common import count, log, stepping
from reports.assessment.following import Step
from reports.assessment.kinds import EventKind, Excuse, Source, Thing
from reports.models import Assessment, AssessmentFile, AssessmentItem
from reports.models.assessment import LONGEST
from staff.files import Upload
from staff.models import User
from staff.refused import Refused, require
from staff.shelving import shelve_all, unshelve
from tickets.models import Ticket

MOST_FILES = 10


def add_item(
    assessment: Assessment,
    *,
    code: str,
    reason: str,
    record: Ticket | None = None,
    uploads: Sequence[Upload] = (),
    by: User,
    now: datetime,
) -> Assessment:
    """Enter what no rule finds, with a reason and evidence: a record, or files. The score follows.

    Raises `FilesRefused` naming each file that is not taken.
    """
    reason = require(reason, "reason", longest=LONGEST)
    if record is None and not uploads:
        message = _("Name a record, or add a file, that shows it.")
        raise Refused(message, field="record", code="required")
    if len(uploads) > MOST_FILES:
        message = _("At most %(most)s files.") % {"most": MOST_FILES}
        raise Refused(message, field="files", code="too_many_files")
    shelved = shelve_all(uploads) if uploads else []
    try:
        with stepping(assessment, Step.ADD_ITEM, by=by, now=now) as fresh:
            item = fresh.scheme.says.item(code)
            if item is None:
                raise Refused(_("The scheme knows no such bonus or penalty."), field="code", code="invalid")
            same = fresh.items.counted().filter(
                code=code, thing=Thing.RECORD, thing_id=record.pk if record else 0
            )
            if same.exists():
                raise Refused(_("This record counts already."), field="record", code="twice")
            entered = AssessmentItem.objects.create(
                assessment=fresh,
                code=code,
                source=Source.HAND,
                key=f"hand:{uuid4().hex}",
                thing=Thing.RECORD if record else "",
                thing_id=record.pk if record else None,
                label=f"{record.number} {record.title}"[:120] if record else "",
                reason=reason,
                by=by,
                at=now,
            )
            AssessmentFile.objects.bulk_create(
                AssessmentFile(item=entered, by=by, at=now, **file.facts) for file in shelved
            )
            count(fresh, now=now, anew=False)
            log(fresh, EventKind.ADDED, by=by, now=now, text=reason, changes={"item": [None, code]})
    except Refused:
        unshelve(shelved)
        raise
    return fresh


def take_out(
    assessment: Assessment, *, item: int, cause: str = "", reason: str, by: User, now: datetime
) -> Assessment:
    """Let an item not count. What a rule found is excused, with a cause that can excuse; what somebody
    entered is taken back. It stays to be seen.
    """
    reason = require(reason, "reason", longest=LONGEST)
    with stepping(assessment, Step.TAKE_OUT, by=by, now=now) as fresh:
        row = fresh.items.counted().filter(pk=item).first()
        if row is None:
            raise Refused(_("This does not count any more."), field="item", code="gone")
        if row.by_id is None and cause not in Excuse.values:
            message = _("Choose the cause that excuses it: our own never does.")
            raise Refused(message, field="cause", code="required")
        strike(row, cause if row.by_id is None else "", reason, by=by, now=now)
        count(fresh, now=now, anew=False)
        kind = EventKind.EXCUSED if row.by_id is None else EventKind.TAKEN_OUT
        log(fresh, kind, by=by, now=now, text=reason, changes={"item": [row.code, None]})
    return fresh


def strike(row: AssessmentItem, cause: str, reason: str, *, by: User, now: datetime) -> None:
    row.out_cause, row.out_because, row.out_by, row.out_at = cause, reason, by, now
    row.save()
