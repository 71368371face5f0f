"""A draft read for `duty/drafting.py`: its people, their leave, wishes and load so far, what is around it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from duty.fairness import Holders, Kind, Period, Person, Slot, Weights
from duty.models import (
    DayKind,
    DraftMember,
    DraftSlot,
    DutyRole,
    Leave,
    RosterDraft,
    RosterTerms,
    Shift,
    Wish,
    WishKind,
)
from duty.plans import day_kinds, pieces_of, terms_of
from duty.resolving import Source
from duty.roster import Span, gaps, is_night, shift_on
from duty.rotation import KindOf

# As far back as a duty counts, and as far around the period as people may still have to rest from it.
REMEMBERED = timedelta(days=365)
AROUND = timedelta(days=9)
# Where not all can be filled: somebody must always be on duty, the others help.
NEED = {DutyRole.PRIMARY: 4, DutyRole.SUPERVISOR: 2, DutyRole.BACKUP: 1}
KINDS = {
    DayKind.WORKDAY: Kind.WORKDAY,
    DayKind.MAKEUP_WORKDAY: Kind.WORKDAY,
    DayKind.WEEKEND: Kind.WEEKEND,
    DayKind.DAY_IN_LIEU: Kind.WEEKEND,
    DayKind.STATUTORY: Kind.HOLIDAY,
}


def spans_of(draft: RosterDraft, shifts: Sequence[tuple[time, time]]) -> Iterator[tuple[date, Span]]:
    """Each day of a draft with each of the shifts that start on it."""
    for number in range((draft.last_day - draft.first_day).days + 1):
        day = draft.first_day + timedelta(days=number)
        for starts, ends in shifts:
            yield day, shift_on(day, starts, ends, ZoneInfo(settings.TIME_ZONE))


def members_of(draft: RosterDraft) -> list[DraftMember]:
    """Among whom the duties are shared, by name."""
    return list(draft.members.select_related("user").order_by("user__name", "user"))


def period_of(
    draft: RosterDraft, slots: Sequence[DraftSlot], members: Sequence[DraftMember], *, now: datetime
) -> Period:
    """What a draft is to be made from; its slots are named by their numbers, people by theirs.

    What is planned around it, or beside it for other duties, is held already and stays.
    """
    kind_of = day_kinds(draft.first_day - REMEMBERED)
    whole = Span(min(slot.starts_at for slot in slots), max(slot.ends_at for slot in slots))
    own = [_slot(slot, kind_of) for slot in slots]
    held = list(_held_around(draft, whole, own, kind_of, now))
    # Where all duties are by night, or none is, there are no nights to share.
    weights = Weights() if {slot.is_night for slot in own} == {True, False} else Weights(night=0)
    people = tuple(_people(draft, members, whole, held, kind_of))
    return Period((*own, *held), people, weights, draft.seed)


def holders_of(period: Period, slots: Sequence[DraftSlot]) -> Holders:
    """Who has which duty now: what stays, and the draft's own as they have been given."""
    held = {slot.key: slot.holder for slot in period.slots if slot.holder is not None}
    return held | {str(slot.pk): str(slot.user_id) for slot in slots if slot.user_id is not None}


def _slot(slot: DraftSlot, kind_of: KindOf) -> Slot:
    return Slot(
        key=str(slot.pk),
        role=slot.role,
        day=slot.day,
        kind=KINDS[DayKind(kind_of(slot.day))],
        span=Span(slot.starts_at, slot.ends_at),
        need=NEED[DutyRole(slot.role)],
        is_night=slot.is_night,
    )


