"""Holiday cover: who has which duty on the days of a break, how he is reached, and what lacks (§5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from duty.actions import may_roster, published_until
from duty.calendar import unknown_years
from duty.cover import Block, DayOff, Lack, Planned, Why
from duty.coverplans import CoverPlan, block_from, blocks_ahead, can_be_called, cover_plans
from duty.models import DutyRole
from duty.roster import Span, day_span, part_within
from duty.views.groups import group_seen, groups_of
from staff.models import Group, User
from staff.views.access import house_only

FAR = timedelta(days=200)


@dataclass(frozen=True, slots=True)
class Ahead:
    """A break ahead, in how many days it begins, and each group's plan of it: None where it is still far."""

    block: Block
    in_days: int
    plans: Sequence[tuple[Group, CoverPlan | None]]


@dataclass(frozen=True, slots=True)
class Piece:
    """What falls on one day of somebody's duty, or of nobody's; `why` it is not as it should be."""

    starts_at: datetime
    ends_at: datetime
    person: User | None
    why: Why | None


@dataclass(frozen=True, slots=True)
class Row:
    day: DayOff
    duties: Sequence[tuple[str, Sequence[Piece]]]


@house_only
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The breaks ahead and how each group covers them, as far as the rosters are written out."""
    now = timezone.now()
    today, groups = timezone.localdate(now), groups_of(request.user)
    blocks = blocks_ahead(today, today + FAR)
    near = [block for block in blocks if block.last < timezone.localdate(published_until(now))]
    plans = {(plan.group.pk, plan.block.first): plan for plan in cover_plans(groups, near, now=now)}
    context = {
        "groups": groups,
        "ahead": [
            Ahead(
                block,
                (block.first - today).days,
                [(group, plans.get((group.pk, block.first))) for group in groups],
            )
            for block in blocks
        ],
        "unknown_years": unknown_years(today),
    }
    return render(request, "duty/cover.html", context)


@house_only
@require_safe
def block(request: HttpRequest, code: str, first: str) -> HttpResponse:
    """The cover plan of one break, to be read, filled and printed."""
    group, now = group_seen(code, request.user), timezone.now()
    try:
        found = block_from(date.fromisoformat(first))
    except ValueError:
        found = None
    if found is None:
        raise Http404
    (plan,) = cover_plans([group], [found], now=now)
    context = {
        "group": group,
        "holiday": found,
        "plan": plan,
        "roles": [DutyRole(role) for role in DutyRole.values],
        "rows": [_row(plan, day) for day in found.days],
        "lacks": [(lack, _person(plan, lack)) for lack in plan.lacks],
        "is_over": found.last < timezone.localdate(now),
        "in_days": (found.first - timezone.localdate(now)).days,
        "may_roster": may_roster(group, request.user),
        "now": now,
    }
    return render(request, "duty/cover_block.html", context)


def _person(plan: CoverPlan, lack: Lack) -> User | None:
    return plan.people[lack.person] if lack.person is not None else None


def _row(plan: CoverPlan, day: DayOff) -> Row:
    window = day_span(day.date, timezone.get_default_timezone())
    return Row(day, [(str(DutyRole(role).label), _pieces(plan, role, window)) for role in DutyRole.values])


def _pieces(plan: CoverPlan, role: str, window: Span) -> list[Piece]:
    """What falls on a day, with what is wrong with it, also of what is over or not asked for."""
    spans = [
        (one, plan.people[one.person], _wrong(plan, one)) for one in plan.planned if one.role == role
    ] + [(lack, None, lack.why) for lack in plan.lacks if lack.role == role and lack.why == Why.NOBODY]
    parts = [
        (part_within(Span(one.starts_at, one.ends_at), window), person, why) for one, person, why in spans
    ]
    found = [Piece(part.starts_at, part.ends_at, person, why) for part, person, why in parts if part]
    return sorted(found, key=lambda piece: piece.starts_at)


def _wrong(plan: CoverPlan, one: Planned) -> Why | None:
    if not one.is_there:
        return Why.ABSENT
    return None if can_be_called(plan.people[one.person]) else Why.PHONE
