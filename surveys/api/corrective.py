"""Corrective actions through the REST interface: read, opened by hand, and taken step by step (§4.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clients.models import Client
from staff.idempotency import REQUIRED_KEY, once
from staff.rest import HouseOnly, Strict, checked, page_of
from staff.restaddresses import OneView, Steps
from staff.restnames import chosen, person_named
from surveys.actions import corrective as actions
from surveys.actions.opening import open_by_hand
from surveys.actions.resurvey import ask_again
from surveys.api.correctiveshapes import (
    BY_ID,
    AnalyseBody,
    CarryOutBody,
    CorrectiveQuery,
    CorrectiveSerializer,
    CorrectiveWholeSerializer,
    DropBody,
    EffectBody,
    NothingToSayBody,
    OpenCorrectiveBody,
    PlanBody,
    ReplyBody,
    VerifyBody,
)
from surveys.correctivefilters import asked_for
from surveys.models import CorrectiveAction
from tickets.models import Ticket

step = Steps("corrective_actions", "satisfaction", BY_ID, CorrectiveWholeSerializer)


class CorrectiveViewSet(HouseOnly, OneView):
    lookup_field = "action"

    @extend_schema(
        operation_id="corrective_actions_list",
        summary=_("Corrective actions, newest first; unless asked otherwise those that are not closed"),
        tags=["satisfaction"],
        parameters=[CorrectiveQuery],
        responses=page_of(CorrectiveSerializer, "CorrectivePage"),
    )
    def list(self, request: Request) -> Response:
        query, now = self.asked(CorrectiveQuery), timezone.now()
        rows = asked_for({name: str(value) for name, value in query.items()}, request.user, now).rows
        context = {"user": request.user, "now": now}
        return self.page(
            rows.with_names(),
            query,
            order="-pk",
            shown=lambda found: CorrectiveSerializer(found, many=True, context=context).data,
        )

    @extend_schema(
        operation_id="corrective_actions_read",
        summary=_("One corrective action with its parts and its history"),
        tags=["satisfaction"],
        parameters=[BY_ID],
        responses=CorrectiveWholeSerializer,
    )
    def retrieve(self, request: Request, action: str) -> Response:
        return Response(self.whole(self.one()))

    @extend_schema(
        operation_id="corrective_actions_open",
        summary=_("Open a corrective action by hand, from a client or a record"),
        tags=["satisfaction"],
        parameters=[REQUIRED_KEY],
        request=OpenCorrectiveBody,
        responses={201: CorrectiveWholeSerializer},
        examples=[
            OpenApiExample(
                "open",
                value={"client": "hospital", "title": "Nobody called back"},
                summary=_("Open a corrective action by hand, from a client or a record"),
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        now, user = timezone.now(), request.user

        def do() -> Response:
            data = checked(OpenCorrectiveBody, request.data)
            clients = Client.objects.visible_to(user).select_related("group")
            client, ticket = chosen(clients.filter(code=data["client"]), "client"), None
            if "record" in data:
                records = Ticket.objects.visible_to(user).select_related("contact", "system")
                ticket = chosen(records.filter(pk=int(data["record"][2:])), "record")
            opened = open_by_hand(
                client=client, ticket=ticket, title=data["title"], words=data["words"], by=user, now=now
            )
            found = self.rows().get(pk=opened.pk)
            location = request.build_absolute_uri(f"{request.path}{opened.pk}/")
            return Response(self.whole(found), status=201, headers={"Location": location})

        return once(request, do, required=True, now=now)

    @step(
        _("Analyse the cause: why, asked up to five times"),
        AnalyseBody,
        {"whys": ["Nobody looked at the queue", "The shift was not handed over"], "root_cause": "process"},
    )
    def analyse(self, action: CorrectiveAction, data: dict[str, Any], **who: Any) -> Any:
        return actions.analyse(action, **data, **who)

    @step(
        _("Plan the measure, its owner and its day"),
        PlanBody,
        {"measure": "Look at the queue every hour", "owner": "chen", "due_on": "2099-12-11"},
    )
    def plan(self, action: CorrectiveAction, data: dict[str, Any], **who: Any) -> Any:
        owner = person_named(data["owner"], "owner", seen_by=self.request.user)
        return actions.plan_measure(
            action, measure=data["measure"], owner=owner, due_on=data["due_on"], **who
        )

    @step(_("Report the measure carried out"), CarryOutBody, {"result": "In the shift's instructions now"})
    def carry_out(self, action: CorrectiveAction, data: dict[str, Any], **who: Any) -> Any:
        return actions.carry_out(action, **data, **who)

    @step(
        _("Answer the client"),
        ReplyBody,
        {"reply": "You are answered within the hour now", "reply_how": "phone", "reply_to": "Director Sun"},
    )
    def reply(self, action: CorrectiveAction, data: dict[str, Any], **who: Any) -> Any:
        return actions.reply_to_client(
            action,
            text=data["reply"],
            how=data["reply_how"],
            told=data["reply_to"],
            told_at=data["replied_at"],
            **who,
        )

    @step(
        _("Verify as somebody other than the owner"),
        VerifyBody,
        {"is_done": True, "verification": "Three days of the queue looked at"},
    )
    def verify(self, action: CorrectiveAction, data: dict[str, Any], **who: Any) -> Any:
        return actions.verify(action, is_done=data["is_done"], note=data["verification"], **who)

    @step(_("Ask the client again, in spite of his rest between surveys"), NothingToSayBody, {})
    def ask_again(self, action: CorrectiveAction, data: dict[str, Any], **who: Any) -> Any:
        return ask_again(action, **who)

    @step(_("Check the effect"), EffectBody, {"effect": "effective", "effect_note": "Asked again: 5 of 5"})
    def check_effect(self, action: CorrectiveAction, data: dict[str, Any], **who: Any) -> Any:
        return actions.check_effect(action, effect=data["effect"], note=data["effect_note"], **who)

    @step(_("Close it; what is missing is named field by field"), NothingToSayBody, {})
    def close(self, action: CorrectiveAction, data: dict[str, Any], **who: Any) -> Any:
        return actions.close_corrective(action, **who)

    @step(_("Drop it, as a superior who does not own it"), DropBody, {"reason": "A misunderstanding"})
    def drop(self, action: CorrectiveAction, data: dict[str, Any], **who: Any) -> Any:
        return actions.drop_corrective(action, **data, **who)

    def act(self, take: Callable[..., Any], body: type[Strict], *, is_answer: bool = False) -> Response:
        """As every step; what is missing for it is told field by field."""
        try:
            return super().act(take, body, is_answer=is_answer)
        except actions.PartsMissing as refused:
            faults = {part: [ErrorDetail(text, code="missing")] for part, text in refused.faults.items()}
            raise ValidationError(faults) from refused

    def rows(self) -> QuerySet[CorrectiveAction]:
        rows = CorrectiveAction.objects.visible_to(self.request.user).with_names()
        return rows.select_related("contact", "system", "replied_by", "verified_by", "resurvey")

    def whole(self, found: CorrectiveAction) -> Any:
        context = {"user": self.request.user, "now": timezone.now()}
        return CorrectiveWholeSerializer(found, context=context).data
