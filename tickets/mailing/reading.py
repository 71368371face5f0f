"""Whatever bytes have come as an e-mail, read with patience."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses

from tickets.mailing.charsets import clean, decode, header_text
from tickets.mailing.letter import File, Letter
from tickets.mailing.plain import plain
from tickets.mailing.quoting import said
from tickets.mailing.words import any_of

LONGEST_TEXT, LONGEST_LINE, LONGEST_ID = 1_000_000, 200, 240
MOST_ANSWERS = 50
MESSAGE_ID = re.compile(r"<[^<>\s\x00-\x1f]{3,}>")
ADDRESS = re.compile(r"[^\s<>()\[\],;:\"\\@\x00-\x1f]{1,64}@[^\s<>()\[\],;:\"\\@\x00-\x1f]{1,185}")
REPLY_MARKS = re.compile(rf"\s*({any_of('replies')}\s*(\[\d+\])?\s*[:\uff1a]|\[T-\d+\])", re.IGNORECASE)
KEPT_HEADERS = (
    "auto-submitted",
    "precedence",
    "x-auto-response-suppress",
    "x-autoreply",
    "x-autorespond",
    "return-path",
    "list-id",
    "list-post",
)


def read(raw: bytes) -> Letter:
    """Read an e-mail. Where a header is missing, doubled or forged, and whatever its character sets.

    What is no e-mail at all becomes one without a sender. May raise RecursionError and the like for what was
    made to break readers: the caller has to reckon with any error.
    """
    # compat32 hands over what is there, where the newer policies raise on headers that are not right.
    message = message_from_bytes(raw, policy=compat32)
    senders = _addresses(message, "from")
    name, sender = senders[0] if len(senders) == 1 else ("", "")
    texts, pages, files = [], [], []
    for part in _parts(message):
        _mend(part)
        kind, content = part.get_content_type(), _content(part)
        if _is_file(part):
            files.append(File(_name_of(part, kind), content, kind))
        elif kind == "text/html":
            pages.append(plain(decode(content, part.get_content_charset() or "")))
        else:
            texts.append(decode(content, part.get_content_charset() or "") if content else "")
    text = "\n\n".join(filter(None, map(str.strip, texts))) or "\n\n".join(filter(None, pages))
    text = clean(text)[:LONGEST_TEXT].strip()
    subject, new = _line(message, "subject"), said(text)
    ids = MESSAGE_ID.findall(_line(message, "message-id", LONGEST_ID + 1))
    return Letter(
        key=ids[0] if ids and len(ids[0]) <= LONGEST_ID else hashlib.sha256(raw).hexdigest(),
        sender=sender,
        sender_name=name or sender.partition("@")[0],
        senders=len(senders),
        subject=subject,
        title=(_without_marks(subject) or next(filter(None, new.split("\n")), ""))[:LONGEST_LINE],
        text=text,
        said=new,
        answers=_answers(message),
        returned=_returned(message),
        files=tuple(files),
        headers={name: _line(message, name) for name in KEPT_HEADERS if message.get(name) is not None}
        | {"content-type": message.get_content_type()},
    )


def _parts(message: Message) -> Iterator[Message]:
    """Yield the leaves of an e-mail; one carried inside is a leaf, and of alternatives the plain one."""
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        yield message
        return
    parts = [part for part in message.get_payload() if isinstance(part, Message)]
    if message.get_content_type() == "multipart/alternative":
        plains = [part for part in parts if part.get_content_type() == "text/plain"]
        if any(_content(part).strip() for part in plains):
            parts = [part for part in parts if part.get_content_type() != "text/html"]
    for part in parts:
        yield from _parts(part)


def _is_file(part: Message) -> bool:
    if part.get_content_type() not in ("text/plain", "text/html"):
        return True
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _content(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        inner = inner[0] if isinstance(inner, list) and inner else inner
        return inner.as_bytes() if isinstance(inner, Message) else str(inner or "").encode("utf-8", "replace")
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _name_of(part: Message, kind: str) -> str:
    name = part.get_filename() or ""
    name = header_text(name) if name else ""
    extension = {"message/rfc822": "eml", "text/calendar": "ics", "text/html": "html", "text/plain": "txt"}
    return name or f"{kind.rpartition('/')[2]}.{extension.get(kind, 'bin')}"


def _mend(part: Message) -> None:
    """Decode bytes that are not ASCII in the headers that parameters are taken from: names of files."""
    for name, value in list(part.raw_items()):
        if name.lower() in ("content-type", "content-disposition") and not value.isascii():
            part.replace_header(name, decode(value.encode("ascii", "surrogateescape")))


def _raw(message: Message, wanted: str) -> list[str]:
    return [str(value) for name, value in message.raw_items() if name.lower() == wanted]


def _line(message: Message, name: str, longest: int = LONGEST_LINE) -> str:
    """Return the first header of that name as it is to be read; nothing where there is none."""
    return header_text("".join(_raw(message, name)[:1])[: 20 * longest])[:longest]


def _addresses(message: Message, name: str) -> list[tuple[str, str]]:
    """Return names and addresses of all headers of that name; each address only once."""
    raw = [value[:10_000] for value in _raw(message, name)]
    # Addresses are taken out before words are decoded: what is encoded in a name cannot become an address.
    found = getaddresses([value.encode("ascii", "surrogateescape").decode("latin-1") for value in raw])
    by_address = {
        address.lower(): header_text(shown.encode("latin-1", "replace").decode("ascii", "surrogateescape"))
        for shown, address in found
        if ADDRESS.fullmatch(address)
    }
    return [(shown[:120], address) for address, shown in by_address.items()]


def _answers(message: Message) -> tuple[str, ...]:
    ids = MESSAGE_ID.findall(" ".join(_raw(message, "in-reply-to"))[:10_000])
    ids += reversed(MESSAGE_ID.findall(" ".join(_raw(message, "references"))[:50_000]))
    return _usable(ids)


def _returned(message: Message) -> tuple[str, ...]:
    """Return the Message-IDs of the e-mails that a report of a mail server hands back."""
    if message.get_content_type() != "multipart/report":
        return ()
    found: list[str] = []
    for part in message.walk():
        if part.get_content_type() == "text/rfc822-headers":
            inner = message_from_bytes(_content(part), policy=compat32)
            found += MESSAGE_ID.findall(" ".join(_raw(inner, "message-id")))
        elif part is not message:
            found += MESSAGE_ID.findall(" ".join(_raw(part, "message-id")))
    return _usable(found)


def _usable(ids: list[str]) -> tuple[str, ...]:
    """Each once, and only what can be a Message-ID of ours or of one that was taken."""
    return tuple(dict.fromkeys(key for key in ids if key.isascii() and len(key) <= LONGEST_ID))[:MOST_ANSWERS]


def _without_marks(subject: str) -> str:
    while mark := REPLY_MARKS.match(subject):
        subject = subject[mark.end() :]
    return subject.strip()
