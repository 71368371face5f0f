"""`@somebody` in a note. Pure: the text and who might be meant in, who is meant out.

Chinese names have no blanks around them, so the longest name that fits stands after the `@`. An address such
as `root@host` mentions nobody, and what is nobody's name is text like any other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

_AT = re.compile(r"(?<![\w.+-])[@\uff20]", re.ASCII)
_GOES_ON = re.compile(r"[A-Za-z0-9_-]|\.[A-Za-z0-9_]")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody of the house by his id and all that he is called; whether he may see the record."""

    pk: int
    username: str
    names: tuple[str, ...]
    may_see: bool = True


@dataclass(frozen=True, slots=True)
class Mention:
    """What was written after an `@`, and whom it fits: more than one where a name is not unique."""

    handle: str
    readers: tuple[Reader, ...]


def mentions_in(text: str, people: Collection[Reader]) -> list[Mention]:
    """Return the mentions in the order of the text, each handle once.

    Of several who bear a name those who may see the record are meant; a sign-in name is always one person's.
    """
    called = _called(people)
    handles = sorted(called, key=len, reverse=True)
    found: dict[str, Mention] = {}
    for match in _AT.finditer(text):
        handle = _handle_at(text, match.end(), handles)
        if handle:
            found.setdefault(_fold(handle), Mention(handle, _meant(called[_fold(handle)], handle)))
    return list(found.values())


def split(text: str, handles: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Cut a text into its parts, each with whether it is a mention by one of these handles."""
    wanted = sorted({_fold(handle) for handle in handles}, key=len, reverse=True)
    done = 0
    for match in _AT.finditer(text):
        handle = _handle_at(text, match.end(), wanted)
        if handle:
            yield text[done : match.start()], False
            done = match.end() + len(handle)
            yield text[match.start() : done], True
    yield text[done:], False


def _called(people: Collection[Reader]) -> dict[str, list[Reader]]:
    called: dict[str, list[Reader]] = {}
    for person in people:
        for name in {_fold(name) for name in (person.username, *person.names) if name.strip()}:
            called.setdefault(name, []).append(person)
    return called


def _meant(fitting: list[Reader], handle: str) -> tuple[Reader, ...]:
    by_username = [person for person in fitting if _fold(person.username) == _fold(handle)]
    return tuple(by_username or [person for person in fitting if person.may_see] or fitting)


def _handle_at(text: str, start: int, handles: Sequence[str]) -> str:
    """The longest handle that stands at this place, as it is written there. Latin ones end where they end."""
    for handle in handles:
        written = text[start : start + len(handle)]
        goes_on = written[-1:].isascii() and _GOES_ON.match(text, start + len(handle))
        if _fold(written) == handle and not goes_on:
            return written
    return ""


def _fold(name: str) -> str:
    return "".join(unicodedata.normalize("NFC", c).casefold()[:1] for c in name)
