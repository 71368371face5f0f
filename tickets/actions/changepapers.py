"""The documents of a change, and the client's word before it begins."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from clients.models import Channel
from staff.files import Upload
from staff.models import User
from staff.refused import require
from tickets.actions.attaching import keep
from tickets.actions.changeframe import log, stepping
from tickets.changes import Step
from tickets.lifecycle import Move, Refused
from tickets.models import Attachment, Change, ChangeDocument, Entry


def file_for_change(
    change: Change, *, paper: int, file: Attachment | Upload | None, by: User, now: datetime
) -> Change:
    """Put a file in the place of a required document: a new one, or one that the record has already.

    `paper` is the document's key. Another file may take the place of the first; both stay with the record.
    """
    with stepping(change, Step.FILE, by=by, now=now, move=Move.FILE_FOR_CHANGE) as fresh:
        document = _of(fresh, paper)
        if file is None:
            raise Refused(_("Choose a file."), field="file", code="required")
        entry = log(fresh, by=by, now=now, changes={"paper": [None, document.name]})
        document.file = _of_record(fresh, entry, file, "file", by=by, now=now)
        document.waived_because, document.by, document.at = "", by, now
        document.save()
    return fresh


def waive_document(change: Change, *, paper: int, reason: str, by: User, now: datetime) -> Change:
    """Say, as a superior who has not planned it, that a required document is not needed, and why."""
    with stepping(change, Step.WAIVE, by=by, now=now) as fresh:
        document = _of(fresh, paper)
        document.waived_because, document.file = require(reason, "reason"), None
        document.by, document.at = by, now
        document.save()
        facts = {"waived": [None, document.name]}
        log(fresh, by=by, now=now, text=document.waived_because, changes=facts)
    return fresh


def confirm_for_client(
    change: Change,
    *,
    client_by: str,
    client_how: str,
    file: Attachment | Upload | None,
    by: User,
    now: datetime,
) -> Change:
    """Write down who at the client has confirmed the change, how, and the file that proves it."""
    with stepping(change, Step.CLIENT, by=by, now=now) as fresh:
        fresh.client_by = require(client_by, "client_by")
        if client_how not in Channel.values:
            raise Refused(_("Say how the client confirmed."), field="client_how", code="required")
        if file is None:
            raise Refused(
                _("The client's confirmation needs a file that proves it."), field="file", code="required"
            )
        facts = {"client_by": [None, fresh.client_by], "client_how": [None, client_how]}
        entry = log(fresh, by=by, now=now, changes=facts)
        fresh.client_evidence = _of_record(fresh, entry, file, "file", by=by, now=now)
        fresh.client_how, fresh.client_at = Channel(client_how), now
    return fresh


def _of(change: Change, paper: int) -> ChangeDocument:
    document = ChangeDocument.objects.select_for_update().filter(change=change, pk=paper).first()
    if document is None:
        raise Refused(_("This is no document of this change."), field="paper", code="invalid")
    return document


def _of_record(
    change: Change, entry: Entry, file: Attachment | Upload, field: str, *, by: User, now: datetime
) -> Attachment:
    """The file as one of the record's; a new one comes with the entry."""
    if isinstance(file, Upload):
        return keep(change.ticket, entry, file, by=by, now=now)
    if file.ticket_id != change.ticket_id or not file.is_present:
        raise Refused(_("This file is not one of the record's."), field=field, code="invalid")
    return file
