"""The roster through the REST interface, to read: who is on duty, the shifts of a span, the holes ahead."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from duty.actions import published_until
from duty.cover import Lack, Planned, Why
from duty.coverplans import CoverPlan, blocks_ahead, cover_plans
from duty.holes import DAYS_WATCHED, holes_of
from duty.models import DutyRole, Shift, ShiftSource
from duty.plans import pieces_of
from duty.resolving import MOMENT
from duty.views.groups import groups_of
from staff.models import Group, User
from staff.rest import Coded, ListQuery, Moment, Person, QueryInvalid, RestView, Strict, page_of

LONGEST_SPAN = timedelta(days=100)


class ShiftSerializer(serializers.Serializer):
    """A span in which somebody has a duty; it does not hold at its end."""

    group = Coded()
    person = Person(source="user")
    duty = serializers.ChoiceField(DutyRole.choices, source="role")
    duty_label = serializers.CharField(source="get_role_display")
    starts_at = Moment()
    ends_at = Moment()
    source = serializers.ChoiceField(
        ShiftSource.choices, help_text=_("What put the person there, the weakest first.")
    )
    why = serializers.CharField(help_text=_("The same in words, with the name of the plan or the reason."))


class HoleSerializer(serializers.Serializer):
    """A span in which nobody has a duty."""

    group = Coded()
    duty = serializers.ChoiceField(DutyRole.choices)
    starts_at = Moment()
    ends_at = Moment()
    absent = Person(
        allow_null=True, help_text=_("Who was planned and is away; null is a gap: nobody was planned.")
    )


class CoverDutySerializer(serializers.Serializer):
    """Somebody's span of a duty in a break."""

    duty = serializers.ChoiceField(DutyRole.choices)
    starts_at = Moment()
    ends_at = Moment()
    person = Person()
    phone = serializers.CharField(help_text=_("Empty where he has entered none."))
    is_there = serializers.BooleanField(help_text=_("False where he is away or has left."))


class LackSerializer(serializers.Serializer):
    """What the cover of a holiday lacks in a span of one duty."""

    duty = serializers.ChoiceField(DutyRole.choices)
    starts_at = Moment()
    ends_at = Moment()
    why = serializers.ChoiceField(
        [(why.value, why.value) for why in Why],
        help_text=_("Nobody is planned; whoever is planned is away; he has no phone number."),
    )
    person = Person(allow_null=True)


class CoverSerializer(serializers.Serializer):
    """How a group covers a break: days off in a row around a statutory holiday (§5.5)."""

    group = Coded()
    name = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    is_key = serializers.BooleanField(
        help_text=_("One of the four holidays of §5.5, which need a backup too.")
    )
    is_official = serializers.BooleanField(
        help_text=_("False where the official plan is not known: the holiday may be longer.")
    )
    is_complete = serializers.BooleanField()
    duties = CoverDutySerializer(many=True)
    lacks = LackSerializer(many=True)


class GroupQuery(Strict):
    group = serializers.CharField(required=False, max_length=50, help_text=_("The code of one group."))


class InstantQuery(GroupQuery):
    at = Moment(required=False, help_text=_("Empty: now."))


class SpanQuery(ListQuery, GroupQuery):
    since = Moment(required=False, help_text=_("Empty: now."))
    until = Moment(required=False, help_text=_("At most 100 days later. Empty: 30 days later."))


def _all_of(row: type[serializers.Serializer], name: str) -> type[serializers.Serializer]:
    """The serializer that documents all rows at once."""
    fields = {"results": row(many=True)}
    return extend_schema_serializer(many=False)(type(name, (serializers.Serializer,), fields))


class DutyView(RestView):
    """What all addresses of the roster ask first: whose rosters the caller sees."""

    def groups(self, query: dict[str, Any]) -> list[Group]:
        groups = groups_of(self.request.user)
        if "group" not in query:
            return groups
        found = [group for group in groups if group.code == query["group"]]
        if not found:
            raise Http404
        return found

    @property
    def shown_to(self) -> dict[str, Any]:
        return {"user": self.request.user}


