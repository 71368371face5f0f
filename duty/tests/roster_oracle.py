"""Who is on duty, worked out the long way: half hour by half hour, from the words of the rule alone.

Nothing of `duty/` is used here. Days are numbered, a slot is half an hour after midnight of day 0, and every
slot is looked at by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SLOTS = 48  # a day
ORDER = ["rotation", "layer", "holiday", "temporary"]


@dataclass
class Turning:
    """A rotation: `start` and `end` are slots of a day; `first` is the day of the first turn."""

    number: int
    role: str
    people: list[int]
    start: int
    end: int
    first: int
    since: int
    until: int | None
    every: int
    weekly: bool
    weekdays: list[int]
    kinds: list[str]
    level: str
    priority: int
    version_of: int

    def person_at(self, slot: int, week: list[int], kind: list[str], zero: int) -> int | None:
        if slot < self.since or (self.until is not None and slot >= self.until):
            return None
        for day in (slot // SLOTS, slot // SLOTS - 1):
            begins = day * SLOTS + self.start
            lasts = (self.end - self.start) % SLOTS or SLOTS
            if begins <= slot < begins + lasts and self.held(day, week, kind, zero):
                return self.people[self.turn(day, week, kind, zero) % len(self.people)]
        return None

    def held(self, day: int, week: list[int], kind: list[str], zero: int) -> bool:
        if self.weekdays and week[zero + day] not in self.weekdays:
            return False
        return not self.kinds or kind[zero + day] in self.kinds

    def turn(self, day: int, week: list[int], kind: list[str], zero: int) -> int:
        if self.weekly:
            weeks = 0
            while self.first + 7 * (weeks + 1) <= day:
                weeks += 1
            while self.first + 7 * weeks > day:
                weeks -= 1
            return weeks // self.every
        shifts, at = 0, self.first
        while at < day:
            shifts += self.held(at, week, kind, zero)
            at += 1
        while at > day:
            at -= 1
            shifts -= self.held(at, week, kind, zero)
        return shifts // self.every


@dataclass
class World:
    """A schedule: `week` and `kind` of each day, `zero` being the place of day 0 in them."""

    week: list[int]
    kind: list[str]
    zero: int
    rotations: list[Turning] = field(default_factory=list)
    blocks: list[tuple[int, str, int, int, int]] = field(default_factory=list)  # number role person from to
    swaps: list[tuple[int, str, int, int, int, int]] = field(default_factory=list)  # … goes comes from to
    words: list[tuple[int, str, int | None, int | None, int, int]] = field(default_factory=list)
    leaves: list[tuple[int, int, int, int]] = field(default_factory=list)  # number person from to

    def at(self, slot: int, role: str) -> tuple[int | None, int, str, int, int | None] | None:
        """(on duty, planned, source, its number, the leave he is on), or None where nobody is planned."""
        candidates = []
        for one in self.rotations:
            if one.role == role:
                person = one.person_at(slot, self.week, self.kind, self.zero)
                if person is not None:
                    candidates.append((ORDER.index(one.level), one.priority, -one.version_of, person, one))
        best = None
        for candidate in candidates:
            if best is None or candidate[:3] > best[:3]:
                best = candidate
        person, source, number = (best[3], best[4].level, best[4].number) if best else (None, "", 0)
        for block, of, who, begins, ends in self.blocks:
            if of == role and begins <= slot < ends:
                person, source, number = who, "temporary", block
        for swap, of, goes, comes, begins, ends in self.swaps:
            if of == role and begins <= slot < ends and person == goes:
                person, source, number = comes, "swap", swap
        for word, of, goes, comes, begins, ends in self.words:
            if (
                of == role
                and begins <= slot < ends
                and (goes is None or (person is not None and person == goes))
            ):
                person, source, number = comes, "override", word
        if person is None:
            return None
        for leave, who, begins, ends in self.leaves:
            if who == person and begins <= slot < ends:
                return None, person, source, number, leave
        return person, person, source, number, None
