"""What happens in the client archive."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import time
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import (
    Client,
    ClientType,
    Contact,
    ContactRole,
    Contract,
    Phone,
    RenewalTerm,
    ServiceHours,
    ServiceSpan,
    System,
)
from clients.phones import normalise
from staff.models import Group, Role, User
from staff.refused import Refused

DEFAULTS = Path(__file__).with_name("defaults.json")


def may_edit(by: User, group: Group | None) -> bool:
    """Say whether a person may change what the archive holds of a group's clients."""
    return by.may_administer or (by.may_supervise and group is not None and by.group_id == group.pk)


def may_edit_contacts(by: User, group: Group) -> bool:
    """Say whether a person may write down contacts: all who work in the group learn numbers on the phone."""
    return by.may_work and (by.sees_everything or by.group_id == group.pk)


@transaction.atomic
def save_client(client: Client, *, by: User) -> Client:
    """Save a client. A supervisor keeps those of his own group; an administrator moves them between groups.

    Raises `Refused`.
    """
    groups = [client.group]
    if client.pk is not None:
        groups.append(
            Client.objects.select_related("group").select_for_update(of=("self",)).get(pk=client.pk).group
        )
    if not all(may_edit(by, group) for group in groups):
        raise _not_his_group()
    client.save()
    return client


@transaction.atomic
def save_system(system: System, *, by: User) -> System:
    """Save a system in use. Its dedicated maintainer and his backup work in the client's group (§5.1).

    Raises `Refused` naming the field.
    """
    group = system.client.group
    if not may_edit(by, group):
        raise _not_his_group()
    if system.maintainer is not None and system.maintainer == system.backup:
        raise Refused(
            _("The backup must be another person than the maintainer."), field="backup", code="invalid"
        )
    for field, person in (("maintainer", system.maintainer), ("backup", system.backup)):
        if person is not None and not _works_for(person, group):
            raise Refused(
                _("%(name)s does not work in the client's group.") % {"name": person.label},
                field=field,
                code="invalid",
            )
    system.save()
    return system


@transaction.atomic
def save_contract(contract: Contract, systems: Iterable[System], *, by: User) -> Contract:
    """Save a contract and the systems that it covers; none means all of the client's (§2.2).

    Raises `Refused` naming the field.
    """
    if not may_edit(by, contract.client.group):
        raise _not_his_group()
    systems = list(systems)
    if any(system.client_id != contract.client_id for system in systems):
        raise Refused(_("This system belongs to another client."), field="systems", code="invalid")
    if contract.ends_on < contract.starts_on:
        raise Refused(
            _("The contract must end on or after the day it starts."), field="ends_on", code="invalid"
        )
    contract.save()
    contract.systems.set(systems)
    return contract


@transaction.atomic
def save_contact(contact: Contact, numbers: Iterable[str], *, by: User | None = None) -> Contact:
    """Save a contact with his phone numbers in this order. `by` None is the system (imports).

    Two spellings of one number are one number: the first spelling stays. Raises ValueError on what is no
    number, `Refused` when `by` may not.
    """
    if by is not None and not may_edit_contacts(by, contact.client.group):
        raise _not_his_group()
    wanted: dict[tuple[str, str], str] = {}
    for number in numbers:
        parsed = normalise(number)
        wanted.setdefault((parsed.digits, parsed.extension), number.strip())
    contact.save()
    contact.phones.all().delete()
    Phone.objects.bulk_create(
        Phone(contact=contact, number=written, digits=digits, extension=extension)
        for (digits, extension), written in wanted.items()
    )
    return contact


@transaction.atomic
def load_defaults() -> None:
    """Create the default types, roles, terms and service hours where they are missing. Never changes a row."""
    defaults = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    for row in defaults["types"]:
        ClientType.objects.get_or_create(code=row.pop("code"), defaults=row)
    for position, row in enumerate(defaults["roles"]):
        ContactRole.objects.get_or_create(code=row.pop("code"), defaults=row | {"position": position})
    if not RenewalTerm.objects.exists():
        RenewalTerm.objects.bulk_create(RenewalTerm(days=days) for days in defaults["renewal_days"])
    for row in defaults["hours"]:
        days, spans = row.pop("days"), row.pop("spans")
        hours, created = ServiceHours.objects.get_or_create(code=row.pop("code"), defaults=row)
        if created:
            ServiceSpan.objects.bulk_create(
                ServiceSpan(
                    hours=hours, weekday=day, starts=time.fromisoformat(start), ends=time.fromisoformat(end)
                )
                for day in days
                for start, end in spans
            )


def _works_for(person: User, group: Group) -> bool:
    # The company's technical team helps every group (§5.4.1.2).
    return person.may_work and (person.group_id == group.pk or person.role == Role.SPECIALIST)


def _not_his_group() -> Refused:
    return Refused(_("Only the people of the client's group may change this."), code="forbidden")
