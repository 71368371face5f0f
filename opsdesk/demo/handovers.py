"""Every handover since the roster began; of the first group the last one is to be signed (§5.1).

With the rows that the actions write, but for the notices, which are long read. What was open then is taken
from the records as they stood. Nothing of it is left to chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from opsdesk.demo.people import Staff, Team
from opsdesk.demo.roster import BACK
from opsdesk.demo.texts import load
from staff.models import User
from tickets.actions import handovernotices
from tickets.handover import POINTS, Change, HandoverState
from tickets.handovers import changes_in
from tickets.lifecycle import Status
from tickets.models import Clock, Grade, Handover, HandoverEvent, HandoverEventKind, Ticket
from tickets.openmatters import MOST, OpenMatters, OpenRecord

MINUTE = timedelta(minutes=1)
SINCE = BACK + timedelta(weeks=1)  # the roster began on a Monday
SENT_BACK = 5  # which of them was asked back once
LATE = 31  # each so many-th is signed later than the terms allow
KINDS = HandoverEventKind


def hand_over(staff: Staff, *, now: datetime) -> None:
    """Write down who handed over to whom."""
    found = changes_in([team.group for team in staff.teams], now - SINCE, now)
    for team in staff.teams:
        own = [change for change in found.get(team.group.pk, []) if change.at <= now - 2 * MINUTE]
        _write(team, own, leave_last=team == staff.teams[0], now=now)


def _write(team: Team, found: Sequence[Change], *, leave_last: bool, now: datetime) -> None:
    people = User.objects.in_bulk(
        {person for change in found for person in (change.outgoing, change.incoming)}
    )
    records = _Records(team, now - SINCE)
    handovers, events = [], []
    for number, change in enumerate(found):
        handed_over_at = change.left_at - (4 + number % 5) * MINUTE
        is_last = leave_last and change == found[-1]
        waited = 25 if number % LATE == LATE - 1 else number % 7 - 4
        signed_at = None if is_last else change.at + waited * MINUTE
        note, to_do = load("handovers")["shifts"][number % len(load("handovers")["shifts"])]
        handover = Handover(
            group=team.group,
            outgoing=people[change.outgoing],
            incoming=people[change.incoming],
            changes_at=change.at,
            state=HandoverState.WAITING if is_last else HandoverState.SIGNED,
            note=note,
            to_do=to_do,
            points=[{"key": key, "text": "", "is_done": number != 2 or key != "count"} for key in POINTS],
            open_matters=records.open_at(handed_over_at).frozen(),
            saved_at=handed_over_at,
            handed_over_at=handed_over_at,
            handed_over_by=people[change.outgoing],
            signed_at=signed_at and max(signed_at, handed_over_at + MINUTE),
            version=2 if is_last else 3,
        )
        handovers.append(handover)
        events += _events(handover, records.grave_at(handed_over_at), number, team.supervisors[0])
    Handover.objects.bulk_create(handovers)
    HandoverEvent.objects.bulk_create(events)
    if leave_last and handovers:
        last = handovers[-1]
        handovernotices.tell_handed_over(last, by=last.outgoing, now=last.handed_over_at or now)


def _events(handover: Handover, grave: Sequence[int], number: int, supervisor: User) -> list[HandoverEvent]:
    """What happened to it, in order; in spite of a major fault only where the supervisor allowed it."""
    words, at = load("handovers"), handover.handed_over_at or handover.changes_at
    text = "\n\n".join(filter(None, (handover.note, handover.to_do)))
    steps: list[tuple[str, datetime, User, str, Sequence[int]]] = []
    if grave:
        steps.append((KINDS.OVERRULED, at - 2 * MINUTE, supervisor, words["reason"], grave))
    if number == SENT_BACK:
        steps.append((KINDS.HANDED_OVER, at - 3 * MINUTE, handover.outgoing, handover.note, []))
        steps.append((KINDS.SENT_BACK, at - MINUTE, handover.incoming, words["remark"], []))
        handover.version += 2
    steps.append((KINDS.HANDED_OVER, at, handover.outgoing, text, []))
    if handover.signed_at:
        steps.append((KINDS.SIGNED, handover.signed_at, handover.incoming, "", []))
    steps.sort(key=lambda step: step[1])
    return [
        HandoverEvent(handover=handover, kind=kind, at=when, by=by, text=said, records=list(records))
        for kind, when, by, said, records in steps
    ]


class _Records:
    """The records of a group that were open at any instant since then, and their deadlines."""

    def __init__(self, team: Team, since: datetime) -> None:
        rows = Ticket.objects.filter(group=team.group).exclude(status=Status.MERGED)
        lived = rows.filter(Q(closed_at__isnull=True) | Q(closed_at__gt=since))
        self._tickets = list(lived.select_related("client", "owner").without_texts())
        self._dues: dict[int, list[tuple[datetime, datetime | None, datetime]]] = {}
        clocks = Clock.objects.current().filter(ticket__in=[ticket.pk for ticket in self._tickets])
        timed = clocks.filter(due_at__isnull=False).order_by("due_at")
        for ticket, started_at, stopped_at, due_at in timed.values_list(
            "ticket", "started_at", "stopped_at", "due_at"
        ):
            self._dues.setdefault(ticket, []).append((started_at, stopped_at, due_at))

    def open_at(self, at: datetime) -> OpenMatters:
        found = [ticket for ticket in self._tickets if _is_open(ticket, at)]
        due = {ticket.pk: self._due(ticket.pk, at) for ticket in found}
        found.sort(key=lambda ticket: _worst_first(ticket, due))
        rows = [_as_it_stood(ticket, at, due[ticket.pk]) for ticket in found[:MOST]]
        return OpenMatters(records=rows, more_records=max(0, len(found) - MOST))

    def grave_at(self, at: datetime) -> list[int]:
        grave = [one for one in self._tickets if one.grade == Grade.ONE and _is_open(one, at)]
        return [one.pk for one in grave if _status(one, at) != Status.RESOLVED]

    def _due(self, ticket: int, at: datetime) -> datetime | None:
        running = (
            due for started, stopped, due in self._dues.get(ticket, []) if _holds(started, stopped, at)
        )
        return next(running, None)


def _holds(since: datetime, until: datetime | None, at: datetime) -> bool:
    return since <= at and (until is None or until > at)


def _is_open(ticket: Ticket, at: datetime) -> bool:
    return _holds(ticket.logged_at, ticket.closed_at, at)


def _worst_first(ticket: Ticket, due: Mapping[int, datetime | None]) -> tuple[int, bool, float, int]:
    instant = due[ticket.pk]
    return (ticket.grade or 9, instant is None, instant.timestamp() if instant else 0, ticket.pk)


def _status(ticket: Ticket, at: datetime) -> Status:
    if ticket.resolved_at and ticket.resolved_at <= at:
        return Status.RESOLVED
    is_taken = ticket.acknowledged_at is not None and ticket.acknowledged_at <= at
    return Status.IN_PROGRESS if is_taken else Status.LOGGED


def _as_it_stood(ticket: Ticket, at: datetime, due_at: datetime | None) -> OpenRecord:
    return OpenRecord(
        id=ticket.pk,
        title=ticket.title,
        client=ticket.client.name,
        client_en=ticket.client.name_en,
        grade=ticket.grade,
        status=_status(ticket, at).value,
        owner=ticket.owner.name if ticket.owner else "",
        owner_en=ticket.owner.name_en if ticket.owner else "",
        due_at=due_at,
    )
