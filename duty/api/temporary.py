"""Temporary schedules: the plan of a block of days, set as a whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from duty import actions
from duty.actions import Placed
from duty.api.addresses import Addresses, RosterViewSet
from duty.api.shapes import (
    DutySpan,
    HeldQuery,
    NothingBody,
    SpanBody,
    duty,
    group_code,
    line,
    not_ended,
    username,
)
from duty.models import DutyRole, TemporarySchedule
from staff.rest import Coded, Moment, Person, Strict
from staff.restaddresses import in_path
from staff.restnames import people_named

MOST_SHIFTS = 300


class PlacedSerializer(DutySpan):
    """One person's shift in a temporary schedule."""

    person = Person(source="user")


class TemporaryScheduleSerializer(serializers.Serializer):
    """A block of days with a plan of its own."""

    id = serializers.IntegerField(source="pk")
    group = Coded()
    name = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    shifts = PlacedSerializer(many=True)
    ended_at = Moment(allow_null=True, help_text=_("When it was taken back."))


class PlacedBody(SpanBody):
    person = username()
    duty = duty(default=DutyRole.PRIMARY)


class TemporaryBody(Strict):
    group = group_code()
    name = line(60)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    shifts = serializers.ListField(
        child=PlacedBody(),
        max_length=MOST_SHIFTS,
        help_text=_("Each begins on one of the days. Where there is none, the plan below holds."),
    )


SCHEDULES = Addresses("temporary", TemporaryScheduleSerializer, in_path("schedule", _("Its id.")))


class TemporaryViewSet(RosterViewSet):
    lookup_field = "schedule"
    of = SCHEDULES

    @SCHEDULES.listed(_("Temporary schedules that hold or will, newest first"), HeldQuery)
    def list(self, request: Request) -> Response:
        query = self.asked(HeldQuery)
        since = query.get("since", timezone.now())
        yesterday = timezone.localdate(since) - timedelta(days=1)  # its shift may last until today
        rows = self.rows().filter(group__in=self.groups(query), last_day__gte=yesterday)
        return self.listed(rows.filter(not_ended(since)), query)

    @SCHEDULES.read(_("One temporary schedule"))
    def retrieve(self, request: Request, schedule: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @SCHEDULES.made(
        _("Plan a block of days"),
        TemporaryBody,
        {
            "group": "south",
            "name": "New Year",
            "first_day": "2026-12-30",
            "last_day": "2026-12-31",
            "shifts": [
                {
                    "person": "wang",
                    "starts_at": "2026-12-30T12:00:00+08:00",
                    "ends_at": "2026-12-31T12:00:00+08:00",
                }
            ],
        },
    )
    def create(self, data: dict[str, Any], **who: Any) -> TemporarySchedule:
        names = [one["person"] for one in data["shifts"]]
        people = people_named(names, "shifts", seen_by=self.request.user, inside="person")
        placed = [
            Placed(person, DutyRole(one["duty"]), one["starts_at"], one["ends_at"], field=f"shifts/{number}")
            for number, (one, person) in enumerate(zip(data["shifts"], people, strict=True))
        ]
        return actions.set_temporary(
            self.group_named(data), data["name"], data["first_day"], data["last_day"], placed, **who
        )

    @SCHEDULES.verb(_("Take a temporary schedule back: from now on the plan below holds"), NothingBody, {})
    def end(self, schedule: TemporarySchedule, data: dict[str, Any], **who: Any) -> TemporarySchedule:
        actions.end_temporary(schedule, **who)
        return schedule

    def rows(self) -> QuerySet[TemporarySchedule]:
        seen = TemporarySchedule.objects.filter(group__in=self.groups({}))
        return seen.select_related("group").prefetch_related("shifts__user")
