"""What a fair roster is: people, the duties to give out, and how far from fair a roster lies. Pure.

A duty weighs points by the kind of day it starts on: a workday 1, a weekend day 2, a statutory holiday 3.
One by night weighs 1 more, where there are duties by day and by night. A person's fair share is the same for
all: every point there is, carried so far or to be given now, divided by the people. The unfairness of a
roster is the sum, over all people, of the squared distance between the points they carry and that share: for
workdays, weekends, holidays and nights each by itself, and once more for all points together, so that one
holiday more is answered with workdays fewer.

Squared deviations from the mean load are how nurse-rostering solvers measure it (Timefold takes the root of
the same sum); that weekends, holidays and nights count by themselves is ours. A wish that is not met adds
points of its own. A roster minimises first the need of the duties that nobody fills, then unfairness and
wishes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from duty.roster import Span

Holders = Mapping[str, str]  # slot -> person, by their keys


class Kind(StrEnum):
    """What is balanced, each by itself: the kinds of day, and nights of whatever day."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    NIGHT = "night"


DAY_KINDS = (Kind.WORKDAY, Kind.WEEKEND, Kind.HOLIDAY)


@dataclass(frozen=True, slots=True)
class Weights:
    """The points of a duty by the kind of its day, those of a night besides, and of a wish that is not met.

    Where all duties are alike, by day or by night, a night weighs 0: there is nothing to share.
    """

    workday: int = 1
    weekend: int = 2
    holiday: int = 3
    night: int = 1
    wish: int = 2

    def of(self, kind: Kind) -> int:
        return {
            Kind.WORKDAY: self.workday,
            Kind.WEEKEND: self.weekend,
            Kind.HOLIDAY: self.holiday,
            Kind.NIGHT: self.night,
        }[kind]

    def of_duty(self, slot: Slot) -> int:
        """Return all points of a duty."""
        return sum(self.of(kind) for kind in slot.kinds)


@dataclass(frozen=True, slots=True)
class Slot:
    """One duty to give to one person. One that was published has its holder already, and keeps it.

    `day` is the date it starts on where the people work, `kind` that date's, for a night too. Where not all
    can be filled, the ones of greater need come first. Published duties shortly before and after the period
    belong here too: people rest from them.
    """

    key: str
    role: str
    day: date
    kind: Kind
    span: Span
    holder: str | None = None
    need: int = 1
    is_night: bool = False

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Everything that it counts as."""
        return (self.kind, Kind.NIGHT) if self.is_night else (self.kind,)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be on duty. Roles, leave, rest and limits are hard; the wishes for days are not.

    `rest` lies between the end of a duty and the start of the next; two free days are 48 hours. A week is
    Monday to Sunday. `load` counts the duties carried so far, and the nights among them, without the
    published ones among the slots: for a newcomer the mean of the others, or he is given all that they had
    before him.
    """

    key: str
    roles: frozenset[str]
    leave: tuple[Span, ...] = ()
    rest: timedelta = timedelta(0)
    most_a_week: int | None = None
    most: int | None = None
    desired: frozenset[date] = frozenset()
    undesired: frozenset[date] = frozenset()
    load: Mapping[Kind, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Period:
    """What a roster is to be made from. The seed decides between people who are alike."""

    slots: tuple[Slot, ...]
    people: tuple[Person, ...]
    weights: Weights = Weights()
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Carried:
    """Duties carried, their points, and how many points more than the mean of all people that is."""

    count: int
    points: int
    deviation: float


@dataclass(frozen=True, slots=True)
class Standing:
    """One person's line of the fairness table."""

    person: str
    kinds: Mapping[Kind, Carried]
    together: Carried


def published(period: Period) -> dict[str, str]:
    """Return who holds what already."""
    return {slot.key: slot.holder for slot in period.slots if slot.holder is not None}


def fairness_table(period: Period, holders: Holders) -> list[Standing]:
    """Return what everybody carries, his load so far included, in the order of the people."""
    counts = _counts(period, holders)
    points = {person: _points(period.weights, count) for person, count in counts.items()}
    mean = {kind: Fraction(sum(own[kind] for own in points.values()), max(len(points), 1)) for kind in Kind}
    return [
        Standing(
            person.key,
            {kind: Carried(own[kind], carried[kind], float(carried[kind] - mean[kind])) for kind in Kind},
            Carried(
                sum(own[kind] for kind in DAY_KINDS),
                carried.total(),
                float(carried.total() - sum(mean.values())),
            ),
        )
        for person in period.people
        for own, carried in [(counts[person.key], points[person.key])]
    ]


def unfairness(period: Period, holders: Holders) -> Fraction:
    """Return the squared distances from the fair shares, summed over people, by kind and together.

    The share counts duties that nobody fills too, so a roster does not look fairer for leaving some empty.
    """
    points = [_points(period.weights, count) for count in _counts(period, holders).values()]
    share = fair_shares(period)
    together = sum(share.values(), start=Fraction(0))
    distances = [own[kind] - share[kind] for own in points for kind in Kind]
    distances += [own.total() - together for own in points]
    return sum((distance**2 for distance in distances), start=Fraction(0))


def fair_shares(period: Period) -> dict[Kind, Fraction]:
    """Return the points of each kind that everybody carries in a roster that is fair and full."""
    people = {person.key for person in period.people}
    demand = Counter(
        kind for slot in period.slots if slot.holder is None or slot.holder in people for kind in slot.kinds
    )
    for person in period.people:
        demand.update(person.load)
    return {kind: Fraction(period.weights.of(kind) * demand[kind], max(len(people), 1)) for kind in Kind}


def unmet_wishes(period: Period, holders: Holders) -> int:
    """Return how many wishes a roster does not meet: duties on undesired days, desired days without a duty.

    A desired day counts only where there is a duty on it that the person may do.
    """
    duties = duties_of(period, holders)
    unmet = 0
    for person in period.people:
        own = [slot.day for slot in duties[person.key]]
        possible = {slot.day for slot in period.slots if slot.role in person.roles}
        unmet += sum(day in person.undesired for day in own)
        unmet += len((person.desired & possible) - set(own))
    return unmet


def objective(period: Period, holders: Holders) -> Fraction:
    """Return unfairness and unmet wishes in one number: the less, the better the roster."""
    return unfairness(period, holders) + period.weights.wish * unmet_wishes(period, holders)


def unfilled_need(period: Period, holders: Holders) -> int:
    """Return the need of the duties that nobody holds."""
    return sum(slot.need for slot in period.slots if slot.key not in holders)


def duties_of(period: Period, holders: Holders) -> dict[str, list[Slot]]:
    """Return the duties of each of the people."""
    duties: dict[str, list[Slot]] = {person.key: [] for person in period.people}
    for slot in period.slots:
        if (holder := holders.get(slot.key)) in duties:
            duties[holder].append(slot)
    return duties


def _counts(period: Period, holders: Holders) -> dict[str, Counter[Kind]]:
    duties = duties_of(period, holders)
    return {
        person.key: Counter(person.load) + Counter(kind for slot in duties[person.key] for kind in slot.kinds)
        for person in period.people
    }


def _points(weights: Weights, counts: Mapping[Kind, int]) -> Counter[Kind]:
    return Counter({kind: weights.of(kind) * count for kind, count in counts.items()})
