"""Corrective actions through the REST interface: read, opened by hand, and taken step by step (§4.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action as address_of
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from clients.models import Client
from staff.idempotency import KEY, REQUIRED_KEY, once
from staff.rest import RestView, Strict, checked, page_of
from staff.restnames import chosen, person_named
from surveys.actions import corrective as actions
from surveys.actions.opening import open_by_hand
from surveys.actions.resurvey import ask_again
from surveys.api.correctiveshapes import (
    BY_ID,
    ID,
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


def step(
    summary: str | Promise, body: type[Strict], example: Mapping[str, Any]
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Turn `method(view, action, data, by=, now=)` into the address of a step."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Response]:
        name = method.__name__

        def address(self: CorrectiveViewSet, request: Request, action: str) -> Response:
            return self.act(lambda found, data, **who: method(self, found, data, **who), body)

        address.__name__, address.__doc__ = name, method.__doc__
        documented = extend_schema(
            operation_id=f"corrective_actions_{name}",
            summary=summary,
            tags=["satisfaction"],
            parameters=[BY_ID, KEY],
            request=body,
            responses=CorrectiveWholeSerializer,
            examples=[OpenApiExample(name, value=dict(example), summary=summary, request_only=True)],
        )
        return documented(address_of(detail=True, methods=["post"])(address))

    return decorate


class CorrectiveViewSet(RestView, ViewSet):
    lookup_field = "action"
    lookup_value_regex = ID

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.user.is_contact:
            raise PermissionDenied

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
        return Response(self._shown(self._one()))

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
            found = self._rows().get(pk=opened.pk)
            location = request.build_absolute_uri(f"{request.path}{opened.pk}/")
            return Response(self._shown(found), status=201, headers={"Location": location})

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

    def act(self, take: Callable[..., Any], body: type[Strict]) -> Response:
        """Take a step once per Idempotency-Key where one is given; answer with it as it stands then."""
        now = timezone.now()

        def do() -> Response:
            data = checked(body, self.request.data)
            try:
                take(self._one(), data, by=self.request.user, now=now)
            except actions.PartsMissing as refused:
                faults = {part: [ErrorDetail(text, code="missing")] for part, text in refused.faults.items()}
                raise ValidationError(faults) from refused
            return Response(self._shown(self._one()))

        return once(self.request, do, required=False, now=now)

    def _rows(self) -> Any:
        rows = CorrectiveAction.objects.visible_to(self.request.user).with_names()
        return rows.select_related("contact", "system", "replied_by", "verified_by", "resurvey")

    def _one(self) -> CorrectiveAction:
        if (found := self._rows().filter(pk=int(self.kwargs["action"])).first()) is None:
            raise Http404
        return found

    def _shown(self, action: CorrectiveAction) -> Any:
        context = {"user": self.request.user, "now": timezone.now()}
        return CorrectiveWholeSerializer(action, context=context).data
