"""Who is asked after a record is closed, and who is not (§4.1.2). Pure: facts in, the reason out.

Nobody chooses: what is drawn follows from the campaign's secret seed and the record alone, so that it can be
told again, and not foretold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ExclusionReason(TextChoices):
    NOT_SAMPLED = "not_sampled", _("not drawn")
    STAFF = "staff", _("reported by staff")
    MERGED = "merged", _("merged into another record")
    NO_CONTACT = "no_contact", _("no contact known")
    INACTIVE = "inactive", _("contact no longer active")
    OPTED_OUT = "opted_out", _("wants no surveys")
    COOLDOWN = "cooldown", _("asked not long ago")
    OPEN_SURVEY = "open_survey", _("another survey is open")
    NO_WAY = "no_way", _("no way to reach")


Share = tuple[int | None, int | None]  # a grade, or None of what is no fault; a client type, or None of all


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of somebody who may be asked. `last_sent_at` is when he was last sent any survey."""

    has_contact: bool = True
    is_active: bool = True
    is_staff: bool = False
    is_merged: bool = False
    is_drawn: bool = True
    wants_none: bool = False
    has_open: bool = False
    has_way: bool = True
    last_sent_at: datetime | None = None


def percent_of(rules: Mapping[Share, int], grade: int | None, type_id: int) -> int:
    """Return how many of a hundred are asked: the rule of the client type, else of all types, else 0."""
    own = rules.get((grade, type_id))
    return own if own is not None else rules.get((grade, None), 0)


def is_drawn(seed: str, ticket: int, round: int, percent: int) -> bool:
    """Say whether a record is among the drawn ones; the same record always gets the same answer.

    A higher share draws all that a lower one draws.
    """
    digest = hashlib.sha256(f"{seed}:{ticket}:{round}".encode()).digest()
    return int.from_bytes(digest[:8]) * 100 < percent << 64


def excluded(one: Candidate, *, cooldown: timedelta, now: datetime) -> ExclusionReason | None:
    """Return the first reason not to ask, or None. Whoever is not meant at all comes before the draw."""
    reasons: Iterable[tuple[bool, ExclusionReason]] = (
        (one.is_merged, ExclusionReason.MERGED),
        (one.is_staff, ExclusionReason.STAFF),
        (not one.has_contact, ExclusionReason.NO_CONTACT),
        (not one.is_active, ExclusionReason.INACTIVE),
        (not one.is_drawn, ExclusionReason.NOT_SAMPLED),
        (one.wants_none, ExclusionReason.OPTED_OUT),
        (one.has_open, ExclusionReason.OPEN_SURVEY),
        (rests(one.last_sent_at, cooldown, now), ExclusionReason.COOLDOWN),
        (not one.has_way, ExclusionReason.NO_WAY),
    )
    return next((reason for holds, reason in reasons if holds), None)


def rests(last_sent_at: datetime | None, cooldown: timedelta, now: datetime) -> bool:
    """Say whether somebody was sent a survey not long ago, answered or not; after just the days he may be."""
    return last_sent_at is not None and now < last_sent_at + cooldown
