"""Lives of records, lived by real verbs in a random order: whatever may happen to a figure happens here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

from django.db import transaction

from clients.models import Channel
from opsdesk.testing import Cast, at
from staff.refused import Refused
from tickets import actions
from tickets.models import Cause, Dispatch, Grade, Kind, Ticket

START = at("2026-09-14 08:00")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Deed = Callable[["Lives", Ticket], object]


class Lives:
    """A clock that only goes on, and deeds that the rules may refuse. The same seed lives the same lives."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.dice, self.now = cast, Random(seed), START
        self.done: dict[str, int] = {}

    def go_on(self) -> None:
        """Let some time pass, mostly little: now and then days, so that weeks and months come to an end."""
        self.now += self.dice.choice((MINUTE, 5 * MINUTE, 20 * MINUTE, HOUR, 3 * HOUR, 12 * HOUR, 2 * DAY))
        self.now += timedelta(seconds=self.dice.randrange(60), microseconds=self.dice.randrange(10**6))

    def act(self) -> str:
        """Let time pass and do something at random; say what, also where it was refused."""
        self.go_on()
        return self.act_now()

    def act_now(self) -> str:
        """Do something at random at the instant that it is."""
        tickets = list(Ticket.objects.order_by("-pk")[:25])
        name = self.dice.choices(list(DEEDS), [weight for _deed, weight in DEEDS.values()])[0]
        if not tickets:
            name = "log"
        deed, _weight = DEEDS[name]
        try:
            with transaction.atomic():
                deed(self, self.dice.choice(tickets) if tickets else Ticket())
        except Refused:
            return f"{name}, refused"
        self.done[name] = self.done.get(name, 0) + 1
        return name

    def some(self, *things: object) -> object:
        return self.dice.choice(things)

    # What is done

    def log(self, _ticket: Ticket) -> None:
        kind = self.some(Kind.FAULT, Kind.FAULT, Kind.FAULT, Kind.REQUEST, Kind.COMPLAINT)
        late = self.some(0, 0, 5, 600) * MINUTE  # what happened before it was written down
        more = {"reported_at": self.now - late} if late else {}
        ticket = self.cast.ticket(self.now, kind=kind, **more)
        if kind == Kind.FAULT and self.dice.random() < 0.8:
            self.grade(ticket)

    def grade(self, ticket: Ticket) -> None:
        to = Grade(self.some(1, 2, 2, 3, 3, 3))
        actions.grade(ticket, to, reason="x", by=self.cast.wang, now=self.now)

    def acknowledge(self, ticket: Ticket) -> None:
        actions.acknowledge(ticket, by=self.some(self.cast.chen, self.cast.li), now=self.now)

    def diagnose(self, ticket: Ticket) -> None:
        cause = self.some(Cause.SOFTWARE, Cause.HARDWARE)
        actions.diagnose(ticket, diagnosis="x", cause=cause, by=self.cast.chen, now=self.now, minutes=20)

    def pause(self, ticket: Ticket) -> None:
        until = self.now + self.dice.randrange(1, 72) * HOUR
        reason = self.some("client", "parts")
        actions.pause(ticket, reason=reason, text="x", until=until, by=self.cast.chen, now=self.now)

    def resume(self, ticket: Ticket) -> None:
        actions.resume(ticket, by=self.cast.chen, now=self.now)

    def resolve(self, ticket: Ticket) -> None:
        cause = self.some(Cause.SOFTWARE, Cause.HARDWARE)
        actions.resolve(ticket, solution="x", cause=cause, by=self.cast.chen, now=self.now)

    def confirm(self, ticket: Ticket) -> None:
        actions.confirm(ticket, confirmed_by="x", channel=Channel.PHONE, by=self.cast.li, now=self.now)

    def reopen(self, ticket: Ticket) -> None:
        actions.reopen(ticket, reason="x", by=self.cast.li, now=self.now)

    def merge(self, ticket: Ticket) -> None:
        actions.merge(ticket, into=self.dice.choice(Ticket.objects.all()), by=self.cast.wang, now=self.now)

    def unmerge(self, ticket: Ticket) -> None:
        merged = Ticket.objects.filter(status="merged").first()
        actions.unmerge(merged or ticket, reason="x", by=self.cast.wang, now=self.now)

    def move(self, ticket: Ticket) -> None:
        group = self.some(self.cast.north, self.cast.south)
        actions.assign(ticket, group=group, by=self.cast.zhao, now=self.now)

    def call_again(self, ticket: Ticket) -> None:
        facts = {"caller_name": "x", "callback_number": "1", "channel": Channel.PHONE}
        actions.repeat_contact(ticket, text="x", **facts, by=self.cast.li, now=self.now)

    def write(self, ticket: Ticket) -> None:
        actions.add_note(ticket, text="x", minutes=self.some(5, 60), by=self.cast.chen, now=self.now)

    def send(self, ticket: Ticket) -> None:
        facts = {"engineer": self.cast.chen, "address": "x", "contact_name": "x"}
        actions.dispatch(ticket, **facts, by=self.cast.wang, now=self.now)

    def arrive(self, _ticket: Ticket) -> None:
        for order in Dispatch.objects.on_the_way():
            actions.depart(order, by=order.engineer, now=self.now)
            self.now += HOUR
            actions.arrive(order, by=order.engineer, now=self.now)

    def call_off(self, _ticket: Ticket) -> None:
        for order in Dispatch.objects.on_the_way():
            actions.call_off(order, reason="x", by=self.cast.wang, now=self.now)

    def sweep(self, _ticket: Ticket) -> None:
        actions.enforce_deadlines(now=self.now)


DEEDS: dict[str, tuple[Deed, int]] = {
    "log": (Lives.log, 6),
    "grade": (Lives.grade, 2),
    "acknowledge": (Lives.acknowledge, 4),
    "diagnose": (Lives.diagnose, 2),
    "pause": (Lives.pause, 2),
    "resume": (Lives.resume, 2),
    "resolve": (Lives.resolve, 6),
    "confirm": (Lives.confirm, 4),
    "reopen": (Lives.reopen, 2),
    "merge": (Lives.merge, 1),
    "unmerge": (Lives.unmerge, 1),
    "move": (Lives.move, 1),
    "call again": (Lives.call_again, 1),
    "write": (Lives.write, 1),
    "send": (Lives.send, 2),
    "arrive": (Lives.arrive, 1),
    "call off": (Lives.call_off, 1),
    "sweep": (Lives.sweep, 2),
}
