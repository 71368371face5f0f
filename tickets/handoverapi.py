"""Handovers through the REST interface: to read, to hand over, to sign."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from duty.views.groups import groups_of
from staff.idempotency import KEY, once
from staff.rest import checked, page_of
from staff.restaddresses import OneView, Steps, in_path
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

BY_ID = in_path("handover", _("The handover's id."))
step = Steps("handovers", "duty", BY_ID, HandoverSerializer)


class HandoverViewSet(OneView):
    lookup_field = "handover"

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
        return Response(self.whole(self.one()))

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
        return actions.hand_over(found, **data, **who)

    @step(
        _("Ask a handover back, with what is missing"),
        SendBackBody,
        {"remark": "Who calls the carrier?"},
    )
    def send_back(self, found: Handover, data: dict[str, Any], **who: Any) -> Any:
        return actions.send_back(found, **data, **who)

    @step(
        _("Let the duty change hands in spite of an open grade-1 fault"),
        OverruleBody,
        {"reason": "On duty for 16 hours; the second line works on it"},
    )
    def overrule(self, found: Handover, data: dict[str, Any], **who: Any) -> Any:
        return actions.overrule(found, **data, **who)

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

    def rows(self) -> QuerySet[Handover]:
        return Handover.objects.visible_to(self.request.user).with_names()

    def whole(self, found: Handover) -> Any:
        found.with_events = list(found.events.select_related("by"))  # type: ignore[attr-defined]
        return HandoverSerializer(found, context=self.shown_to).data

    @property
    def shown_to(self) -> dict[str, Any]:
        return {"user": self.request.user, "now": timezone.now()}
