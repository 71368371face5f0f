"""The roster through the REST interface, to read: who is on duty, the shifts of a span, the holes ahead, and
how many duties of a month fell on which kind of day.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from duty.actions import published_until
from duty.allowances import Line, lines_of
from duty.counting import PaidKind
from duty.holes import holes
from duty.models import DutyRole, EmptyShift, Shift, ShiftSource
from duty.plans import pieces_of
from duty.resolving import MOMENT
from duty.views.board import DAYS_WATCHED
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


class CountSerializer(serializers.Serializer):
    """The duties of one person on one kind of day."""

    shifts = serializers.IntegerField()
    hours = serializers.FloatField()


class DutyCountSerializer(serializers.Serializer):
    """What one person had of one duty in a month. A shift counts for the day on which it starts."""

    group = Coded()
    person = Person()
    duty = serializers.ChoiceField(DutyRole.choices, source="role")
    workday = CountSerializer(help_text=_("Make-up workdays are workdays."))
    weekend = CountSerializer()
    statutory = CountSerializer()
    day_in_lieu = CountSerializer()
    total = CountSerializer()


class GroupQuery(Strict):
    group = serializers.CharField(required=False, max_length=50, help_text=_("The code of one group."))


class InstantQuery(GroupQuery):
    at = Moment(required=False, help_text=_("Empty: now."))


class SpanQuery(ListQuery, GroupQuery):
    since = Moment(required=False, help_text=_("Empty: now."))
    until = Moment(required=False, help_text=_("At most 100 days later. Empty: 30 days later."))


class MonthQuery(GroupQuery):
    month = serializers.RegexField(
        r"^2\d{3}-(0[1-9]|1[0-2])$",
        required=False,
        help_text=_("Like 2026-11, not ahead. Empty: this month."),
    )


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
        shifts, empty = (_by_group(model, groups, now, until) for model in (Shift, EmptyShift))
        found = [
            {
                "group": group,
                "duty": hole.role,
                "starts_at": hole.starts_at,
                "ends_at": hole.ends_at,
                "absent": hole.absent,
            }
            for group in groups
            for hole in holes(shifts[group.pk], empty[group.pk], now, until)
        ]
        return Response({"results": HoleSerializer(found, many=True, context=self.shown_to).data})


class CountsView(DutyView):
    @extend_schema(
        operation_id="duty_counts",
        summary=_("The duties of a month per kind of day, for allowances"),
        tags=["duty"],
        parameters=[MonthQuery],
        responses=_all_of(DutyCountSerializer, "DutyCounts"),
    )
    def get(self, request: Request) -> Response:
        query, today = self.asked(MonthQuery), timezone.localdate()
        month = date.fromisoformat(f"{query.get('month', f'{today:%Y-%m}')}-01")
        if month > today:
            raise QueryInvalid({"month": [_("This month has not begun: what lies ahead may change.")]})
        found = [_counted(line) for line in lines_of(self.groups(query), month, by=request.user)]
        return Response({"results": DutyCountSerializer(found, many=True, context=self.shown_to).data})


def _counted(line: Line) -> dict[str, Any]:
    kinds = {kind.value: line.tally.kinds[kind] for kind in PaidKind}
    facts = {"group": line.group, "person": line.person, "role": line.role}
    return {**facts, **kinds, "total": line.tally.total}


def _by_group(model: Any, groups: list[Group], since: datetime, until: datetime) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    rows = model.objects.filter(group__in=groups, ends_at__gt=since, starts_at__lt=until)
    for row in rows.select_related("user"):
        found[row.group_id].append(row)
    return found
