"""Handovers through the REST interface: to read, to hand over, to sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from duty.views.groups import groups_of
from staff.idempotency import KEY, once
from staff.rest import RestView, Strict, checked, page_of
from tickets import actions
from tickets.handovers import current_in
from tickets.handoverserializers import (
    BeginBody,
    HandOverBody,
    HandoverQuery,
    HandoverRowSerializer,
    HandoverSerializer,
    OverruleBody,
    SendBackBody,
    SignBody,
    SignedSerializer,
)
from tickets.models import Handover, Ticket

HANDOVER = r"[1-9][0-9]{0,17}"
BY_ID = OpenApiParameter(
    "handover",
    {"type": "string", "pattern": f"^{HANDOVER}$"},
    OpenApiParameter.PATH,
    description=_("The handover's id."),
)


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
        return {"user": self.request.user, "now": timezone.now()}
