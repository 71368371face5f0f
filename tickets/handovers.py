"""A handover as one person meets it: who to whom by the roster, what stands against it, what he may do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from duty.models import DutyRole, Shift
from staff.models import Group, ManagementLevel, User
from tickets.handover import POINTS, Change, Standing, Turn, changes, current, has_passed
from tickets.lifecycle import OPEN
from tickets.models import Grade, Handover, HandoverEvent, HandoverEventKind, HandoverTerms, Ticket
from tickets.models.overrun import supervises

# Longer than any gap that a duty passes over, such as a holiday week, and than the longest turn, a week.
LOOK_BACK, LOOK_AHEAD = timedelta(days=10), timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Point:
    """What is gone through: one of the default ones by its key, or one of the group's own by its text."""

    key: str
    text: str
    is_done: bool = False

    @property
    def label(self) -> str:
        return str(POINTS[self.key]) if self.key in POINTS else self.text

    @property
    def name(self) -> str:
        """What a form or a body calls it."""
        return self.key or self.text


@dataclass(frozen=True, slots=True)
class Seen:
    """A group's change of duty now: the handover where somebody has begun one, else one not saved yet."""

    handover: Handover
    has_passed: bool


def terms_of(group: Group) -> HandoverTerms:
    """The terms that a group hands over by, its own or ours."""
    return HandoverTerms.objects.filter(group=group).first() or HandoverTerms(group=group)


def points_of(terms: HandoverTerms, done: Collection[str] = ()) -> list[Point]:
    """What is gone through in a group; `done` are the names of the points that are."""
    own = [Point("", text, text in done) for text in terms.own_points]
    return own or [Point(key, "", key in done) for key in POINTS]


def kept_points(handover: Handover) -> list[Point]:
    """The points as they were ticked when it was handed over."""
    return [Point(**point) for point in handover.points]


def changes_in(groups: Iterable[Group], since: datetime, until: datetime) -> dict[int, list[Change]]:
    """Return the changes of the primary duty in [since, until), by group, in order. One query."""
    shifts = Shift.objects.filter(
        group__in=list(groups),
        role=DutyRole.PRIMARY,
        ends_at__gt=since - LOOK_BACK,
        starts_at__lt=until,
    )
    turns: dict[int, list[Turn]] = defaultdict(list)
    for group, person, starts_at, ends_at in shifts.order_by("starts_at").values_list(
        "group", "user", "starts_at", "ends_at"
    ):
        turns[group].append(Turn(person, starts_at, ends_at))
    return {group: [change for change in changes(own) if change.at >= since] for group, own in turns.items()}


def change_at(group: Group, at: datetime) -> Change | None:
    """Return the change of duty at an instant, to the second; None where the roster knows of none."""
    found = changes_in([group], at, at + timedelta(seconds=1)).get(group.pk, [])
    return found[0] if found else None


def current_in(groups: Collection[Group], now: datetime) -> dict[int, Seen]:
    """Return of each group the change of duty that matters now, by its id. Four queries for all of them."""
    found = changes_in(groups, now - LOOK_BACK, now + LOOK_AHEAD)
    rows = Handover.objects.filter(group__in=found, changes_at__gte=now - LOOK_BACK)
    rows = rows.with_names().defer("note", "to_do", "points", "open_matters")
    begun = {(row.group_id, row.changes_at): row for row in rows}
    terms = HandoverTerms.objects.in_bulk([group.pk for group in groups])
    chosen: dict[int, Change] = {}
    for group in groups:
        own = found.get(group.pk, [])
        signed = {change.at for change in own if (row := begun.get((group.pk, change.at))) and row.is_signed}
        early = terms.get(group.pk, HandoverTerms()).early
        if change := current(own, signed=signed, early=early, now=now):
            chosen[group.pk] = change
    people = User.objects.in_bulk(
        {person for change in chosen.values() for person in (change.outgoing, change.incoming)}
    )
    seen = {}
    for group in groups:
        if change := chosen.get(group.pk):
            handover = begun.get((group.pk, change.at)) or Handover(group=group, changes_at=change.at)
            if not handover.is_signed:
                handover.outgoing, handover.incoming = people[change.outgoing], people[change.incoming]
            passed = has_passed(handover.changes_at, handover.signed_at, now)
            seen[group.pk] = Seen(handover, passed)
    return seen


def blocking(handover: Handover) -> list[Ticket]:
    """Return the grade-1 faults that are open in the group and that nobody has overruled (A6).

    A fault that is solved and waits for the client's word holds nobody back.
    """
    faults = Ticket.objects.filter(group=handover.group_id, grade=Grade.ONE, status__in=OPEN)
    return list(faults.exclude(pk__in=overruled(handover)).order_by("pk"))


def overruled(handover: Handover) -> set[int]:
    """The ids of the grade-1 faults in spite of which this duty may change hands."""
    if handover.pk is None:
        return set()
    events = HandoverEvent.objects.filter(handover=handover, kind=HandoverEventKind.OVERRULED)
    return {pk for records in events.values_list("records", flat=True) for pk in records}


def standing_of(
    handover: Handover, change: Change | None, faults: Collection[Ticket], by: User, now: datetime
) -> Standing:
    """How a person meets a handover whose two are those of the roster; `faults` are those of `blocking`."""
    acts = by.is_active and not by.is_contact
    return Standing(
        state=handover.state,
        is_outgoing=acts and by.pk == handover.outgoing_id,
        is_incoming=acts and by.pk == handover.incoming_id,
        supervises=acts and (supervises(by, handover.group_id) or by.may_administer),
        leads=acts and by.management_level >= ManagementLevel.TECHNICAL_LEAD,
        opens_at=change.opens_at(terms_of(handover.group).early) if change else None,
        is_blocked=bool(faults),
        now=now,
    )


def blocked_words(faults: Iterable[Ticket]) -> str:
    """Say which faults nobody hands over during."""
    numbers = ", ".join(ticket.number for ticket in faults)
    return _(
        "A grade-1 fault is open in the group: %(numbers)s. Until it is solved nobody hands over, unless a "
        "supervisor who is not one of the two allows it with a reason."
    ) % {"numbers": numbers}
