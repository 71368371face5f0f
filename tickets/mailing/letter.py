"""An e-mail as it was understood."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with an e-mail. The claimed type is its sender's word."""

    name: str
    content: bytes
    claimed_type: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """Who writes what, in answer to which.

    `key` names the e-mail for good: its Message-ID, or a digest of it where it has none that can be used.
    `sender` is an address in lower case, empty unless there is exactly one that can be read. `answers` are
    the Message-IDs that it answers, the nearest first; `returned` those of e-mails that it says could not be
    delivered. `text` is all of it, `said` what is new in it.
    """

    key: str
    sender: str
    sender_name: str
    senders: int
    subject: str
    title: str
    text: str
    said: str
    answers: tuple[str, ...]
    returned: tuple[str, ...]
    files: tuple[File, ...]
    headers: dict[str, str]
