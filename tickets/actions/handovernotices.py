"""Who is told of a handover; and, every minute, who is told that nobody has signed one (§5.1).

Each occasion has its own key, so that nobody is told twice, however often the sweep comes round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.urls import reverse

from staff.actions import Occasion, notify_of
from staff.models import Group, ManagementLevel, Role, User
from tickets.handover import told_at
from tickets.handovers import LOOK_BACK, changes_in
from tickets.models import Handover, HandoverTerms, Ticket

LEVELS = ManagementLevel


def tell_handed_over(handover: Handover, *, by: User, now: datetime) -> None:
    _tell(handover, _both(handover, by), "handed_over", now)


def tell_sent_back(handover: Handover, remark: str, *, by: User, now: datetime) -> None:
    _tell(handover, _both(handover, by), "sent_back", now, remark=remark, **_named("by", by))


def tell_signed(handover: Handover, *, by: User, now: datetime) -> None:
    _tell(handover, _both(handover, by), "signed", now)


def tell_overruled(
    handover: Handover, faults: Sequence[Ticket], reason: str, *, by: User, now: datetime
) -> None:
    """Tell the department manager, or whoever there is above, and the two. As grave as the fault itself."""
    above = people_from(LEVELS.DEPARTMENT_MANAGER, handover.group, out=by)
    facts = {"numbers": [fault.number for fault in faults], "remark": reason, "grade": 1} | _named("by", by)
    people = [*above, *_both(handover, by)]
    notify_of([_occasion(handover, people, "overruled", faults[-1].pk, **facts)], now=now)


def tend_handovers(*, now: datetime) -> int:
    """Tell the two whose change of duty nobody has signed in time, and after as long again their supervisor.

    Of each group only the last change counts: what a next one has overtaken is told of no more. Return how
    many notices are new. Safe to run twice, late, or by several workers at once.
    """
    groups = {group.pk: group for group in Group.objects.all()}
    found = changes_in(groups.values(), now - LOOK_BACK, now)
    last = {group: own[-1] for group, own in found.items() if own}
    recent = Handover.objects.filter(group__in=last, changes_at__gte=now - LOOK_BACK)
    begun = {(row.group_id, row.changes_at): row for row in recent}
    terms = HandoverTerms.objects.in_bulk(list(last))
    two = (person for change in last.values() for person in (change.outgoing, change.incoming))
    people = User.objects.in_bulk(set(two))
    occasions = []
    for pk, change in last.items():
        within = terms.get(pk, HandoverTerms()).within
        handover = begun.get((pk, change.at)) or Handover(group_id=pk, changes_at=change.at)
        if within is None or handover.is_signed:
            continue
        handover.group = groups[pk]
        handover.outgoing, handover.incoming = people[change.outgoing], people[change.incoming]
        late, reported = told_at(change.at, within)
        if now >= late:
            occasions.append(_occasion(handover, _both(handover), "unsigned"))
        if now >= reported:
            above = people_from(LEVELS.SUPERVISOR, handover.group)
            occasions.append(_occasion(handover, above, "unsigned_reported"))
    return notify_of(occasions, now=now)


def people_from(level: int, group: Group, *, out: User | None = None) -> list[User]:
    """The people of a level, else of the next one that has any; at the very end the administrators.

    `out` is whoever need not be told, because he did it.
    """
    left = User.objects.exclude(pk=out.pk) if out else User.objects.all()
    for step in range(level, LEVELS.GENERAL_MANAGER + 1):
        if people := list(left.at_level(step, group).order_by("pk")):
            return people
    return list(left.filter(is_active=True, role=Role.ADMINISTRATOR).order_by("pk"))


def _both(handover: Handover, by: User | None = None) -> list[User]:
    """The two, without whoever does it himself."""
    return [one for one in (handover.outgoing, handover.incoming) if one.is_active and one != by]


def _tell(handover: Handover, people: Iterable[User], what: str, now: datetime, **facts: object) -> None:
    notify_of([_occasion(handover, people, what, handover.version, **facts)], now=now)


KINDS = {"unsigned_reported": "handover_unsigned", "overruled": "handover_overruled"}


def _occasion(
    handover: Handover, people: Iterable[User], what: str, turn: int = 0, **facts: object
) -> Occasion:
    """`what` is one of the notice's own words; in one `turn` of a handover it is said to a person once."""
    facts |= {"what": what, "changes_at": handover.changes_at.isoformat()}
    facts |= {"group": handover.group.name, "group_en": handover.group.name_en}
    facts |= _named("outgoing", handover.outgoing) | _named("incoming", handover.incoming)
    address = [handover.group.code, handover.stamp]
    return Occasion(
        people,
        KINDS.get(what, "handover"),
        facts,
        url=reverse("handovers:one", args=address),
        key=f"handover:{'-'.join(address)}:{what}:{turn}",
    )


def _named(name: str, person: User) -> dict[str, object]:
    return {name: person.name, f"{name}_en": person.name_en}
