"""The policy and the report-ups through the REST interface."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from staff.models import User
from staff.rest import LARGEST_ID, ListQuery, Moment, Person, RestView, Strict, page_of
from staff.restnames import chosen
from tickets import actions
from tickets.escalation import Needs, While
from tickets.models import (
    ClockKind,
    Escalation,
    Grade,
    Kind,
    PolicyState,
    PolicyVersion,
    Target,
    Ticket,
    TimeLimit,
)
from tickets.restverbs import BY_NUMBER, verb


class LimitSerializer(serializers.Serializer):
    """How long a step may take."""

    clock = serializers.ChoiceField(ClockKind.choices, source="kind")
    grade = serializers.ChoiceField(Grade.choices, allow_null=True)
    work = serializers.ChoiceField(
        Kind.choices, allow_blank=True, help_text=_("Empty: whatever it is about.")
    )
    contract = serializers.CharField(source="contract.number", allow_null=True, default=None)
    limit = serializers.DurationField()
    round_the_clock = serializers.BooleanField()
    near_percent = serializers.IntegerField()


class RuleSerializer(serializers.Serializer):
    """Who is told while a clock runs."""

    clock = serializers.ChoiceField(ClockKind.choices, source="kind")
    grade = serializers.ChoiceField(Grade.choices, allow_null=True)
    after = serializers.DurationField(allow_null=True)
    percent = serializers.IntegerField(allow_null=True)
    target = serializers.ChoiceField(Target.choices)
    person = Person(allow_null=True)
    only_while = serializers.ChoiceField(While.choices, allow_blank=True)
    repeat_every = serializers.DurationField(allow_null=True)
    repeat_times = serializers.IntegerField()
    quiet_from = serializers.TimeField(allow_null=True)
    quiet_until = serializers.TimeField(allow_null=True)
    needs_ack = serializers.ChoiceField(Needs.choices)
    channels = serializers.ListField(child=serializers.CharField())
    convenes = serializers.BooleanField()


class PolicyVersionSerializer(serializers.Serializer):
    """One version of the policy."""

    number = serializers.IntegerField()
    state = serializers.ChoiceField(PolicyState.choices)
    state_label = serializers.CharField(source="get_state_display")
    title = serializers.CharField(source="label")
    why = serializers.CharField()
    drafted_by = Person(allow_null=True)
    drafted_at = Moment(allow_null=True)
    adopted_by = Person(allow_null=True)
    adopted_at = Moment(allow_null=True)
    retired_at = Moment(allow_null=True)
    note = serializers.CharField()


class PolicySerializer(PolicyVersionSerializer):
    """One version of the policy with all that it says."""

    limits = LimitSerializer(many=True)
    rules = serializers.SerializerMethodField()

    @extend_schema_field(RuleSerializer(many=True))
    def get_rules(self, version: PolicyVersion) -> list[Any]:
        rules = version.rules.filter(is_active=True).select_related("person")
        return list(RuleSerializer(rules, many=True, context=self.context).data)


class AcknowledgementSerializer(serializers.Serializer):
    by = Person()
    at = Moment()


class ReportUpSerializer(serializers.Serializer):
    """A report-up of a record: planned, or made."""

    id = serializers.IntegerField(source="pk")
    clock = serializers.ChoiceField(ClockKind.choices, source="clock.kind")
    turn = serializers.IntegerField(help_text=_("0 is the first; what follows are its repeats."))
    target = serializers.ChoiceField(Target.choices)
    person = Person(source="rule.person", allow_null=True)
    needs_ack = serializers.ChoiceField(Needs.choices, source="rule.needs_ack")
    due_at = Moment(allow_null=True, help_text=_("Empty while the record waits."))
    fired_at = Moment(allow_null=True)
    is_late = serializers.BooleanField()
    found_nobody = serializers.BooleanField(help_text=_("So the next level up was told."))
    told = Person(many=True)
    acknowledged = AcknowledgementSerializer(source="acknowledgements", many=True)


class AcknowledgeReportUpBody(Strict):
    report_up = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)


class ReportUpVerbs:
    """The addresses of a record that have to do with who is told of it."""

    @extend_schema(
        operation_id="tickets_report_ups",
        summary=_("A record's report-ups, those to come and those made"),
        tags=["tickets"],
        parameters=[BY_NUMBER, ListQuery],
        responses=page_of(ReportUpSerializer, "ReportUpPage"),
    )
    @action(detail=True, methods=["get"])
    def report_ups(self, request: Request, id: str) -> Response:
        rows = Escalation.objects.visible_to(request.user).filter(ticket=self.record())
        rows = rows.select_related("clock", "rule__person")
        return self.page(
            rows.prefetch_related("told", "acknowledgements__by"),
            self.asked(ListQuery),
            order="pk",
            shown=lambda found: ReportUpSerializer(found, many=True, context=self._context()).data,
        )

    @verb(
        _("Say that you know of a report-up: its repeats stop, no clock does"),
        AcknowledgeReportUpBody,
        {"report_up": 1},
    )
    def acknowledge_report_up(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        steps = Escalation.objects.visible_to(who["by"]).filter(ticket=ticket, pk=data["report_up"])
        actions.acknowledge_report_up(ticket, chosen(steps, "report_up"), **who)
        return self.record()


class PolicyView(RestView, APIView):
    @extend_schema(
        operation_id="policy_read",
        summary=_("The limits and rules in force"),
        tags=["policy"],
        responses=PolicySerializer,
    )
    def get(self, request: Request) -> Response:
        return _shown(_versions(request.user).adopted(), request.user)


class PolicyVersionViewSet(RestView, ViewSet):
    lookup_field = "number"
    lookup_value_regex = "[1-9][0-9]{0,8}"

    @extend_schema(
        operation_id="policy_versions_list",
        summary=_("Versions of the policy, newest first"),
        tags=["policy"],
        parameters=[ListQuery],
        responses=page_of(PolicyVersionSerializer, "PolicyVersionPage"),
    )
    def list(self, request: Request) -> Response:
        context = {"user": request.user}
        return self.page(
            _versions(request.user),
            self.asked(ListQuery),
            order="-pk",
            shown=lambda found: PolicyVersionSerializer(found, many=True, context=context).data,
        )

    @extend_schema(
        operation_id="policy_versions_read",
        summary=_("One version of the policy with all that it says"),
        tags=["policy"],
        parameters=[OpenApiParameter("number", int, OpenApiParameter.PATH)],
        responses=PolicySerializer,
    )
    def retrieve(self, request: Request, number: str) -> Response:
        return _shown(_versions(request.user).filter(number=int(number)), request.user)


def _versions(user: User) -> Any:
    if user.is_contact:
        raise PermissionDenied
    return PolicyVersion.objects.visible_to(user).select_related("drafted_by", "adopted_by")


def _shown(versions: Any, user: User) -> Response:
    limits = TimeLimit.objects.visible_to(user).select_related("contract")
    version = versions.prefetch_related(Prefetch("limits", limits)).first()
    if version is None:
        raise Http404
    return Response(PolicySerializer(version, context={"user": user}).data)
