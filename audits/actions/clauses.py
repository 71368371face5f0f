"""The process text is drafted, clause by clause, and published with the day from which it holds (§1.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.db.models import F, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audits.clauses import is_number, place
from audits.models import (
    Clause,
    ProcessEvent,
    ProcessEventKind,
    ProcessState,
    ProcessVersion,
    Reading,
)
from audits.register import may_answer
from staff.actions import notify
from staff.models import Role, User
from staff.refused import Refused

DEFAULTS = Path(__file__).parents[1] / "process.json"
TEXTS = ("number", "title", "title_en", "text", "text_en")
MOST_CLAUSES = 300


@transaction.atomic
def begin_version(*, by: User, now: datetime) -> ProcessVersion:
    """Return the draft; where none is, a copy of the last version as the next one.

    Raises `Refused` for whoever may not write.
    """
    check_may_answer(by)
    return open_draft(by=by, now=now)


def open_draft(*, by: User | None, now: datetime) -> ProcessVersion:
    """Do what `begin_version` does, for an action that has checked who asks. Inside its transaction."""
    versions = ProcessVersion.objects.select_for_update().order_by("-number")
    versions.first()  # wait for whoever begins one; only a second look sees it
    last = versions.first()
    if last is not None and last.is_draft:
        return last
    made = ProcessVersion.objects.create(number=last.number + 1 if last else 1, begun_at=now, begun_by=by)
    copies = list(last.clauses.all()) if last else []
    for clause in copies:
        clause.pk, clause.version = None, made
    Clause.objects.bulk_create(copies)
    ProcessEvent.objects.create(version=made, kind=ProcessEventKind.BEGUN, at=now, by=by)
    return made


@transaction.atomic
def save_clause(
    version: ProcessVersion,
    facts: Mapping[str, str],
    *,
    line: int | None,
    by: User,
    edition: int | None = None,
) -> Clause:
    """Write a clause of a draft: a new one, or that of the line. `facts` has the fields in TEXTS.

    Clauses stand in the order of their numbers. Raises `Refused` naming the field; `edition` is the one that
    was on the screen, and where the draft has moved on since, it is refused with the code `moved`.
    """
    version = _drafted(version, by, edition)
    kept = {name: facts.get(name, "").strip() for name in TEXTS}
    if not is_number(kept["number"]):
        message = _("Numbers with dots between them, such as 5.4.1.")
        raise Refused(message, field="number", code="invalid")
    if not kept["title"]:
        raise Refused(_("This field is required."), field="title", code="required")
    others = version.clauses.exclude(line=line) if line is not None else version.clauses.all()
    if others.filter(number=kept["number"]).exists():
        raise Refused(_("There is a clause of this number already."), field="number", code="duplicate")
    if line is not None:
        clause = version.clauses.filter(line=line).first()
        if clause is None:
            raise Refused(_("Somebody has taken this clause out."), code="gone")
    else:
        if others.count() >= MOST_CLAUSES:
            raise Refused(_("At most 300 clauses."), code="too_many")
        last = Clause.objects.aggregate(last=Max("line"))["last"] or 0
        clause = Clause(version=version, line=last + 1, position=0)
    for name, value in kept.items():
        setattr(clause, name, value)
    clause.save()
    _put_in_order(version)
    return clause


@transaction.atomic
def remove_clause(version: ProcessVersion, line: int, *, by: User, edition: int | None = None) -> None:
    """Take a clause out of a draft; older versions keep it. Where it is not there, nothing happens."""
    version = _drafted(version, by, edition)
    version.clauses.filter(line=line).delete()
    _put_in_order(version)


@transaction.atomic
def publish_version(
    version: ProcessVersion,
    *,
    in_force_on: date,
    note: str,
    by: User,
    now: datetime,
    edition: int | None = None,
) -> ProcessVersion:
    """Freeze a draft: it holds from a day on, today or later and not before the version that it replaces.

    All staff get a notice that asks them to read it. Raises `Refused` naming the field.
    """
    version = _drafted(version, by, edition)
    if not version.clauses.exists():
        raise Refused(_("A version needs at least one clause."), code="required")
    if not note.strip():
        raise Refused(_("Say in a sentence what changes."), field="note", code="required")
    if in_force_on < timezone.localdate(now):
        raise Refused(_("It holds from today on, or from a later day."), field="in_force_on", code="past")
    before = ProcessVersion.objects.published().order_by("-number").first()
    if before is not None and before.in_force_on is not None and in_force_on < before.in_force_on:
        message = _("Version %(number)s holds from %(day)s only: this one cannot hold earlier.")
        raise Refused(
            message % {"number": before.number, "day": before.in_force_on.isoformat()},
            field="in_force_on",
            code="before_the_last",
        )
    version.state, version.in_force_on, version.note = ProcessState.PUBLISHED, in_force_on, note.strip()
    version.published_at, version.published_by = now, by
    version.save()
    ProcessEvent.objects.create(
        version=version, kind=ProcessEventKind.PUBLISHED, at=now, by=by, text=version.note
    )
    _tell_published(version, by=by, now=now)
    return version


@transaction.atomic
def confirm_reading(version: ProcessVersion, *, by: User, now: datetime) -> Reading:
    """Write down that he has read a published version; said twice it stays as it was first said."""
    if by.is_contact or not by.is_active:
        raise Refused(_("This is for the people of the house."), code="forbidden")
    if version.is_draft:
        raise Refused(_("A draft cannot be confirmed: it still changes."), code="wrong_status")
    found, _is_new = Reading.objects.get_or_create(version=version, person=by, defaults={"at": now})
    return found


@transaction.atomic
def load_defaults(*, now: datetime) -> None:
    """Bring in our summary of the process as version 1, where there is no version.

    It holds from a day in the past on (`in_force_on` of the file), so that what was done before has it too.
    """
    if ProcessVersion.objects.exists():
        return
    defaults = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    version = ProcessVersion.objects.create(number=1, begun_at=now)
    rows = sorted(defaults["clauses"], key=lambda row: place(row["number"]))
    Clause.objects.bulk_create(
        Clause(version=version, line=line, position=line, **row) for line, row in enumerate(rows, start=1)
    )
    version.state, version.note, version.published_at = ProcessState.PUBLISHED, defaults["note"], now
    version.in_force_on = date.fromisoformat(defaults["in_force_on"])
    version.save()
    ProcessEvent.objects.create(
        version=version, kind=ProcessEventKind.PUBLISHED, at=now, by=None, text=version.note
    )


def check_may_answer(by: User) -> None:
    if not may_answer(by):
        message = _("QA auditors, the department manager and administrators do this.")
        raise Refused(message, code="forbidden")


def _drafted(version: ProcessVersion, by: User, edition: int | None) -> ProcessVersion:
    """A version that may still be written, locked, and with its edition raised."""
    check_may_answer(by)
    found = ProcessVersion.objects.select_for_update().get(pk=version.pk)
    if not found.is_draft:
        raise Refused(_("This version is published: it never changes. Begin the next one."), code="published")
    if edition is not None and edition != found.edition:
        message = _("Somebody has changed the draft meanwhile. Look at it, then save again.")
        raise Refused(message, code="moved")
    ProcessVersion.objects.filter(pk=found.pk).update(edition=F("edition") + 1)
    found.edition += 1
    return found


def _put_in_order(version: ProcessVersion) -> None:
    found = sorted(version.clauses.all(), key=lambda clause: place(clause.number))
    for position, clause in enumerate(found, start=1):
        clause.position = position
    Clause.objects.bulk_update(found, ["position"])


def _tell_published(version: ProcessVersion, *, by: User, now: datetime) -> None:
    """All staff but whoever published it: he too confirms his reading, but knows of it."""
    people = User.objects.filter(is_active=True).exclude(role=Role.CONTACT).exclude(pk=by.pk)
    params = {
        "number": version.number,
        "in_force_on": version.in_force_on.isoformat() if version.in_force_on else "",
        "note": version.note,
    }
    url = reverse("process:version", args=[version.number])
    notify(people, "process_version", params, url=url, key=f"process:{version.pk}", now=now)
