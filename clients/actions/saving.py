"""Clients, sites, systems, contracts and types are written down, each change with its entry (§5.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from clients.actions.common import (
    changing,
    may_edit,
    may_edit_contacts,
    may_rule_types,
    not_his_group,
)
from clients.actions.contacts import WantsNoSurveys, Wishes, keep_wishes
from clients.models import Client, ClientType, Contract, RenewalTerm, Site, System
from clients.models.contracts import LONGEST_TERM
from staff.actions import log_terms
from staff.models import Group, Role, User
from staff.refused import Refused


@transaction.atomic
def save_client(
    client: Client,
    *,
    by: User,
    now: datetime,
    wishes: Wishes | None = None,
    no_surveys: WantsNoSurveys | None = None,
    revision: int | None = None,
) -> Client:
    """Save a client. A supervisor keeps his group's; an administrator moves any.

    `wishes` are his hours and quiet periods, `no_surveys` whether he wants none; None leaves them.
    Raises `Refused`.
    """
    groups = [client.group]
    if client.pk is not None:
        locked = Client.objects.select_related("group").select_for_update(of=("self",)).get(pk=client.pk)
        groups.append(locked.group)
        if locked.merged_into_id:
            raise Refused(_("This client has been merged into another one."), code="merged")
    if not all(may_edit(by, group) for group in groups):
        raise not_his_group()
    with changing(client, by=by, now=now, revision=revision):
        if no_surveys is not None:
            no_surveys.put(client, by=by, now=now)
        client.save()
        keep_wishes(client, wishes)
    return client


@transaction.atomic
def save_site(site: Site, *, by: User, now: datetime, revision: int | None = None) -> Site:
    """Save a place of a client. Raises `Refused` naming the field."""
    if not may_edit_contacts(by, site.client.group):
        raise not_his_group()
    others = Site.objects.filter(client=site.client, name=site.name, is_active=True).exclude(pk=site.pk)
    if site.is_active and others.exists():
        raise Refused(_("The client has a site of this name already."), field="name", code="taken")
    with changing(site, by=by, now=now, revision=revision):
        site.save()
    return site


@transaction.atomic
def save_system(system: System, *, by: User, now: datetime, revision: int | None = None) -> System:
    """Save a system in use. Its dedicated maintainer and his backup work in the client's group (§5.1).

    Raises `Refused` naming the field.
    """
    group = system.client.group
    if not may_edit_contacts(by, group):
        raise not_his_group()
    if system.site is not None and system.site.client_id != system.client_id:
        raise Refused(_("This site belongs to another client."), field="site", code="invalid")
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
    with changing(system, by=by, now=now, revision=revision):
        system.save()
    return system


@transaction.atomic
def save_contract(
    contract: Contract,
    systems: Iterable[System],
    sites: Iterable[Site] = (),
    *,
    by: User,
    now: datetime,
    revision: int | None = None,
) -> Contract:
    """Save a contract with the systems and sites that it covers; neither means all of the client's (§2.2).

    Raises `Refused` naming the field.
    """
    if not may_edit(by, contract.client.group):
        raise not_his_group()
    systems, sites = list(systems), list(sites)
    if any(system.client_id != contract.client_id for system in systems):
        raise Refused(_("This system belongs to another client."), field="systems", code="invalid")
    if any(site.client_id != contract.client_id for site in sites):
        raise Refused(_("This site belongs to another client."), field="sites", code="invalid")
    if _day(contract.ends_on) < _day(contract.starts_on):
        raise Refused(
            _("The contract must end on or after the day it starts."), field="ends_on", code="invalid"
        )
    with changing(contract, by=by, now=now, revision=revision):
        contract.save()
        contract.systems.set(systems)
        contract.sites.set(sites)
    return contract


@transaction.atomic
def save_type(type_: ClientType, *, by: User, now: datetime, revision: int | None = None) -> ClientType:
    """Save a client type. Raises `Refused`, also while active clients have a type that is to go."""
    if not may_rule_types(by):
        raise Refused(_("Only a supervisor or an administrator may do this."), code="forbidden")
    if not type_.is_active and type_.pk and Client.objects.active().filter(type=type_).exists():
        raise Refused(_("Clients have this type: give them another first."), field="is_active", code="in_use")
    with changing(type_, by=by, now=now, revision=revision):
        type_.save()
    return type_


@transaction.atomic
def set_renewal_terms(days: Iterable[int], *, by: User, now: datetime) -> list[int]:
    """Say how many days before its end a contract's people are reminded. Raises `Refused` at `days`."""
    if not may_rule_types(by):
        raise Refused(_("Only a supervisor or an administrator may do this."), code="forbidden")
    wanted = sorted(set(days), reverse=True)
    if not wanted or len(wanted) > 10 or not all(1 <= each <= LONGEST_TERM for each in wanted):
        raise Refused(_("Give 1 to 10 numbers of days, each from 1 to 365."), field="days", code="invalid")
    # They are rows of one list: whoever sets them sees what the one before him set.
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {RenewalTerm._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
    before = list(RenewalTerm.objects.order_by("-days").values_list("days", flat=True))
    RenewalTerm.objects.exclude(days__in=wanted).delete()
    RenewalTerm.objects.bulk_create([RenewalTerm(days=each) for each in wanted], ignore_conflicts=True)
    log_terms(RenewalTerm, {"days": (before, wanted)}, by=by, now=now)
    return wanted


def _works_for(person: User, group: Group) -> bool:
    # The company's technical team helps every group (§5.4.1.2).
    return person.may_work and (person.group_id == group.pk or person.role == Role.SPECIALIST)


def _day(day: date | str) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day
