"""How long something took, as people write it. Pure: text in, whole minutes out."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 24 * 60  # minutes: nobody spends more on one entry

_HOUR = "(?:hours|hour|hrs|hr|h|\u4e2a\u5c0f\u65f6|\u5c0f\u65f6|\u4e2a\u949f\u5934|\u949f\u5934)"
_MINUTE = "(?:minutes|minute|mins|min|m|\u5206\u949f|\u5206)"
_NUMBER = r"[0-9]{1,4}(?:[.,][0-9]{1,2})?"
_WHOLE = r"[0-9]{1,4}"
_HALF = "\u534a"  # the character for half: half an hour, one hour and a half
_PATTERNS = [
    re.compile(rf"(?P<m>{_WHOLE}){_MINUTE}?"),
    re.compile(rf"(?P<h>{_WHOLE}):(?P<m>[0-5][0-9])"),
    re.compile(rf"(?P<h>{_NUMBER}){_HOUR}"),
    re.compile(rf"(?P<h>{_WHOLE}){_HOUR}(?P<m>[0-9]{{1,2}}){_MINUTE}?"),
    re.compile(rf"(?P<h>{_WHOLE})(?:{_HOUR}|\u4e2a)?(?P<half>{_HALF}){_HOUR}?"),
    re.compile(rf"(?P<half>{_HALF}){_HOUR}"),
]


def parse_minutes(text: str, *, least: int = 1, longest: int = LONGEST) -> int:
    """Return the whole minutes of `45`, `1h30`, `1.5h`, `1:30` and their Chinese spellings.

    A number alone is minutes. Widths, blanks and capitals do not matter. Raises ValueError for what is no
    span of time, and for less than `least` or more than `longest` minutes.
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(plain):
            parts = found.groupdict()
            hours = float((parts.get("h") or "0").replace(",", "."))
            minutes = round(hours * 60) + int(parts.get("m") or 0) + (30 if parts.get("half") else 0)
            if least <= minutes <= longest:
                return minutes
            break
    raise ValueError(text)
