"""Which clients may be one and the same. Pure: names in, pairs out, the likeliest first."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LIKELY = 0.6  # of all pairs of letters that two names have, how many they share
RARE = 60  # a pair of letters that more names have tells nobody apart
# What companies are called by beside their name: "youxian gongsi", "gufen", "jituan", "zong gongsi".
FORMS = re.compile(
    "\u6709\u9650\u8d23\u4efb\u516c\u53f8|\u80a1\u4efd\u6709\u9650\u516c\u53f8|\u6709\u9650\u516c\u53f8"
    "|\u96c6\u56e2|\u603b\u516c\u53f8|\u516c\u53f8|\\b(co|ltd|inc|corp|limited|company|group)\\b\\.?"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two that may be one: their ids, the smaller first, and how much of their names they share (0 to 1)."""

    first: int
    second: int
    likeness: float


def plain(name: str) -> str:
    """A name without what does not tell it apart: width, case, signs, the form of the company."""
    text = FORMS.sub("", unicodedata.normalize("NFKC", name).lower())
    return "".join(character for character in text if character.isalnum())


def likeness(one: str, other: str) -> float:
    """Return the share of pairs of letters that two names have in common."""
    first, second = _pairs(plain(one)), _pairs(plain(other))
    return len(first & second) / len(first | second) if first and second else 0.0


def similar(names: Mapping[int, Iterable[str]]) -> list[Pair]:
    """Return who is called alike; `names` are all that each is called by."""
    pairs: dict[tuple[int, str], set[str]] = {}
    having: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for pk, called in names.items():
        for name in {plain(each) for each in called} - {""}:
            pairs[pk, name] = _pairs(name)
            for pair in pairs[pk, name]:
                having[pair].add((pk, name))
    best: dict[tuple[int, int], float] = {}
    for (pk, _name), own in pairs.items():
        near = set().union(*(having[pair] for pair in own if len(having[pair]) <= RARE))
        for other, called in near:
            if other <= pk:
                continue
            theirs = pairs[other, called]
            share = len(own & theirs) / len(own | theirs)
            if share >= LIKELY and share > best.get((pk, other), 0):
                best[pk, other] = share
    found = [Pair(first, second, share) for (first, second), share in best.items()]
    return sorted(found, key=lambda pair: (-pair.likeness, pair.first, pair.second))


def _pairs(text: str) -> set[str]:
    return {text[place : place + 2] for place in range(len(text) - 1)} or ({text} if text else set())
