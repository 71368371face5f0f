"""Which changes an address asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.changes import ChangeState
from tickets.models import Change
from tickets.models.works import ChangeQuerySet

WAITING, MINE, OVERDUE, ALL = "waiting", "mine", "overdue", "all"
QUEUES: dict[str, str | Promise] = {
    WAITING: _("Not closed"),
    MINE: _("Mine"),
    OVERDUE: _("Overdue"),
    **{state.value: state.label for state in ChangeState},
    ALL: _("All"),
}
NAMES = ("state", "type", "group", "client", "owner", "week")


@dataclass(frozen=True, slots=True)
class Asked:
    """The changes that an address asks for, and what it names."""

    rows: ChangeQuerySet
    queue: str
    chosen: Mapping[str, str]

    @property
    def queues(self) -> list[tuple[str, str, str]]:
        """Each queue with its name and its address, the other filters kept."""
        kept = {name: value for name, value in self.chosen.items() if name != "state"}
        return [(key, str(label), urlencode(kept | {"state": key})) for key, label in QUEUES.items()]


def asked_for(query: Mapping[str, str], user: User, now: datetime) -> Asked:
    """Read an address; what it names must exist: Http404 otherwise."""
    chosen = {name: value for name in NAMES if (value := query.get(name, "").replace("\0", ""))}
    queue = chosen.get("state", WAITING)
    if queue not in QUEUES:
        raise Http404
    rows = _queue(Change.objects.visible_to(user), queue, user, now)
    for name, column in (
        ("type", "type__code"),
        ("group", "ticket__group__code"),
        ("client", "ticket__client__code"),
        ("owner", "ticket__owner__username"),
    ):
        if name in chosen:
            rows = rows.filter(**{column: chosen[name]})
    if "week" in chosen:
        rows = rows.in_window(*_week(chosen["week"]))
    return Asked(rows, queue, chosen)


def _queue(rows: ChangeQuerySet, queue: str, user: User, now: datetime) -> ChangeQuerySet:
    if queue == ALL:
        return rows
    if queue == WAITING:
        return rows.open()
    if queue == MINE:
        return rows.open().filter(ticket__owner=user)
    if queue == OVERDUE:
        return rows.filter(ticket__next_due_at__lt=now)
    return rows.filter(state=queue)


def _week(text: str) -> tuple[datetime, datetime]:
    try:
        day = date.fromisoformat(text)
        monday = day - timedelta(days=day.weekday())
        end = monday + timedelta(days=7)
    except (ValueError, OverflowError):
        raise Http404 from None
    tz = timezone.get_default_timezone()
    return datetime.combine(monday, time.min, tz), datetime.combine(end, time.min, tz)
