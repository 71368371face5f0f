"""Who is away this week, and whether the next holidays are covered (§5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, QuerySet
from django.urls import reverse

from duty.cover import Block, Planned, lacks
from duty.coverplans import blocks_ahead, can_be_called
from duty.models import Leave, Shift
from meetings.agenda import Bit, Line, instant
from meetings.asked import Asked, Drawn

# A plan of cover must be complete before its holiday: it is talked about in the weeks before.
LOOKS_AHEAD = timedelta(weeks=3)


def leave(asked: Asked) -> QuerySet[Any, Any]:
    """Who is away in the meeting's week. Why is his own affair."""
    rows = Leave.objects.held(asked.until, asked.end).filter(user__group=asked.group, user__is_active=True)
    names = {"person_name": F("user__name"), "person_en": F("user__name_en")}
    return rows.order_by("starts_at", "pk").values("pk", "starts_at", "ends_at", **names)


def leave_line(row: Mapping[str, Any], asked: Asked) -> Line:
    bits = (Bit("from", instant(row["starts_at"])), Bit("until", instant(row["ends_at"])))
    url = reverse("duty:this_month", args=[asked.code])
    return Line(f"leave-{row['pk']}", row["person_name"], url, bits, "", row["person_en"])


def cover(asked: Asked, limit: int) -> Drawn:
    """The holidays that begin within three weeks, each with what its roster lacks.

    Two queries where there is one, else one. What is too far ahead to be written out counts as lacking.
    """
    until = (asked.now + LOOKS_AHEAD).date()
    blocks = blocks_ahead(asked.today, until)[:limit]
    if not blocks:
        return Drawn(0, ())
    tz = ZoneInfo(settings.TIME_ZONE)
    touching = {
        "starts_at__lt": blocks[-1].span(tz).ends_at,
        "ends_at__gt": blocks[0].span(tz).starts_at,
    }
    shifts = list(Shift.objects.filter(group=asked.group, **touching).select_related("user"))
    planned = [
        Planned(one.starts_at, one.ends_at, one.role, one.user_id, one.user.is_active) for one in shifts
    ]
    callable_ = {one.user_id for one in shifts if can_be_called(one.user)}
    lines = []
    for block in blocks:
        span = block.span(tz)
        own = [one for one in planned if one.starts_at < span.ends_at and one.ends_at > span.starts_at]
        lacking = lacks(block, own, callable_=callable_, since=asked.now, tz=tz)
        lines.append(_block(block, len(lacking), asked))
    return Drawn(len(lines), tuple(lines))


def _block(block: Block, lacking: int, asked: Asked) -> Line:
    bits = (
        Bit("from", block.first.isoformat()),
        Bit("until", block.last.isoformat()),
        Bit("lacks", str(lacking)) if lacking else Bit("covered", ""),
    )
    url = reverse("duty:cover_block", args=[asked.code, block.first.isoformat()])
    tone = "bad" if lacking else "good"
    return Line(f"cover-{block.first}", block.name, url, bits, tone, block.name_en)
