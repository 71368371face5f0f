"""What clients allow to be done remotely today: in use, used, by phone, to come, withdrawn. No passwords."""

from __future__ import annotations

import io
import random
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max

from opsdesk.demo.files import scan
from opsdesk.demo.texts import load
from staff.files import Upload
from tickets import actions
from tickets.actions import Grant
from tickets.models import Entry, Grade, HowGiven, RemoteAuthorisation, Status, Ticket

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def arrange(rng: random.Random, *, now: datetime) -> None:
    """Record authorisations on what is in work, with a session that is over and one that goes on."""
    in_work = Ticket.objects.filter(status=Status.IN_PROGRESS, owner__isnull=False).order_by("pk")
    rows = in_work.select_related("owner", "client", "contact", "system")
    usable = [each for each in rows if not each.clocks.running().filter(next_at__lt=now)]
    # By their ids: of tables just filled Postgres knows too little for a join.
    entries = Entry.objects.filter(ticket__in=[each.pk for each in usable]).order_by()
    last = dict(entries.values("ticket").annotate(last=Max("at")).values_list("ticket", "last"))
    grave = [each for each in usable if each.grade == Grade.ONE]
    others = [each for each in usable if each.grade != Grade.ONE and last[each.pk] < now - 12 * MINUTE]
    for ticket, tell in zip(others, (_used, _in_use, _to_come, _without_paper, _withdrawn), strict=False):
        tell(rng, ticket, now)
    for ticket in grave[:1]:
        _by_phone(rng, ticket, now)


def _used(rng: random.Random, ticket: Ticket, now: datetime) -> None:
    access = _granted(rng, ticket, now - 10 * MINUTE, max_sessions=2, evidence=_paper(rng))
    session = actions.open_remote(access, by=ticket.owner, now=now - 9 * MINUTE)
    summary = rng.choice(load("remote")["done"])
    actions.close_remote(
        session, summary=summary, witness=ticket.caller_name, by=ticket.owner, now=now - 2 * MINUTE
    )


def _in_use(rng: random.Random, ticket: Ticket, now: datetime) -> None:
    access = _granted(rng, ticket, now - 8 * MINUTE, window=3 * HOUR, max_sessions=3, evidence=_paper(rng))
    actions.open_remote(access, by=ticket.owner, now=now - 7 * MINUTE)


def _to_come(rng: random.Random, ticket: Ticket, now: datetime) -> None:
    how, begins = HowGiven.EMAIL, now + 6 * HOUR
    _granted(rng, ticket, now - 6 * MINUTE, how=how, window_from=begins, evidence=_paper(rng))


def _without_paper(rng: random.Random, ticket: Ticket, now: datetime) -> None:
    _granted(rng, ticket, now - 5 * MINUTE, how=HowGiven.LETTER, other_systems=load("remote")["other"])


def _withdrawn(rng: random.Random, ticket: Ticket, now: datetime) -> None:
    access = _granted(rng, ticket, now - 5 * MINUTE, how=HowGiven.ON_SITE, evidence=_paper(rng))
    actions.revoke_remote(access, reason=load("remote")["withdrawn"], by=ticket.owner, now=now - MINUTE)


def _by_phone(rng: random.Random, ticket: Ticket, now: datetime) -> None:
    number = ticket.callback_number or "0755-8888 0000"
    _granted(rng, ticket, now, how=HowGiven.PHONE, callback_number=number, window=12 * HOUR)


def _granted(
    rng: random.Random, ticket: Ticket, at: datetime, *, window: timedelta = 2 * HOUR, **more: Any
) -> RemoteAuthorisation:
    begins = more.pop("window_from", at)
    facts = {
        "given_by": ticket.contact.name if ticket.contact else ticket.caller_name,
        "contact": ticket.contact,
        "how": HowGiven.FAX,
        "purpose": rng.choice(load("remote")["purposes"]),
        "systems": [ticket.system] if ticket.system else [],
        "other_systems": "" if ticket.system else load("remote")["other"],
        "window_from": begins,
        "window_to": begins + window,
    }
    return actions.authorise_remote(ticket, Grant(**(facts | more)), by=ticket.owner, now=at)


def _paper(rng: random.Random) -> Upload:
    return Upload(load("remote")["written"], io.BytesIO(scan(rng)))
