"""The minutes of a meeting as one document, of which page, PDF and Word file are written. Pure.

Everything in it is a finished string in the language spoken when it is composed (decision 14).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from meetings.agenda import SHOWN, Line, Section
from meetings.words import title_of, told
from tickets.documents import structure
from tickets.documents.structure import Document, Pairs, Table, Text, Tone
from tickets.documents.words import NOTHING, listed, moment, numbered, rows_or_none, span


@dataclass(frozen=True, slots=True)
class Said:
    """An item of the agenda: what it is about, what was on it, and what was noted; decisions by number."""

    title: str
    section: Section | None
    note: str = ""
    details: str = ""
    decisions: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class DecidedThen:
    """A decision as the minutes write it down."""

    number: str
    text: str
    owner: str
    due_on: date
    record: str
    effect: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the minutes say; instants are local already."""

    number: str
    group: str
    starts_at: datetime
    started_at: datetime
    ended_at: datetime
    place: str
    chair: str
    recorder: str
    why: str
    present: Sequence[str]
    deputies: Sequence[str]
    absent: Sequence[str]
    items: Sequence[Said]
    decisions: Sequence[DecidedThen]
    published_at: datetime
    next_at: datetime | None = None
    language: str = "zh-hans"
    frozen_at: datetime | None = field(default=None)


def compose(facts: Facts) -> Document:
    """Return the minutes as they are published."""
    sections = [
        structure.Section(_("Attendance"), (_attendance(facts),)),
        *(structure.Section(item.title, _item(item)) for item in facts.items),
        structure.Section(_("Decisions"), rows_or_none(_decisions(facts.decisions))),
        structure.Section(_("Next meeting"), (Text(moment(facts.next_at)),)),
    ]
    frozen = moment(facts.frozen_at)
    return Document(
        language=facts.language,
        title=_("Minutes of the weekly meeting"),
        number=facts.number,
        subject=facts.group,
        head=_head(facts),
        sections=numbered(sections),
        signatures=((_("Chair"), facts.chair), (_("Recorder"), facts.recorder)),
        footnote=_("The agenda is that of %(when)s. Corrections are added at the end.") % {"when": frozen},
        page_words=_("Page {page} of {pages}"),
        left_out="",
        issued_at=facts.published_at.isoformat(timespec="seconds"),
    )


def _head(facts: Facts) -> tuple[tuple[str, str], ...]:
    length = span(facts.ended_at - facts.started_at)
    pairs = [
        (_("Planned for"), moment(facts.starts_at)),
        (_("Held"), f"{moment(facts.started_at)} – {facts.ended_at:%H:%M} ({length})"),
        (_("Place"), facts.place or NOTHING),
        (_("Chair"), facts.chair or NOTHING),
        (_("Recorder"), facts.recorder),
    ]
    if facts.why:
        pairs.append((_("Moved because"), facts.why))
    return tuple(pairs)


def _attendance(facts: Facts) -> Pairs:
    return Pairs(
        (
            (pgettext("attendance", "Present"), listed(facts.present)),
            (_("Sent a deputy"), listed(facts.deputies)),
            (_("Absent"), listed(facts.absent)),
        )
    )


def _item(item: Said) -> tuple[structure.Part, ...]:
    parts: list[structure.Part] = []
    if item.section is not None:
        parts += _drawn(item.section)
    elif item.details:
        parts.append(Text(item.details))
    pairs = [(pgettext("meeting", "Note"), item.note)] if item.note else []
    if item.decisions:
        pairs.append((_("Decisions"), listed(item.decisions)))
    if pairs:
        parts.append(Pairs(tuple(pairs)))
    return tuple(parts) or (Text(NOTHING),)


def _drawn(section: Section) -> list[structure.Part]:
    """The first lines of a section; of the others the number."""
    if not section.lines:
        return [Text(_("None."))]
    shown = section.lines[:SHOWN]
    table = Table(
        (_("What"), _("How it stands")),
        (40, 60),
        tuple((title_of(line), told(line) or NOTHING) for line in shown),
        tuple(_tone(line) for line in shown),
    )
    left_off = section.count - len(shown)
    if left_off <= 0 or section.source == "lights":
        return [table]
    return [table, Text(_("and %(n)s more") % {"n": left_off})]


def _tone(line: Line) -> Tone:
    return Tone(line.tone) if line.tone in ("bad", "good") else Tone.PLAIN


def _decisions(decisions: Sequence[DecidedThen]) -> Table:
    return Table(
        (
            _("Number"),
            pgettext("meeting", "Decision"),
            _("Owner"),
            _("Due on"),
            _("Record"),
            _("Set off at once"),
        ),
        (11, 31, 13, 17, 12, 16),
        tuple(
            (
                one.number,
                one.text,
                one.owner,
                one.due_on.isoformat(),
                one.record or NOTHING,
                one.effect or NOTHING,
            )
            for one in decisions
        ),
    )
