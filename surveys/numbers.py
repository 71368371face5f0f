"""Numbers of invitations as they stand on paper: with a check digit: a slip names no other's sheet."""

from __future__ import annotations

import re

PATTERN = re.compile(r"\s*[Ss]-?(?P<id>\d{1,12})-(?P<check>\d)\s*")


def number_of(pk: int) -> str:
    """Return the number of an invitation: `S-1204-7`."""
    return f"S-{pk}-{_check(pk)}"


def id_of(text: str) -> int | None:
    """Return which invitation a number names; None where it is none, or its check digit is wrong."""
    found = PATTERN.fullmatch(text)
    if found is None or _check(int(found["id"])) != int(found["check"]):
        return None
    return int(found["id"])


def _check(pk: int) -> int:
    """Luhn's digit: one wrong digit, or two neighbours that changed places, are found."""
    total = 0
    for place, digit in enumerate(reversed(str(pk))):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10
