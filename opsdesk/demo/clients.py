"""120 clients: what they are called, what they run, who answers the phone, and what their contract says."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password

from clients.actions import save_contact
from clients.models import Channel, Client, ClientType, Contact, Contract, ServiceHours, System
from opsdesk.demo.people import ACCOUNTS, HOME, Names, Staff, Team, latin, mobile
from opsdesk.demo.texts import ZONE, load
from staff.models import Role, User

CALLS_A_YEAR = {"A": 4.0, "B": 2.0, "C": 1.0}  # how often clients of a type call, against each other
SYSTEMS = [1, 2, 2, 3, 3, 4]
CONTACTS = [1, 2, 2, 3]

# A sector, the number of the site within it, the words of its name, and its code.
Site = tuple[dict[str, Any], int, dict[str, str], str]


@dataclass(slots=True)
class Served:
    """A client with everything about him that history asks for."""

    client: Client
    sector: str
    systems: list[tuple[str, System]] = field(default_factory=list)
    contacts: list[tuple[Contact, list[str]]] = field(default_factory=list)
    busyness: float = 1.0


def sign_up(rng: random.Random, staff: Staff, *, password: str, now: datetime) -> list[Served]:
    """Create all clients; the first hospital of the first group gets the contact who may sign in."""
    names, today = Names(rng), now.astimezone(ZONE).date()
    served = [
        _client(rng, names, team, today, sector, number, place, code)
        for team, cities in zip(staff.teams, load("places")["groups"], strict=True)
        for sector, number, place, code in _sites(rng, cities["cities"])
    ]
    _open_account(served, password, now)
    return served


def _sites(rng: random.Random, cities: list[list[str]]) -> list[Site]:
    """Return where the clients of a group are: every place once."""
    places = load("places")["places"]
    places = rng.sample(places, len(places))
    sites: list[Site] = []
    for sector in load("sectors"):
        for number in range(sector["count"]):
            place, place_en = places[len(sites)]
            city, city_en, short, area = cities[len(sites) % len(cities)]
            slots = {"city": city, "place": place, "city_en": city_en, "place_en": place_en, "area": area}
            code = f"{short}-{latin(place_en).replace('.', '')}-{sector['code']}"
            sites.append((sector, number, slots, code))
    return sites


def _client(
    rng: random.Random,
    names: Names,
    team: Team,
    today: date,
    sector: dict[str, Any],
    number: int,
    slots: dict[str, str],
    code: str,
) -> Served:
    form, form_en = sector["forms"][number % len(sector["forms"])]
    kind = sector["types"][number]
    street = rng.choice(load("places")["streets"])
    served = Served(
        Client.objects.create(
            code=code,
            name=form.format(**slots),
            name_en=form_en.format(city=slots["city_en"], place=slots["place_en"]),
            type=ClientType.objects.get(code=kind),
            group=team.group,
            hours=ServiceHours.objects.get(code=sector["hours"][number]),
            address=load("other")["address"].format(
                city=slots["city"], street=street, number=rng.randrange(1, 400)
            ),
            preferred_channel=rng.choice([Channel.PHONE, Channel.PHONE, Channel.PHONE, Channel.EMAIL, ""]),
            preferences=rng.choice([*sector["preferences"], ""]),
        ),
        sector["code"],
        busyness=CALLS_A_YEAR[kind] * rng.uniform(0.6, 1.5),
    )
    most = min(len(sector["systems"]), 4)
    count = max(2, most - 1) if kind == "A" else rng.choice(SYSTEMS)
    for system in sorted(rng.sample(sector["systems"], count), key=sector["systems"].index):
        served.systems.append((system, _system(rng, team, served.client, system)))
    posts = rng.sample(sector["posts"], max(rng.choice(CONTACTS), 2 if kind == "A" else 1))
    for post in posts:
        served.contacts.append(_contact(rng, names, served.client, post, slots["area"]))
    _contracts(rng, served, today)
    return served


def _system(rng: random.Random, team: Team, client: Client, kind: str) -> System:
    facts = load("systems")[kind]
    maintainer, backup = rng.sample(team.engineers, 2)
    return System.objects.create(
        client=client,
        name=facts["name"],
        name_en=facts["name_en"],
        kind=facts["kind"],
        version=rng.choice(facts["versions"]),
        environment=rng.choice(facts["environments"]),
        maintainer=maintainer,
        backup=backup,
    )


def _contact(
    rng: random.Random, names: Names, client: Client, post: list[str], area: str
) -> tuple[Contact, list[str]]:
    name, name_en = names.draw()
    landline = f"{area}-8{rng.randrange(1000):03} {rng.randrange(10_000):04}"
    numbers = [mobile(rng), landline if rng.random() < 0.7 else f"{landline}-{rng.randrange(100, 900)}"]
    numbers = numbers[: rng.choice([1, 2, 2])] + ([mobile(rng)] if rng.random() < 0.15 else [])
    contact = Contact(
        client=client,
        name=name,
        name_en=name_en,
        job_title=post[0],
        email=f"{latin(name_en)}@{client.code}.example.test",
        preferred_channel=rng.choice([Channel.PHONE, Channel.PHONE, Channel.EMAIL, ""]),
    )
    return save_contact(contact, numbers), numbers


def _contracts(rng: random.Random, served: Served, today: date) -> None:
    """Most contracts run for years; some end soon, a few have ended, some keep grade 2 to service hours."""
    chance = rng.random()
    if chance < 0.05:
        ends_on = today - timedelta(days=rng.randrange(3, 90))
    elif chance < 0.17:
        ends_on = today + timedelta(days=rng.randrange(3, 60))
    else:
        ends_on = today + timedelta(days=rng.randrange(90, 900))
    starts_on = min(ends_on - timedelta(days=365 * rng.choice([3, 3, 4, 5]) - 1), today - timedelta(days=600))
    by_day = served.client.hours.round_the_clock is False and rng.random() < 0.35
    whole = Contract.objects.create(
        client=served.client,
        number=f"HT-{starts_on.year}-{served.client.pk:04}",
        starts_on=starts_on,
        ends_on=ends_on,
        grade_two_round_the_clock=not by_day,
    )
    if len(served.systems) == 4:
        # The newest system came later and has a contract of its own.
        *older, (_kind, newest) = served.systems
        whole.systems.set([system for _kind, system in older])
        own = Contract.objects.create(
            client=served.client,
            number=f"HT-{starts_on.year + 1}-{served.client.pk:04}-2",
            starts_on=starts_on,
            ends_on=max(ends_on, today + timedelta(days=200)),
            grade_two_round_the_clock=not by_day,
        )
        own.systems.set([newest])


def _open_account(served: list[Served], password: str, now: datetime) -> None:
    home = next(one for one in served if one.client.group.code == HOME)
    contact, _numbers = home.contacts[0]
    contact.user = User.objects.create(
        username=ACCOUNTS[Role.CONTACT],
        password=make_password(password),
        name=contact.name,
        name_en=contact.name_en,
        role=Role.CONTACT,
        email=contact.email,
        email_notices=False,
        date_joined=now - timedelta(days=400),
    )
    contact.save(update_fields=["user"])
