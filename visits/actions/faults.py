"""Callbacks after faults: drawn by themselves from what was solved, and withdrawn when it is opened again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from staff.models import Group
from tickets.models import InspectionRecord, Status, Ticket
from tickets.models import Kind as RecordKind
from visits.actions.board import DAY, Desk
from visits.actions.common import log, tz
from visits.actions.planning import cover_near, each_group, set_place, uncover
from visits.actions.rhythms import is_new
from visits.kinds import OPEN, Drawing, EventKind, Exclusion, Kind, Method, State
from visits.models import Callback, CallbackPlan, FaultDraw
from visits.placing import Want
from visits.planning import Share, draw, workday

# A fault solved longer ago was looked at, or nobody looked for so long that the client has forgotten it.
LOOK_BACK = timedelta(days=60)
BATCH = 200
SOLVED = (Status.RESOLVED, Status.CLOSED)


def draw_faults(*, now: datetime) -> int:
    """Look at each solved fault once a solution: plan its callback, or log why there is none (§5.3).

    Return how many were looked at; a second run finds none.
    """
    plans = {plan.type_id: plan for plan in CallbackPlan.objects.select_related("type")}
    if not plans:
        return 0
    groups = set(_solved(plans, now).values_list("group", flat=True))
    return each_group(groups, lambda group: _draw_group(group, plans, now))


def withdraw_reopened(*, now: datetime) -> int:
    """Withdraw callbacks about faults that are not solved any more; the next solution has one of its own."""
    gone = Q(ticket__status__in=SOLVED, cycle=F("ticket__reopened_count"))
    with transaction.atomic():
        found = (
            Callback.objects.filter(~gone, kind=Kind.AFTER_FAULT, state__in=OPEN)
            .select_for_update(of=("self",), skip_locked=True)
            .select_related("client", "group")
            .order_by("pk")[:BATCH]
        )
        rows = list(found)
        for callback in rows:
            callback.state = State.WITHDRAWN
            callback.version += 1
            callback.save(update_fields=["state", "version"])
            log(callback, EventKind.WITHDRAWN, by=None, now=now)
            uncover(callback, now=now)
    return len(rows)


def _solved(plans: Mapping[int | None, CallbackPlan], now: datetime) -> QuerySet[Ticket]:
    """Solved faults that nobody has looked at since their last solution."""
    looked_at = FaultDraw.objects.filter(ticket=OuterRef("pk"), cycle=OuterRef("reopened_count"))
    since = max(min(plan.runs_since for plan in plans.values()), now - LOOK_BACK)
    return Ticket.objects.filter(
        ~Exists(looked_at),
        kind=RecordKind.FAULT,
        status__in=SOLVED,
        resolved_at__gte=since,
        resolved_at__lte=now,
    )


def _draw_group(group: Group, plans: Mapping[int | None, CallbackPlan], now: datetime) -> int:
    found = (
        _solved(plans, now)
        .filter(group=group)
        .select_related("client", "contact", "system")
        .annotate(is_own=Exists(InspectionRecord.objects.filter(ticket=OuterRef("pk"))))
        .order_by("resolved_at", "pk")
    )
    tickets = list(found[:BATCH])
    if not tickets:
        return 0
    desk = Desk(group, {ticket.client_id for ticket in tickets}, now)
    for ticket in tickets:
        plan = _plan_of(ticket, plans)
        share = plan.share(ticket.grade) if plan else Share(0, 1)
        number = draw(ticket.number)
        excluded = _exclusion(ticket, plan)
        is_drawn = excluded is None and number < share.percent
        if is_drawn:
            assert plan is not None
            _plan(ticket, plan, share, desk)
        reason = excluded or ("" if is_drawn else Exclusion.SHARE)
        outcome = Drawing.PLANNED if is_drawn else Drawing.NOT_DRAWN
        FaultDraw.objects.create(
            ticket=ticket,
            cycle=ticket.reopened_count,
            outcome=Drawing.EXCLUDED if excluded else outcome,
            reason=reason,
            share=share.percent,
            drawn=number,
            at=now,
        )
    return len(tickets)


def _plan_of(ticket: Ticket, plans: Mapping[int | None, CallbackPlan]) -> CallbackPlan | None:
    phase = plans.get(None)
    if phase is None or ticket.system is None or ticket.resolved_at is None:
        return plans.get(ticket.client.type_id)
    if is_new(ticket.system, phase, ticket.resolved_at.astimezone(tz()).date()):
        return phase
    return plans.get(ticket.client.type_id)


def _exclusion(ticket: Ticket, plan: CallbackPlan | None) -> Exclusion | None:
    if not ticket.client.is_active:
        return Exclusion.FORMER
    if plan is None or (ticket.resolved_at is not None and ticket.resolved_at < plan.runs_since):
        return Exclusion.NO_PLAN
    # Nobody is asked how satisfied he is with himself.
    return Exclusion.OWN if ticket.is_own else None  # type: ignore[attr-defined]


def _plan(ticket: Ticket, plan: CallbackPlan, share: Share, desk: Desk) -> Callback:
    """Write the callback of a solved fault: from the next working day on, not by whoever solved it."""
    assert ticket.resolved_at is not None
    solved_on = ticket.resolved_at.astimezone(desk.tz).date()
    latest = max(workday(solved_on, share.within, desk.is_working), desk.today)
    row = Callback(
        kind=Kind.AFTER_FAULT,
        method=Method.PHONE,
        client=ticket.client,
        group=desk.group,
        system=ticket.system,
        ticket=ticket,
        cycle=ticket.reopened_count,
        note=ticket.title,
        tries=plan.tries,
        created_at=desk.now,
    )
    want = Want(
        client=ticket.client_id,
        earliest=max(solved_on + DAY, desk.today),
        latest=latest,
        among=desk.who(Method.PHONE),
        contacts=desk.whom(ticket.client_id, ticket.contact),
        gap=plan.gap_days,
        avoid={ticket.owner_id} if ticket.owner_id else (),
    )
    set_place(row, desk.board.place(want, now=desk.now), latest, desk)
    row.save()
    log(row, EventKind.PLANNED, by=None, now=desk.now)
    cover_near(row, plan.close_days, now=desk.now)
    return row
