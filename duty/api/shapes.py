"""The pieces of which the roster's bodies, queries and answers are made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from duty.calendar import FIRST_YEAR, LAST_YEAR
from duty.models import DutyRole
from staff.rest import ListQuery, Moment, Strict
from staff.restaddresses import in_path

GROUP = r"[-a-zA-Z0-9_]{1,50}"
YEAR, DAY = r"[0-9]{4}", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

BY_GROUP = in_path("group", _("The code of a group."), GROUP)
BY_YEAR = in_path("year", _("From 2000 to 2100."), YEAR)
BY_DAY = in_path("day", _("A date: 2026-12-24."), DAY)


def line(longest: int, **more: Any) -> serializers.CharField:
    return serializers.CharField(max_length=longest, **more)


def maybe(longest: int, **more: Any) -> serializers.CharField:
    return line(longest, required=False, default="", allow_blank=True, **more)


def username(**more: Any) -> serializers.CharField:
    return line(150, help_text=more.pop("help_text", _("A user name.")), **more)


def group_code() -> serializers.CharField:
    return line(50, help_text=_("The code of a group."))


def duty(**more: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(DutyRole.choices, **more)


class Instant(Moment):
    """An instant to ask about: near enough to reckon with."""

    default_error_messages = {"year": _("Choose a year from %(first)s to %(last)s.")}

    def to_internal_value(self, value: Any) -> datetime:
        found = super().to_internal_value(value)
        if not FIRST_YEAR <= found.year < LAST_YEAR:
            message = self.error_messages["year"] % {"first": FIRST_YEAR, "last": LAST_YEAR - 1}
            raise serializers.ValidationError(message, code="too_far")
        return found


class NothingBody(Strict):
    pass


class GroupQuery(Strict):
    group = serializers.CharField(required=False, max_length=50, help_text=_("The code of one group."))


class HeldQuery(ListQuery, GroupQuery):
    since = Instant(required=False, help_text=_("What had not ended then. Empty: now."))


class DutySpan(serializers.Serializer):
    """A half-open span of one duty."""

    duty = duty(source="role")
    duty_label = serializers.SerializerMethodField()
    starts_at = Moment()
    ends_at = Moment()

    def get_duty_label(self, span: Any) -> str:
        return str(DutyRole(span.role).label)


class SpanBody(Strict):
    starts_at = Moment()
    ends_at = Moment(help_text=_("The shift does not hold at its end: the next one may begin then."))


def not_ended(since: datetime) -> Q:
    """What had not been taken back at an instant."""
    return Q(ended_at=None) | Q(ended_at__gt=since)
