"""Who is told of a case, and that none sinks: whoever lets one wait too long is reported to the next level.

Called by the steps of a case, and by `tend_overruns` every minute. Each occasion has its own key, so that
nobody is told twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from staff.actions import Occasion, notify_of
from staff.models import ManagementLevel, Role, User
from tickets.accountability import OverrunState, Terms, Told
from tickets.models import Overrun
from tickets.overruns import begun_before, due_at, terms_for

BATCH = 200
LEVELS = ManagementLevel
# At which level those are sought who are told of a case that waits.
TOLD_AT = {
    Told.TO_EXPLAIN: LEVELS.SUPERVISOR,  # where nobody is there to explain
    Told.NOT_EXPLAINED: LEVELS.SUPERVISOR,  # who may rule now
    Told.NOT_RULED: LEVELS.TECHNICAL_LEAD,
    Told.NOT_DECIDED: LEVELS.DEPARTMENT_MANAGER,
}
# What the notice says. Where nobody is there to explain, the first thing to do is to rule.
WORDS = {
    Told.TO_EXPLAIN: "to_explain",
    Told.NOT_EXPLAINED: "not_explained",
    Told.NOT_RULED: "not_ruled",
    Told.NOT_DECIDED: "not_decided",
}


def tend_overruns(*, now: datetime) -> int:
    """Settle what nobody appealed against in time, and tell of what is new or waits too long.

    Return how many cases were touched. Safe to run twice, late, or by several workers at once.
    """
    unappealed = Overrun.objects.filter(state=OverrunState.RULED, appeal_until__lt=now)
    touched = unappealed.update(state=OverrunState.SETTLED, settled_at=F("appeal_until"))
    return touched + sum(_tell_all(told, waiting, now) for told, waiting in _waiting(now))


def tell_next(case: Overrun, *, now: datetime) -> None:
    """Tell whoever has the next step of a case that it is his: to rule, or to decide on an appeal."""
    what, level = "to_rule", int(LEVELS.SUPERVISOR)
    if case.state == OverrunState.APPEALED and case.ruled_by:
        what, level = "to_decide", max(LEVELS.TECHNICAL_LEAD, case.ruled_by.management_level + 1)
    notify_of([_occasion(case, _Ladder().from_level(level, case), what, terms_for([case], now))], now=now)


def tell_decided(case: Overrun, *, by: User, now: datetime) -> None:
    """Tell the person how it was ruled or decided, and of a decision whoever had ruled before."""
    what = "decided" if case.decided_by_id else "ruled"
    people = [p for p in (case.person, case.ruled_by) if p is not None and p.is_active and p.pk != by.pk]
    notify_of([_occasion(case, people, what, terms_for([case], now))], now=now)


def _waiting(now: datetime) -> Iterator[tuple[Told, Q]]:
    """What to tell of, and which cases that is, in the order in which it happens to one of them."""
    explain, rule, both, decide = begun_before(now)
    is_open, nobody = Q(state=OverrunState.OPEN), Q(person__isnull=True)
    unheard = is_open & (Q(person__isnull=False, opened_at__lt=both) | nobody & Q(opened_at__lt=rule))
    unruled = Q(state=OverrunState.EXPLAINED, explained_at__lt=rule)
    yield Told.TO_EXPLAIN, is_open
    yield Told.NOT_EXPLAINED, is_open & ~nobody & Q(opened_at__lt=explain)
    yield Told.NOT_RULED, unheard | unruled
    yield Told.NOT_DECIDED, Q(state=OverrunState.APPEALED, appealed_at__lt=decide)


def _tell_all(told: Told, waiting: Q, now: datetime) -> int:
    """Tell of these cases in batches, going round those that another worker holds; return how many."""
    total = 0
    while count := _tell_batch(told, waiting, now):
        total += count
        if count < BATCH:
            break
    return total


@transaction.atomic
def _tell_batch(told: Told, waiting: Q, now: datetime) -> int:
    rows = Overrun.objects.standing().filter(waiting, told__lt=told).order_by("pk")
    related = ("ticket__client", "clock", "group", "person", "ruled_by")
    found = rows.select_related(*related).select_for_update(skip_locked=True, of=("self",), no_key=True)
    batch = list(found[:BATCH])
    if not batch:
        return 0
    ladder, in_force = _Ladder(), terms_for(batch, now)
    occasions = []
    for case in batch:
        what, people = WORDS[told], ladder.from_level(TOLD_AT[told], case)
        if told == Told.TO_EXPLAIN:
            what = "to_explain" if case.person else "to_rule"
            people = [case.person] if case.person else people
        active = [person for person in people if person.is_active]
        occasions.append(_occasion(case, active, what, in_force))
    notify_of(occasions, now=now)
    Overrun.objects.filter(pk__in=[case.pk for case in batch]).update(told=told)
    return len(batch)


class _Ladder:
    """Who stands at a level for a case, each level of a group looked up once."""

    def __init__(self) -> None:
        self.at: dict[tuple[int, int], list[User]] = {}

    def from_level(self, level: int, case: Overrun) -> list[User]:
        """The people of that level, else of the next one that has any; at the end the administrators.

        Never the person himself, nor whoever ruled where it is about his ruling.
        """
        out = {case.person_id, case.ruled_by_id}
        for step in range(level, LEVELS.GENERAL_MANAGER + 1):
            if people := [person for person in self._people(step, case) if person.pk not in out]:
                return people
        administrators = User.objects.filter(is_active=True, role=Role.ADMINISTRATOR)
        return [person for person in administrators if person.pk not in out]

    def _people(self, level: int, case: Overrun) -> list[User]:
        key = (level, case.group_id)
        if key not in self.at:
            self.at[key] = list(User.objects.at_level(level, case.group).order_by("pk"))
        return self.at[key]


def _occasion(case: Overrun, people: Iterable[User], what: str, in_force: Terms) -> Occasion:
    """`what` is one of the notice's own words; of one case each is said once to each person."""
    until, ticket, person = due_at(case, in_force), case.ticket, case.person
    facts = {
        "what": what,
        "number": ticket.number,
        "title": ticket.title,
        "client": ticket.client.name,
        "client_en": ticket.client.name_en,
        "grade": case.grade,
        "clock": case.kind,
        "person": person.name if person else "",
        "person_en": person.name_en if person else "",
        "until_at": until.isoformat() if until else None,
        "cause": case.cause,
    }
    url = reverse("tickets:overrun", args=[case.pk])
    return Occasion(people, "overrun", facts, url=url, key=f"overrun:{case.pk}:{what}")
