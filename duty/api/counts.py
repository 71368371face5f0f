"""How many duties of a month fell on which kind of day, for allowances."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from duty.allowances import Line, lines_of
from duty.api.addresses import DutyView
from duty.api.reading import all_of
from duty.api.shapes import GroupQuery
from duty.counting import PaidKind
from duty.models import DutyRole
from staff.rest import Coded, Person, QueryInvalid


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


class MonthQuery(GroupQuery):
    month = serializers.RegexField(
        r"^2\d{3}-(0[1-9]|1[0-2])$",
        required=False,
        help_text=_("Like 2026-11, not ahead. Empty: this month."),
    )


class CountsView(DutyView):
    @extend_schema(
        operation_id="duty_counts",
        summary=_("The duties of a month per kind of day, for allowances"),
        tags=["duty"],
        parameters=[MonthQuery],
        responses=all_of(DutyCountSerializer, "DutyCounts"),
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
