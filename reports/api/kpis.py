"""The KPI dictionary and its values through the REST interface, for tools that draw them (§3.2, §5.2)."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from reports.actions.phone import file_calls
from reports.api.shapes import (
    KpiSerializer,
    KpisSerializer,
    PhoneBody,
    PhoneDaySerializer,
    PhoneQuery,
    ValuesQuery,
    ValuesSerializer,
    period_fields,
)
from reports.chosen import Chosen, choose_or_own
from reports.figures import figures
from reports.kpis import KPIS, SUBJECTS
from reports.kpis.definition import Kpi
from reports.models import PhoneDay
from reports.periods import Period, period_of
from reports.targets import targets_for, targets_of
from staff.idempotency import KEY, once
from staff.models import Group
from staff.rest import HouseOnly, checked, page_of
from staff.restnames import chosen

BY_KEY = OpenApiParameter(
    "kpi", {"type": "string"}, OpenApiParameter.PATH, description=_("The key of a KPI.")
)
SUBJECT_OF = {kpi.key: subject.name for subject in SUBJECTS for kpi in subject.kpis}


class KpisView(HouseOnly):
    @extend_schema(
        operation_id="kpis_list",
        summary=_("The KPI dictionary: what each figure means"),
        tags=["kpis"],
        responses=KpisSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(KpisSerializer({"kpis": list(KPIS.values())}, context=_context()).data)


class KpiView(HouseOnly):
    @extend_schema(
        operation_id="kpis_read",
        summary=_("One KPI"),
        tags=["kpis"],
        parameters=[BY_KEY],
        responses=KpiSerializer,
    )
    def get(self, request: Request, kpi: str) -> Response:
        return Response(KpiSerializer(_named(kpi), context=_context()).data)


class ValuesView(HouseOnly):
    @extend_schema(
        operation_id="kpis_values",
        summary=_("What a KPI came to in several periods, as far as one may read it"),
        tags=["kpis"],
        parameters=[BY_KEY, ValuesQuery],
        responses=ValuesSerializer,
    )
    def get(self, request: Request, kpi: str) -> Response:
        found, query, now = _named(kpi), self.asked(ValuesQuery), timezone.now()
        whose = choose_or_own(request.user, request.query_params)
        if not found.measures(whose.scope):
            raise Http404
        periods = query.get("period") or [_this_month()]
        return Response(ValuesSerializer(_values(found, whose, periods, now)).data)


class PhoneDaysView(HouseOnly):
    @extend_schema(
        operation_id="phone_days_list",
        summary=_("Calls of the telephone by group and day, as they were filed, the last first"),
        tags=["kpis"],
        parameters=[PhoneQuery],
        responses=page_of(PhoneDaySerializer, "PhoneDayPage"),
    )
    def get(self, request: Request) -> Response:
        query = self.asked(PhoneQuery)
        rows = _phone_days().filter(pk__in=PhoneDay.objects.visible_to(request.user).values("pk"))
        if "group" in query:
            rows = rows.filter(group__code=query["group"])
        return self.page(rows, query, order="-pk", shown=lambda found: [_shown(day) for day in found])

    @extend_schema(
        operation_id="phone_days_file",
        summary=_("File the calls of a group's day"),
        tags=["kpis"],
        parameters=[KEY],
        request=PhoneBody,
        responses=PhoneDaySerializer,
        examples=[
            OpenApiExample(
                "file",
                value={"group": "south", "day": "2020-11-23", "offered": 48, "answered": 45},
                summary=_("File the calls of a group's day"),
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        now = timezone.now()

        def do() -> Response:
            data = checked(PhoneBody, request.data)
            group = chosen(Group.objects.filter(code=data.pop("group")), "group")
            filed = file_calls(group, **data, by=request.user, now=now)
            return Response(_shown(_phone_days().get(pk=filed.pk)))

        return once(request, do, required=False, now=now)


def _named(key: str) -> Kpi:
    if key not in KPIS:
        raise Http404
    return KPIS[key]


def _context() -> dict[str, Any]:
    return {"aims": targets_for(_this_month()), "subjects": SUBJECT_OF}


def _this_month() -> Period:
    return period_of(timezone.localdate(timezone=timezone.get_default_timezone()), "month")


def _values(kpi: Kpi, whose: Chosen, periods: list[Period], now: Any) -> dict[str, Any]:
    found = figures([kpi], whose.scope, periods, now=now)
    aims = targets_of(periods)
    values = []
    for period in periods:
        figure, aim = found[kpi.key, period], aims[period][kpi.key]
        low, high = figure.interval() or (None, None)
        values.append(
            period_fields(period)
            | {
                "numerator": figure.numerator,
                "denominator": figure.denominator,
                "value": figure.value,
                "low": low,
                "high": high,
                "median": figure.median,
                "p90": figure.p90,
                "is_small": aim.is_small(figure),
                "target": aim.target,
                "is_reached": aim.is_reached(figure),
            }
        )
    return {
        "kpi": kpi.key,
        "unit": kpi.unit,
        "group": whose.group and whose.group.code,
        "person": whose.person and whose.person.username,
        "client": whose.client and whose.client.code,
        "values": values,
    }


def _phone_days() -> Any:
    return PhoneDay.objects.select_related("group").annotate(last_filed_at=Max("entries__at"))


def _shown(day: PhoneDay) -> Any:
    return PhoneDaySerializer(day).data
