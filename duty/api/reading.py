"""The roster to read: who is on duty, the shifts of a span, the holes ahead, what was done to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from duty import actions
from duty.actions import published_until
from duty.api.addresses import DutyView, HouseView
from duty.api.shapes import GroupQuery, Instant, NothingBody
from duty.cover import Lack, Planned, Why
from duty.coverplans import CoverPlan, blocks_ahead, cover_plans
from duty.holes import DAYS_WATCHED, holes_of
from duty.models import DutyRole, RosterEvent, RosterEventKind, Shift, ShiftSource
from duty.plans import pieces_of
from duty.resolving import MOMENT
from staff.idempotency import KEY
from staff.models import Group, User
from staff.rest import Coded, ListQuery, Moment, Person, QueryInvalid, page_of
from staff.restaddresses import in_path

LONGEST_SPAN = timedelta(days=100)


class ShiftSerializer(serializers.Serializer):
    """A span in which somebody has a duty; it does not hold at its end."""

    id = serializers.IntegerField(source="pk", allow_null=True, help_text=_("Null: not written out yet."))
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


class RosterEventSerializer(serializers.Serializer):
    """One thing that was done to a roster; never changed."""

    id = serializers.IntegerField(source="pk")
    group = Coded()
    kind = serializers.ChoiceField(RosterEventKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    at = Moment()
    by = Person()
    person = Person(allow_null=True, help_text=_("Whom it concerns."))
    duty = serializers.ChoiceField(DutyRole.choices, source="role", allow_blank=True)
    starts_at = Moment(allow_null=True)
    ends_at = Moment(allow_null=True)
    note = serializers.CharField()


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


class InstantQuery(GroupQuery):
    at = Instant(required=False, help_text=_("Empty: now."))


class EventQuery(ListQuery, GroupQuery):
    pass


class SpanQuery(ListQuery, GroupQuery):
    since = Instant(required=False, help_text=_("Empty: now."))
    until = Instant(required=False, help_text=_("At most 100 days later. Empty: 30 days later."))


def all_of(row: type[serializers.Serializer], name: str) -> type[serializers.Serializer]:
    """The serializer that documents all rows at once."""
    fields = {"results": row(many=True)}
    return extend_schema_serializer(many=False)(type(name, (serializers.Serializer,), fields))


class OnDutyView(DutyView):
    @extend_schema(
        operation_id="duty_now",
        summary=_("Who is on duty at an instant"),
        tags=["duty"],
        parameters=[InstantQuery],
        responses=all_of(ShiftSerializer, "OnDuty"),
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


class RemoveShiftView(HouseView):
    @extend_schema(
        operation_id="duty_shift_remove",
        summary=_("Take a shift back; of one that has begun what is left"),
        tags=["roster"],
        parameters=[in_path("shift", _("The shift's id.")), KEY],
        request=NothingBody,
        responses={204: None},
    )
    def post(self, request: Request, shift: str) -> Response:
        def remove(_data: Any, **who: Any) -> None:
            seen = Shift.objects.visible_to(request.user).select_related("group", "user")
            actions.remove_shift(get_object_or_404(seen, pk=int(shift)), **who)

        return self.do(remove, NothingBody, lambda _done: Response(status=204))


class EventsView(HouseView):
    @extend_schema(
        operation_id="duty_events",
        summary=_("What was done to rosters, newest first"),
        tags=["roster"],
        parameters=[EventQuery],
        responses=page_of(RosterEventSerializer, "RosterEventPage"),
    )
    def get(self, request: Request) -> Response:
        query = self.asked(EventQuery)
        events = RosterEvent.objects.filter(group__in=self.groups(query))
        return self.page(
            events.select_related("group", "by", "person"),
            query,
            order="-pk",
            shown=lambda found: RosterEventSerializer(found, many=True, context=self.shown_to).data,
        )


class HolesView(DutyView):
    @extend_schema(
        operation_id="duty_gaps",
        summary=_("Gaps and empty shifts in the next 30 days"),
        tags=["duty"],
        parameters=[GroupQuery],
        responses=all_of(HoleSerializer, "HoleList"),
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
        responses=all_of(CoverSerializer, "CoverList"),
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
