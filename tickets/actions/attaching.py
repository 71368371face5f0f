"""Files that come with a record: a screenshot, a log, the scan of a letter or fax.

The file is on the disk before its row is written (`staff.shelving`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from staff import shelf
from staff.files import Upload
from staff.models import User
from staff.refused import require
from staff.shelving import Shelved, shelve, shelve_all, unshelve
from tickets.actions import indexing
from tickets.actions.journal import changing, record
from tickets.actions.mentions import as_changes, mentioned_in, tell_mentioned
from tickets.actions.telling import tell_who_answers
from tickets.actions.timespent import spend
from tickets.actions.work import end_wait_for_client
from tickets.lifecycle import Move, Refused
from tickets.models import Attachment, Entry, EntryKind, Ticket


def attach(
    ticket: Ticket,
    uploads: Sequence[Upload],
    *,
    text: str = "",
    minutes: int | None = None,
    by: User,
    now: datetime,
) -> Entry:
    """Put files into a record, with one entry in its history that says what they are; return the entry.

    When the client himself sends them, the owner is told, and a record that waited for him waits no more.
    Raises `FilesRefused` naming each file that cannot be taken, `Refused` when the record is full; then none
    is taken.
    """
    if not uploads:
        raise Refused(_("Choose a file."), field="files", code="required")
    shelved = shelve_all(uploads)
    try:
        with changing(ticket, Move.ATTACH, by=by, now=now) as fresh:
            meant = mentioned_in(text, fresh, by=by, field="text")
            names = ", ".join(file.name for file in shelved)
            entry = record(
                fresh,
                EntryKind.ATTACHED,
                by=by,
                now=now,
                text=text.strip(),
                changes={"files": [None, names]} | as_changes(meant),
            )
            spend(entry, minutes)
            tell_mentioned(entry, meant.values(), by=by, now=now)
            for file in shelved:
                _write(fresh, entry, file, by=by, now=now)
            if by.is_contact:
                end_wait_for_client(fresh, by=by, now=now)
                tell_who_answers(fresh, "client_note", key=f"note:{entry.pk}", now=now)
    except Refused:
        unshelve(shelved)
        raise
    return entry


def keep(
    ticket: Ticket, entry: Entry | None, upload: Upload, *, by: User | None, now: datetime
) -> Attachment:
    """Put one file into a locked record, with the entry that it came with. Not a verb: the verbs call this.

    Raises `Refused`; the transaction can go on without the file.
    """
    return _write(ticket, entry, shelve(upload), by=by, now=now)


def keep_all(
    ticket: Ticket, entry: Entry, uploads: Sequence[Upload], *, by: User | None, now: datetime
) -> list[Attachment]:
    """Put files into a locked record, with the entry that they came with. Not a verb.

    Raises `FilesRefused` naming each file that cannot be taken; then none is.
    """
    return [_write(ticket, entry, file, by=by, now=now) for file in shelve_all(uploads)]


def withdraw(attachment: Attachment, *, reason: str, by: User, now: datetime) -> Entry:
    """Take a file's content away for good, with the reason; its name and the history stay.

    Whoever sent it may, and a supervisor.
    """
    with changing(attachment.ticket, Move.WITHDRAW, by=by, now=now) as fresh:
        file = Attachment.objects.select_for_update(of=("self",)).get(pk=attachment.pk, ticket=fresh)
        if not may_withdraw(file, by):
            raise Refused(_("Only who sent it or a supervisor may withdraw a file."), code="forbidden")
        if not file.is_present:
            raise Refused(_("This file has been withdrawn already."), code="wrong_status")
        entry = record(
            fresh,
            EntryKind.WITHDRAWN,
            by=by,
            now=now,
            text=require(reason, "reason"),
            changes={"files": [file.name, None]},
        )
        stored, file.stored = file.stored, ""
        file.withdrawn_at, file.withdrawn_by = now, by
        file.save(update_fields=["stored", "withdrawn_at", "withdrawn_by"])
        transaction.on_commit(lambda: shelf.remove(stored))
    return entry


def may_withdraw(attachment: Attachment, user: User) -> bool:
    """Say whether this person may take a file's content away."""
    return user.may_supervise or (attachment.by_id is not None and attachment.by_id == user.pk)


def _write(
    ticket: Ticket, entry: Entry | None, file: Shelved, *, by: User | None, now: datetime
) -> Attachment:
    """Write the row of a file on the shelf, unless the locked record is full; its name can be found."""
    held = Attachment.objects.filter(ticket=ticket).present().aggregate(size=Sum("size"), number=Count("pk"))
    most = settings.ATTACHMENTS_MAX_BYTES_PER_RECORD
    if (held["size"] or 0) + file.size > most:
        unshelve([file])
        raise Refused(
            _("The files of one record may have %(most)s together.") % {"most": filesizeformat(most)},
            field="files",
            code="record_full",
        )
    if held["number"] >= settings.ATTACHMENTS_PER_RECORD:
        unshelve([file])
        raise Refused(
            _("A record holds at most %(most)s files.") % {"most": settings.ATTACHMENTS_PER_RECORD},
            field="files",
            code="record_full",
        )
    indexing.learn(ticket, file.name)
    return Attachment.objects.create(ticket=ticket, entry=entry, **file.facts, by=by, at=now)