class OnDutyView(DutyView):
    @extend_schema(
        operation_id="duty_now",
        summary=_("Who is on duty at an instant"),
        tags=["duty"],
        parameters=[InstantQuery],
        responses=_all_of(ShiftSerializer, "OnDuty"),
    )
    def get(self, request: Request) -> Response:
        query, now = self.asked(InstantQuery), timezone.now()
        at = query.get("at", now)
        groups = self.groups(query)
        if at < published_until(now):
            shifts = Shift.objects.at(at).filter(group__in=groups)
            if at >= now:  # whoever has left since was on duty then
                shifts = shifts.filter(user__is_active=True)
            found = list(shifts.select_related("group", "user", "instead_of").order_by("group__code", "role"))
        else:
            found = [shift for group in groups for shift in _as_planned(group, at)]
        return Response({"results": ShiftSerializer(found, many=True, context=self.shown_to).data})


def _as_planned(group: Group, at: datetime) -> list[Shift]:
    """Who will be on duty at an instant that is too far ahead to be written out."""
    pieces = [piece for piece in pieces_of(group, at, at + MOMENT) if piece.person is not None]
    people = User.objects.in_bulk([piece.planned for piece in pieces])
    return [
        Shift(
            group=group,
            user=people[piece.planned],
            role=piece.role,
            starts_at=piece.starts_at,
            ends_at=piece.ends_at,
            source=piece.source.value,
        )
        for piece in pieces
    ]


class ShiftsView(DutyView):
    @extend_schema(
        operation_id="duty_shifts",
        summary=_("The shifts that touch a span"),
        tags=["duty"],
        parameters=[SpanQuery],
        responses=page_of(ShiftSerializer, "ShiftPage"),
    )
    def get(self, request: Request) -> Response:
        query = self.asked(SpanQuery)
        since = query.get("since", timezone.now())
        until = query.get("until", since + timedelta(days=DAYS_WATCHED))
        if not timedelta(0) < until - since <= LONGEST_SPAN:
            raise QueryInvalid({"until": [_("It must come after `since`, by at most 100 days.")]})
        shifts = Shift.objects.filter(group__in=self.groups(query), ends_at__gt=since, starts_at__lt=until)
        return self.page(
            shifts.select_related("group", "user", "instead_of"),
            query,
            order="pk",
            shown=lambda found: ShiftSerializer(found, many=True, context=self.shown_to).data,
        )


class HolesView(DutyView):
    @extend_schema(
        operation_id="duty_gaps",
        summary=_("Gaps and empty shifts in the next 30 days"),
        tags=["duty"],
        parameters=[GroupQuery],
        responses=_all_of(HoleSerializer, "HoleList"),
    )
    def get(self, request: Request) -> Response:
        query, now = self.asked(GroupQuery), timezone.now()
        groups, until = self.groups(query), now + timedelta(days=DAYS_WATCHED)
        open_spans = holes_of(groups, now, until)
        found = [
            {
                "group": group,
                "duty": hole.role,
                "starts_at": hole.starts_at,
                "ends_at": hole.ends_at,
                "absent": hole.absent,
            }
            for group in groups
            for hole in open_spans[group.pk]
        ]
        return Response({"results": HoleSerializer(found, many=True, context=self.shown_to).data})


class CoverView(DutyView):
    @extend_schema(
        operation_id="duty_cover",
        summary=_("How the holidays of the next 60 days are covered"),
        tags=["duty"],
        parameters=[GroupQuery],
        responses=_all_of(CoverSerializer, "CoverList"),
    )
    def get(self, request: Request) -> Response:
        query, now = self.asked(GroupQuery), timezone.now()
        today, written = timezone.localdate(now), timezone.localdate(published_until(now))
        blocks = [block for block in blocks_ahead(today, written) if block.last < written]
        found = [_cover(plan) for plan in cover_plans(self.groups(query), blocks, now=now)]
        return Response({"results": CoverSerializer(found, many=True, context=self.shown_to).data})


def _cover(plan: CoverPlan) -> dict[str, Any]:
    def span(one: Planned | Lack) -> dict[str, Any]:
        return {"duty": one.role, "starts_at": one.starts_at, "ends_at": one.ends_at}

    people = plan.people
    return {
        "group": plan.group,
        "name": Group(name=plan.block.name, name_en=plan.block.name_en).label,
        "first_day": plan.block.first,
        "last_day": plan.block.last,
        "is_key": plan.block.is_key,
        "is_official": plan.is_official,
        "is_complete": plan.is_complete,
        "duties": [
            span(one)
            | {"person": people[one.person], "phone": people[one.person].phone, "is_there": one.is_there}
            for one in plan.planned
        ],
        "lacks": [
            span(lack) | {"why": lack.why.value, "person": people[lack.person] if lack.person else None}
            for lack in plan.lacks
        ],
    }
