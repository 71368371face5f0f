"""Which planned audits, audits and findings an address asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits.kinds import AuditKind, AuditState, FindingKind, FindingState, PlanState
from audits.models import Audit, Finding, PlannedAudit
from audits.models.finding import FindingQuerySet
from staff.models import User
from tickets.overrunfilters import parse_month

WAITING, OVERDUE, MISSED, ALL = "waiting", "overdue", "missed", "all"
FINDING_QUEUES: dict[str, str | Promise] = {
    WAITING: _("Not closed"),
    OVERDUE: _("Overdue"),
    **{state.value: state.label for state in FindingState},
    ALL: _("All"),
}
AUDIT_QUEUES: dict[str, str | Promise] = {
    ALL: _("All"),
    **{state.value: state.label for state in AuditState},
}
PLAN_QUEUES: dict[str, str | Promise] = {
    ALL: _("All"),
    MISSED: _("Missed"),
    **{state.value: state.label for state in PlanState},
}
AGES = {"0-7": (0, 7), "8-30": (8, 30), "31-90": (31, 90), "90+": (91, None)}


@dataclass(frozen=True, slots=True)
class Asked:
    """The rows that an address asks for, the queue, and what it names."""

    rows: Any
    queue: str
    chosen: Mapping[str, str]
    names: Mapping[str, str | Promise]

    @property
    def queues(self) -> list[tuple[str, str, str]]:
        """Each queue with its name and its address, the other filters kept."""
        kept = {name: value for name, value in self.chosen.items() if name != "state"}
        return [(key, str(label), urlencode(kept | {"state": key})) for key, label in self.names.items()]


def findings_asked(query: Mapping[str, str], user: User, now: datetime) -> Asked:
    """Read an address of findings; what it names must exist: Http404 otherwise."""
    chosen = _chosen(query, ("state", "kind", "group", "owner", "month", "age"))
    queue = _queue(chosen, FINDING_QUEUES, WAITING)
    rows = Finding.objects.visible_to(user)
    if queue == OVERDUE:
        rows = rows.overdue(now)
    elif queue == WAITING:
        rows = rows.open()
    elif queue != ALL:
        rows = rows.filter(state=queue)
    rows = _named(rows, chosen, FindingKind)
    if "owner" in chosen:
        rows = rows.filter(owner__username=chosen["owner"])
    if "month" in chosen:
        month = parse_month(chosen["month"])
        rows = rows.filter(raised_at__year=month.year, raised_at__month=month.month)
        if queue == ALL:  # as the trend counts them: what was withdrawn was none
            rows = rows.exclude(state=FindingState.WITHDRAWN)
    if "age" in chosen:
        rows = of_age(rows, chosen["age"], now)
    return Asked(rows, queue, chosen, FINDING_QUEUES)


def of_age(rows: FindingQuerySet, age: str, now: datetime) -> FindingQuerySet:
    """Those raised so many days ago; Http404 for an age that there is not."""
    if age not in AGES:
        raise Http404
    least, most = AGES[age]
    rows = rows.filter(raised_at__lte=now - timedelta(days=least))
    return rows if most is None else rows.filter(raised_at__gt=now - timedelta(days=most + 1))


def audits_asked(query: Mapping[str, str], user: User) -> Asked:
    chosen = _chosen(query, ("state", "kind", "group"))
    queue = _queue(chosen, AUDIT_QUEUES, ALL)
    rows = Audit.objects.visible_to(user)
    if queue != ALL:
        rows = rows.filter(state=queue)
    return Asked(_named(rows, chosen, AuditKind), queue, chosen, AUDIT_QUEUES)


def planned_asked(query: Mapping[str, str], user: User, year: int, today: date) -> Asked:
    chosen = _chosen(query, ("state", "kind", "group", "year"))
    queue = _queue(chosen, PLAN_QUEUES, ALL)
    rows = PlannedAudit.objects.visible_to(user).filter(year=year)
    if queue == MISSED:
        rows = rows.missed(today)
    elif queue != ALL:
        rows = rows.filter(state=queue)
    return Asked(_named(rows, chosen, AuditKind), queue, chosen, PLAN_QUEUES)


def _chosen(query: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name in names if (value := query.get(name, "").replace("\0", ""))}


def _queue(chosen: Mapping[str, str], queues: Mapping[str, object], usual: str) -> str:
    queue = chosen.get("state", usual)
    if queue not in queues:
        raise Http404
    return queue


def _named(rows: Any, chosen: Mapping[str, str], kinds: Any) -> Any:
    if "kind" in chosen:
        if chosen["kind"] not in kinds.values:
            raise Http404
        rows = rows.filter(kind=chosen["kind"])
    if "group" in chosen:
        rows = rows.filter(group__code=chosen["group"])
    return rows
