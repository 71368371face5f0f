"""Handovers through the REST interface: to read, to hand over, to sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from duty.views.groups import groups_of
from staff.idempotency import KEY, once
from staff.rest import Coded, ListQuery, Moment, Person, RestView, Strict, checked, page_of
from tickets import actions
from tickets.handover import HandoverState, has_passed
from tickets.handovers import blocking, current_in, kept_points
from tickets.lifecycle import Status
from tickets.models import Grade, Handover, HandoverEventKind, Ticket
from tickets.openmatters import OpenMatters, RemoteKind

HANDOVER = r"[1-9][0-9]{0,17}"
LONGEST = 8000
BY_ID = OpenApiParameter(
    "handover",
    {"type": "string", "pattern": f"^{HANDOVER}$"},
    OpenApiParameter.PATH,
    description=_("The handover's id."),
)


class HandoverQuery(ListQuery):
    group = serializers.CharField(required=False, max_length=50, help_text=_("The code of one group."))
    person = serializers.CharField(
        required=False, max_length=150, help_text=_("A user name: one of the two.")
    )
    state = serializers.ChoiceField(HandoverState.choices, required=False)


class BeginBody(Strict):
    """Empty `at`: the change of duty that matters now."""

    group = serializers.CharField(max_length=50, help_text=_("The code of one group."))
    at = Moment(required=False, help_text=_("The instant at which the duty changes hands, by the roster."))


class HandOverBody(Strict):
    note = serializers.CharField(max_length=LONGEST, help_text=_("What happened on the shift"))
    to_do = serializers.CharField(
        max_length=LONGEST, required=False, default="", allow_blank=True, help_text=_("Still to be done")
    )
    done = serializers.ListField(
        child=serializers.CharField(max_length=2000),
        required=False,
        default=list,
        max_length=100,
        help_text=_("The names of the points that were gone through."),
    )


class SendBackBody(Strict):
    remark = serializers.CharField(max_length=LONGEST, help_text=_("What is missing"))


class OverruleBody(Strict):
    reason = serializers.CharField(max_length=LONGEST)


class SignBody(Strict):
    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text=_("The version that you have read; another is refused.")
    )
    take = serializers.ListField(
        child=serializers.RegexField(r"^T-[1-9][0-9]{0,17}$"),
        required=False,
        default=list,
        max_length=100,
        help_text=_("Records of the outgoing person that you take over."),
    )


class PointSerializer(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    is_done = serializers.BooleanField()


class OpenRecordSerializer(serializers.Serializer):
    record = serializers.CharField(source="number")
    title = serializers.CharField()
    client = serializers.CharField()
    client_en = serializers.CharField()
    grade = serializers.ChoiceField(Grade.choices, allow_null=True)
    status = serializers.ChoiceField(Status.choices)
    owner = serializers.CharField(help_text=_("Empty: nobody."))
    owner_en = serializers.CharField()
    due_at = Moment(allow_null=True)


class RemoteMatterSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(RemoteKind.choices)
    record = serializers.CharField(source="number")
    client = serializers.CharField()
    client_en = serializers.CharField()
    who = serializers.CharField(help_text=_("Who is logged in, who authorised it, or the account."))
    who_en = serializers.CharField()
    until_at = Moment(allow_null=True)


class FailedCheckSerializer(serializers.Serializer):
    sheet = serializers.CharField()
    sheet_en = serializers.CharField()
    item = serializers.CharField()
    item_en = serializers.CharField()
    value = serializers.CharField()
    record = serializers.CharField(source="number", help_text=_("Empty: none was opened."))


class OpenMattersSerializer(serializers.Serializer):
    """What was open in the group when it was handed over."""

    records = OpenRecordSerializer(many=True)
    more_records = serializers.IntegerField()
    remote = RemoteMatterSerializer(many=True)
    failed_checks = FailedCheckSerializer(many=True)


class EventSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(HandoverEventKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    at = Moment()
    by = Person()
    text = serializers.CharField()
    records = serializers.ListField(child=serializers.CharField(), source="numbers")


class HandoverRowSerializer(serializers.Serializer):
    """A change of duty that was handed over."""

    id = serializers.IntegerField(source="pk")
    version = serializers.IntegerField()
    group = Coded()
    outgoing = Person()
    incoming = Person()
    changes_at = Moment()
    state = serializers.ChoiceField(HandoverState.choices)
    state_label = serializers.CharField(source="get_state_display")
    handed_over_at = Moment(allow_null=True)
    handed_over_by = Person(allow_null=True)
    signed_at = Moment(allow_null=True)
    passes_at = Moment(allow_null=True, help_text=_("From when on the incoming person answers."))


class HandoverSerializer(HandoverRowSerializer):
    """One of them in full. `open_matters` is as it was then; as long as it is written, it is empty."""

    answers_now = serializers.SerializerMethodField(help_text=_("Who answers for the duty at this moment."))
    note = serializers.CharField()
    to_do = serializers.CharField()
    points = serializers.SerializerMethodField()
    open_matters = serializers.SerializerMethodField()
    blocked_by = serializers.SerializerMethodField(
        help_text=_("Open grade-1 faults during which nobody hands over.")
    )
    history = EventSerializer(many=True, source="with_events")

    @extend_schema_field(Person)
    def get_answers_now(self, handover: Handover) -> Any:
        passed = has_passed(handover.changes_at, handover.signed_at, timezone.now())
        return Person(handover.incoming if passed else handover.outgoing, context=self.context).data

    @extend_schema_field(PointSerializer(many=True))
    def get_points(self, handover: Handover) -> Any:
        return PointSerializer(kept_points(handover), many=True).data

    @extend_schema_field(OpenMattersSerializer)
    def get_open_matters(self, handover: Handover) -> Any:
        return OpenMattersSerializer(OpenMatters.thawed(handover.open_matters)).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_blocked_by(self, handover: Handover) -> list[str]:
        return [] if handover.is_signed else [ticket.number for ticket in blocking(handover)]


class TakenSerializer(serializers.Serializer):
    record = serializers.CharField()
    refusal = serializers.CharField(help_text=_("Why not. Empty: it is yours."))


class SignedSerializer(serializers.Serializer):
    """The handover as it was signed, and what became of each record of `take`."""

    handover = HandoverSerializer()
    taken = TakenSerializer(many=True)


def step(
    summary: str | Promise,
    body: type[Strict],
    example: dict[str, Any],
    answer: type[serializers.Serializer] = HandoverSerializer,
) -> Callable[[Callable[..., dict[str, Any]]], Callable[..., Response]]:
    """Turn `method(view, handover, data, by=, now=)` into the address of a step on one handover."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Response]:
        name = method.__name__

        def address(self: HandoverViewSet, request: Request, handover: str) -> Response:
            return self.act(lambda found, data, **who: method(self, found, data, **who), body)

        address.__name__, address.__doc__ = name, method.__doc__
        documented = extend_schema(
            operation_id=f"handovers_{name}",
            summary=summary,
            tags=["duty"],
            parameters=[BY_ID, KEY],
            request=body,
            responses=answer,
            examples=[OpenApiExample(name, value=example, summary=summary, request_only=True)],
        )
        return documented(action(detail=True, methods=["post"])(address))

    return decorate


