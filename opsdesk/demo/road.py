"""Engineers on site: some who are back, one on site, some on their way, and one who need not go after all."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from PIL import Image, ImageDraw

from clients.models import Phone
from opsdesk.demo.people import ACCOUNTS, HOME, Staff
from opsdesk.demo.texts import load
from staff.files import Upload
from staff.models import Role, User
from tickets import actions
from tickets.models import Dispatch, Grade, OnSiteOutcome, Status, Ticket

MINUTE = timedelta(minutes=1)
# How far each has come, how long ago it was ordered, and whether the engineer who can sign in is the one.
WAYS = [
    ("solved", 260 * MINUTE, True),
    ("not_solved", 250 * MINUTE, False),
    ("called_off", 240 * MINUTE, False),
    ("there", 150 * MINUTE, False),
    ("departed", 70 * MINUTE, True),
    ("ordered", 25 * MINUTE, True),
    ("departed", 45 * MINUTE, False),
]


@dataclass(slots=True)
class Way:
    """One dispatch as it goes on; each step some minutes after the one before."""

    rng: random.Random
    order: Dispatch
    at: datetime

    def after(self, minutes: int) -> datetime:
        self.at += minutes * MINUTE
        return self.at

    def depart(self) -> None:
        packed = range(len(self.order.bring))
        actions.depart(self.order, packed=packed, by=self.order.engineer, now=self.after(12))

    def arrive(self) -> None:
        photos = [Upload(load("road")["photo"], io.BytesIO(_rack(self.rng)))]
        actions.arrive(self.order, photos=photos, by=self.order.engineer, now=self.after(38))

    def leave(self, outcome: OnSiteOutcome) -> None:
        is_solved = outcome == OnSiteOutcome.SOLVED
        actions.leave(
            self.order,
            outcome=outcome,
            reason="" if is_solved else self.rng.choice(load("road")["reasons"]),
            signed_by=self.order.contact_name,
            signature=Upload(load("road")["signature"], io.BytesIO(_signature(self.rng))),
            by=self.order.engineer,
            now=self.after(75),
        )


def send(rng: random.Random, staff: Staff, *, now: datetime) -> None:
    """Send engineers to clients of the home group, for records in work."""
    people = {user.username: user for user in staff.everyone}
    account, supervisor = people[ACCOUNTS[Role.ENGINEER]], people[ACCOUNTS[Role.SUPERVISOR]]
    mates = [user for user in staff.everyone if user.role == Role.ENGINEER and user != account]
    mates = [user for user in mates if user.group is not None and user.group.code == HOME]
    sent: list[int] = []
    for stage, age, is_own in WAYS:
        ticket = _in_work(now - age).exclude(pk__in=sent).first()
        if ticket is None:
            continue
        sent.append(ticket.pk)
        engineer = account if is_own else rng.choice(mates)
        way = _ordered(rng, ticket, engineer, supervisor, now - age)
        steps: dict[str, list[Callable[[], None]]] = {
            "ordered": [],
            "departed": [way.depart],
            "there": [way.depart, way.arrive],
            "solved": [way.depart, way.arrive, lambda way=way: way.leave(OnSiteOutcome.SOLVED)],
            "not_solved": [way.depart, way.arrive, lambda way=way: way.leave(OnSiteOutcome.NOT_SOLVED)],
            "called_off": [way.depart],
        }
        for step in steps[stage]:
            step()
        if stage == "called_off":
            reason = rng.choice(load("road")["called_off"])
            actions.call_off(way.order, reason=reason, by=supervisor, now=way.after(20))
    actions.enforce_deadlines(now=now)


def _in_work(since: datetime) -> QuerySet[Ticket]:
    """Graded faults of the home group that were in work then already, the gravest first."""
    found = Ticket.objects.filter(
        status=Status.IN_PROGRESS, group__code=HOME, grade__isnull=False, acknowledged_at__lt=since
    )
    return found.select_related("client", "contact", "owner").order_by("grade", "pk")


def _ordered(rng: random.Random, ticket: Ticket, engineer: User, supervisor: User, at: datetime) -> Way:
    words = load("road")
    if ticket.grade == Grade.THREE:
        text = rng.choice(words["reports"])
        actions.file_written_report(
            ticket, written_by=ticket.caller_name, text=text, by=supervisor, now=at - 8 * MINUTE
        )
    phone = Phone.objects.filter(contact=ticket.contact_id).values_list("number", flat=True).first()
    order = actions.dispatch(
        ticket,
        engineer=engineer,
        address=ticket.client.address or ticket.client.name,
        contact_name=ticket.caller_name,
        contact_phone=ticket.callback_number or phone or "",
        bring=rng.choice(words["bring"]),
        note=rng.choice(words["notes"]),
        by=supervisor,
        now=at,
    )
    return Way(rng, order, at)


def _rack(rng: random.Random) -> bytes:
    """A cabinet full of machines with their lights, as a phone sees it in a dark room."""
    image = Image.new("RGB", (900, 1200), (28, 32, 38))
    draw = ImageDraw.Draw(image)
    draw.rectangle((150, 60, 750, 1140), fill=(44, 50, 58), outline=(90, 98, 108), width=8)
    for row in range(20):
        top = 90 + row * 52
        draw.rectangle((180, top, 720, top + 40), fill=(62, 70, 80))
        for light in range(rng.randrange(4, 12)):
            colour = rng.choice([(60, 200, 110), (60, 200, 110), (240, 180, 60), (220, 60, 70)])
            left = 200 + light * 24
            draw.ellipse((left, top + 14, left + 11, top + 25), fill=colour)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=80)
    return content.getvalue()


def _signature(rng: random.Random) -> bytes:
    """A name written in haste."""
    image = Image.new("RGB", (700, 260), "white")
    draw, at = ImageDraw.Draw(image), (60, 150)
    for _stroke in range(18):
        to = (at[0] + rng.randrange(12, 46), 130 + rng.randrange(-80, 80))
        draw.line((*at, *to), fill="black", width=5)
        at = to
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()
