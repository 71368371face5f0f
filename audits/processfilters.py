"""Which suggestions an address asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits.clauses import is_number
from audits.models import Suggestion
from audits.models.suggestion import SuggestionQuerySet
from audits.suggesting import SuggestionState
from staff.models import User

WAITING, OVERDUE, ALL = "waiting", "overdue", "all"
QUEUES: dict[str, str | Promise] = {
    WAITING: _("Without an answer"),
    OVERDUE: _("Overdue"),
    **{state.value: state.label for state in SuggestionState},
    ALL: _("All"),
}
NAMES = ("state", "whose", "group", "clause", "version")
MINE = "mine"


@dataclass(frozen=True, slots=True)
class Asked:
    """The suggestions that an address asks for, and what it names."""

    rows: SuggestionQuerySet
    queue: str
    chosen: Mapping[str, str]

    @property
    def queues(self) -> list[tuple[str, str, str]]:
        """Each queue with its name and its address, the other filters kept."""
        kept = {name: value for name, value in self.chosen.items() if name != "state"}
        return [(key, str(label), urlencode(kept | {"state": key})) for key, label in QUEUES.items()]


def asked_for(query: Mapping[str, str], user: User, now: datetime) -> Asked:
    """Read an address: whose, of which group's people, against which clause, adopted in which version.

    What cannot be is Http404.
    """
    chosen = {name: value for name in NAMES if (value := query.get(name, "").replace("\0", ""))}
    queue = chosen.get("state", WAITING)
    if queue not in QUEUES or chosen.get("whose", MINE) != MINE:
        raise Http404
    rows = _queue(Suggestion.objects.visible_to(user), queue, now)
    if "whose" in chosen:
        rows = rows.filter(by=user)
    if "group" in chosen:
        rows = rows.filter(by__group__code=chosen["group"])
    if "clause" in chosen:
        if not is_number(chosen["clause"]):
            raise Http404
        rows = rows.filter(clause__number=chosen["clause"])
    if "version" in chosen:
        if not (chosen["version"].isdecimal() and len(chosen["version"]) < 9):
            raise Http404
        rows = rows.filter(adopted_in__number=int(chosen["version"]))
    return Asked(rows, queue, chosen)


def _queue(rows: SuggestionQuerySet, queue: str, now: datetime) -> SuggestionQuerySet:
    if queue == ALL:
        return rows
    if queue == OVERDUE:
        return rows.overdue(now)
    return rows.open() if queue == WAITING else rows.filter(state=queue)
