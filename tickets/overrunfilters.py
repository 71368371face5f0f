"""Which cases of overruns an address asks for, and a month's counts by group and cause."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from staff.models import Group, User
from tickets.accountability import OverrunCause, OverrunState
from tickets.models import ClockKind, Overrun
from tickets.models.overrun import OverrunQuerySet
from tickets.overruns import overdue

WAITING, OVERDUE, ALL, SET_ASIDE = "waiting", "overdue", "all", "set_aside"
QUEUES: dict[str, str | Promise] = {
    WAITING: _("Not settled"),
    OVERDUE: _("Waiting too long"),
    **{state.value: state.label for state in OverrunState},
    SET_ASIDE: _("Set aside"),
    ALL: _("All"),
}
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
COLUMNS = [cause.value for cause in OverrunCause]


@dataclass(frozen=True, slots=True)
class Asked:
    """The cases that an address asks for, and what it names; `query` is the address without the page."""

    rows: OverrunQuerySet
    queue: str
    chosen: Mapping[str, str]
    month: date | None

    @property
    def queues(self) -> list[tuple[str, str, str]]:
        """Each queue with its name and its address, the other filters kept."""
        kept = {name: value for name, value in self.chosen.items() if name != "state"}
        return [(key, str(label), urlencode(kept | {"state": key})) for key, label in QUEUES.items()]

    @property
    def of_all_clients(self) -> str:
        """The same address without the client."""
        return urlencode({name: value for name, value in self.chosen.items() if name != "client"})


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One group's cases of a month: how many by cause, excused, not ruled on; each with its address."""

    group: Group
    cells: Sequence[tuple[int, str]]
    total: int
    address: str


def asked_for(query: Mapping[str, str], user: User, now: datetime) -> Asked:
    """Read an address. What it names must exist: Http404 otherwise.

    Who asks for a person, a cause or an excuse gets only what he may read in full, so that no filter tells
    what the page does not show.
    """
    names = ("state", "clock", "group", "client", "person", "month", "cause", "excused")
    chosen = {name: value for name in names if (value := query.get(name, "").replace("\0", ""))}
    queue = chosen.get("state", WAITING)
    if queue not in QUEUES or chosen.get("clock", ClockKind.RESPONSE) not in ClockKind.values:
        raise Http404
    rows = _queue(Overrun.objects.visible_to(user), queue, now)
    if {"person", "cause", "excused"} & set(chosen):
        rows = rows.filter(pk__in=Overrun.objects.readable_by(user).values("pk"))
    if "clock" in chosen:
        rows = rows.filter(kind=chosen["clock"])
    if "group" in chosen:
        rows = rows.filter(group__code=chosen["group"])
    if "client" in chosen:
        rows = rows.filter(ticket__client__code=chosen["client"])
    if "person" in chosen:
        rows = rows.filter(person__username=chosen["person"])
    if "excused" in chosen:
        rows = rows.filter(is_excused=chosen["excused"] == "1")
    if "cause" in chosen:
        rows = rows.filter(cause="" if chosen["cause"] == "none" else chosen["cause"])
    month = parse_month(chosen["month"]) if "month" in chosen else None
    return Asked(rows.in_month(month) if month else rows, queue, chosen, month)


def parse_month(text: str) -> date:
    """Return the first day of the month that `2026-11` names; Http404 for what is none."""
    if (found := MONTH.fullmatch(text)) is None:
        raise Http404
    return date(int(found[1]), int(found[2]), 1)


def months_before(today: date, count: int) -> list[str]:
    """Return this month and those before it, as `2026-11`, the newest first."""
    number = today.year * 12 + today.month - 1
    return [f"{(number - back) // 12}-{(number - back) % 12 + 1:02}" for back in range(count)]


def month_table(user: User, month: date) -> list[MonthRow]:
    """A month's cases by group and cause, of the groups whose cases he may read. Two queries at most."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for row in Overrun.objects.readable_by(user).counted(month):
        counts[row["group"]]["excused" if row["is_excused"] else row["cause"]] += row["number"]
    groups = Group.objects.filter(pk__in=counts) if counts else []
    return [_month_row(group, counts[group.pk], month) for group in groups]


def _month_row(group: Group, counts: Counter[str], month: date) -> MonthRow:
    base = {"state": ALL, "group": group.code, "month": f"{month:%Y-%m}"}
    wanted = [(counts[cause], {"cause": cause, "excused": "0"}) for cause in COLUMNS]
    wanted += [(counts["excused"], {"excused": "1"}), (counts[""], {"cause": "none"})]
    cells = [(number, urlencode(base | more)) for number, more in wanted]
    return MonthRow(group, cells, sum(number for number, _address in cells), urlencode(base))


def _queue(rows: OverrunQuerySet, queue: str, now: datetime) -> OverrunQuerySet:
    if queue == SET_ASIDE:
        return rows.set_aside()
    rows = rows.standing()
    if queue == ALL:
        return rows
    if queue == OVERDUE:
        return rows.filter(overdue(now))
    return rows.unsettled() if queue == WAITING else rows.filter(state=queue)
