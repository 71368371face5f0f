"""Clauses of the process text: their numbers, what changed between versions, links to them (§1.1). Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from tickets.comparing import Change, Piece, differences

NUMBER = re.compile(r"[1-9][0-9]{0,2}(?:\.[1-9][0-9]{0,2}){0,5}\Z")
# Markup is left alone, and so is what is a link already.
_LEFT_ALONE = re.compile(r"(<a\b.*?</a\s*>|<[^>]*>)", re.DOTALL | re.IGNORECASE)
_MENTIONED = re.compile(r"§\s?([1-9][0-9]*(?:\.[0-9]+)*)")
FIELDS = ("number", "title", "title_en", "text", "text_en")


class Fate(StrEnum):
    """What became of a clause from one version to another."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ClauseText:
    """A clause as it reads in one version. `line` stays the same through all versions."""

    line: int
    number: str
    title: str
    title_en: str
    text: str
    text_en: str


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause in two versions; of one that was added or removed there is only one."""

    fate: Fate
    old: ClauseText | None
    new: ClauseText | None

    @property
    def shown(self) -> ClauseText:
        found = self.new or self.old
        assert found is not None
        return found

    def pieces(self, field: str) -> list[Piece]:
        """Return one of `FIELDS` word by word, with what was added and removed."""
        old, new = (getattr(one, field) if one else "" for one in (self.old, self.new))
        return differences(old, new) if old or new else []

    def is_changed(self, field: str) -> bool:
        return any(piece.change != Change.SAME for piece in self.pieces(field))


def is_number(text: str) -> bool:
    """Say whether a text is the number of a clause: 1 to 6 numbers with dots between, none of them 0."""
    return NUMBER.match(text) is not None


def place(number: str) -> tuple[int, ...]:
    """Return what clauses are ordered by: 5.10 stands behind 5.9, and 5.4.1 behind 5.4."""
    return tuple(int(part) for part in number.split("."))


def level(number: str) -> int:
    """Return how deep a clause stands: 5 is of level 1, 5.4.1.2 of level 4."""
    return number.count(".") + 1


def nearest(number: str, known: Collection[str]) -> str | None:
    """Return the clause itself, else the closest one above it that there is."""
    parts = number.split(".")
    for length in range(len(parts), 0, -1):
        if (above := ".".join(parts[:length])) in known:
            return above
    return None


def compare(old: Sequence[ClauseText], new: Sequence[ClauseText]) -> list[ClauseChange]:
    """Return each clause of both versions once, in the order of its number; removed ones where they stood."""
    before, after = {one.line: one for one in old}, {one.line: one for one in new}
    found = [_change(before.get(line), after.get(line)) for line in {**before, **after}]
    return sorted(found, key=lambda one: (place(one.shown.number), one.fate != Fate.REMOVED))


def _change(old: ClauseText | None, new: ClauseText | None) -> ClauseChange:
    if old is None:
        return ClauseChange(Fate.ADDED, None, new)
    if new is None:
        return ClauseChange(Fate.REMOVED, old, None)
    return ClauseChange(Fate.SAME if old == new else Fate.CHANGED, old, new)


def mentions_clauses(markup: str) -> bool:
    return "§" in markup


def linked(markup: str, links: Mapping[str, tuple[str, str]]) -> str:
    """Return markup in which each § with a known number is a link. `links`: number to address and title.

    Tags, and what stands inside a link, stay as they are; a number that is not known stays plain.
    """
    return "".join(_linked(markup, links))


def _linked(markup: str, links: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    for place_, part in enumerate(_LEFT_ALONE.split(markup)):
        yield part if place_ % 2 else _MENTIONED.sub(lambda found: _link(found, links), part)


def _link(found: re.Match[str], links: Mapping[str, tuple[str, str]]) -> str:
    if (known := links.get(found[1])) is None:
        return found[0]
    address, title = known
    return f'<a class="clause-link" href="{escape(address)}" title="{escape(title)}">{found[0]}</a>'
