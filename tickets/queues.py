"""The process's lists over open records: which they are, and what belongs to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.models import IntakeMail, Status, Ticket

NEAR = timedelta(minutes=30)
OPEN, ALL, MAIL = "open", "all", "mail"
COUNTED_BY = ("owner_id", "group_id", "status", "next_due_at")


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


# The same conditions as in `queue_filters`, over the open records that a person may see (`seen`): eight such
# counts took the ORM longer to write than Postgres to answer.
COUNTS = f"""
SELECT count(*) AS "{OPEN}",
       count(*) FILTER (WHERE owner_id = me) AS mine,
       count(*) FILTER (WHERE group_id = own_group) AS "group",
       count(*) FILTER (WHERE status = '{Status.LOGGED}') AS unacknowledged,
       count(*) FILTER (WHERE next_due_at >= at AND next_due_at < soon) AS near,
       count(*) FILTER (WHERE next_due_at < at) AS overdue,
       count(*) FILTER (WHERE status = '{Status.WAITING}') AS waiting,
       count(*) FILTER (WHERE status = '{Status.RESOLVED}') AS to_confirm,
       (SELECT count(*) FROM ({{mail}}) AS post) AS "{MAIL}"
FROM ({{seen}}) AS seen,
     (VALUES (%s::bigint, %s::bigint, %s::timestamptz, %s::timestamptz)) AS asked (me, own_group, at, soon)
"""


def counted_queues(user: User, now: datetime) -> list[Queue]:
    """Return the queues with their counts: one query over the open records that the person may see.

    The e-mails that wait for a decision are among them while there are any.
    """
    seen, seen_by = _statement(Ticket.objects.visible_to(user).open().values(*COUNTED_BY))
    mail, mail_by = _statement(IntakeMail.objects.visible_to(user).waiting().values("pk"))
    with connection.cursor() as cursor:
        cursor.execute(
            COUNTS.format(seen=seen, mail=mail),
            [*mail_by, *seen_by, user.pk, user.group_id, now, now + NEAR],
        )
        counts = dict(zip((column.name for column in cursor.description), cursor.fetchone(), strict=True))
    queues = [Queue(key, label, counts[key]) for key, (label, _condition) in queue_filters(user, now).items()]
    return [*queues, Queue(MAIL, _("E-mail to decide"), counts[MAIL])] if counts[MAIL] else queues


def _statement(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    """The statement of a query with its parameters, also where it can have no rows."""
    try:
        return rows.order_by().query.sql_with_params()
    except EmptyResultSet:
        return "SELECT WHERE false", ()
