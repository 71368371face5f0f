"""A callback on site is written down: who was there, where, when; with photos and the signed sheet (§5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Contact
from staff.files import Upload
from staff.models import User
from staff.refused import Refused, require
from staff.shelving import shelve_all, unshelve
from visits.actions.common import forbidden, log, may_call
from visits.kinds import EventKind, FileKind, Method, Side, State
from visits.models import Attendance, Attendee, Callback, CallbackFile

MOST_FILES = 40
LONGEST_STAY = timedelta(days=2)
AHEAD_OF_US = timedelta(minutes=5)  # a phone's clock may be fast


@dataclass(frozen=True, slots=True)
class Present:
    """One who was there: of ours by his account, of the client by name, perhaps as a contact."""

    side: Side
    name: str = ""
    job_title: str = ""
    user: User | None = None
    contact: Contact | None = None


@transaction.atomic
def write_attendance(
    callback: Callback,
    *,
    place: str,
    began_at: datetime,
    ended_at: datetime,
    people: Sequence[Present],
    by: User,
    now: datetime,
) -> Attendance:
    """Write the attendance sheet of a callback on site, or write it anew. Both sides were there."""
    fresh = _worked_on(callback, by)
    if fresh.method != Method.ON_SITE:
        raise Refused(_("Only a callback on site has an attendance sheet."), code="wrong_status")
    if ended_at <= began_at:
        raise Refused(_("The end must come after the start."), field="ended_at", code="invalid")
    if ended_at - began_at > LONGEST_STAY:
        raise Refused(_("At most two days."), field="ended_at", code="invalid")
    if ended_at > now + AHEAD_OF_US:
        raise Refused(_("This is in the future."), field="ended_at", code="invalid")
    for side, field in ((Side.OURS, "ours"), (Side.THEIRS, "theirs")):
        if not any(one.side == side for one in people):
            raise Refused(_("Somebody of each side was there: name them."), field=field, code="required")
    facts = {
        "place": require(place, "place"),
        "began_at": began_at,
        "ended_at": ended_at,
        "written_at": now,
        "written_by": by,
    }
    sheet, _created = Attendance.objects.update_or_create(callback=fresh, defaults=facts)
    sheet.people.all().delete()
    Attendee.objects.bulk_create(
        Attendee(
            attendance=sheet,
            side=one.side,
            user=one.user if one.side == Side.OURS else None,
            contact=one.contact if one.side == Side.THEIRS else None,
            name=one.user.name if one.user else require(one.name, "theirs"),
            job_title=one.job_title,
        )
        for one in people
    )
    log(fresh, EventKind.SHEET, by=by, now=now, text=sheet.place)
    return sheet


def attach(
    callback: Callback, uploads: Sequence[Upload], *, kind: FileKind, by: User, now: datetime
) -> list[CallbackFile]:
    """Put files to a callback: photos, the scan of the signed sheet, a signature. All or none."""
    if not uploads:
        raise Refused(_("Choose a file."), field="files", code="required")
    shelved = shelve_all(uploads)
    try:
        with transaction.atomic():
            fresh = _worked_on(callback, by)
            if fresh.files.count() + len(shelved) > MOST_FILES:
                raise Refused(
                    _("At most %(most)s files.") % {"most": MOST_FILES}, field="files", code="too_many_files"
                )
            rows = [
                CallbackFile.objects.create(callback=fresh, kind=kind, **file.facts, by=by, at=now)
                for file in shelved
            ]
            log(fresh, EventKind.FILE, by=by, now=now, text=", ".join(row.name for row in rows))
    except Refused:
        unshelve(shelved)
        raise
    return rows


def _worked_on(callback: Callback, by: User) -> Callback:
    """The callback, locked: papers follow while it is made and after, not where it was given up."""
    fresh = Callback.objects.select_for_update(of=("self",)).select_related("group").get(pk=callback.pk)
    if not (may_call(fresh.group_id, by) or (fresh.person_id == by.pk and by.may_work)):
        raise forbidden()
    if not (fresh.is_open or fresh.state == State.DONE):
        raise Refused(
            _("Not possible: the callback is “%(state)s”.") % {"state": fresh.get_state_display()},
            code="wrong_status",
        )
    return fresh
