"""The mailbox that clients write to: each e-mail is taken, then moved away, so that none is lost."""

from __future__ import annotations

import hashlib
import imaplib
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import F
from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted, MailMessageFlags
from imap_tools.errors import ImapToolsError

from staff.database import is_away
from tickets import actions
from tickets.mailing import read
from tickets.models import Heartbeat, MailTry

log = logging.getLogger(__name__)
HEARTBEAT, SILENT_AFTER = "mail", timedelta(minutes=5)
PATIENCE = 15  # seconds for each answer of the mail server
STINT = timedelta(seconds=20)  # a round, short of what a task may take
BEGINNING = 64 * 1024  # what is read of an e-mail that is too large, or that ended whoever read it
MOST_TRIES = 3
SIZE, ARRIVED = re.compile(rb"RFC822\.SIZE (\d+)"), re.compile(rb'INTERNALDATE "[^"]+"')
REFUSED = (imaplib.IMAP4.error, ImapToolsError)
UNREADABLE = (OSError, *REFUSED)


@dataclass(frozen=True, slots=True)
class Piece:
    """An e-mail in the mailbox: its size, and when the mail server got it."""

    uid: str
    size: int
    arrived_at: datetime


def read_mailbox(*, now: datetime) -> int:
    """Take what lies in the mailbox, oldest first, for at most 20 s; return how many were new.

    Taken, then moved: who dies in between, or reads at the same time, finds them taken. Without a mailbox
    nothing is done. What keeps it from being read is noted beside the heartbeat.
    """
    if not settings.MAIL_IN_URL:
        return 0
    taken, troubles = 0, 0
    try:
        with _open() as box:
            mailbox, begun = box.folder.status()["UIDVALIDITY"], time.monotonic()
            for uid in sorted(box.uids("ALL"), key=int):
                passed = timedelta(seconds=time.monotonic() - begun)
                if passed > STINT:
                    break
                try:
                    taken += _take(box, mailbox, uid, now + passed)
                except imaplib.IMAP4.abort:
                    raise
                except REFUSED as error:  # this one e-mail: it holds up no other
                    log.warning("an e-mail stays in the mailbox: %s", type(error).__name__)
                    troubles += 1
    except UNREADABLE as error:
        log.warning("the mailbox could not be read: %s", type(error).__name__)
        Heartbeat.objects.filter(name=HEARTBEAT).update(note=type(error).__name__)
        return taken
    if not troubles:
        Heartbeat.objects.update_or_create(name=HEARTBEAT, defaults={"at": now, "note": ""})
    return taken


@contextmanager
def _open() -> Iterator[BaseMailBox]:
    address = urlsplit(settings.MAIL_IN_URL)
    kind = MailBox if address.scheme == "imaps" else MailBoxUnencrypted
    box = kind(address.hostname, address.port or (993 if kind is MailBox else 143), timeout=PATIENCE)
    name, password = unquote(address.username or ""), unquote(address.password or "")
    login = box.login if (name + password).isascii() else box.login_utf8
    login(name, password, unquote(address.path.strip("/")) or "INBOX")
    if not box.folder.exists(settings.MAIL_IN_DONE):
        box.folder.create(settings.MAIL_IN_DONE)
    try:
        yield box
    finally:
        with suppress(*UNREADABLE):  # it is gone already
            box.logout()


def _take(box: BaseMailBox, mailbox: int, uid: str, now: datetime) -> bool:
    """Take one e-mail and move it away. What ends whoever reads it is told by its tries."""
    tries, _new = MailTry.objects.get_or_create(mailbox=mailbox, uid=int(uid))
    MailTry.objects.filter(pk=tries.pk).update(tries=F("tries") + 1)
    piece = _piece(box, uid, now)
    is_new = piece is not None and _take_piece(box, mailbox, piece, now, is_deadly=tries.tries >= MOST_TRIES)
    box.flag(uid, MailMessageFlags.SEEN, True)
    box.move(uid, settings.MAIL_IN_DONE)
    MailTry.objects.filter(pk=tries.pk).delete()
    return is_new


def _take_piece(box: BaseMailBox, mailbox: int, piece: Piece, now: datetime, *, is_deadly: bool) -> bool:
    is_whole = piece.size <= settings.MAIL_MAX_BYTES and not is_deadly
    raw = _content(box, piece.uid, None if is_whole else BEGINNING)
    if raw is None:
        return False
    try:
        if is_deadly:
            raise RuntimeError("nobody came through with it")
        size = None if is_whole else piece.size
        mail = actions.take_mail(read(raw), raw, size=size, arrived_at=piece.arrived_at, now=now)
    except Exception as error:  # whatever it was made to break
        if isinstance(error, OSError) or is_away(error):
            raise  # the disk or the database: not the e-mail's fault, it is tried again
        log.warning("an e-mail could not be taken: %s", type(error).__name__)
        key = f"{mailbox}.{piece.uid}.{hashlib.sha256(raw).hexdigest()}"
        words = _printable(f"{type(error).__name__}: {error}")
        mail = actions.queue_unread(raw, key=key, size=piece.size, error=words, now=now)
    return mail is not None


def _piece(box: BaseMailBox, uid: str, now: datetime) -> Piece | None:
    """Ask for size and arrival; None when another reader has moved it away meanwhile."""
    answers = _fetch(box, uid, "(RFC822.SIZE INTERNALDATE)")
    found = next((answer for answer in answers if SIZE.search(answer)), None)
    if found is None:
        return None
    arrived = ARRIVED.search(found)
    local = imaplib.Internaldate2tuple(arrived[0]) if arrived else None
    arrived_at = datetime.fromtimestamp(time.mktime(local), now.tzinfo) if local else now
    return Piece(uid, int(SIZE.search(found)[1]), arrived_at)  # type: ignore[index]


def _content(box: BaseMailBox, uid: str, most: int | None) -> bytes | None:
    """Fetch an e-mail, or its beginning; None when another reader has moved it away meanwhile."""
    part = f"<0.{most}>" if most else ""
    status, data = box.client.uid("FETCH", uid, f"(BODY.PEEK[]{part})")
    if status != "OK":
        raise imaplib.IMAP4.error("an e-mail was not handed over")
    found = [bytes(item[1]) for item in data if isinstance(item, tuple)]
    return b"".join(found) if found else None


def _fetch(box: BaseMailBox, uid: str, parts: str) -> list[bytes]:
    status, data = box.client.uid("FETCH", uid, parts)
    if status != "OK":
        raise imaplib.IMAP4.error("an e-mail was not handed over")
    return [b"".join(item) if isinstance(item, tuple) else item for item in data if item]


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)
