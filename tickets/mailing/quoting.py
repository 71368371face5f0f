"""What is new in an e-mail, without what it repeats of those before and without its signature."""

from __future__ import annotations

import re

from tickets.mailing.words import any_of

QUOTED = re.compile(r"\s*>")
# What stands before everything that is repeated below it, in the mail programs of both languages.
DIVIDER = re.compile(rf"\s*([-_*=]{{2,}}\s*{any_of('dividers')}\s*[-_*=]{{2,}}|_{{20,}})\s*$", re.IGNORECASE)
HEADING = re.compile(rf"\s*>?\s*\**{any_of('headings')}\**\s*[:\uff1a]", re.IGNORECASE)
FIRST_HEADING = re.compile(rf"\s*\**{any_of('first_headings')}\**\s*[:\uff1a]", re.IGNORECASE)
ATTRIBUTION = re.compile(
    rf"\s*(on\b.{{5,200}}\bwrote|.{{4,200}}{any_of('wrote')})\s*[:\uff1a]\s*$", re.IGNORECASE | re.DOTALL
)
SIGNATURE = re.compile(r"--\s?$")
DEVICE = re.compile(rf"\s*{any_of('devices')}", re.IGNORECASE)
LONGEST_SIGNATURE = 12  # lines


def said(text: str) -> str:
    """Return what is new in it; all of it where nothing would be left, as with what is only forwarded."""
    lines = text.split("\n")
    lines = _without_history(lines)
    lines = _without_quotation(lines)
    lines = _without_signature(lines)
    return "\n".join(lines).strip() or text.strip()


def _without_history(lines: list[str]) -> list[str]:
    """Cut at the line from which on an earlier e-mail is repeated with its heading."""
    for number, line in enumerate(lines):
        below = [other for other in lines[number + 1 : number + 8] if other.strip()]
        begins = DIVIDER.match(line) and any(HEADING.match(other) for other in below[:3])
        begins = begins or (FIRST_HEADING.match(line) and sum(map(bool, map(HEADING.match, below))) >= 2)
        if begins:
            return lines[:number] if any(other.strip() for other in lines[:number]) else lines
    return lines


def _without_quotation(lines: list[str]) -> list[str]:
    """Take out one block of quoted lines and what introduces it; who answers in between keeps all."""
    marked = [number for number, line in enumerate(lines) if QUOTED.match(line)]
    if not marked:
        return lines
    first, last = marked[0], marked[-1]
    if any(line.strip() and not QUOTED.match(line) for line in lines[first : last + 1]):
        return lines
    before = lines[:first]
    while before and not before[-1].strip():
        before.pop()
    for height in (1, 2, 3):  # the introduction may be broken into lines
        if len(before) >= height and ATTRIBUTION.match("\n".join(before[-height:])):
            before = before[:-height]
            break
    return before + lines[last + 1 :]


def _without_signature(lines: list[str]) -> list[str]:
    for number in range(max(1, len(lines) - LONGEST_SIGNATURE), len(lines)):
        if SIGNATURE.match(lines[number]) or DEVICE.match(lines[number]):
            return lines[:number]
    return lines
