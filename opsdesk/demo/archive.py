"""What makes the archive more than a list: sites, wishes with taboos, papers, a contract that ends, a double.

By the actions themselves, for the clients of the first group; nothing of it is left to chance but by `rng`.
"""

from __future__ import annotations

import io
import random
from datetime import datetime, timedelta

from clients.actions import (
    Number,
    WantsNoSurveys,
    Wishes,
    add_files,
    remind_of_renewals,
    save_client,
    save_contact,
    save_contract,
    save_site,
    save_system,
)
from clients.models import Channel, Client, Contact, ContactRole, Contract, PhoneKind, Site, System
from clients.wishtext import read_hours, read_periods
from opsdesk.demo.people import Staff
from opsdesk.demo.texts import load
from staff.files import Upload
from staff.models import Role, User

FURNISHED = 12  # clients of the first group that are known well
SOON = timedelta(days=24)


def furnish(rng: random.Random, staff: Staff, *, now: datetime) -> None:
    """Write down what is known of the first clients of the first group."""
    words, group = load("archive"), staff.teams[0].group
    by = User.objects.filter(group=group, role=Role.SUPERVISOR).earliest("pk")
    clients = list(Client.objects.filter(group=group).select_related("group").order_by("pk")[:FURNISHED])
    for number, client in enumerate(clients):
        sites = [
            save_site(Site(client=client, address=client.address, **site), by=by, now=now)
            for site in words["sites"][: 1 + (number % 3 == 0)]
        ]
        for place, system in enumerate(client.systems.order_by("pk")):
            system.site = sites[place % len(sites)]
            system.remote_access = words["remote"][(number + place) % len(words["remote"])]
            age = 40 if (number + place) % 7 == 0 else rng.randrange(300, 2000)
            system.in_service_since = (now - timedelta(days=age)).date()
            save_system(system, by=by, now=now)
        for place, contact in enumerate(client.contacts.order_by("pk")[:2]):
            _wish(contact, words["contacts"][place], sites[0], by, now, opts_out=number == 3)
    home = clients[0]
    for field, text in words["client"].items():
        setattr(home, field, text)
    save_client(home, by=by, now=now)
    _contract(clients[1], words["contract"], by, now)
    _double(clients[2], words["double"], now)
    remind_of_renewals(now=now - timedelta(days=8))  # most terms have begun long ago
    remind_of_renewals(now=now)


def _wish(
    contact: Contact, facts: dict[str, object], site: Site, by: User, now: datetime, *, opts_out: bool
) -> None:
    contact.site, contact.taboos = site, str(facts["taboos"])
    contact.preferences, contact.language = str(facts["preferences"]), str(facts.get("language", ""))
    numbers = [Number(phone.number, PhoneKind(phone.kind)) for phone in contact.phones.all()]
    save_contact(
        contact,
        numbers,
        by=by,
        now=now,
        roles=ContactRole.objects.filter(code__in=facts["roles"]),  # type: ignore[misc]
        wishes=Wishes(read_hours(str(facts["hours"])), read_periods(str(facts["quiet"]))),
        no_surveys=WantsNoSurveys(opts_out),
    )


def _contract(client: Client, words: dict[str, str], by: User, now: datetime) -> None:
    """The client's contract ends soon, and nobody has settled what follows."""
    contract: Contract = client.contracts.order_by("ends_on").first()  # type: ignore[assignment]
    contract.ends_on, contract.remarks = (now + SOON).date(), words["remarks"]
    save_contract(contract, contract.systems.all(), by=by, now=now)
    upload = Upload(words["note"], io.BytesIO(words["text"].encode()), "text/plain")
    add_files(contract, [upload], by=by, now=now)


def _double(client: Client, words: dict[str, str], now: datetime) -> None:
    """The client once more, as somebody wrote it down in a hurry: nearly the same name, the same number."""
    known = client.contacts.order_by("pk").first()
    assert known is not None
    double = Client.objects.create(
        code=f"{client.code}-2",
        name=f"{client.name}{words['suffix']}",
        name_en=client.name_en,
        type=client.type,
        group=client.group,
        hours=client.hours,
        preferred_channel=Channel.PHONE,
    )
    numbers = [phone.number for phone in known.phones.all()]
    save_contact(
        Contact(client=double, name=known.name, name_en=known.name_en, job_title=words["job_title"]), numbers
    )
    system = client.systems.order_by("pk").first()
    if system is not None:
        System.objects.create(
            client=double,
            name=system.name,
            name_en=system.name_en,
            kind=system.kind,
            maintainer=system.maintainer,
            backup=system.backup,
        )
