"""The people of a contract are reminded in time of its end, once by each term (§2.2)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from clients.actions.common import note
from clients.models import Contract, Deed, RenewalReminder, RenewalTerm
from staff.actions.notices import Occasion, notify_of
from staff.models import ManagementLevel, User

AT_ONCE = 200


def remind_of_renewals(*, now: datetime) -> int:
    """Tell of every contract that has come within a term; return how many reminders were written.

    Safe to run twice, late, and by two workers: a contract is locked, and its reminder by a term is a row
    that there is once. Whoever comes late is told once, by the shortest term that has passed.
    """
    terms = sorted(RenewalTerm.objects.values_list("days", flat=True))
    if not terms:
        return 0
    today, done = timezone.localdate(now), 0
    while True:
        with transaction.atomic():
            found = _due(terms, now)
            for contract in found:
                days = (contract.ends_on - today).days
                term = next(each for each in terms if days <= each)
                _remind(contract, term, days, now)
        done += len(found)
        if len(found) < AT_ONCE:
            return done


def _due(terms: list[int], now: datetime) -> list[Contract]:
    """Contracts whose shortest term that has come has no reminder yet, locked."""
    today = timezone.localdate(now)
    ending = Contract.objects.ending(today, terms[-1]).select_related("client__group")
    ending = ending.select_for_update(of=("self",), skip_locked=True).order_by("ends_on", "pk")
    told = set(
        RenewalReminder.objects.filter(contract__in=Contract.objects.ending(today, terms[-1])).values_list(
            "contract", "ends_on", "days"
        )
    )
    due = []
    for contract in ending:
        days = (contract.ends_on - today).days
        term = next(each for each in terms if days <= each)
        if (contract.pk, contract.ends_on, term) not in told:
            due.append(contract)
    return due[:AT_ONCE]


def _remind(contract: Contract, term: int, days: int, now: datetime) -> None:
    _row, is_new = RenewalReminder.objects.get_or_create(
        contract=contract, ends_on=contract.ends_on, days=term, defaults={"at": now}
    )
    if not is_new:
        return
    client = contract.client
    params = {
        "contract": contract.number,
        "client": client.name,
        "client_en": client.name_en or client.name,
        "ends_on": contract.ends_on.isoformat(),
        "days": days,
    }
    notify_of(
        [
            Occasion(
                people=people_of(contract),
                kind="contract_ending",
                params=params,
                url=reverse("clients:contracts", args=[client.pk]),
                key=f"contract-ending-{contract.pk}-{contract.ends_on}-{term}",
            )
        ],
        now=now,
    )
    note(contract, Deed.REMINDED, by=None, now=now, text=f"{contract.ends_on} (-{days})")


def people_of(contract: Contract) -> list[User]:
    """The group's supervisors and the dedicated maintainers of what the contract covers, each once."""
    group = contract.client.group
    systems = contract.systems.filter(is_active=True)
    if not systems and not contract.sites.exists():
        systems = contract.client.systems.filter(is_active=True)
    people = {person.pk: person for person in User.objects.at_level(ManagementLevel.SUPERVISOR, group)} | {
        system.maintainer.pk: system.maintainer
        for system in systems.select_related("maintainer")
        if system.maintainer is not None and system.maintainer.is_active
    }
    return list(people.values())
