"""Duties in the words of notices, which carry their spans as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from duty.cover import Block, DayOff
from duty.models import DutyRole, FeedKind
from staff.bilingual import as_read

register = template.Library()


@register.simple_tag
def duty_name(role: str) -> str:
    """What a duty is called."""
    return str(DutyRole(role).label)


@register.simple_tag
def feed_kind(kind: str) -> str:
    """What a secret address shows."""
    return str(FeedKind(kind).label)


@register.simple_tag
def duty_line(duty: Mapping[str, str]) -> str:
    """A duty of a list (`role`, `from`, `to`) in a line: its span and its name."""
    starts_at, ends_at = parse_datetime(duty["from"]), parse_datetime(duty["to"])
    if starts_at is None or ends_at is None:
        return duty_name(duty["role"])
    return f"{span_words(starts_at, ends_at)} · {duty_name(duty['role'])}"


@register.simple_tag
def span_words(starts_at: datetime, ends_at: datetime) -> str:
    """A span in local time; the day of its end where it is another one."""
    begins, ends = timezone.localtime(starts_at), timezone.localtime(ends_at)
    pattern = "%H:%M" if begins.date() == ends.date() else "%m-%d %H:%M"
    return f"{begins:%m-%d %H:%M} – {ends.strftime(pattern)}"


@register.simple_tag
def either(facts: Mapping[str, str], name: str) -> str:
    """Of a name and its English twin in some facts the one in the reader's language."""
    return as_read(facts.get(name, ""), facts.get(f"{name}_en", ""))


@register.simple_tag
def block_name(block: Block) -> str:
    """A break's name in the reader's language."""
    return as_read(block.name, block.name_en)


@register.simple_tag
def either_name(day: DayOff) -> str:
    """The name of a day off in the reader's language."""
    return as_read(day.name, day.name_en)
