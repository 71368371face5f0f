"""How a monthly report writes figures, changes and lists. Pure; in the language that is active."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from reports.kpis.definition import Kpi
from reports.kpis.figure import NOTHING, Figure, Unit
from reports.monthly.asked import Rows
from reports.targets import Aim
from reports.wording import aimed_words, number_words, whole_words, with_unit
from tickets.documents.structure import Part, Table, Text, Tone

LONGEST = 300  # characters of what somebody wrote, in a table
UP, DOWN, LEVEL = "↑", "↓", "→"


def target_of(aim: Aim, unit: Unit) -> str:
    return aimed_words(unit, aim.target, higher_is_better=aim.higher_is_better)


def sample_of(figure: Figure) -> str:
    return NOTHING if figure.denominator is None or figure.is_of_time else str(figure.denominator)


def light_of(aim: Aim, figure: Figure) -> tuple[str, Tone]:
    """In a word how a figure stands to its target, and in which colour that is said."""
    said = aim.is_reached(figure)
    if said is None:
        return NOTHING, Tone.PLAIN
    word = pgettext("target", "reached") if said else pgettext("target", "missed")
    if aim.is_small(figure):
        return _("%(word)s, few cases") % {"word": word}, Tone.PLAIN
    return word, Tone.GOOD if said else Tone.BAD


def worse_by(aim: Aim, figure: Figure, before: Figure) -> float:
    """By how much a figure got worse, as a share of what it was; negative: better; 0: not known."""
    if figure.value is None or before.value is None:
        return 0.0
    change = figure.value - before.value
    return (-change if aim.higher_is_better else change) / max(abs(before.value), 1e-9)


def change_of(kpi: Kpi, aim: Aim, figure: Figure, before: Figure) -> str:
    """The change since the month before: which way the number went, by how much, and if that is good.

    Of a volume it is neither.
    """
    if figure.value is None or before.value is None:
        return NOTHING
    if whole_words(before) == whole_words(figure):
        return " ".join([LEVEL, _("unchanged")])
    change = figure.value - before.value
    arrow = UP if change > 0 else DOWN
    if kpi.is_volume:
        word = pgettext("change", "more") if change > 0 else pgettext("change", "less")
    elif worse_by(aim, figure, before) > 0:
        word = pgettext("change", "worse")
    else:
        word = pgettext("change", "better")
    # Of few cases the way alone is said: how far it went is chance.
    if aim.is_small(figure) or aim.is_small(before):
        return f"{arrow} {word}"
    far = with_unit(figure.unit, abs(change))
    if figure.unit is Unit.PERCENT:  # of a percentage: points, not per cent of it
        far = _("%(n)s points") % {"n": number_words(figure.unit, abs(change))}
    return f"{arrow} {far} {word}"


def moment(at: datetime | None, tz: ZoneInfo) -> str:
    """An instant of the month's own time, to the minute."""
    return f"{at.astimezone(tz):%m-%d %H:%M}" if at else "–"


def span(start: datetime, end: datetime, tz: ZoneInfo) -> str:
    """From when to when; the end's day is said where it is another one."""
    first, last = start.astimezone(tz), end.astimezone(tz)
    until = f"{last:%H:%M}" if first.date() == last.date() else moment(end, tz)
    return f"{moment(start, tz)} – {until}"


def day(on: date | None) -> str:
    return on.isoformat() if on else "–"


def brief(text: str, longest: int = LONGEST) -> str:
    """What somebody wrote, on one line; where it was cut, it says so."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def table(
    head: Sequence[str],
    widths: Sequence[int],
    found: Rows,
    line: Callable[[Any], Sequence[str]],
    tone: Callable[[Any], Tone] | None = None,
) -> Iterable[Part]:
    """A list as a table, and how many more there are; nothing where it is empty."""
    if not found.rows:
        return
    tones = tuple(tone(row) for row in found.rows) if tone else ()
    yield Table(tuple(head), tuple(widths), tuple(tuple(line(row)) for row in found.rows), tones)
    if found.left_off:
        words = ngettext("and %(n)s more", "and %(n)s more", found.left_off)
        yield Text(words % {"n": found.left_off})


def none_of(text: str, found: Rows) -> Iterable[Part]:
    """A sentence in place of a list that is empty."""
    if not found.rows:
        yield Text(text)
