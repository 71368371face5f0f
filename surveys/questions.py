"""What may be asked, and what counts as an answer to it (§4.1.2). Pure: a question and what was said in,
a value or the reason why it is none out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

LONGEST_TEXT = 2000
LARGEST_NUMBER = Decimal(10) ** 9
YES, NO = "yes", "no"


class QuestionKind(TextChoices):
    SCALE = "scale", _("Scale 1–5")
    NPS = "nps", _("Would recommend, 0–10 (NPS)")
    CES = "ces", _("Effort, 1–7, 7 is easy (CES)")
    YES_NO = "yes_no", _("Yes or no")
    SINGLE = "single", _("One of several")
    MULTI = "multi", _("Several of several")
    MATRIX = "matrix", _("Matrix: several things, 1–5 each")
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")


# The lowest and the highest point of each kind that has points.
RANGES: Mapping[QuestionKind, tuple[int, int]] = {
    QuestionKind.SCALE: (1, 5),
    QuestionKind.NPS: (0, 10),
    QuestionKind.CES: (1, 7),
    QuestionKind.MATRIX: (1, 5),
    QuestionKind.YES_NO: (0, 1),
}
WITH_OPTIONS = (QuestionKind.SINGLE, QuestionKind.MULTI)


class Fault(TextChoices):
    """Why something is no answer to a question."""

    REQUIRED = "required", _("Please answer this question.")
    NOT_A_POINT = "not_a_point", _("Choose one of the points.")
    NOT_AN_OPTION = "not_an_option", _("Choose one of what is offered.")
    NOT_A_ROW = "not_a_row", _("This line is not asked about.")
    ROWS_MISSING = "rows_missing", _("Please answer each line.")
    NOT_A_NUMBER = "not_a_number", _("This is not a number.")
    TOO_LARGE = "too_large", _("This number is too large.")
    NOT_A_DATE = "not_a_date", _("This is not a date.")
    TOO_LONG = "too_long", _("At most 2000 characters.")


class Unanswerable(Exception):
    """What was said is no answer to the question."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the rules need it. `options` and `rows` are the keys that may be chosen or rated."""

    kind: QuestionKind
    is_required: bool = False
    options: Sequence[str] = field(default=())
    rows: Sequence[str] = field(default=())
    weight: Decimal = Decimal(1)
    bad_at: int | None = None  # points at or below are bad
    why_at: int | None = None  # points at or below ask why


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: as it is kept, and its points where it has any (of a matrix one for each of its lines)."""

    value: Any
    points: tuple[int, ...] = ()


def read(asked: Asked, raw: Any) -> Said | None:
    """Return the answer that `raw` is to a question, None where nothing was said. Raises `Unanswerable`.

    `raw` comes from a form or as JSON: a text, a number, a list of keys, or a mapping of lines to points.
    """
    said = _read(asked, raw)
    if said is None and asked.is_required:
        raise Unanswerable(Fault.REQUIRED)
    return said


def asks_why(asked: Asked, said: Said | None) -> bool:
    """Say whether the person is asked for the reason of this answer."""
    return bool(said and said.points and asked.why_at is not None and min(said.points) <= asked.why_at)


def _read(asked: Asked, raw: Any) -> Said | None:
    if raw is None or (isinstance(raw, str) and not raw.strip()) or raw in ([], {}):
        return None
    match asked.kind:
        case QuestionKind.SCALE | QuestionKind.NPS | QuestionKind.CES:
            point = _point(asked.kind, raw)
            return Said(point, (point,))
        case QuestionKind.YES_NO:
            return _yes_no(raw)
        case QuestionKind.SINGLE:
            return Said(_one_of(asked.options, raw))
        case QuestionKind.MULTI:
            return _several(asked, raw)
        case QuestionKind.MATRIX:
            return _matrix(asked, raw)
        case QuestionKind.TEXT:
            return Said(_text(raw))
        case QuestionKind.NUMBER:
            return Said(_number(raw))
        case QuestionKind.DATE:
            return Said(_date(raw))


def _point(kind: QuestionKind, raw: Any) -> int:
    low, high = RANGES[kind]
    text = str(raw).strip()
    if isinstance(raw, bool) or not (text.isascii() and text.isdecimal()) or not low <= int(text[:9]) <= high:
        raise Unanswerable(Fault.NOT_A_POINT)
    return int(text)


def _yes_no(raw: Any) -> Said:
    text = {True: YES, False: NO}.get(raw, raw) if isinstance(raw, bool) else raw
    if text not in (YES, NO):
        raise Unanswerable(Fault.NOT_AN_OPTION)
    return Said(text, (1 if text == YES else 0,))


def _one_of(keys: Sequence[str], raw: Any) -> str:
    if not isinstance(raw, str) or raw not in keys:
        raise Unanswerable(Fault.NOT_AN_OPTION)
    return raw


def _several(asked: Asked, raw: Any) -> Said | None:
    chosen = [raw] if isinstance(raw, str) else raw
    if not isinstance(chosen, list | tuple):
        raise Unanswerable(Fault.NOT_AN_OPTION)
    found = {_one_of(asked.options, one) for one in chosen if one != ""}
    return Said([key for key in asked.options if key in found]) if found else None


def _matrix(asked: Asked, raw: Any) -> Said | None:
    if not isinstance(raw, Mapping):
        raise Unanswerable(Fault.NOT_A_POINT)
    if set(raw) - set(asked.rows):
        raise Unanswerable(Fault.NOT_A_ROW)
    found = {key: _point(asked.kind, raw[key]) for key in asked.rows if raw.get(key) not in (None, "")}
    if found and asked.is_required and len(found) < len(asked.rows):
        raise Unanswerable(Fault.ROWS_MISSING)
    return Said(found, tuple(found.values())) if found else None


def _text(raw: Any) -> str:
    text = str(raw).strip()
    if len(text) > LONGEST_TEXT:
        raise Unanswerable(Fault.TOO_LONG)
    return text


def _number(raw: Any) -> str:
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation:
        raise Unanswerable(Fault.NOT_A_NUMBER) from None
    if not number.is_finite():
        raise Unanswerable(Fault.NOT_A_NUMBER)
    if abs(number) > LARGEST_NUMBER:
        raise Unanswerable(Fault.TOO_LARGE)
    return f"{number.normalize():f}"


def _date(raw: Any) -> str:
    try:
        return date.fromisoformat(str(raw).strip()).isoformat()
    except ValueError:
        raise Unanswerable(Fault.NOT_A_DATE) from None
