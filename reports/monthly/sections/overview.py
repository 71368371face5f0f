"""What was served by whom: clients, systems, people, hours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clients.models import Client, Contract, System
from reports.monthly.asked import About
from reports.wording import whole_words
from staff.models import User
from tickets.documents.structure import Pairs, Part
from tickets.documents.words import listed

NAMED = 12  # systems of a client are named; of more of them the number


@dataclass(frozen=True, slots=True)
class Found:
    clients: int
    systems: list[System]
    people: int
    contracts: list[str]


def gather(about: About) -> Found:
    first, until = about.days
    clients = about.of(Client.objects.active(), client="pk")
    systems = System.objects.filter(is_active=True, client__is_active=True)
    people = User.objects.working().filter(group__isnull=False)
    contracts = Contract.objects.filter(starts_on__lt=until, ends_on__gte=first)
    return Found(
        clients.count(),
        list(about.of(systems, group="client__group").order_by("pk")),
        0 if about.client else about.of(people).count(),
        list(about.of(contracts, group="client__group").order_by("number").values_list("number", flat=True)),
    )


def parts(found: Found, about: About) -> Iterable[Part]:
    systems = [system.label for system in found.systems]
    if about.client is not None:
        named = listed(systems) if len(systems) <= NAMED else str(len(systems))
        yield Pairs(
            (
                (_("Systems in service"), named),
                (_("Contracts in force"), listed(found.contracts)),
                (_("Service hours"), about.client.hours.label),
                (_("O&M group"), about.client.group.label),
            )
        )
        return
    yield Pairs(
        (
            (_("Clients served"), str(found.clients)),
            (_("Systems in service"), str(len(systems))),
            (_("Contracts in force"), str(len(found.contracts))),
            (_("People"), str(found.people)),
            (_("Hours written down on records"), whole_words(about.numbers.month["work_hours"])),
        )
    )
