"""An agenda: sections drawn by sources, frozen half an hour before, compared with what is true later. Pure.

What a line says is kept as facts (`Bit`) and put into words when it is read, so that a frozen agenda is read
in either language, and two are the same when their facts are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

SHOWN = 8  # lines of a section; its number opens the others
KEPT = 100  # lines of a section that are frozen, and compared later


class Bit(NamedTuple):
    """A fact of a line: what it is (`meetings.words` says it), its value, and that in English if there is.

    An instant is in ISO 8601 with its offset, a day without one.
    """

    kind: str
    value: str
    value_en: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to talk about. `key` stays the same as long as the thing does; `url` opens it.

    `tone` is "bad" where something is late or wrong, "good" where it is settled.
    """

    key: str
    title: str
    url: str = ""
    bits: tuple[Bit, ...] = ()
    tone: str = ""
    title_en: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What one source has drawn: how many there are, and the first of them in the order of importance."""

    source: str
    count: int
    lines: tuple[Line, ...]


class Mark(StrEnum):
    """How a line stands to the frozen agenda."""

    SAME = ""
    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A line as it stood at the freeze; a new one as it stands now. `now` is what a changed one says now."""

    line: Line
    mark: Mark = Mark.SAME
    now: Line | None = None


@dataclass(frozen=True, slots=True)
class MarkedSection:
    """A section as it was frozen, with what changed since. `count_now` is None where nothing was compared."""

    source: str
    count: int
    lines: tuple[MarkedLine, ...]
    count_now: int | None = None

    @property
    def is_changed(self) -> bool:
        has_other_count = self.count_now is not None and self.count_now != self.count
        return has_other_count or any(one.mark for one in self.lines)

    @property
    def shown(self) -> tuple[MarkedLine, ...]:
        """The first lines, and whatever changed since the freeze."""
        first = self.lines[:SHOWN]
        return first + tuple(one for one in self.lines[SHOWN:] if one.mark)[:SHOWN]


def unmarked(sections: Sequence[Section]) -> list[MarkedSection]:
    """Sections as they stand, with nothing to compare them with."""
    return [MarkedSection(one.source, one.count, tuple(map(MarkedLine, one.lines))) for one in sections]


def compared(frozen: Sequence[Section], live: Sequence[Section]) -> list[MarkedSection]:
    """Mark in a frozen agenda what is otherwise now. Of what lies beyond `KEPT` lines only the number tells.

    A section of a source that there was not at the freeze is new as a whole.
    """
    now = {one.source: one for one in live}
    found = [_marked(one, now[one.source]) for one in frozen if one.source in now]
    known = {one.source for one in frozen}
    for one in live:
        if one.source not in known:
            lines = tuple(MarkedLine(line, Mark.NEW) for line in one.lines)
            found.append(MarkedSection(one.source, 0, lines, one.count))
    return found


def _marked(frozen: Section, live: Section) -> MarkedSection:
    now = {line.key: line for line in live.lines}
    is_whole = live.count <= len(live.lines)
    lines = []
    for line in frozen.lines:
        there = now.pop(line.key, None)
        if there is None:
            # Beyond what was read it may still be there, further down.
            lines.append(MarkedLine(line, Mark.GONE if is_whole else Mark.SAME))
        elif (there.bits, there.title, there.tone) != (line.bits, line.title, line.tone):
            lines.append(MarkedLine(line, Mark.CHANGED, there))
        else:
            lines.append(MarkedLine(line))
    if frozen.count <= len(frozen.lines):
        lines += [MarkedLine(line, Mark.NEW) for line in now.values()]
    return MarkedSection(frozen.source, frozen.count, tuple(lines), live.count)


def as_json(sections: Sequence[Section]) -> dict[str, Any]:
    """What is frozen in the database."""
    return {
        "sections": [
            {
                "source": one.source,
                "count": one.count,
                "lines": [
                    {
                        "key": line.key,
                        "title": line.title,
                        "title_en": line.title_en,
                        "url": line.url,
                        "tone": line.tone,
                        "bits": [list(bit) for bit in line.bits],
                    }
                    for line in one.lines
                ],
            }
            for one in sections
        ]
    }


def read(content: Mapping[str, Any]) -> list[Section]:
    """Return the sections that `as_json` gave; none of an agenda that is not frozen."""
    return [
        Section(one["source"], one["count"], tuple(map(_line, one["lines"])))
        for one in content.get("sections", [])
    ]


def _line(content: Mapping[str, Any]) -> Line:
    facts = dict(content) | {"bits": tuple(Bit(*bit) for bit in content["bits"])}
    return Line(**facts)


def instant(at: datetime | str) -> str:
    """An instant, or the text of one, as a bit keeps it: in UTC, to the second."""
    found = datetime.fromisoformat(at) if isinstance(at, str) else at
    return found.astimezone(UTC).isoformat(timespec="seconds")
