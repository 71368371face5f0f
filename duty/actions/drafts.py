"""Drafts of a roster: proposed fairly, changed by hand, published as a whole, or thrown away (§5.1).

A search may take seconds. Nobody waits for it: a draft is nothing until it is published, which looks at the
roster of that moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from duty.actions.common import (
    begin,
    check_between,
    check_may_roster,
    check_near_day,
    check_works_in,
    note,
)
from duty.actions.temporary import MOST_DAYS, Placed, set_temporary
from duty.drafted import drafted
from duty.drafting import draft as propose
from duty.models import (
    DraftMember,
    DraftSlot,
    DutyRole,
    RosterDraft,
    RosterEventKind,
    Wish,
    WishKind,
)
from duty.models.drafts import MOST_A_WEEK, MOST_REST_DAYS
from duty.periods import members_of, period_of, spans_of
from duty.roster import shift_on
from staff.models import Group, User
from staff.refused import Refused


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a draft is asked for: of each duty its shifts of a day, from and to, and who takes them.

    A shift that ends at or before its start ends on the day after.
    """

    name: str
    first_day: date
    last_day: date
    shifts: Mapping[DutyRole, Sequence[tuple[time, time]]]
    takers: Mapping[DutyRole, Sequence[User]]
    rest_days: int = 1
    most_a_week: int | None = None


@transaction.atomic
def make_draft(group: Group, wanted: Wanted, *, by: User, now: datetime) -> RosterDraft:
    """Propose who has which duty in a period, as fairly as can be. Raises `Refused` naming the field."""
    check_may_roster(group, by)
    _check(group, wanted, now)
    made = RosterDraft.objects.create(
        group=group,
        name=wanted.name.strip(),
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        rest_days=wanted.rest_days,
        most_a_week=wanted.most_a_week,
        made_by=by,
        made_at=now,
    )
    roles: dict[User, set[str]] = {}
    for role, people in wanted.takers.items():
        for person in people:
            roles.setdefault(person, set()).add(role.value)
    DraftMember.objects.bulk_create(
        DraftMember(draft=made, user=person, roles=sorted(own)) for person, own in roles.items()
    )
    slots = [
        DraftSlot(draft=made, role=role, day=day, starts_at=span.starts_at, ends_at=span.ends_at)
        for role, people in wanted.takers.items()
        if people
        for day, span in spans_of(made, wanted.shifts.get(role, ()))
    ]
    if any(slot.starts_at <= now for slot in slots):
        raise Refused(_("The past does not change: choose days that have not begun."), field="first_day")
    DraftSlot.objects.bulk_create(slots)
    _write(_proposed(made, now))
    return made


def draft_anew(draft: RosterDraft, *, by: User, now: datetime) -> RosterDraft:
    """Propose once more, from what is known now: leave, wishes and duties may have changed; another seed."""
    check_may_roster(draft.group, by)
    draft = _still_open(draft)
    draft.seed += 1
    proposed = _proposed(draft, now)
    with transaction.atomic():
        _open(draft, by)
        draft.save(update_fields=["seed"])
        _write(proposed)
    return draft


@transaction.atomic
def give_duty(slot: DraftSlot, person: User | None, *, by: User, now: datetime) -> DraftSlot:
    """Give a duty of a draft to somebody else, or to nobody. Raises `Refused` with what stands against it."""
    draft = _open(slot.draft, by)
    slot = draft.slots.get(pk=slot.pk)
    if person is not None:
        stands = drafted(draft, now=now)
        if person not in stands.people:
            message = _("%(name)s is not among those who share these duties.")
            raise Refused(message % {"name": person.label}, field="user")
        if found := stands.against(person, slot):
            words = f"{person.label}: {stands.in_words(found)}"
            raise Refused(words, field="user", code=found.reason.value)
    slot.user = person
    slot.save(update_fields=["user"])
    return slot


