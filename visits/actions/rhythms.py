"""How far each client's slots are written: begun, following plans, those of new systems. Not verbs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from clients.models import Client, System
from staff.models import Group
from visits.kinds import Method
from visits.models import Cadence, CallbackPlan
from visits.planning import AHEAD, Every, Line, Rhythm, Unit, first_slot, following

METHODS = tuple(Method)


def is_new(system: System, phase: CallbackPlan, day: date) -> bool:
    """Say whether a system is in its first months on a day."""
    since = system.in_service_since
    return since is not None and since <= day < phase_end(since, phase)


def phase_end(since: date, phase: CallbackPlan) -> date:
    return following(since, Every(phase.phase_months, Unit.MONTH))


def _clients(plans: Mapping[int | None, CallbackPlan]) -> QuerySet[Client]:
    return Client.objects.active().filter(type__in=[key for key in plans if key is not None])


def without_cadence(plans: Mapping[int | None, CallbackPlan]) -> QuerySet[Client, int]:
    """Groups with clients that have not been begun with."""
    begun = Cadence.objects.filter(client=OuterRef("pk"), system=None)
    return _clients(plans).filter(~Exists(begun)).values_list("group", flat=True).distinct()


def due_groups(today: date, plans: Mapping[int | None, CallbackPlan]) -> set[int]:
    """Groups in which something falls due, follows another plan than it did, or has a new system."""
    due = Q(next_on__lte=today + AHEAD)
    active = Cadence.objects.filter(client__is_active=True)
    found = set(active.filter(due | _changed()).values_list("client__group", flat=True))
    if phase := plans.get(None):
        found |= set(_new_systems(phase, today).values_list("client__group", flat=True))
    return found


def _changed() -> Q:
    """Reckoned by an older version of its plan, or by that of another type."""
    return ~Q(plan_version=F("plan__version")) | (Q(system__isnull=True) & ~Q(plan__type=F("client__type")))


def begin(group: Group, plans: Mapping[int | None, CallbackPlan], today: date) -> None:
    begun = Cadence.objects.filter(client=OuterRef("pk"), system=None)
    new = _clients(plans).filter(~Exists(begun), group=group)
    rows = []
    for client in new:
        plan = plans[client.type_id]
        for place, method in enumerate(METHODS):
            rhythm = plan.rhythm(method)
            first = first_slot(client.pk * len(METHODS) + place, rhythm.every, today) if rhythm else None
            rows.append(
                Cadence(client=client, method=method, plan=plan, plan_version=plan.version, next_on=first)
            )
    Cadence.objects.bulk_create(rows, ignore_conflicts=True)


def _new_systems(phase: CallbackPlan, today: date) -> QuerySet[System]:
    """Systems in their first months, without a rhythm of their own yet."""
    begun = Cadence.objects.filter(system=OuterRef("pk"))
    longest = timedelta(days=31 * phase.phase_months)
    return System.objects.filter(
        ~Exists(begun),
        is_active=True,
        client__is_active=True,
        in_service_since__gt=today - longest,
        in_service_since__lte=today + AHEAD,
    )


def begin_systems(group: Group, phase: CallbackPlan | None, today: date) -> None:
    if phase is None:
        return
    rows = []
    for system in _new_systems(phase, today).filter(client__group=group):
        since = system.in_service_since
        if since is None:
            continue
        for method in METHODS:
            rhythm = phase.rhythm(method)
            first = following(since, rhythm.every) if rhythm else None
            rows.append(
                Cadence(
                    client_id=system.client_id,
                    system=system,
                    method=method,
                    plan=phase,
                    plan_version=phase.version,
                    next_on=first,
                )
            )
    Cadence.objects.bulk_create(rows, ignore_conflicts=True)


def follow_plans(group: Group, plans: Mapping[int | None, CallbackPlan], today: date) -> None:
    """After a plan has changed, or a client has another type: the next slot by the new rhythm.

    It follows the last one that was written, so nothing that stands is written anew.
    """
    changed = list(Cadence.objects.filter(_changed(), client__group=group).select_related("client", "system"))
    for cadence in changed:
        plan = plans.get(None if cadence.system_id else cadence.client.type_id)
        if plan is None:
            cadence.next_on = None
            continue
        rhythm = plan.rhythm(Method(cadence.method))
        cadence.plan, cadence.plan_version = plan, plan.version
        if rhythm is None:
            cadence.next_on = None
        elif cadence.last_on is not None:
            cadence.next_on = max(following(cadence.last_on, rhythm.every), today)
        else:
            place = METHODS.index(Method(cadence.method))
            cadence.next_on = first_slot(cadence.client_id * len(METHODS) + place, rhythm.every, today)
    Cadence.objects.bulk_update(changed, ["plan", "plan_version", "next_on"])


def line_of(cadence: Cadence, rhythm: Rhythm, phases: Mapping[int, list[tuple[date, date]]]) -> Line:
    assert cadence.next_on is not None
    if cadence.system is None:
        return Line(rhythm, cadence.next_on, suspended=phases[cadence.client_id])
    since = cadence.system.in_service_since
    ends_on = phase_end(since, cadence.plan) if since and cadence.system.is_active else date.min
    return Line(rhythm, cadence.next_on, ends_on=ends_on)


def phases_of(clients: Iterable[int], phase: CallbackPlan | None) -> Mapping[int, list[tuple[date, date]]]:
    """The first months of each client's new systems: he is called about those, and not beside it."""
    found: dict[int, list[tuple[date, date]]] = defaultdict(list)
    if phase is not None and (phase.phone_every or phase.site_every):
        systems = System.objects.filter(client__in=clients, is_active=True, in_service_since__isnull=False)
        for client, since in systems.values_list("client", "in_service_since"):
            if since is not None:
                found[client].append((since, phase_end(since, phase)))
    return found
