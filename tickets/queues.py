"""The process's lists over open records: which they are, and what belongs to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Func, Max, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.models import IntakeMail, Status, Ticket

NEAR = timedelta(minutes=30)
OPEN, ALL, MAIL = "open", "all", "mail"


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


def counted_queues(user: User, now: datetime) -> list[Queue]:
    """Return the queues with their counts: one query over the open records that the person may see.

    The e-mails that wait for a decision are among them while there are any.
    """
    filters = queue_filters(user, now)
    counted = {key: Count("pk", filter=condition) for key, (_label, condition) in filters.items()}
    waiting = IntakeMail.objects.visible_to(user).waiting().order_by()
    one = Subquery(waiting.annotate(number=Func("pk", function="COUNT")).values("number"))
    # Counted once, not once a record; and also where there is no open record.
    counted |= {MAIL: Coalesce(Max(one), one)}
    counts = Ticket.objects.visible_to(user).open().order_by().aggregate(**counted)
    queues = [Queue(key, label, counts[key]) for key, (label, _condition) in filters.items()]
    return [*queues, Queue(MAIL, _("E-mail to decide"), counts[MAIL])] if counts[MAIL] else queues
