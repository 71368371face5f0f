"""Two versions of a text side by side, word by word, and three put together. Pure: texts in, pieces out.

A Chinese text has no blanks between its words, so each of its characters is a word of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORD = re.compile(r"[A-Za-z0-9_]+|\r?\n|[^\S\n]+|.", re.DOTALL)
# Comparing takes time with the product of the lengths: beyond this, what lies between is taken as a whole.
MOST_WORK = 4_000_000


class Change(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    change: Change
    text: str


def words(text: str) -> list[str]:
    """Cut a text into words, blanks, line ends and single characters; joined they are the text again."""
    return _WORD.findall(text)


def differences(old: str, new: str) -> list[Piece]:
    """Return the pieces of both: without the added ones they are `old`, without the removed ones `new`."""
    pieces = []
    left, right = words(old), words(new)
    for tag, a, b, c, d in _opcodes(left, right):
        if tag == "equal":
            pieces.append(Piece(Change.SAME, "".join(left[a:b])))
            continue
        if a < b:
            pieces.append(Piece(Change.REMOVED, "".join(left[a:b])))
        if c < d:
            pieces.append(Piece(Change.ADDED, "".join(right[c:d])))
    return pieces


def combined(base: str, theirs: str, mine: str) -> str:
    """Put two changed versions of a text together: both changes, where they lie apart.

    Where both have changed the same place the two versions stand one below the other: a person decides, and
    nothing that either wrote is missing.
    """
    if theirs == mine or not mine.strip():
        return theirs
    if not theirs.strip():
        return mine
    merged = _merged(words(base), words(theirs), words(mine)) if base.strip() else None
    return f"{theirs.rstrip()}\n{mine.lstrip()}" if merged is None else merged


def _merged(base: Sequence[str], theirs: Sequence[str], mine: Sequence[str]) -> str | None:
    """The three-way merge, or None where both have changed the same place."""
    parts: list[str] = []
    at, at_theirs, at_mine = 0, 0, 0
    for start, end, in_theirs, in_mine in [
        *_kept_by_both(base, theirs, mine),
        (len(base), len(base), len(theirs), len(mine)),
    ]:
        old = list(base[at:start])
        new_theirs, new_mine = list(theirs[at_theirs:in_theirs]), list(mine[at_mine:in_mine])
        if new_mine in (old, new_theirs):
            parts += new_theirs
        elif new_theirs == old:
            parts += new_mine
        else:
            return None
        parts += base[start:end]
        at, at_theirs, at_mine = end, in_theirs + end - start, in_mine + end - start
    return "".join(parts)


def _kept_by_both(
    base: Sequence[str], theirs: Sequence[str], mine: Sequence[str]
) -> Iterator[tuple[int, int, int, int]]:
    """The stretches of the base that both have left: start, end, where in theirs, where in mine."""
    of_theirs = [(a, b, c) for tag, a, b, c, _d in _opcodes(base, theirs) if tag == "equal"]
    of_mine = [(a, b, c) for tag, a, b, c, _d in _opcodes(base, mine) if tag == "equal"]
    for start, end, in_theirs in of_theirs:
        for other_start, other_end, in_mine in of_mine:
            low, high = max(start, other_start), min(end, other_end)
            if low < high:
                yield low, high, in_theirs + low - start, in_mine + low - other_start


def _opcodes(left: Sequence[str], right: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """As difflib's, with a bound on the work: what both begin and end with is never looked at twice."""
    shorter = min(len(left), len(right))
    head = next((i for i in range(shorter) if left[i] != right[i]), shorter)
    tail = next((i for i in range(shorter - head) if left[-1 - i] != right[-1 - i]), shorter - head)
    inner_left, inner_right = left[head : len(left) - tail], right[head : len(right) - tail]
    codes: list[tuple[str, int, int, int, int]] = [("equal", 0, head, 0, head)] if head else []
    if len(inner_left) * len(inner_right) > MOST_WORK:
        codes.append(("replace", head, head + len(inner_left), head, head + len(inner_right)))
    else:
        inner = SequenceMatcher(None, inner_left, inner_right, autojunk=False).get_opcodes()
        codes += [(tag, a + head, b + head, c + head, d + head) for tag, a, b, c, d in inner]
    if tail:
        codes.append(("equal", len(left) - tail, len(left), len(right) - tail, len(right)))
    return codes
