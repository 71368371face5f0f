"""Callbacks are written ahead: what is due by the plan of each client's type becomes rows (§5.3).

Pulls what is due: safe to run late, twice, by two workers. A group is planned by one worker at a time, so
that its people share the work evenly; a slot is written once, which the database holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from clients.models import Client
from staff.models import Group
from visits.actions.board import DAY, Desk
from visits.actions.common import log, tz
from visits.actions.rhythms import (
    begin,
    begin_systems,
    due_groups,
    follow_plans,
    line_of,
    phases_of,
    without_cadence,
)
from visits.kinds import HEARD, OPEN, EventKind, Kind, Method, State
from visits.models import Cadence, Callback, CallbackEvent, CallbackPlan
from visits.placing import Placed, Want
from visits.planning import (
    AHEAD,
    Rhythm,
    covering,
    end_of,
    slots,
    workday,
)


def plan_callbacks(*, now: datetime) -> int:
    """Write the callbacks that fall due within four weeks, and return how many. A second run writes none."""
    today = now.astimezone(tz()).date()
    plans = {plan.type_id: plan for plan in CallbackPlan.objects.select_related("type")}
    if not plans:
        return 0
    return each_group(
        set(without_cadence(plans)) | set(due_groups(today, plans)),
        lambda group: _plan_group(group, plans, today, now),
    )


def each_group(groups: Iterable[int], work: Callable[[Group], int]) -> int:
    """Do something for each group in a transaction of its own, unless another worker is at it; add it up."""
    done = 0
    for pk in sorted(groups):
        with transaction.atomic():
            # Others may still refer to the group: no key of it changes.
            group = Group.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=pk).first()
            done += work(group) if group is not None else 0
    return done


def _plan_group(group: Group, plans: Mapping[int | None, CallbackPlan], today: date, now: datetime) -> int:
    begin(group, plans, today)
    begin_systems(group, plans.get(None), today)
    follow_plans(group, plans, today)
    due = list(
        Cadence.objects.filter(
            client__group=group, client__is_active=True, next_on__lte=today + AHEAD
        ).select_related("client", "plan", "system")
    )
    if not due:
        return 0
    clients = {cadence.client_id for cadence in due}
    desk, phases = Desk(group, clients, now), phases_of(clients, plans.get(None))
    near = _after_faults(clients, today)
    written = []
    # On site first: it takes half a day of few people.
    for cadence in sorted(due, key=lambda one: (one.method == Method.PHONE, one.next_on, one.pk)):
        rhythm = cadence.plan.rhythm(Method(cadence.method))
        if rhythm is None or cadence.next_on is None:
            continue
        line = line_of(cadence, rhythm, phases)
        found, cadence.next_on = slots(line, today, today + AHEAD)
        for slot in found:
            cadence.last_on = slot
            written.append(_written(cadence, slot, rhythm, desk, near))
    _keep(written, now)
    Cadence.objects.bulk_update(due, ["last_on", "next_on"])
    return len(written)


def _keep(written: list[Callback], now: datetime) -> None:
    Callback.objects.bulk_create(written)
    CallbackEvent.objects.bulk_create(
        CallbackEvent(
            callback=one, kind=EventKind.COVERED if one.state == State.COVERED else EventKind.PLANNED, at=now
        )
        for one in written
    )


def _written(
    cadence: Cadence,
    slot: date,
    rhythm: Rhythm,
    desk: Desk,
    near: Mapping[int, list[tuple[int, date]]],
) -> Callback:
    """The callback of a slot: placed, or counted with one after a fault close by."""
    plan = cadence.plan
    row = Callback(
        kind=Kind.NEW_SYSTEM if cadence.system_id else Kind.PERIODIC,
        method=cadence.method,
        client=cadence.client,
        group=desk.group,
        system=cadence.system,
        slot_on=slot,
        tries=plan.tries,
        created_at=desk.now,
    )
    earliest = max(slot, desk.today)
    latest = workday(workday(earliest, 0, desk.is_working), rhythm.within, desk.is_working)
    others = near[cadence.client_id] if cadence.method == Method.PHONE else []
    cover = covering(slot, others, plan.close_days)
    if cover is not None:
        row.state, row.covered_by_id = State.COVERED, cover
        row.due_at = row.limit_at = end_of(latest, desk.tz)
        return row
    want = Want(
        client=cadence.client_id,
        earliest=earliest,
        latest=latest,
        is_on_site=cadence.method == Method.ON_SITE,
        among=desk.who(Method(cadence.method)),
        contacts=desk.whom(cadence.client_id),
        gap=plan.gap_days,
        prefer=desk.maintainers[cadence.client_id],
    )
    set_place(row, desk.board.place(want, now=desk.now), latest, desk)
    return row


def set_place(row: Callback, placed: Placed, latest: date, desk: Desk) -> None:
    """Put a callback where the board has placed it; a limit that could not be kept moves with it."""
    row.due_at, row.person_id, row.contact_id = placed.at, placed.person, placed.contact
    row.limit_at = end_of(max(latest, placed.at.astimezone(desk.tz).date()), desk.tz)


def cover_near(after_fault: Callback, close_days: int, *, now: datetime) -> None:
    """Count an after-fault callback as the periodic one that is planned close by and nobody has begun."""
    span = timedelta(days=close_days)
    waiting = Callback.objects.select_for_update().filter(
        client=after_fault.client_id,
        method=Method.PHONE,
        slot_on__isnull=False,
        state=State.PLANNED,
        tried_at=None,
        due_at__range=(after_fault.due_at - span, after_fault.due_at + span),
    )
    closest = min(waiting, key=lambda one: (abs(one.due_at - after_fault.due_at), one.pk), default=None)
    if closest is None:
        return
    Callback.objects.filter(pk=closest.pk).update(
        state=State.COVERED, covered_by=after_fault, version=F("version") + 1
    )
    log(closest, EventKind.COVERED, by=None, now=now, text=after_fault.number)


def uncover(callback: Callback, *, now: datetime) -> None:
    """What counted with a callback that is not made after all is owed again, from tomorrow on."""
    covered = list(callback.covers.select_for_update(of=("self",)).filter(state=State.COVERED))
    if not covered:
        return
    desk = Desk(callback.group, {callback.client_id}, now)
    plan = plan_of(callback.client)
    for one in covered:
        rhythm = plan.rhythm(Method(one.method)) if plan else None
        earliest = max(desk.today + DAY, one.slot_on or desk.today)
        latest = workday(earliest, rhythm.within if rhythm else 5, desk.is_working)
        want = Want(
            client=one.client_id,
            earliest=earliest,
            latest=latest,
            among=desk.who(Method(one.method)),
            contacts=desk.whom(one.client_id),
            gap=plan.gap_days if plan else 0,
        )
        set_place(one, desk.board.place(want, now=now), latest, desk)
        one.state, one.covered_by = State.PLANNED, None
        one.version += 1
        one.save()
        log(one, EventKind.UNCOVERED, by=None, now=now, text=callback.number)


def plan_of(client: Client) -> CallbackPlan | None:
    """By which plan a client is called back; None where his type has none."""
    return CallbackPlan.objects.filter(type=client.type_id).first()


def _after_faults(clients: Iterable[int], today: date) -> Mapping[int, list[tuple[int, date]]]:
    """After-fault callbacks that stand, by client: each may count as one periodic one."""
    found: dict[int, list[tuple[int, date]]] = defaultdict(list)
    counted = Callback.objects.filter(covered_by=OuterRef("pk"))
    rows = Callback.objects.filter(
        ~Exists(counted),
        client__in=clients,
        kind=Kind.AFTER_FAULT,
        state__in=(*OPEN, *HEARD),
        due_at__date__gte=today - AHEAD,
    ).exclude(state=State.REFUSED)
    for pk, client, due_at in rows.values_list("pk", "client", "due_at"):
        found[client].append((pk, due_at.astimezone(tz()).date()))
    return found
