"""Rotations, and the rest between shifts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from duty import actions
from duty.actions import Turns
from duty.api.addresses import Addresses, HouseView, RosterViewSet
from duty.api.shapes import BY_GROUP, HeldQuery, NothingBody, duty, group_code, line, username
from duty.models import DayKind, DutyRole, Rotation, TurnUnit
from duty.models.events import LONGEST_STRETCH, MOST_REST
from duty.models.rotation import HIGHEST_PRIORITY, LONGEST_TURN
from duty.plans import terms_of
from staff.models import Group
from staff.rest import Coded, Moment, Person, Strict, checked
from staff.restaddresses import in_path
from staff.restnames import people_named


class RotationSerializer(serializers.Serializer):
    """One version of a rotation: people who take a duty in turn. It holds from `since` until `until`."""

    id = serializers.IntegerField(source="pk")
    line = serializers.IntegerField(help_text=_("What all versions of one rotation have in common."))
    group = Coded()
    name = serializers.CharField()
    duty = duty(source="role")
    duty_label = serializers.CharField(source="get_role_display")
    people = Person(many=True, help_text=_("In the order of their turns."))
    starts = serializers.TimeField()
    ends = serializers.TimeField(help_text=_("At or before the start: it ends on the day after."))
    every = serializers.IntegerField(help_text=_("How many shifts or weeks a turn lasts."))
    unit = serializers.ChoiceField(TurnUnit.choices)
    first_day = serializers.DateField(help_text=_("The turns are counted from there."))
    weekdays = serializers.ListField(
        child=serializers.IntegerField(), help_text=_("0 is Monday. None: on every day.")
    )
    kinds = serializers.ListField(
        child=serializers.ChoiceField(DayKind.choices), help_text=_("Kinds of day. None: on every kind.")
    )
    priority = serializers.IntegerField(help_text=_("0 is the base; a higher number lies over a lower one."))
    for_holidays = serializers.BooleanField(help_text=_("Holiday layer: lies over all others"))
    since = Moment()
    until = Moment(allow_null=True)


class TurnsBody(Strict):
    """What is said about a rotation."""

    name = line(60)
    duty = duty(default=DutyRole.PRIMARY)
    people = serializers.ListField(
        child=username(), max_length=200, help_text=_("User names, in the order of their turns.")
    )
    starts = serializers.TimeField()
    ends = serializers.TimeField(help_text=_("At or before the start: it ends on the day after."))
    every = serializers.IntegerField(default=1, min_value=1, max_value=LONGEST_TURN)
    unit = serializers.ChoiceField(TurnUnit.choices, default=TurnUnit.SHIFT)
    first_day = serializers.DateField(help_text=_("The turns are counted from there."))
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6),
        max_length=7,
        default=list,
        help_text=_("0 is Monday. None: on every day."),
    )
    kinds = serializers.ListField(
        child=serializers.ChoiceField(DayKind.choices),
        max_length=len(DayKind),
        default=list,
        help_text=_("Kinds of day. None: on every kind."),
    )
    priority = serializers.IntegerField(default=0, min_value=0, max_value=HIGHEST_PRIORITY)
    for_holidays = serializers.BooleanField(default=False)
    since = Moment(help_text=_("From when on it holds: now at the earliest."))


class RotationBody(TurnsBody):
    group = group_code()


TURNS = {
    "name": "Nights",
    "people": ["chen", "li"],
    "starts": "17:30",
    "ends": "08:30",
    "unit": "week",
    "first_day": "2026-12-07",
    "since": "2026-12-07T00:00:00+08:00",
}
ROTATIONS = Addresses("rotations", RotationSerializer, in_path("rotation", _("The version's id.")))


class RotationViewSet(RosterViewSet):
    lookup_field = "rotation"
    of = ROTATIONS

    @ROTATIONS.listed(_("Rotations that hold or will"), HeldQuery)
    def list(self, request: Request) -> Response:
        query = self.asked(HeldQuery)
        rows = self.rows().filter(group__in=self.groups(query))
        return self.listed(rows.unfinished(query.get("since", timezone.now())), query)

    @ROTATIONS.read(_("One version of a rotation"))
    def retrieve(self, request: Request, rotation: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @ROTATIONS.made(_("Define a rotation"), RotationBody, {"group": "south"} | TURNS)
    def create(self, data: dict[str, Any], **who: Any) -> Rotation:
        group = self.group_named(data)
        return actions.define_rotation(group, self._turns(data), since=data["since"], **who)

    @ROTATIONS.verb(
        _("Change a rotation from an instant on; the answer is the new version"), TurnsBody, TURNS
    )
    def change(self, rotation: Rotation, data: dict[str, Any], **who: Any) -> Rotation:
        return actions.change_rotation(rotation, self._turns(data), since=data["since"], **who)

    @ROTATIONS.verb(
        _("End a rotation now, with the versions planned for later"), NothingBody, {}, leaves_nothing=True
    )
    def end(self, rotation: Rotation, data: dict[str, Any], **who: Any) -> None:
        actions.end_rotation(rotation, **who)

    def rows(self) -> QuerySet[Rotation]:
        seen = Rotation.objects.visible_to(self.request.user)
        return seen.select_related("group", "first").prefetch_related("places__user")

    def _turns(self, data: dict[str, Any]) -> Turns:
        return Turns(
            name=data["name"],
            role=DutyRole(data["duty"]),
            people=people_named(data["people"], "people", seen_by=self.request.user),
            starts=data["starts"],
            ends=data["ends"],
            first_day=data["first_day"],
            every=data["every"],
            unit=TurnUnit(data["unit"]),
            weekdays=sorted(set(data["weekdays"])),
            kinds=sorted(set(data["kinds"])),
            priority=data["priority"],
            for_holidays=data["for_holidays"],
        )


class TermsSerializer(serializers.Serializer):
    """How a group rests between shifts."""

    rest_hours = serializers.IntegerField(help_text=_("Between two shifts on duty."))
    longest_hours = serializers.IntegerField(
        allow_null=True, help_text=_("The longest stretch on duty. Null: any length.")
    )


class TermsBody(Strict):
    rest_hours = serializers.IntegerField(min_value=0, max_value=MOST_REST)
    longest_hours = serializers.IntegerField(
        allow_null=True, min_value=1, max_value=LONGEST_STRETCH, help_text=_("Null: any length.")
    )


class TermsView(HouseView):
    http_method_names = ("get", "head", "put")

    @extend_schema(
        operation_id="terms_read",
        summary=_("How a group rests between shifts"),
        tags=["roster"],
        parameters=[BY_GROUP],
        responses=TermsSerializer,
    )
    def get(self, request: Request, group: str) -> Response:
        return _shown(self._group(group))

    @extend_schema(
        operation_id="terms_set",
        summary=_("Set how a group rests; asked of later changes"),
        tags=["roster"],
        parameters=[BY_GROUP],
        request=TermsBody,
        responses=TermsSerializer,
        examples=[OpenApiExample("terms", value={"rest_hours": 11, "longest_hours": 24}, request_only=True)],
    )
    def put(self, request: Request, group: str) -> Response:
        found = self._group(group)
        with self.telling(TermsBody):
            actions.set_terms(found, **checked(TermsBody, request.data), by=request.user, now=timezone.now())
        return _shown(found)

    def _group(self, code: str) -> Group:
        (found,) = self.groups({"group": code})
        return found


def _shown(group: Group) -> Response:
    return Response(TermsSerializer(terms_of(group)).data)
