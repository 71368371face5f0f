"""What a value of an inspection says by itself: how it is read, and how grave it is (§5.1). Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DIGITS, PLACES = 16, 4
LARGEST = Decimal(10) ** (DIGITS - PLACES)
LONGEST_TEXT = 300


class ItemKind(TextChoices):
    NUMBER = "number", pgettext_lazy("kind of value", "Number")
    YES_NO = "yes_no", _("Yes or no")
    CHOICE = "choice", _("Choice")
    TEXT = "text", pgettext_lazy("kind of value", "Text")


class YesNo(TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")


class Level(TextChoices):
    """How grave a value is; it gives the value its colour."""

    NORMAL = "normal", _("Normal")
    WARN = "warn", _("Warning")
    CRITICAL = "critical", _("Critical")


class Unreadable(Exception):
    """A value is not of its item's kind. `code` is not_a_number, too_large, not_an_option or too_long."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a number becomes worth a warning, and where critical: at or below the low, at or above the high.

    Only high limits: the higher the worse. Only low ones: the lower the worse. Both: a range.
    """

    warn_low: Decimal | None = None
    warn_high: Decimal | None = None
    critical_low: Decimal | None = None
    critical_high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values of a choice, and how grave it is."""

    text: str
    level: Level = Level.NORMAL


@dataclass(frozen=True, slots=True)
class Scale:
    """What an item asks for, and what its values mean. `expected` is the answer yes or no that is normal."""

    kind: ItemKind
    limits: Limits = Limits()
    expected: str = ""
    options: Sequence[Option] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as it is kept: a number has `number`, and all have `text`, which of a number is as typed."""

    text: str
    number: Decimal | None = None


def read(scale: Scale, typed: str) -> Reading | None:
    """Return what was typed as a value of this kind, None where nothing was. Raises `Unreadable`.

    Full-width digits and signs are those of a Chinese keyboard, and mean the same.
    """
    text = unicodedata.normalize("NFKC", typed).strip() if scale.kind == ItemKind.NUMBER else typed.strip()
    if not text:
        return None
    if len(text) > LONGEST_TEXT:
        raise Unreadable("too_long")
    match scale.kind:
        case ItemKind.NUMBER:
            return Reading(text, _number(text))
        case ItemKind.YES_NO if text not in YesNo.values:
            raise Unreadable("not_an_option")
        case ItemKind.CHOICE if text not in [option.text for option in scale.options]:
            raise Unreadable("not_an_option")
    return Reading(text)


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Unreadable("not_a_number") from None
    if not number.is_finite():
        raise Unreadable("not_a_number")
    if abs(number) >= LARGEST:
        raise Unreadable("too_large")
    return number.quantize(Decimal(1).scaleb(-PLACES)).normalize() + 0


def level_of(scale: Scale, reading: Reading | None) -> Level | None:
    """Return how grave a value is; None where there is none, and of free text, which has no scale."""
    if reading is None or scale.kind == ItemKind.TEXT:
        return None
    if scale.kind == ItemKind.YES_NO:
        is_normal = not scale.expected or reading.text == scale.expected
        return Level.NORMAL if is_normal else Level.CRITICAL
    if scale.kind == ItemKind.CHOICE:
        return next((one.level for one in scale.options if one.text == reading.text), Level.NORMAL)
    limits, number = scale.limits, reading.number
    if number is None:
        return None
    if _is_beyond(number, limits.critical_low, limits.critical_high):
        return Level.CRITICAL
    return Level.WARN if _is_beyond(number, limits.warn_low, limits.warn_high) else Level.NORMAL


def _is_beyond(number: Decimal, low: Decimal | None, high: Decimal | None) -> bool:
    return (low is not None and number <= low) or (high is not None and number >= high)


def limit_at_fault(limits: Limits) -> str | None:
    """Return the name of the first limit that contradicts one before it, or None.

    From the lowest up they are: critical low, warning low, warning high, critical high.
    """
    names = ("critical_low", "warn_low", "warn_high", "critical_high")
    reached: Decimal | None = None
    before = ""
    for name in names:
        limit = getattr(limits, name)
        if limit is None:
            continue
        # A warning range has to have something normal inside; a warning may be critical at once.
        is_across = before.endswith("low") and name.endswith("high")
        if reached is not None and (limit <= reached if is_across else limit < reached):
            return name
        reached, before = limit, name
    return None
