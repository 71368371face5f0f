"""What a record is tied to, as page and REST interface show it, and what of it a reader may not see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import BooleanField, Case, Count, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from staff.models import User
from staff.prepared import prepared
from tickets.lifecycle import OVER
from tickets.linking import BY_HAND, ENDS
from tickets.models import Entry, Link, LinkKind, Status, Ticket
from tickets.models.link import LinkQuerySet

SHOWN, HINTS = 20, 3
SOLVED = (Status.RESOLVED, *OVER)

# In the order in which the card shows them: what the other end is to this record.
NAMES: dict[str, str | Promise] = {
    "merged_into": _("Merged into"),
    "part_of": _("Part of the mass fault"),
    "part": _("Parts of this mass fault"),
    "repeat_of": _("Repeats"),
    "repeated_by": _("Came back as"),
    "duplicate": _("Duplicates merged in"),
    "split_from": _("Split from"),
    "split_off": _("Split off"),
    "related": _("Has to do with"),
}
RELATIONS = list(NAMES.items())
# What may be said of a record by hand, by the name of what the other end then is to it.
BY_NAME = {ENDS[kind][0]: kind for kind in BY_HAND}
RELATIONS_BY_HAND = [(name, NAMES[name]) for name in BY_NAME]
# What stands in the history in place of the number of a record that the reader may not see.
HIDDEN = "T-…"
# The number under which a matter is handled may always be told to who asks about it (docs/decisions/0008).
MASKED = frozenset(NAMES) - {"merged_into"}


@dataclass(frozen=True, slots=True)
class Tie:
    """A link as it is seen from one of its ends: `name` is a key of NAMES, `ticket` the other end."""

    link: Link
    name: str
    ticket: Ticket

    @property
    def is_removable(self) -> bool:
        return self.link.kind in BY_HAND


@dataclass(frozen=True, slots=True)
class Bundle:
    """The ties of one name: the newest of them, how many there are, and how many of those are solved."""

    name: str
    ties: list[Tie]
    total: int
    solved: int

    @property
    def label(self) -> str | Promise:
        return NAMES[self.name]

    @property
    def left_off(self) -> int:
        return self.total - len(self.ties)

    @property
    def unsolved(self) -> int:
        return self.total - self.solved


@dataclass
class Related:
    """What the card shows. What is tied to a record that the reader may not see is not even counted."""

    bundles: list[Bundle]
    hints: list[Ticket]

    @cached_property
    def parts(self) -> Bundle | None:
        return next((bundle for bundle in self.bundles if bundle.name == "part"), None)


def related(ticket: Ticket, user: User) -> Related:
    """Return the ties of a record that `user` may see, twenty of a kind, in one query."""
    partition = [F("kind"), F("is_outward")]
    rows = (
        Link.objects.visible_to(user)
        .touching(ticket)
        .annotate(is_outward=_is_outward(ticket))
        .annotate(
            place=Window(RowNumber(), partition_by=partition, order_by="-pk"),
            total=Window(Count("pk"), partition_by=partition),
            solved=Window(Count("pk", filter=Q(record__status__in=SOLVED)), partition_by=partition),
        )
        .filter(place__lte=SHOWN)
        .select_related("record__client", "other__client")
        .order_by("-pk")
    )
    bundles: dict[str, Bundle] = {}
    for row in rows:
        tie = tie_of(row, ticket)
        bundle = bundles.setdefault(tie.name, Bundle(tie.name, [], row.total, row.solved))
        bundle.ties.append(tie)
    found = [bundles[name] for name in NAMES if name in bundles]
    return Related(found, [])


def untied(ticket: Ticket, user: User) -> Related:
    """Return what may belong to a record that is tied to nothing; at most one query."""
    return Related([], _hints(ticket, user))


def ties(ticket: Ticket, user: User) -> LinkQuerySet:
    """Return the links of a record that `user` may see, for a page of them."""
    return Link.objects.visible_to(user).touching(ticket)


def tie_of(link: Link, ticket: Ticket) -> Tie:
    """Return a link of a record as it is seen from there."""
    outward, inward = ENDS[LinkKind(link.kind)]
    if link.record_id == ticket.pk:
        return Tie(link, outward, link.other)
    return Tie(link, inward, link.record)


def masked(entries: Iterable[Entry], user: User) -> list[Entry]:
    """Return the entries without the numbers of records that `user` may not see; at most one query."""
    found = list(entries)
    if user.sees_everything:
        return found
    named = {number for entry in found for number in _numbers(entry)}
    if named:
        asked = [int(number.removeprefix("T-")) for number in named]
        seen = Ticket.objects.visible_to(user).filter(pk__in=asked).values_list("pk", flat=True)
        hidden = named - {f"T-{pk}" for pk in seen}
        for entry in found:
            if hidden.intersection(_numbers(entry)):
                entry.changes = {
                    name: [HIDDEN if value in hidden else value for value in change]
                    if name in MASKED
                    else change
                    for name, change in entry.changes.items()
                }
    return found


def _numbers(entry: Entry) -> list[str]:
    """The numbers of other records in an entry's changes, but for those that may be told."""
    return [
        value
        for name, change in entry.changes.items()
        if name in MASKED
        for value in change
        if value is not None
    ]


def _is_outward(ticket: Ticket) -> Case:
    return Case(When(record=ticket, then=Value(True)), default=Value(False), output_field=BooleanField())


def _hints(ticket: Ticket, user: User) -> list[Ticket]:
    # Where it waits or is solved somebody has looked at the system already.
    if ticket.system_id is None or ticket.status not in (Status.LOGGED, Status.IN_PROGRESS):
        return []
    return _of_same_system(user, ticket.system_id, ticket.pk)


@prepared
def _of_same_system(user: User, system: int, pk: int) -> QuerySet[Ticket]:
    same = Ticket.objects.visible_to(user).open().filter(system=system).exclude(pk=pk)
    return same.order_by("-pk")[:HINTS]