@transaction.atomic
def publish_draft(draft: RosterDraft, *, even_so: bool, by: User, now: datetime) -> RosterDraft:
    """Make a draft the plan of its days. Where duties have nobody, only with the supervisor's word."""
    draft = _open(draft, by)
    slots = list(draft.slots.select_related("user"))
    empty = sum(slot.user is None for slot in slots)
    if empty and not even_so:
        raise Refused(_("Some duties have nobody: fill them, or say that it may stay so."), field="even_so")
    placed = [
        Placed(slot.user, DutyRole(slot.role), slot.starts_at, slot.ends_at, field=f"slot_{slot.pk}")
        for slot in slots
        if slot.user is not None
    ]
    draft.schedule = set_temporary(
        draft.group, draft.name, draft.first_day, draft.last_day, placed, by=by, now=now
    )
    draft.published_at = now
    draft.save(update_fields=["schedule", "published_at"])
    note(draft.group, RosterEventKind.DRAFT_PUBLISHED, by=by, now=now, note=draft.name)
    return draft


@transaction.atomic
def discard_draft(draft: RosterDraft, *, by: User, now: datetime) -> None:
    """Throw a draft away."""
    draft = _open(draft, by)
    draft.discarded_at = now
    draft.save(update_fields=["discarded_at"])


@transaction.atomic
def wish_for(day: date, kind: WishKind | None, *, by: User, today: date) -> Wish | None:
    """Say whether one would like to be on duty on a day ahead, or rather not; None takes the wish back."""
    if day <= today:
        raise Refused(_("Choose a day that lies ahead."), field="day")
    if not by.may_work:
        raise Refused(_("You take no duties."), code="forbidden")
    if kind is None:
        Wish.objects.filter(user=by, day=day).delete()
        return None
    return Wish.objects.update_or_create(user=by, day=day, defaults={"kind": kind})[0]


def _check(group: Group, wanted: Wanted, now: datetime) -> None:
    check_near_day(wanted.first_day, now, "first_day")
    length = (wanted.last_day - wanted.first_day).days + 1
    if not 1 <= length <= MOST_DAYS:
        message = _("A draft covers 1 to %(most)s days.")
        raise Refused(message % {"most": MOST_DAYS}, field="last_day")
    check_between(wanted.rest_days, 0, MOST_REST_DAYS, "rest_days")
    if wanted.most_a_week is not None:
        check_between(wanted.most_a_week, 1, MOST_A_WEEK, "most_a_week")
    if not any(wanted.takers.values()):
        raise Refused(_("Choose who takes the duties."), field="takers", code="required")
    for role, people in wanted.takers.items():
        for person in people:
            check_works_in(group, person, field="takers")
        if people:
            _check_shifts(role, wanted.shifts.get(role, ()))


def _check_shifts(role: DutyRole, shifts: Sequence[tuple[time, time]]) -> None:
    """A duty has one holder at a time: its shifts of a day, and those of the next, may touch at most."""
    field = f"{role.value}_shifts"
    if not shifts:
        raise Refused(_("Say from when to when a shift lasts."), field=field, code="required")
    day, tz = date(2000, 1, 1), ZoneInfo(settings.TIME_ZONE)
    spans = [shift_on(day + timedelta(days=n), *shift, tz) for n in (0, 1) for shift in sorted(shifts)]
    if any(one.ends_at > other.starts_at for one, other in pairwise(spans)):
        raise Refused(_("The shifts of a duty may not overlap."), field=field)


def _open(draft: RosterDraft, by: User) -> RosterDraft:
    """As `_still_open`, and nobody else changes it or the roster at the same time."""
    begin(draft.group, by)
    return _still_open(draft)


def _still_open(draft: RosterDraft) -> RosterDraft:
    """The draft as it stands now. Raises `Refused` where it is published or thrown away."""
    draft = RosterDraft.objects.select_related("group").get(pk=draft.pk)
    if draft.published_at is not None:
        raise Refused(_("This draft is published already: change the roster itself."), code="moved")
    if draft.discarded_at is not None:
        raise Refused(_("This draft was thrown away."), code="moved")
    return draft


def _proposed(draft: RosterDraft, now: datetime) -> list[DraftSlot]:
    """The duties of a draft, each with whom the search gave it to."""
    slots = list(draft.slots.all())
    made = propose(period_of(draft, slots, members_of(draft), now=now))
    for slot in slots:
        holder = made.holders.get(str(slot.pk))
        slot.user_id = slot.proposed_id = int(holder) if holder else None
    return slots


def _write(slots: Sequence[DraftSlot]) -> None:
    DraftSlot.objects.bulk_update(slots, ["user", "proposed"], batch_size=500)
