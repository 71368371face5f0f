"""A group's planner's board, gathered from what stands: people, leave, callbacks, wishes. Not verbs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

from django.db.models import Q

from clients.models import Client, Contact, System
from duty.calendar import working_days
from duty.models import Leave
from staff.models import Group, User
from visits.actions.common import CALLERS, GOERS, tz
from visits.kinds import HEARD, OPEN, Method
from visits.models import Callback
from visits.placing import Board, Person
from visits.planning import FARTHEST, IsWorking, half_day
from visits.reaching import quiet_of

# As far back a callback weighs on whoever made it, and tires whoever was called.
BACK = timedelta(days=56)
DAY = timedelta(days=1)
NOBODY = -1


class Desk:
    """What is needed to place callbacks of one group: the board, and who may do what for whom."""

    def __init__(self, group: Group, clients: Collection[int], now: datetime) -> None:
        self.group, self.now, self.tz = group, now, tz()
        self.today = now.astimezone(self.tz).date()
        self.is_working: IsWorking = working_days(since=self.today - BACK)
        everybody = User.objects.in_group(group).order_by("pk")
        self.people = {one.pk: one for one in everybody if one.may_work}
        self.callers = [one.pk for one in self.people.values() if one.role in CALLERS] or list(self.people)
        self.goers = [one.pk for one in self.people.values() if one.role in GOERS] or self.callers
        self.contacts: dict[int, list[int]] = defaultdict(list)
        active = Contact.objects.filter(client__in=clients, is_active=True).order_by("pk")
        for pk, client in active.values_list("pk", "client"):
            self.contacts[client].append(pk)
        self.maintainers: dict[int, set[int]] = defaultdict(set)
        systems = System.objects.filter(client__in=clients, is_active=True, maintainer__isnull=False)
        for client, maintainer in systems.values_list("client", "maintainer"):
            self.maintainers[client].add(maintainer)
        self.board = Board(self._persons(), self.is_working, self.tz, quiet=quiet_of(clients, self.tz))
        self._note_what_stands(clients)

    def who(self, method: Method) -> list[int]:
        """Who may make a callback by this way; nobody at all is told apart from everybody."""
        return (self.goers if method == Method.ON_SITE else self.callers) or [NOBODY]

    def whom(self, client: Client | int, contact: Contact | None = None) -> list[int | None]:
        """Who of a client may be called: the one meant, else each of his people, else just anybody."""
        if contact is not None and contact.is_active:
            return [contact.pk]
        return list(self.contacts[client if isinstance(client, int) else client.pk]) or [None]

    def _persons(self) -> list[Person]:
        away: dict[int, set[date]] = defaultdict(set)
        held = Leave.objects.held(self.now, self.now + FARTHEST * DAY).filter(user__in=self.people)
        for user, starts_at, ends_at in held.values_list("user", "starts_at", "ends_at"):
            away[user].update(_days(starts_at.astimezone(self.tz), ends_at.astimezone(self.tz)))
        return [Person(pk, frozenset(away[pk])) for pk in {*self.callers, *self.goers}]

    def _note_what_stands(self, clients: Collection[int]) -> None:
        since = self.now - BACK
        rows = Callback.objects.filter(state__in=(*OPEN, *HEARD), due_at__gte=since).filter(
            Q(group=self.group) | Q(client__in=clients)
        )
        facts = ("due_at", "done_at", "person", "client", "contact", "method", "group")
        for due_at, done_at, person, client, contact, method, group in rows.values_list(*facts):
            theirs = person if group == self.group.pk else None
            at = done_at or due_at
            self.board.take(at, theirs, client, contact, is_on_site=method == Method.ON_SITE)


def loads(group: Group, now: datetime) -> Counter[int]:
    """How many open callbacks each person of a group has."""
    rows = Callback.objects.open().filter(group=group, person__isnull=False)
    return Counter(rows.values_list("person", flat=True))


def _days(start: datetime, end: datetime) -> Iterator[date]:
    """The days that a leave touches: on these he calls nobody."""
    day, _is_afternoon = half_day(start, start.tzinfo or tz())
    while datetime.combine(day, start.min.time(), start.tzinfo) < end:
        yield day
        day += DAY
