"""The process's lists over open records: which they are, and what belongs to each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from staff.models import User
from staff.prepared import prepared
from tickets.models import IntakeMail, OpenTally, Status, Ticket
from tickets.models.tally import span_of

NEAR = timedelta(minutes=30)
OPEN, ALL, MAIL = "open", "all", "mail"
# Which queues hold the records of one status.
BY_STATUS = {
    str(Status.LOGGED): "unacknowledged",
    str(Status.WAITING): "waiting",
    str(Status.RESOLVED): "to_confirm",
}


@dataclass(frozen=True, slots=True)
class Queue:
    """A list with the number of records in it now."""

    key: str
    label: str | Promise
    count: int


def queue_filters(user: User, now: datetime) -> Mapping[str, tuple[str | Promise, Q]]:
    """Return each queue's label and condition by its key, in the order in which they are shown.

    Who belongs to no group has none of his group's: he filters by any of them.
    """
    own_group = {"group": (_("My group's"), Q(group=user.group_id))} if user.group_id else {}
    return {
        OPEN: (_("Open"), Q()),
        "mine": (_("Mine"), Q(owner=user)),
        **own_group,
        "unacknowledged": (_("Unacknowledged"), Q(status=Status.LOGGED)),
        "near": (_("Due within 30 min"), Q(next_due_at__gte=now, next_due_at__lt=now + NEAR)),
        "overdue": (_("Overdue"), Q(next_due_at__lt=now)),
        "waiting": (_("Waiting"), Q(status=Status.WAITING)),
        "to_confirm": (_("To be confirmed"), Q(status=Status.RESOLVED)),
    }


# The counts of `queue_filters` over the open records that a person may see, in parts: out of the tallies of
# the groups whose records he sees; of what is due about now, row by row; and of his own in other groups.
TALLIED = """
SELECT group_id, status, sum(number)::bigint, coalesce(sum(number) FILTER (WHERE since < %s), 0)::bigint, 0
FROM ({rows}) AS tally GROUP BY group_id, status
"""
ABOUT_NOW = """
SELECT NULL, '', 0, count(*) FILTER (WHERE next_due_at < %s), count(*) FILTER (WHERE next_due_at >= %s)
FROM ({rows}) AS due
"""
ELSEWHERE = """
SELECT NULL, status, count(*), count(*) FILTER (WHERE next_due_at < %s),
       count(*) FILTER (WHERE next_due_at >= %s AND next_due_at < %s)
FROM ({rows}) AS own GROUP BY status
"""
ALONE = "SELECT NULL, '{key}', count(*), 0, 0 FROM ({{rows}}) AS {key}"


def counted_queues(user: User, now: datetime) -> list[Queue]:
    """Return the queues with their counts, in one query, of which no part reads through all open records.

    The e-mails that wait for a decision are among them while there are any.
    """
    soon, span = now + NEAR, span_of(now)
    parts = [
        (TALLIED, _tallies.statement(user), [span]),
        (ABOUT_NOW, _due.statement(user, span, soon), [now, now]),
        (ELSEWHERE, _elsewhere.statement(user), [now, now, soon]),
        (ALONE.format(key="mine"), _mine.statement(user), []),
        (ALONE.format(key=MAIL), _mail.statement(user), []),
    ]
    asked = [(part.format(rows=sql), [*more, *params]) for part, (sql, params), more in parts if sql]
    statement = " UNION ALL ".join(sql for sql, _params in asked)
    with connection.cursor() as cursor:
        cursor.execute(statement, [param for _sql, params in asked for param in params])
        rows = cursor.fetchall()
    counts: Counter[str] = Counter()
    for group, status, number, overdue, near in rows:
        counts["overdue"] += overdue
        counts["near"] += near
        counts[BY_STATUS.get(status, status)] += number
        if status in Status.values:
            counts[OPEN] += number
        if group is not None and group == user.group_id:
            counts["group"] += number
    queues = [Queue(key, label, counts[key]) for key, (label, _condition) in queue_filters(user, now).items()]
    return [*queues, Queue(MAIL, _("E-mail to decide"), counts[MAIL])] if counts[MAIL] else queues


@prepared
def _tallies(user: User) -> QuerySet[OpenTally, Any]:
    return OpenTally.objects.visible_to(user).values("group_id", "status", "since", "number")


@prepared
def _due(user: User, since: datetime, until: datetime) -> QuerySet[Ticket, Any]:
    """What is due between the whole spans of the tallies and the end of what is near."""
    rows = Ticket.objects.all() if user.sees_everything else Ticket.objects.filter(group=user.group_id)
    if user.is_contact or (user.group_id is None and not user.sees_everything):
        rows = rows.none()
    return rows.open().filter(next_due_at__gte=since, next_due_at__lt=until).order_by().values("next_due_at")


@prepared
def _elsewhere(user: User) -> QuerySet[Ticket, Any]:
    """What one may see that is in no tally: one's own outside of one's group; a contact's, all of it."""
    rows = Ticket.objects.visible_to(user)
    if user.sees_everything:
        rows = rows.none()
    elif not user.is_contact and user.group_id is not None:
        rows = Ticket.objects.filter(Q(owner=user) | Q(taken_by=user)).exclude(group=user.group_id)
    return rows.open().order_by().values("status", "next_due_at")


@prepared
def _mine(user: User) -> QuerySet[Ticket, Any]:
    return Ticket.objects.visible_to(user).open().filter(owner=user).order_by().values("pk")


@prepared
def _mail(user: User) -> QuerySet[IntakeMail, Any]:
    return IntakeMail.objects.visible_to(user).waiting().order_by().values("pk")
