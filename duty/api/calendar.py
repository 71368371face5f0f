"""The working calendar: the days of a year, and one day to edit."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from duty import actions
from duty.api.addresses import HouseView
from duty.api.shapes import BY_DAY, BY_YEAR, maybe
from duty.calendar import FIRST_YEAR, LAST_YEAR, days_of
from duty.models import CalendarYear, DayKind
from duty.official import plan_of
from staff.rest import Strict, checked


class CalendarDaySerializer(serializers.Serializer):
    """A day of the working calendar."""

    date = serializers.DateField()
    kind = serializers.ChoiceField(DayKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    name = serializers.CharField()
    name_en = serializers.CharField()
    is_working = serializers.BooleanField()
    is_edited = serializers.BooleanField(help_text=_("By hand: no official plan overwrites it."))
    source = serializers.CharField(help_text=_("Empty: no plan speaks of it, it follows the week."))


class CalendarYearSerializer(serializers.Serializer):
    """A year of the working calendar with all its days."""

    year = serializers.IntegerField()
    is_known = serializers.BooleanField(
        source="is_official", help_text=_("Whether the official plan of the year is known.")
    )
    source = serializers.CharField()
    days = CalendarDaySerializer(many=True)


class DayBody(Strict):
    kind = serializers.ChoiceField(DayKind.choices)
    name = maybe(60, help_text=_("For example the holiday's."))
    name_en = maybe(60)


class CalendarYearView(HouseView):
    @extend_schema(
        operation_id="calendar_year",
        summary=_("The days of a year with their kinds"),
        tags=["calendar"],
        parameters=[BY_YEAR],
        responses=CalendarYearSerializer,
    )
    def get(self, request: Request, year: str) -> Response:
        first, last = _date(f"{year}-01-01"), _date(f"{year}-12-31")
        known = CalendarYear.objects.filter(year=first.year).first() or CalendarYear(year=first.year)
        facts = {"year": known.year, "is_official": known.is_official, "source": known.source}
        return Response(CalendarYearSerializer(facts | {"days": days_of(first, last)}).data)


class CalendarDayView(HouseView):
    http_method_names = ("get", "head", "put", "delete")

    @extend_schema(
        operation_id="calendar_day",
        summary=_("One day"),
        tags=["calendar"],
        parameters=[BY_DAY],
        responses=CalendarDaySerializer,
    )
    def get(self, request: Request, day: str) -> Response:
        return _shown(_date(day))

    @extend_schema(
        operation_id="calendar_edit",
        summary=_("Set what kind of day a date is"),
        tags=["calendar"],
        parameters=[BY_DAY],
        request=DayBody,
        responses=CalendarDaySerializer,
        examples=[
            OpenApiExample(
                "edit",
                value={"kind": "statutory", "name": "Founders' day"},
                request_only=True,
            )
        ],
    )
    def put(self, request: Request, day: str) -> Response:
        on, data = _date(day), checked(DayBody, request.data)
        with self.telling(DayBody):
            actions.edit_day(
                on,
                kind=DayKind(data["kind"]),
                name=data["name"],
                name_en=data["name_en"],
                by=request.user,
                now=timezone.now(),
            )
        return _shown(on)

    @extend_schema(
        operation_id="calendar_forget",
        summary=_("Let an edited day follow the plan again; the answer is the day as it then is"),
        tags=["calendar"],
        parameters=[BY_DAY],
        responses={200: CalendarDaySerializer},
    )
    def delete(self, request: Request, day: str) -> Response:
        on = _date(day)
        actions.forget_edit(plan_of(on.year).day(on), by=request.user, now=timezone.now())
        return _shown(on)


def _shown(on: date) -> Response:
    return Response(CalendarDaySerializer(days_of(on, on)[0]).data)


def _date(text: str) -> date:
    with suppress(ValueError):
        found = date.fromisoformat(text)
        if FIRST_YEAR <= found.year <= LAST_YEAR:
            return found
    raise Http404
