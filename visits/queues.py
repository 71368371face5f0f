"""The lists of callbacks: what waits today, what is late, what comes, what is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from staff.models import User
from visits.kinds import OPEN, Kind, State
from visits.models import Callback
from visits.models.callback import CallbackQuerySet


class Queue(TextChoices):
    TODAY = "today", _("Today")
    OVERDUE = "overdue", _("Overdue")
    COMING = "coming", _("Next days")
    UNREACHED = "unreached", _("Supervisor decides")
    OVER = "over", _("Over")
    ALL = "all", _("All")


COUNTED = (Queue.TODAY, Queue.OVERDUE, Queue.COMING, Queue.UNREACHED)
AHEAD = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which callbacks somebody wants to see: a list, whose, and of what kind."""

    queue: Queue = Queue.TODAY
    mine: bool = False
    group: str = ""
    person: str = ""
    kind: str = ""

    def rows(self, user: User, now: datetime) -> CallbackQuerySet:
        return self.of(user).filter(condition(self.queue, now))

    def of(self, user: User) -> CallbackQuerySet:
        """All that the filters leave, of every list."""
        rows = Callback.objects.visible_to(user)
        if self.mine:
            rows = rows.filter(person=user)
        if self.group:
            rows = rows.filter(group__code=self.group)
        if self.person:
            rows = rows.filter(person__username=self.person)
        if self.kind in Kind.values:
            rows = rows.filter(kind=self.kind)
        return rows

    @property
    def order(self) -> tuple[str, str]:
        """What waits: what is due first, first. What is over: the latest first."""
        return ("-due_at", "-pk") if self.queue in (Queue.OVER, Queue.ALL) else ("due_at", "pk")

    def counts(self, user: User, now: datetime) -> dict[Queue, int]:
        """How many wait in each list: of open ones only, so that no history is counted through."""
        counted = {queue.value: Count("pk", filter=condition(queue, now)) for queue in COUNTED}
        found = self.of(user).open().aggregate(**counted)
        return {queue: found[queue.value] for queue in COUNTED}


def condition(queue: Queue, now: datetime) -> Q:
    """Which callbacks belong to a list. What is overdue is due too."""
    planned, midnight = Q(state=State.PLANNED), _end_of_today(now)
    match queue:
        case Queue.TODAY:
            return planned & Q(due_at__lt=midnight)
        case Queue.OVERDUE:
            return Q(state__in=OPEN, limit_at__lte=now)
        case Queue.COMING:
            return planned & Q(due_at__gte=midnight)
        case Queue.UNREACHED:
            return Q(state=State.UNREACHED)
        case Queue.OVER:
            return ~Q(state__in=OPEN)
    return Q()


def _end_of_today(now: datetime) -> datetime:
    today: date = timezone.localdate(now, timezone.get_default_timezone())
    return datetime.combine(today + timedelta(days=1), time.min, timezone.get_default_timezone())
