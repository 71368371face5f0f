"""Which corrective actions an address asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from staff.models import User
from surveys.correcting import CorrectiveState, Source
from surveys.models import CorrectiveAction
from surveys.models.corrective import CorrectiveActionQuerySet

WAITING, OVERDUE, ALL = "waiting", "overdue", "all"
QUEUES: dict[str, str | Promise] = {
    WAITING: _("Not closed"),
    OVERDUE: _("Overdue"),
    **{state.value: state.label for state in CorrectiveState},
    ALL: _("All"),
}
NAMES = ("state", "source", "group", "owner", "client")


@dataclass(frozen=True, slots=True)
class Asked:
    """The corrective actions that an address asks for, and what it names."""

    rows: CorrectiveActionQuerySet
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
    if queue not in QUEUES or chosen.get("source", Source.ANSWER) not in Source.values:
        raise Http404
    rows = _queue(CorrectiveAction.objects.visible_to(user), queue, now)
    if "source" in chosen:
        rows = rows.filter(source=chosen["source"])
    if "group" in chosen:
        rows = rows.filter(group__code=chosen["group"])
    if "owner" in chosen:
        rows = rows.filter(owner__username=chosen["owner"])
    if "client" in chosen:
        rows = rows.filter(client__code=chosen["client"])
    return Asked(rows, queue, chosen)


def _queue(rows: CorrectiveActionQuerySet, queue: str, now: datetime) -> CorrectiveActionQuerySet:
    if queue == ALL:
        return rows
    if queue == OVERDUE:
        return rows.overdue(now)
    return rows.open() if queue == WAITING else rows.filter(state=queue)
