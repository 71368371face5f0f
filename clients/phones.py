"""Phone numbers, however people write them: one number has one row of digits (§3.2, §5.1).

The digits are E.164 without the plus: 8675588888877. A hotline (12345) and a local number given without its
area code stay as they are, for nobody can know which city they belong to. Pure: no ORM, no settings.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "empty": _("Enter a phone number."),
    "letters": _("A phone number has digits, spaces, dashes and brackets, but no letters."),
    "too_short": _("This phone number is too short."),
    "too_long": _("This phone number is too long."),
    "invalid": _("Nobody can be called under this number: check the digits."),
}

# How the Chinese numbering plan is built, without the trunk 0. Looser than the lists of numbers in use: a new
# mobile prefix must not turn a caller away.
AREA = r"(?:10|2\d|(?!400|800|86)[3-9]\d\d)"
ANYWHERE = re.compile(r"1[3-9]\d{9}|[48]00\d{7}")  # mobiles, 400 and 800 numbers
WITH_AREA = re.compile(rf"({AREA})([2-9]\d{{6,7}})")
CITY_HOTLINE = re.compile(rf"{AREA}(?:1\d{{2,4}}|9[56]\d{{3,4}})")
MOBILE = re.compile(r"861[3-9]\d{9}")
LOCAL = re.compile(r"[1-9]\d{2,7}")  # hotlines, and what is dialled inside a city

# "zhuan" (put through to) and "fenji" (extension) in both scripts, "jie", "hao" and "neixian" beside them.
_PUT_THROUGH = "[\u8f6c\u8f49](?:\u63a5)?"
_EXTENSION = "(?:\u5206[\u673a\u6a5f]|\u5185\u7ebf)[\u53f7\u865f]?"
_MARK = rf"(?:{_PUT_THROUGH}|{_EXTENSION}|;ext=|ext(?:ension|n)?|x|#)[\s.:]*"
_MARKED = re.compile(rf"(?P<number>.*?)[\s,-]*(?:{_MARK})+(?P<extension>[\d\s-]*)#?\s*", re.DOTALL)
_TRAILING = re.compile(r"(?P<number>.*\d)[\s-]+(?P<extension>\d{1,6})", re.DOTALL)

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\uff0d"), "-")
_BRACKETS = dict.fromkeys(map(ord, "()[]\u3010\u3011"), " ")
_ALLOWED = re.compile(r"\s*\+?[\d\s./\\,\u00b7\u2022\u30fb-]*", re.ASCII)

MAX_TEXT = 100
MAX_DIGITS = 15
MAX_EXTENSION = 8
SHORTEST_WITH_EXTENSION = 7  # an unmarked last group is an extension only behind something this long
SHORTEST_PREFIX, SHORTEST_PART = 3, 4


def is_mobile(digits: str) -> bool:
    """Say whether digits as `normalise` gives them are those of a Chinese mobile phone."""
    return MOBILE.fullmatch(digits) is not None


class InvalidPhone(ValueError):
    """Not a phone number. `code` says why; `message` says it to people, translated when shown."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = MESSAGES[code]


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    digits: str
    extension: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to look for digits: a lookup of the ORM and what to look for."""

    lookup: Literal["exact", "startswith", "contains"]
    digits: str


def normalise(text: str) -> PhoneNumber:
    """Return the digits and the extension of a number in any spelling; two spellings give equal digits.

    A number without country code is Chinese. Raises `InvalidPhone` (a ValueError) with a code of `MESSAGES`.
    """
    if len(text) > MAX_TEXT:
        raise InvalidPhone("too_long")
    number, extension = _split(_plain(text))
    if not re.search(r"\d", number):
        raise InvalidPhone("letters" if _has_letters(number) else "empty")
    if not _ALLOWED.fullmatch(number):
        raise InvalidPhone("letters" if _has_letters(number) else "invalid")
    digits = _canonical(number)
    if digits is None and not extension and (parts := _TRAILING.fullmatch(number.strip())):
        digits, extension = _canonical(parts["number"]), parts["extension"]
        if digits is not None and len(digits) < SHORTEST_WITH_EXTENSION:
            digits = None
    if digits is None:
        raise InvalidPhone(_why(_digits(number)))
    if len(extension) > MAX_EXTENSION:
        raise InvalidPhone("too_long")
    return PhoneNumber(digits, extension)


def candidates(text: str) -> list[Candidate]:
    """Return what to look for while somebody types a number, the likeliest first; nothing below three digits.

    Finds a number by its beginning with or without country and area code, by any four digits or more of it,
    and a number stored without its area code by the whole one. Never raises.
    """
    number = _split(_plain(text[:MAX_TEXT]))[0]
    typed = _digits(number)
    if len(typed) < SHORTEST_PREFIX or not _ALLOWED.fullmatch(number):
        return []
    found = _whole_number(text)
    is_from_its_beginning = number.startswith("+") or (typed.startswith("0") and bool(found))
    code = _after_international_prefix(number)
    if code is not None:
        found.append(Candidate("startswith", _without_trunk(code)))
    elif typed.startswith("0"):
        found.append(Candidate("startswith", "86" + typed[1:]))
    else:
        found += [Candidate("startswith", "86" + typed), Candidate("startswith", _without_trunk(typed))]
    if len(typed) >= SHORTEST_PART and not is_from_its_beginning:
        found.append(Candidate("contains", typed))
    return [candidate for candidate in dict.fromkeys(found) if len(candidate.digits) >= SHORTEST_PREFIX]


def extension_in(text: str) -> tuple[str, bool]:
    """Return the extension that a text has, and whether nothing else stands in it. Never raises."""
    number, extension = _split(_plain(text[:MAX_TEXT]))
    if extension:
        return extension, not _digits(number) and not _has_letters(number)
    try:
        return normalise(text).extension, False
    except InvalidPhone:
        return "", False


def _whole_number(text: str) -> list[Candidate]:
    """Return how to look for a number that is complete, also where it was stored without its area code."""
    try:
        whole = normalise(text).digits
    except InvalidPhone:
        return []
    if whole.startswith("86") and (parts := WITH_AREA.fullmatch(whole[2:])):
        return [Candidate("startswith", whole), Candidate("exact", parts[2])]
    return [Candidate("exact" if LOCAL.fullmatch(whole) else "startswith", whole)]


def _plain(text: str) -> str:
    """Return the text in ordinary characters: no full-width forms, invisible marks or odd dashes."""
    dashed = text.translate(_DASHES)
    visible = "".join(c for c in unicodedata.normalize("NFKC", dashed) if unicodedata.category(c) != "Cf")
    return visible.translate(_BRACKETS).lower().strip().removeprefix("tel:")


def _split(plain: str) -> tuple[str, str]:
    """Cut off an extension that is marked as one."""
    parts = _MARKED.fullmatch(plain)
    return (parts["number"], _digits(parts["extension"])) if parts else (plain, "")


def _canonical(number: str) -> str | None:
    digits = _digits(number)
    code = _after_international_prefix(number)
    if code is not None:
        return _chinese(code[2:].lstrip("0")) if code.startswith("86") else _foreign(code)
    if digits.startswith("0"):
        return _chinese(digits[1:], may_be_local=False)
    # Without a trunk 0 only the way it is grouped tells 755-88888877 from 88888877-755.
    first_group = re.split(r"\D+", number.strip())[0]
    may_have_area = first_group == digits or re.fullmatch(AREA, first_group) is not None
    found = _chinese(digits, may_have_area=may_have_area, may_be_city_hotline=False)
    if found is None and digits.startswith("86"):
        found = _chinese(digits[2:].lstrip("0"), may_be_local=False)
    return found


def _chinese(
    digits: str, *, may_have_area: bool = True, may_be_city_hotline: bool = True, may_be_local: bool = True
) -> str | None:
    """Return the canonical form of a Chinese number without its country code and trunk 0."""
    is_full = ANYWHERE.fullmatch(digits) is not None
    is_full |= may_have_area and WITH_AREA.fullmatch(digits) is not None
    is_full |= may_be_city_hotline and CITY_HOTLINE.fullmatch(digits) is not None
    if is_full:
        return "86" + digits
    return digits if may_be_local and LOCAL.fullmatch(digits) else None


def _foreign(digits: str) -> str | None:
    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")


def _after_international_prefix(number: str) -> str | None:
    """Return the digits from the country code on, or None where none is given."""
    digits = _digits(number)
    if number.strip().startswith("+"):
        return digits.removeprefix("00")
    return digits[2:] if digits.startswith("00") else None


def _without_trunk(code: str) -> str:
    """Drop the 0 that people leave between the country code and the area code."""
    return re.sub(r"^860+", "86", code)


def _why(digits: str) -> str:
    if len(digits) < 3:
        return "too_short"
    return "too_long" if len(digits) > MAX_DIGITS else "invalid"


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


def _has_letters(text: str) -> bool:
    return any(character.isalpha() for character in text)