class HandoverViewSet(RestView, ViewSet):
    lookup_field = "handover"
    lookup_value_regex = HANDOVER

    @extend_schema(
        operation_id="handovers_list",
        summary=_("Handovers of duty, newest first"),
        tags=["duty"],
        parameters=[HandoverQuery],
        responses=page_of(HandoverRowSerializer, "HandoverPage"),
    )
    def list(self, request: Request) -> Response:
        query = self.asked(HandoverQuery)
        rows = Handover.objects.visible_to(request.user).with_names().defer("open_matters", "note", "to_do")
        if "group" in query:
            rows = rows.filter(group__code=query["group"])
        if person := query.get("person"):
            rows = rows.filter(Q(outgoing__username=person) | Q(incoming__username=person))
        if "state" in query:
            rows = rows.filter(state=query["state"])
        return self.page(
            rows,
            query,
            order="-pk",
            shown=lambda found: HandoverRowSerializer(found, many=True, context=self.shown_to).data,
        )

    @extend_schema(
        operation_id="handovers_read",
        summary=_("One handover"),
        tags=["duty"],
        parameters=[BY_ID],
        responses=HandoverSerializer,
    )
    def retrieve(self, request: Request, handover: str) -> Response:
        return Response(self.whole(self.found()))

    @extend_schema(
        operation_id="handovers_begin",
        summary=_("Begin the handover of a change of duty, or find the one that is begun"),
        tags=["duty"],
        parameters=[KEY],
        request=BeginBody,
        responses={200: HandoverSerializer},
        examples=[OpenApiExample("begin", value={"group": "south"}, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        now = timezone.now()

        def do() -> Response:
            data = checked(BeginBody, request.data)
            group = next((one for one in groups_of(request.user) if one.code == data["group"]), None)
            if group is None:
                raise Http404
            at = data.get("at")
            if at is None:
                if (seen := current_in([group], now).get(group.pk)) is None:
                    raise Http404
                at = seen.handover.changes_at
            begun = actions.open_handover(group, at, by=request.user, now=now)
            return Response(self.whole(begun))

        return once(request, do, required=False, now=now)

    @step(
        _("Hand the duty over, with what is open in the group now"),
        HandOverBody,
        {
            "note": "Quiet; the archive was cleared at 02:10",
            "to_do": "Call Dr Sun",
            "done": ["see", "say"],
        },
    )
    def hand_over(self, found: Handover, data: dict[str, Any], **who: Any) -> Any:
        return self.whole(actions.hand_over(found, **data, **who))

    @step(
        _("Ask a handover back, with what is missing"),
        SendBackBody,
        {"remark": "Who calls the carrier?"},
    )
    def send_back(self, found: Handover, data: dict[str, Any], **who: Any) -> Any:
        return self.whole(actions.send_back(found, **data, **who))

    @step(
        _("Let the duty change hands in spite of an open grade-1 fault"),
        OverruleBody,
        {"reason": "On duty for 16 hours; the second line works on it"},
    )
    def overrule(self, found: Handover, data: dict[str, Any], **who: Any) -> Any:
        return self.whole(actions.overrule(found, **data, **who))

    @step(
        _("Sign for what was handed over, and take records over"),
        SignBody,
        {"version": 2, "take": []},
        SignedSerializer,
    )
    def sign(self, found: Handover, data: dict[str, Any], **who: Any) -> Any:
        found.version = data["version"]
        signed = actions.sign(found, **who)
        pks = [int(number[2:]) for number in data["take"]]
        tickets = Ticket.objects.visible_to(self.request.user).filter(pk__in=pks).order_by("pk")
        outcomes = actions.take_records(signed, list(tickets), **who) if pks else []
        became = {outcome.ticket.number: outcome.refusal for outcome in outcomes}
        gone = str(_("There is no such record."))
        taken = [{"record": number, "refusal": became.get(number, gone)} for number in data["take"]]
        return {"handover": self.whole(signed), "taken": taken}

    def act(self, take: Callable[..., Any], body: type[Strict]) -> Response:
        """Take a step on the handover of this address, once per Idempotency-Key where one is given."""
        now = timezone.now()

        def do() -> Response:
            data = checked(body, self.request.data)
            return Response(take(self.found(), data, by=self.request.user, now=now))

        return once(self.request, do, required=False, now=now)

    def found(self) -> Handover:
        rows = Handover.objects.visible_to(self.request.user).with_names()
        if (one := rows.filter(pk=int(self.kwargs["handover"])).first()) is None:
            raise Http404
        return one

    def whole(self, handover: Handover) -> Any:
        handover.with_events = list(handover.events.select_related("by"))  # type: ignore[attr-defined]
        return HandoverSerializer(handover, context=self.shown_to).data

    @property
    def shown_to(self) -> dict[str, Any]:
        return {"user": self.request.user}
