"""What time does to corrective actions: reminded of, overdue, reported up level by level (§4.3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from staff.models import ManagementLevel, User
from surveys.actions.corrective import log
from surveys.actions.correctivenotices import from_level, responsible, tell_due
from surveys.actions.opening import open_due
from surveys.correcting import Told
from surveys.correctives import terms_in_force
from surveys.models import CorrectiveAction, CorrectiveEventKind

BATCH = 100
LEVELS = {
    Told.SUPERVISOR: ManagementLevel.SUPERVISOR,
    Told.TECHNICAL_LEAD: ManagementLevel.TECHNICAL_LEAD,
    Told.DEPARTMENT_MANAGER: ManagementLevel.DEPARTMENT_MANAGER,
}


def tend_corrective(*, now: datetime) -> None:
    """Open what is to be opened, and tell what is to be told; a second run changes nothing."""
    open_due(now=now)
    while _tell(now):
        pass


@transaction.atomic
def _tell(now: datetime) -> int:
    """Take each of a batch one step further; who was not looked at for long is told step by step."""
    rows = CorrectiveAction.objects.to_tell(now).select_for_update(of=("self",), skip_locked=True)
    related = ("client", "group", "owner", "verified_by")
    batch = list(rows.select_related(*related).order_by("tell_at", "pk")[:BATCH])
    if not batch:
        return 0
    terms = terms_in_force(since=min(action.since for action in batch).date())
    for action in batch:
        told = Told(action.told + 1)
        _tell_step(action, told, now)
        action.told = told
        action.tell_at = terms.tell_at(action.due_at, told) if action.due_at else None
    CorrectiveAction.objects.bulk_update(batch, ["told", "tell_at"])
    return len(batch)


def _tell_step(action: CorrectiveAction, told: Told, now: datetime) -> None:
    if told == Told.REMINDED:
        tell_due(action, responsible(action), "reminder", now)
    elif told == Told.OVERDUE:
        tell_due(action, responsible(action), "overdue", now)
    else:
        people = _superiors(action, told)
        tell_due(action, people, "reported_up", now)
        names = [person.name for person in people]
        changes = {"target": [None, LEVELS[told].name.lower()], "told": [None, names]}
        log(action, CorrectiveEventKind.REPORTED_UP, by=None, now=now, changes=changes)


def _superiors(action: CorrectiveAction, told: Told) -> list[User]:
    """The people of the level, else of the next one; not whose step it is, who has been told himself."""
    return from_level(LEVELS[told], action, out={person.pk for person in responsible(action)})
