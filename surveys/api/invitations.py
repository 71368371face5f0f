"""Invitations through the REST interface: read, keyed, and noted as not delivered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from staff.idempotency import REQUIRED_KEY, once
from staff.rest import RestView, checked, page_of
from staff.restaddresses import in_path
from surveys import actions
from surveys.actions import AnswersRefused, Given, Source
from surveys.api.shapes import (
    NUMBER,
    InvitationQuery,
    InvitationSerializer,
    InvitationWithAnswerSerializer,
    KeyBody,
    ReturnedBody,
)
from surveys.models import Invitation
from surveys.numbers import id_of

BY_NUMBER = in_path("invitation", _("The invitation's number, as it stands on paper."), NUMBER)


class InvitationViewSet(RestView, ViewSet):
    lookup_field = "invitation"
    lookup_value_regex = NUMBER

    @extend_schema(
        operation_id="invitations_list",
        summary=_("Invitations to surveys, newest first"),
        tags=["surveys"],
        parameters=[InvitationQuery],
        responses=page_of(InvitationSerializer, "InvitationPage"),
    )
    def list(self, request: Request) -> Response:
        query = self.asked(InvitationQuery)
        rows = Invitation.objects.visible_to(request.user).listed()
        for name in ("campaign", "state"):
            if name in query:
                rows = rows.filter(**{name: query[name]})
        context = {"user": request.user}
        return self.page(
            rows,
            query,
            order="-pk",
            shown=lambda found: InvitationSerializer(found, many=True, context=context).data,
        )

    @extend_schema(
        operation_id="invitations_read",
        summary=_("One invitation with its questions and its answer"),
        tags=["surveys"],
        parameters=[BY_NUMBER],
        responses=InvitationWithAnswerSerializer,
    )
    def retrieve(self, request: Request, invitation: str) -> Response:
        return self._shown()

    @extend_schema(
        operation_id="invitations_key",
        summary=_("Key what a client answered by phone, on site or in writing"),
        tags=["surveys"],
        parameters=[BY_NUMBER, REQUIRED_KEY],
        request=KeyBody,
        responses=InvitationWithAnswerSerializer,
        examples=[
            OpenApiExample(
                "key",
                value={
                    "channel": "phone",
                    "given_at": "2026-11-23T14:35:00+08:00",
                    "evidence": "Dr Sun himself, on 0755-8888 8877",
                    "answers": [{"question": 1, "value": 2, "why": "Too slow"}],
                    "wants_reply": True,
                },
                summary=_("Key what a client answered by phone, on site or in writing"),
                request_only=True,
            )
        ],
    )
    @action(detail=True, methods=["post"])
    def key(self, request: Request, invitation: str) -> Response:
        return self._act(self._key)

    @extend_schema(
        operation_id="invitations_returned",
        summary=_("Note that an e-mail or a letter came back: another way is taken"),
        tags=["surveys"],
        parameters=[BY_NUMBER, REQUIRED_KEY],
        request=ReturnedBody,
        responses=InvitationWithAnswerSerializer,
        examples=[
            OpenApiExample(
                "returned",
                value={"note": "550 5.1.1 no such user"},
                summary=_("Note that an e-mail or a letter came back: another way is taken"),
                request_only=True,
            )
        ],
    )
    @action(detail=True, methods=["post"])
    def returned(self, request: Request, invitation: str) -> Response:
        return self._act(self._returned)

    def _key(self, invitation: Invitation, **who: Any) -> None:
        body = checked(KeyBody, self.request.data)
        places = {row["question"]: place for place, row in enumerate(body["answers"])}
        lines = {question.line for question in invitation.version.questions.all()}
        wrong: dict[str, Any] = {
            str(place): {"question": [ErrorDetail(_("There is no such question."), code="does_not_exist")]}
            for line, place in places.items()
            if line not in lines
        }
        if len(places) < len(body["answers"]):
            raise ValidationError(
                {"answers": [ErrorDetail(_("A question is named twice."), code="duplicate")]}
            )
        if wrong:
            raise ValidationError({"answers": wrong})
        given = Given(
            {row["question"]: row["value"] for row in body["answers"]},
            {row["question"]: row.get("why", "") for row in body["answers"]},
            body["is_complaint"],
            body["wants_reply"],
        )
        source = Source(body["channel"], body["given_at"], body["evidence"])
        try:
            actions.key_answers(invitation, given, source, **who)
        except AnswersRefused as refused:
            faults: dict[str, Any] = {}
            for line, fault in refused.faults.items():
                place = str(places.get(line, len(places)))
                faults[place] = {"value": [ErrorDetail(str(fault.label), code=fault.value)]}
            raise ValidationError({"answers": faults}) from refused

    def _returned(self, invitation: Invitation, **who: Any) -> None:
        actions.returned(invitation, note=checked(ReturnedBody, self.request.data)["note"], **who)

    def _act(self, act: Callable[..., None]) -> Response:
        """Do it once per Idempotency-Key; answer with the invitation as it now stands."""
        now = timezone.now()

        def do() -> Response:
            act(self._invitation(), by=self.request.user, now=now)
            return self._shown()

        return once(self.request, do, required=True, now=now)

    def _invitation(self) -> Invitation:
        pk = id_of(self.kwargs["invitation"])
        rows = Invitation.objects.visible_to(self.request.user).listed().select_related("version", "sheet")
        if pk is None or (found := rows.filter(pk=pk).first()) is None:
            raise Http404
        return found

    def _shown(self) -> Response:
        context = {"user": self.request.user}
        return Response(InvitationWithAnswerSerializer(self._invitation(), context=context).data)
