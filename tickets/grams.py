"""How texts are cut up so that any part of them is found, in any script. Pure: no ORM, no settings.

Chinese has no blanks between its words, so a text is kept as its overlapping pairs of characters: whoever
looks for `ABC` looks for texts that have both `AB` and `BC`. Latin letters and digits have few different
pairs, so they are cut into pieces of three and five as well, and a number is found by any part of it. What is
found has the pieces asked for, though not surely side by side.

Folding works on each character alone. So the pieces of a part of a text are always among those of the text:
nothing that is there is ever missed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from zlib import crc32

# A text is looked through up to here; nobody types more, and a pasted log must not swell the index.
LONGEST_TEXT = 20_000
MOST_ASKED = 40
PAIR, WIDER = 2, (5, 3)

_LATIN = re.compile(r"[a-z0-9]{3,}")


class _Folding(dict[int, str]):
    """What each character becomes: lower case, without width, accent or form; no letter or digit, a blank."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", chr(code)).casefold())
        kept = (c for c in plain if unicodedata.category(c) not in ("Mn", "Me", "Cf"))
        self[code] = folded = "".join(c if c.isalnum() else " " for c in kept)
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return the text as it is compared: `Ｔ－１０２３４　HIS` and `t 10234 his` become the same."""
    return text.translate(_FOLDING)


def words_of(text: str) -> tuple[str, ...]:
    """Return the folded words that somebody asks for; single characters only where there is nothing else."""
    words = dict.fromkeys(fold(text).split())
    longer = tuple(word for word in words if len(word) > 1)
    return longer or tuple(word for word in words if not word.isascii())


def grams(texts: Iterable[str]) -> set[str]:
    """Return every piece of the texts by which they shall be found."""
    found: set[str] = set()
    for text in texts:
        for run in fold(text[:LONGEST_TEXT]).split():
            found.update(_windows(run, PAIR))
            for latin in _LATIN.findall(run):
                found.update(*(_windows(latin, width) for width in WIDER))
    return found


def characters(texts: Iterable[str]) -> set[str]:
    """Return the single characters, other than Latin ones, of texts so short that they are found by one."""
    return {c for text in texts for c in fold(text) if not c.isascii()}


def asked(words: Iterable[str]) -> list[str]:
    """Return the fewest pieces that a text must have so that it can contain all of these folded words."""
    pieces = dict.fromkeys(piece for word in words for piece in _pieces_asked(word))
    return list(pieces)[:MOST_ASKED]


def _pieces_asked(word: str) -> Iterable[str]:
    if len(word) == 1:
        return [word]
    pieces, covered = [], 0
    for start in range(len(word) - 1):
        width = next((w for w in WIDER if _LATIN.fullmatch(word[start : start + w].ljust(w))), PAIR)
        if start + width > covered:
            covered = start + width
            pieces.append(word[start:covered])
    return pieces


def key(piece: str) -> int:
    """Return the number under which the index knows a piece: four bytes, the same on every machine."""
    return crc32(piece.encode()) - 2**31


def split(text: str, words: Iterable[str]) -> list[tuple[str, bool]]:
    """Cut a text into parts, each with whether it is one of the folded words; together they are the text."""
    folded = fold(text)
    hits = [match.span() for word in words for match in re.finditer(re.escape(word), folded)]
    if not hits:
        return [(text, False)]
    origins, parts, done = _origins(text), [], 0
    for start, end in sorted((origins[first], origins[last - 1] + 1) for first, last in hits):
        if start > done:
            parts.append((text[done:start], False))
        if end > done:
            parts.append((text[max(start, done) : end], True))
            done = end
    return parts if done == len(text) else [*parts, (text[done:], False)]


def excerpt(text: str, word: str, *, before: int = 16, length: int = 80) -> str:
    """Return the text around the first place of a folded word, or nothing where it does not stand."""
    if (found := fold(text).find(word)) < 0:
        return ""
    start = max(0, _origins(text)[found] - before)
    cut = " ".join(text[start : start + length].split())
    return f"{'…' if start else ''}{cut}{'…' if start + length < len(text) else ''}"


def _origins(text: str) -> list[int]:
    """Tell for each character of the folded text from which one of the text it came."""
    return [place for place, c in enumerate(text) for _ in _FOLDING[ord(c)]]


def _windows(run: str, width: int) -> Iterator[str]:
    return (run[start : start + width] for start in range(len(run) - width + 1))
