"""Files that come with a record: a screenshot, a log, the scan of a letter or fax.

The file is on the disk before its row is written, so that no row ever points to nothing; what is left on the
disk when a row was not written is swept up by `sweep_shelf`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from staff.models import User
from tickets import images, shelf
from tickets.actions import indexing
from tickets.actions.journal import changing, record, require
from tickets.actions.mentions import as_changes, mentioned_in, tell_mentioned
from tickets.actions.telling import tell_who_answers
from tickets.actions.timespent import spend
from tickets.actions.work import end_wait_for_client
from tickets.files import Family, FilesRefused, Upload, clean_name, recognise, refuse
from tickets.lifecycle import Move, Refused
from tickets.models import Attachment, Entry, EntryKind, Ticket

# Longer than any request or task may take: until then a file without a row may still be getting one.
UNCLAIMED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Shelved:
    """A file that is on the disk, and what its row is to say of it."""

    name: str
    media_type: str
    width: int | None
    height: int | None
    put: shelf.Put


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
    shelved = _shelve(uploads)
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
        _unshelve(shelved)
        raise
    return entry


def keep(
    ticket: Ticket, entry: Entry | None, upload: Upload, *, by: User | None, now: datetime
) -> Attachment:
    """Put one file into a locked record, with the entry that it came with. Not a verb: the verbs call this.

    Raises `Refused`; the transaction can go on without the file.
    """
    return _write(ticket, entry, _put(upload), by=by, now=now)


def keep_all(
    ticket: Ticket, entry: Entry, uploads: Sequence[Upload], *, by: User | None, now: datetime
) -> list[Attachment]:
    """Put files into a locked record, with the entry that they came with. Not a verb.

    Raises `FilesRefused` naming each file that cannot be taken; then none is.
    """
    return [_write(ticket, entry, file, by=by, now=now) for file in _shelve(uploads)]


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


def sweep_shelf(*, now: datetime) -> int:
    """Delete what has lain there for an hour without a row; return how many. A second run finds none."""
    swept = 0
    for names in shelf.folders():
        claimed = Attachment.objects.filter(stored__in=names).values_list("stored", flat=True)
        for name in names.difference(claimed):
            if shelf.is_older(name, now - UNCLAIMED):
                shelf.remove(name)
                swept += 1
    return swept


def _shelve(uploads: Sequence[Upload]) -> list[Shelved]:
    """Put files on the shelf, all or none. Raises `FilesRefused` with every one that cannot be taken."""
    if len(uploads) > settings.ATTACHMENTS_AT_ONCE:
        raise Refused(
            _("At most %(most)s files at once.") % {"most": settings.ATTACHMENTS_AT_ONCE},
            field="files",
            code="too_many_files",
        )
    shelved, faults = [], []
    for place, upload in enumerate(uploads):
        try:
            shelved.append(_put(upload))
        except Refused as fault:
            faults.append((place, fault))
    if faults:
        _unshelve(shelved)
        raise FilesRefused(faults)
    return shelved


def _unshelve(shelved: Sequence[Shelved]) -> None:
    for file in shelved:
        shelf.remove(file.put.name)


def _put(upload: Upload) -> Shelved:
    name = clean_name(upload.name, upload.claimed_type)
    size, most = upload.content.seek(0, 2), settings.ATTACHMENT_MAX_BYTES
    if size > most:
        raise refuse(
            name, _("The file is larger than %(most)s.") % {"most": filesizeformat(most)}, "file_too_large"
        )
    kind = recognise(name, upload.content)
    if kind.family != Family.IMAGE:
        return Shelved(name, kind.media_type, None, None, shelf.put(upload.content))
    picture = _redraw(name, upload.content, kind.media_type)
    with picture.content:
        put = shelf.put(picture.content)
    return Shelved(name, kind.media_type, picture.width, picture.height, put)


def _redraw(name: str, content: BinaryIO, media_type: str) -> images.Picture:
    most = settings.ATTACHMENT_MAX_PIXELS
    try:
        return images.redraw(content, media_type, most_pixels=most)
    except images.PictureTooLarge as error:
        why = _("The picture has more than %(most)s million pixels.") % {"most": most // 1_000_000}
        raise refuse(name, why, "too_many_pixels") from error
    except images.PictureBroken as error:
        raise refuse(name, _("The file is damaged or cut off."), "file_damaged") from error


def _write(
    ticket: Ticket, entry: Entry | None, file: Shelved, *, by: User | None, now: datetime
) -> Attachment:
    """Write the row of a file on the shelf, unless the locked record is full; its name can be found."""
    held = Attachment.objects.filter(ticket=ticket).present().aggregate(size=Sum("size"), number=Count("pk"))
    most = settings.ATTACHMENTS_MAX_BYTES_PER_RECORD
    if (held["size"] or 0) + file.put.size > most:
        shelf.remove(file.put.name)
        raise Refused(
            _("The files of one record may have %(most)s together.") % {"most": filesizeformat(most)},
            field="files",
            code="record_full",
        )
    if held["number"] >= settings.ATTACHMENTS_PER_RECORD:
        shelf.remove(file.put.name)
        raise Refused(
            _("A record holds at most %(most)s files.") % {"most": settings.ATTACHMENTS_PER_RECORD},
            field="files",
            code="record_full",
        )
    indexing.learn(ticket, file.name)
    return Attachment.objects.create(
        ticket=ticket,
        entry=entry,
        name=file.name,
        media_type=file.media_type,
        size=file.put.size,
        sha256=file.put.sha256,
        stored=file.put.name,
        width=file.width,
        height=file.height,
        by=by,
        at=now,
    )
