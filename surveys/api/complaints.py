"""The register of complaints, and the figures of satisfaction, through the REST interface (§4.1.2, §4.3)."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action as address_of
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from staff.idempotency import KEY, once
from staff.rest import Coded, HouseOnly, ListQuery, Moment, Person, Strict, checked, page_of
from staff.restaddresses import in_path
from surveys.actions.complaints import rule_on_complaint
from surveys.complaints import QUEUES, Line, asked_for, lines
from surveys.figures import gather
from surveys.figuretables import lines as figure_lines
from surveys.models import Verdict
from surveys.models import complaints as complaints_of
from surveys.scope import scope_of
from tickets.models import Status, Ticket
from tickets.restverbs import NUMBER

BY_NUMBER = in_path("record", _("The record's number."), NUMBER)


class ComplaintQuery(ListQuery):
    queue = serializers.ChoiceField(list(QUEUES.items()), required=False)
    group = serializers.CharField(required=False, max_length=50, help_text=_("Code of an O&M group."))
    client = serializers.CharField(required=False, max_length=50, help_text=_("The code of a client."))


class RulingBody(Strict):
    verdict = serializers.ChoiceField(Verdict.choices)
    reason = serializers.CharField(max_length=4000)


class RulingSerializer(serializers.Serializer):
    verdict = serializers.ChoiceField(Verdict.choices)
    reason = serializers.CharField()
    by = Person()
    at = Moment()


class ComplaintSerializer(serializers.Serializer):
    record = serializers.CharField(source="ticket.number")
    title = serializers.CharField(source="ticket.title")
    client = Coded(source="ticket.client")
    group = Coded(source="ticket.group")
    status = serializers.ChoiceField(Status.choices, source="ticket.status")
    reported_at = Moment(source="ticket.reported_at")
    answer_due_at = Moment(source="clock.due_at", allow_null=True, default=None)
    answered_at = Moment(source="clock.stopped_at", allow_null=True, default=None)
    is_late = serializers.SerializerMethodField()
    ruling = RulingSerializer(allow_null=True)
    corrective_action = serializers.IntegerField(source="action.pk", allow_null=True, default=None)

    def get_is_late(self, line: Line) -> bool:
        return line.is_late(self.context["now"])


class ComplaintViewSet(HouseOnly, ViewSet):
    lookup_field = "record"
    lookup_value_regex = NUMBER

    @extend_schema(
        operation_id="complaints_list",
        summary=_("The register of complaints, newest first"),
        tags=["satisfaction"],
        parameters=[ComplaintQuery],
        responses=page_of(ComplaintSerializer, "ComplaintPage"),
    )
    def list(self, request: Request) -> Response:
        query, now = self.asked(ComplaintQuery), timezone.now()
        rows = asked_for({name: str(value) for name, value in query.items()}, request.user, now).rows
        return self.page(rows, query, order="-pk", shown=self._shown)

    @extend_schema(
        operation_id="complaints_read",
        summary=_("One complaint with its ruling"),
        tags=["satisfaction"],
        parameters=[BY_NUMBER],
        responses=ComplaintSerializer,
    )
    def retrieve(self, request: Request, record: str) -> Response:
        return Response(self._shown([self._one()])[0])

    @extend_schema(
        operation_id="complaints_rule",
        summary=_("Rule whether a complaint is founded"),
        tags=["satisfaction"],
        parameters=[BY_NUMBER, KEY],
        request=RulingBody,
        responses=ComplaintSerializer,
        examples=[
            OpenApiExample(
                "rule",
                value={"verdict": "founded", "reason": "Nobody had called back"},
                summary=_("Rule whether a complaint is founded"),
                request_only=True,
            )
        ],
    )
    @address_of(detail=True, methods=["post"])
    def rule(self, request: Request, record: str) -> Response:
        now = timezone.now()

        def do() -> Response:
            data = checked(RulingBody, request.data)
            rule_on_complaint(self._one(), **data, by=request.user, now=now)
            return Response(self._shown([self._one()])[0])

        return once(request, do, required=False, now=now)

    def _one(self) -> Ticket:
        rows = complaints_of(self.request.user).select_related("client", "group", "owner")
        if (found := rows.filter(pk=int(self.kwargs["record"][2:])).first()) is None:
            raise Http404
        return found

    def _shown(self, found: Any) -> Any:
        context = {"user": self.request.user, "now": timezone.now()}
        return ComplaintSerializer(lines(found), many=True, context=context).data


class FiguresQuery(Strict):
    """Unless asked otherwise: the questionnaire that was answered last, in the last 365 days."""

    questionnaire = serializers.IntegerField(required=False, min_value=1)
    campaign = serializers.IntegerField(required=False, min_value=1)
    group = serializers.CharField(required=False, max_length=50, help_text=_("Code of an O&M group."))
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)


class FigureSerializer(serializers.Serializer):
    """One figure, never without its n."""

    section = serializers.CharField()
    item = serializers.CharField()
    n = serializers.IntegerField()
    count = serializers.IntegerField(allow_null=True)
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text=_("Of its interval at the level 0.95."))
    high = serializers.FloatField(allow_null=True)
    unit = serializers.CharField()
    note = serializers.CharField()


class FiguresSerializer(serializers.Serializer):
    since = serializers.DateField()
    until = serializers.DateField()
    is_own = serializers.BooleanField(help_text=_("Whether they are of one's own work alone."))
    figures = FigureSerializer(many=True)


class SatisfactionView(HouseOnly):
    @extend_schema(
        operation_id="satisfaction",
        summary=_("The figures of satisfaction, as far as one may see them"),
        tags=["satisfaction"],
        parameters=[FiguresQuery],
        responses=FiguresSerializer,
    )
    def get(self, request: Request) -> Response:
        query, now = self.asked(FiguresQuery), timezone.now()
        scope = scope_of({name: str(value) for name, value in query.items()}, request.user, now)
        shown = {
            "since": scope.since,
            "until": scope.until,
            "is_own": scope.is_own,
            "figures": figure_lines(gather(scope, now)),
        }
        return Response(FiguresSerializer(shown).data)
