"""Records of today that belong together: a mass fault, a call that came twice, a call with two matters."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clients.models import Channel
from opsdesk.demo import texts
from opsdesk.demo.calls import begin
from opsdesk.demo.clients import Served
from opsdesk.demo.lookup import Lookup
from opsdesk.demo.people import HOME, Staff
from opsdesk.demo.story import Story
from tickets import actions
from tickets.models import Cause, Grade, Kind, LinkKind, Ticket

MINUTE = timedelta(minutes=1)
# The parts of the mass fault: how far each has come, and how long ago it was reported.
PARTS = [
    ("acknowledged", 93 * MINUTE),
    ("acknowledged", 91 * MINUTE),
    ("acknowledged", 88 * MINUTE),
    ("acknowledged", 80 * MINUTE),
    ("graded", 24 * MINUTE),
    ("graded", 16 * MINUTE),
]
WHOLE, TWICE, TWO_MATTERS, TOLD_OF_IT = 96 * MINUTE, 9 * MINUTE, 110 * MINUTE, MINUTE
# No call of these is older.
OLDEST = TWO_MATTERS


@dataclass
class Families:
    """`stories` tells what comes in; when all of it is recorded, `tie` says what belongs together."""

    rng: random.Random
    lookup: Lookup
    staff: Staff
    served: list[Served]
    told: dict[str, list[Story]] = field(default_factory=dict)

    def stories(self, now: datetime) -> Iterator[Story]:
        at_home = [one for one in self.served if one.client.group.code == HOME]
        all_day = [one for one in at_home if one.client.hours.round_the_clock]
        [contact] = [one for one in all_day if any(contact.user for contact, _numbers in one.contacts)]
        others = [one for one in at_home if one is not contact]
        whole, *parts = self.rng.sample(others, 1 + len(PARTS))
        yield self._told("whole", whole, "diagnosed", now - WHOLE, "mass_fault")
        for one, (stage, age) in zip(parts, PARTS, strict=True):
            yield self._told("part", one, stage, now - age, "mass_fault_part")
        yield self._told("two matters", self.rng.choice(all_day), "acknowledged", now - TWO_MATTERS)
        # He who can sign in asks twice: the second record is handled under the first one.
        caller, system = contact.contacts[0], contact.systems[0]
        more = {"caller": caller, "system": system}
        yield self._told("once", contact, "acknowledged", now - 100 * MINUTE, grade=Grade.THREE, **more)
        yield self._told("twice", contact, "graded", now - TWICE, "called_twice", grade=Grade.THREE, **more)

    def tie(self, tickets: Mapping[int, Ticket], now: datetime) -> None:
        """Say what belongs together; `tickets` are the records by the identity of their stories."""
        records = {name: [tickets[id(story)] for story in stories] for name, stories in self.told.items()}
        [whole], [once], [twice], [both] = (
            records[name] for name in ("whole", "once", "twice", "two matters")
        )
        said = texts.load("other")
        for part in records["part"]:
            actions.adopt(whole, child=part, by=whole.taken_by, now=now)
        [solved, *_rest] = records["part"]
        words = said["mass_fault_part"]
        cause = Cause(words["cause"])
        actions.resolve(solved, solution=words["solution"], cause=cause, by=solved.owner, now=now)
        actions.merge(twice, into=once, text=said["merged_because"], by=twice.taken_by, now=now)
        second = said["second_matter"]
        actions.repeat_contact(
            both,
            text=second["said"],
            caller_name=both.caller_name,
            callback_number=both.callback_number,
            channel=Channel.PHONE,
            by=both.taken_by,
            now=now - TOLD_OF_IT,
        )
        told_of_it = both.entries.repeat_contacts().latest("pk")
        actions.split(
            both, title=second["title"], text=second["text"], since=told_of_it, by=both.taken_by, now=now
        )
        actions.link(once, other=both, kind=LinkKind.RELATED, by=once.taken_by, now=now)

    def _told(
        self, name: str, who: Served, stage: str, at: datetime, words: str = "", **more: object
    ) -> Story:
        facts: dict[str, object] = {"kind": Kind.FAULT, "grade": Grade.TWO} | more
        at = at.replace(microsecond=0)
        life = begin(
            self.rng,
            self.lookup,
            self.staff,
            who,
            reported_at=at,
            words=words,
            is_prompt=True,
            **facts,  # type: ignore[arg-type]
        )
        story = life.tell_until(stage, until=at)
        self.told.setdefault(name, []).append(story)
        return story