def _held_around(
    draft: RosterDraft, whole: Span, own: Sequence[Slot], kind_of: KindOf, now: datetime
) -> Iterator[Slot]:
    """Duties before and after the period, and those beside it that the draft does not give out."""
    since, until = whole.starts_at - AROUND, whole.ends_at + AROUND
    past = Shift.objects.filter(group=draft.group, ends_at__gt=since, starts_at__lt=min(now, until))
    spans = [(one.role, one.user_id, one.starts_at, min(one.ends_at, now), False) for one in past]
    spans += [
        (one.role, one.person, one.starts_at, one.ends_at, one.source == Source.OVERRIDE)
        for one in pieces_of(draft.group, max(since, now), until)
        if one.person is not None
    ]
    given_out = defaultdict(list)
    for slot in own:
        given_out[slot.role].append(slot.span)
    tz = ZoneInfo(settings.TIME_ZONE)
    for role, person, starts_at, ends_at, is_override in spans:
        day, span = starts_at.astimezone(tz).date(), Span(starts_at, ends_at)
        stays = [span] if is_override else gaps(given_out[role], starts_at, ends_at)
        for number, part in enumerate(stays):
            yield Slot(
                key=f"{role} {starts_at:%Y-%m-%dT%H:%M} {number}",
                role=role,
                day=day,
                kind=KINDS[DayKind(kind_of(day))],
                span=part,
                holder=str(person),
                is_night=is_night(part, tz),
            )


def _people(
    draft: RosterDraft, members: Sequence[DraftMember], whole: Span, held: Sequence[Slot], kind_of: KindOf
) -> Iterator[Person]:
    users = [member.user_id for member in members]
    leaves, wishes = defaultdict(list), defaultdict(list)
    for leave in Leave.objects.held(whole.starts_at, whole.ends_at).filter(user__in=users):
        leaves[leave.user_id].append(Span(leave.starts_at, leave.ends_at))
    for wish in Wish.objects.filter(user__in=users, day__range=(draft.first_day, draft.last_day)):
        wishes[wish.user_id, wish.kind].append(wish.day)
    loads = _loads(draft, users, whole.starts_at - AROUND, held, kind_of)
    rest = _rest(draft, terms_of(draft.group))
    for member in members:
        number = member.user_id
        yield Person(
            key=str(number),
            roles=frozenset(member.roles),
            leave=tuple(leaves[number]),
            rest=rest,
            most_a_week=draft.most_a_week,
            desired=frozenset(wishes[number, WishKind.WANTED]),
            undesired=frozenset(wishes[number, WishKind.AVOIDED]),
            load=loads[number],
        )


def _rest(draft: RosterDraft, terms: RosterTerms) -> timedelta:
    """Free time after a duty. Where a stretch has a longest length, no two duties may touch."""
    least = timedelta(minutes=1) if terms.longest is not None else timedelta(0)
    return max(terms.rest, timedelta(days=draft.rest_days), least)


def _loads(
    draft: RosterDraft, users: Sequence[int], until: datetime, held: Sequence[Slot], kind_of: KindOf
) -> Mapping[int, Mapping[Kind, int]]:
    """Duties of the last year by kind of day, and the nights among them, without those held around.

    A newcomer has what the others have on average, those around included: he has none of these either.

    One split by a swap counts once for each who had a part of it; the night is his who had it at three.
    """
    shifts = Shift.objects.filter(
        group=draft.group, user__in=users, starts_at__gte=until - REMEMBERED, starts_at__lt=until
    )
    tz = ZoneInfo(settings.TIME_ZONE)
    duties: dict[tuple[int, str, date], bool] = {}
    for user, role, starts_at, ends_at in shifts.values_list("user", "role", "starts_at", "ends_at"):
        duty = user, role, starts_at.astimezone(tz).date()
        duties[duty] = duties.get(duty, False) or is_night(Span(starts_at, ends_at), tz)
    counts: dict[int, Counter[Kind]] = {user: Counter() for user in users}
    for (user, _role, day), by_night in duties.items():
        counts[user][KINDS[DayKind(kind_of(day))]] += 1
        counts[user][Kind.NIGHT] += by_night
    around: dict[int, Counter[Kind]] = {user: Counter() for user in users}
    for slot in held:
        if slot.holder is not None and int(slot.holder) in around:
            around[int(slot.holder)].update(slot.kinds)
    whole = {user: count + around[user] for user, count in counts.items()}
    known = [count for count in whole.values() if count]
    if not known:
        return counts
    mean = {kind: round(sum(count[kind] for count in known) / len(known)) for kind in Kind}
    return {user: counts[user] if whole[user] else mean for user in counts}
