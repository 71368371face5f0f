"""A document as all its writers read it: finished strings in the order in which they are read. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from hashlib import sha256
from itertools import chain, repeat
from typing import Any


class Tone(StrEnum):
    """What colours a row of a table, besides the word that says it."""

    PLAIN = ""
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Text:
    """One text as somebody wrote it; its line breaks are his."""

    text: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Facts, each with its name."""

    rows: tuple[tuple[str, str], ...]
    kind: str = "pairs"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head. `widths` are shares of the page's width, one a column; `tones` are one a row."""

    head: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    tones: tuple[Tone, ...] = ()
    kind: str = "table"

    @property
    def toned_rows(self) -> list[tuple[list[tuple[str, str]], Tone]]:
        """The rows, each cell with the head of its column, each row with its tone."""
        tones = chain(self.tones, repeat(Tone.PLAIN))
        return [
            (list(zip(self.head, row, strict=True)), tone)
            for row, tone in zip(self.rows, tones, strict=False)
        ]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars: one a label, standing and one upon the other (`is_lying` False), or lying one below the other.
    `is_map`: no bars but a field a series and label, darker where there is more.

    `series` are a name and a value a label. What the bars say in figures stands in the document's words too:
    in Word and in spreadsheets the chart is a table, or drawn from one.
    """

    title: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[int, ...]], ...]
    is_lying: bool = False
    is_map: bool = False
    kind: str = "chart"


Part = Text | Pairs | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part. What is `restricted` concerns persons, and is left out for who may not read that.

    `new_page`: on paper it begins a page.
    """

    title: str
    parts: tuple[Part, ...]
    restricted: bool = False
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. `page_words` has places for {page} and {pages}; `issued_at` is ISO with offset."""

    language: str
    title: str
    number: str
    subject: str
    head: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    signatures: tuple[tuple[str, str], ...]
    footnote: str
    page_words: str
    left_out: str
    issued_at: str

    def for_reader(self, *, reads_restricted: bool) -> Document:
        """The document as somebody may read it; in place of what he may not stands that it is left out."""
        if reads_restricted:
            return self
        hidden = (Text(self.left_out),)
        sections = (replace(each, parts=hidden) if each.restricted else each for each in self.sections)
        return replace(self, sections=tuple(sections))

    @property
    def is_restricted(self) -> bool:
        return any(section.restricted for section in self.sections)

    def texts(self) -> Iterator[str]:
        """Every string in the order in which it is read; empty ones are left out."""
        yield from (text for text in self._texts() if text)

    def _texts(self) -> Iterator[str]:
        yield from (self.title, self.number, self.subject)
        yield from (text for pair in self.head for text in pair)
        for section in self.sections:
            yield section.title
            for part in section.parts:
                yield from _texts_of(part)
        yield from (text for pair in self.signatures for text in pair)
        yield self.footnote

    def as_json(self) -> dict[str, Any]:
        """What is frozen in the database, and what the writers are given."""
        return asdict(self)

    @property
    def sha256(self) -> str:
        """Of all that it says: of the same document the same files are made."""
        return sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()


def read(content: dict[str, Any]) -> Document:
    """Return the document that `as_json` gave."""
    sections = tuple(
        Section(
            each["title"], tuple(map(_part, each["parts"])), each["restricted"], each.get("new_page", False)
        )
        for each in content["sections"]
    )
    pairs = {name: _pairs(content[name]) for name in ("head", "signatures")}
    return Document(**(content | pairs | {"sections": sections}))


def _part(content: dict[str, Any]) -> Part:
    if content["kind"] == "text":
        return Text(content["text"])
    if content["kind"] == "pairs":
        return Pairs(_pairs(content["rows"]))
    if content["kind"] == "chart":
        series = tuple((name, tuple(values)) for name, values in content["series"])
        shape = content["is_lying"], content.get("is_map", False)  # what was frozen earlier has no maps
        return Chart(content["title"], tuple(content["labels"]), series, *shape)
    return Table(
        tuple(content["head"]),
        tuple(content["widths"]),
        tuple(map(tuple, content["rows"])),
        tuple(map(Tone, content["tones"])),
    )


def _pairs(rows: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in rows)


def _texts_of(part: Part) -> Iterator[str]:
    if isinstance(part, Text):
        yield part.text
        return
    if isinstance(part, Chart):
        yield from (part.title, *part.labels, *(name for name, _values in part.series))
        return
    if isinstance(part, Table):
        yield from part.head
    yield from (text for row in part.rows for text in row)
