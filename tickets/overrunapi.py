"""Overruns through the REST interface: cases to read, and the steps that are taken on them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from staff.rest import Coded, ListQuery, Moment, Person, Strict, page_of
from staff.restaddresses import OneView, Steps, in_path
from tickets import actions
from tickets.accountability import OverrunCause, OverrunState
from tickets.models import ClockKind, Grade, Overrun
from tickets.overrunfilters import QUEUES, asked_for
from tickets.overruns import Case, cases

BY_CASE = in_path("case", _("The case's id."))
CAUSES_ASKED = [*OverrunCause.choices, ("none", _("Not ruled on"))]
MONTH = r"^20\d\d-(0[1-9]|1[0-2])$"


def _cause(**more: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(OverrunCause.choices, **more)


def _text(name: str) -> serializers.CharField:
    return serializers.CharField(source=f"overrun.{name}", allow_null=True)


def _moment(name: str) -> Moment:
    return Moment(source=f"overrun.{name}", allow_null=True)


class OverrunQuery(ListQuery):
    """Without a state: what is not settled."""

    state = serializers.ChoiceField(list(QUEUES.items()), required=False)
    clock = serializers.ChoiceField(ClockKind.choices, required=False)
    group = serializers.CharField(required=False, max_length=50, help_text=_("Code of an O&M group."))
    client = serializers.CharField(required=False, max_length=50, help_text=_("Code of a client."))
    person = serializers.CharField(required=False, max_length=150, help_text=_("A user name."))
    month = serializers.RegexField(MONTH, required=False, help_text=_("In which the limit ended: 2026-11."))
    cause = serializers.ChoiceField(CAUSES_ASKED, required=False)
    excused = serializers.ChoiceField([("1", _("Excused")), ("0", _("Not excused"))], required=False)


class ExplainBody(Strict):
    cause = _cause()
    text = serializers.CharField(max_length=4000, help_text=_("How it came to this"))


class RuleBody(Strict):
    cause = _cause()
    is_excused = serializers.BooleanField(default=False, help_text=_("Never with our own cause."))
    reason = serializers.CharField(max_length=4000)


class AppealBody(Strict):
    text = serializers.CharField(max_length=4000, help_text=_("Why the ruling is not right"))


class OverrunSerializer(serializers.Serializer):
    """A limit that was exceeded, as a case. Unless `is_readable`, all that concerns a person is null."""

    id = serializers.IntegerField(source="overrun.pk")
    record = serializers.CharField(source="overrun.ticket.number")
    clock = serializers.ChoiceField(ClockKind.choices, source="overrun.kind")
    clock_label = serializers.CharField(source="overrun.kind_label")
    grade = serializers.ChoiceField(Grade.choices, source="overrun.grade", allow_null=True)
    group = Coded(source="overrun.group")
    due_at = Moment(source="overrun.due_at", help_text=_("The deadline that was missed."))
    opened_at = Moment(source="overrun.opened_at")
    late_seconds = serializers.SerializerMethodField(help_text=_("Until now where the clock runs still."))
    state = serializers.ChoiceField(OverrunState.choices, source="overrun.state")
    state_label = serializers.CharField(source="overrun.get_state_display")
    is_set_aside = serializers.BooleanField(source="overrun.is_set_aside")
    next_step_by = Moment(source="due_at", allow_null=True)
    is_overdue = serializers.BooleanField()
    is_readable = serializers.BooleanField()
    person = Person(source="overrun.person", allow_null=True)
    explanation = _text("explanation")
    proposed_cause = _text("proposed_cause")
    explained_at = _moment("explained_at")
    ruling = _text("ruling")
    ruled_cause = _text("ruled_cause")
    ruled_excused = serializers.BooleanField(source="overrun.ruled_excused", allow_null=True)
    ruled_by = Person(source="overrun.ruled_by", allow_null=True)
    ruled_at = _moment("ruled_at")
    appeal_until = _moment("appeal_until")
    appeal = _text("appeal")
    appealed_at = _moment("appealed_at")
    decision = _text("decision")
    decided_by = Person(source="overrun.decided_by", allow_null=True)
    settled_at = _moment("settled_at")
    cause = _text("cause")
    cause_label = serializers.CharField(source="overrun.get_cause_display", allow_null=True)
    is_excused = serializers.BooleanField(source="overrun.is_excused", allow_null=True)

    def get_late_seconds(self, case: Case) -> int:
        return int(case.late.total_seconds())

    def to_representation(self, case: Case) -> dict[str, Any]:
        shown = super().to_representation(case)
        names = list(shown)
        hidden = [] if case.is_readable else names[names.index("is_readable") + 1 :]
        return shown | dict.fromkeys(hidden)


step = Steps("overruns", "tickets", BY_CASE, OverrunSerializer)


class OverrunViewSet(OneView):
    lookup_field = "case"

    @extend_schema(
        operation_id="overruns_list",
        summary=_("Overruns of limits, newest first"),
        tags=["tickets"],
        parameters=[OverrunQuery],
        responses=page_of(OverrunSerializer, "OverrunPage"),
    )
    def list(self, request: Request) -> Response:
        query, now = self.asked(OverrunQuery), timezone.now()
        rows = asked_for({name: str(value) for name, value in query.items()}, request.user, now).rows
        return self.page(_related(rows), query, order="-pk", shown=self._shown)

    @extend_schema(
        operation_id="overruns_read",
        summary=_("One overrun"),
        tags=["tickets"],
        parameters=[BY_CASE],
        responses=OverrunSerializer,
    )
    def retrieve(self, request: Request, case: str) -> Response:
        return Response(self.whole(self.one()))

    @step(
        _("Explain one's own overrun"),
        ExplainBody,
        {"cause": "third_party", "text": "The carrier's line was down until noon"},
    )
    def explain(self, overrun: Overrun, data: dict[str, Any], **who: Any) -> Overrun:
        return actions.explain(overrun, text=data["text"], cause=OverrunCause(data["cause"]), **who)

    @step(
        _("Rule on an overrun"),
        RuleBody,
        {"cause": "third_party", "is_excused": True, "reason": "The carrier confirms it"},
    )
    def rule(self, overrun: Overrun, data: dict[str, Any], **who: Any) -> Overrun:
        return actions.rule(overrun, **_judgement(data), **who)

    @step(_("Appeal against a ruling"), AppealBody, {"text": "The part was ordered on the first day"})
    def appeal(self, overrun: Overrun, data: dict[str, Any], **who: Any) -> Overrun:
        return actions.appeal(overrun, text=data["text"], **who)

    @step(
        _("Decide on an appeal for good"),
        RuleBody,
        {"cause": "own", "is_excused": False, "reason": "The order was written a day late"},
    )
    def decide(self, overrun: Overrun, data: dict[str, Any], **who: Any) -> Overrun:
        return actions.decide_appeal(overrun, **_judgement(data), **who)

    def rows(self) -> QuerySet[Overrun]:
        return _related(Overrun.objects.visible_to(self.request.user))

    def whole(self, found: Overrun) -> Any:
        return self._shown([found])[0]

    def _shown(self, found: list[Overrun]) -> list[Any]:
        user = self.request.user
        rows = cases(found, user, timezone.now())
        return OverrunSerializer(rows, many=True, context={"user": user}).data


def _related(rows: QuerySet[Overrun]) -> QuerySet[Overrun]:
    return rows.select_related("clock", "ticket", "group", "person", "ruled_by", "decided_by")


def _judgement(data: dict[str, Any]) -> dict[str, Any]:
    cause, reason = OverrunCause(data["cause"]), data["reason"]
    return {"cause": cause, "is_excused": data["is_excused"], "reason": reason}
