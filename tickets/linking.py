"""Which records may be tied together, and how. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class LinkKind(TextChoices):
    """What a record is to the other one, read from the record."""

    RELATED = "related", _("has to do with")
    REPEAT = "repeat", _("repeats the earlier fault")
    CHILD = "child", _("is part of the mass fault")
    DUPLICATE = "duplicate", _("is a duplicate of")
    SPLIT = "split", _("was split from")


# What people tie and untie by hand; the others come with a verb of their own and go with its undoing.
BY_HAND = (LinkKind.RELATED, LinkKind.REPEAT, LinkKind.CHILD)

# What history, page and interface call the other end: seen from the record, and from the other one.
ENDS: Mapping[LinkKind, tuple[str, str]] = {
    LinkKind.RELATED: ("related", "related"),
    LinkKind.REPEAT: ("repeat_of", "repeated_by"),
    LinkKind.CHILD: ("part_of", "part"),
    LinkKind.DUPLICATE: ("merged_into", "duplicate"),
    LinkKind.SPLIT: ("split_from", "split_off"),
}

REFUSALS: Mapping[str, object] = {
    "itself": _("This is the record itself: choose another one."),
    "not_a_fault": _("Only a fault can repeat a fault."),
    "not_later": _("That fault was reported later: open it, and say there what it repeats."),
    "is_a_mass_fault": _("Other records are part of this one, so it cannot itself be part of a mass fault."),
    "is_a_part": _("That record is itself part of a mass fault: choose the mass fault."),
    "has_a_mass_fault": _("It is part of another mass fault already: remove that link first."),
    "another_client": _(
        "A duplicate is a second call of the same client. Put records of several clients under a mass fault: "
        "each of them is asked whether he is satisfied."
    ),
    "has_parts": _("Other records are part of this one. Merge the other record into it instead."),
    "engineer_out": _(
        "An engineer is on his way or on site for this record, or has to be sent. Merge the other record "
        "into it instead, or wait until he is back."
    ),
    "in_meeting": _(
        "The coordination meeting on this record has given no verdict yet. Merge the other record into it "
        "instead, or write the verdict down first."
    ),
}


@dataclass(frozen=True, slots=True)
class End:
    """What of a record decides whether it may be tied to another one."""

    number: int
    client: int
    is_fault: bool
    reported_at: datetime
    has_parts: bool = False
    part_of: int | None = None
    awaits_engineer: bool = False
    in_meeting: bool = False


def refusal(kind: LinkKind, record: End, other: End) -> str:
    """Return why `record` cannot be tied to `other` in this way, as a key of REFUSALS; empty where it can.

    A mass fault has parts and is part of nothing, so no chain and no circle of them comes about.
    """
    if record.number == other.number:
        return "itself"
    if kind == LinkKind.REPEAT:
        if not (record.is_fault and other.is_fault):
            return "not_a_fault"
        return "not_later" if record.reported_at < other.reported_at else ""
    if kind == LinkKind.CHILD:
        if record.has_parts:
            return "is_a_mass_fault"
        if other.part_of is not None:
            return "is_a_part"
        return "has_a_mass_fault" if record.part_of not in (None, other.number) else ""
    if kind == LinkKind.DUPLICATE:
        if record.client != other.client:
            return "another_client"
        return _held_up(record)
    return ""


def _held_up(record: End) -> str:
    """Why a record cannot be left to another one yet: what goes on in it, the other would know nothing of."""
    if record.has_parts:
        return "has_parts"
    if record.awaits_engineer:
        return "engineer_out"
    return "in_meeting" if record.in_meeting else ""
