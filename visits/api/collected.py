"""Needs, promises and opinions through the REST interface."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients.models import Channel
from duty.api.shapes import in_path, line, maybe, username
from staff.rest import Strict
from visits import actions
from visits.actions import NeedSaid, OpinionSaid, PromiseSaid
from visits.api.base import CallbackSet, Here, OfClientQuery, client_code
from visits.api.bodies import NeedBody, OpinionBody, PromiseBody
from visits.api.shapes import NeedSerializer, NeedWholeSerializer, OpinionSerializer, PromiseSerializer
from visits.kinds import NeedState, PromiseState, Tone
from visits.models import LONGEST, Need, Opinion, Promise

OPEN, OVERDUE, ALL = "open", "overdue", "all"
LISTS = [(OPEN, _("open")), (OVERDUE, _("overdue")), (ALL, _("all"))]
NEED_LISTS = [*LISTS, *NeedState.choices]
PROMISE_LISTS = [*LISTS, *PromiseState.choices[1:]]


class NeedQuery(OfClientQuery):
    state = serializers.ChoiceField(NEED_LISTS, default=OPEN)
    owner = username(required=False)


class NewNeedBody(NeedBody):
    client = client_code()


class ChangeNeedBody(Strict):
    """What is not sent stays as it is."""

    state = serializers.ChoiceField(NeedState.choices, required=False, allow_null=True, default=None)
    owner = username(required=False, default="", allow_blank=True)
    due_on = serializers.DateField(required=False, allow_null=True, default=None)
    answer = maybe(LONGEST, help_text=_("What the client was told: needed for done and declined."))
    answer_channel = serializers.ChoiceField(Channel.choices, required=False, default="", allow_blank=True)
    note = maybe(1000)


class PromiseQuery(OfClientQuery):
    state = serializers.ChoiceField(PROMISE_LISTS, default=OPEN)
    person = username(required=False)


class NewPromiseBody(PromiseBody):
    client = client_code()


class KeepBody(Strict):
    note = line(300, help_text=_("What was done, or why not."))


class OpinionQuery(OfClientQuery):
    tone = serializers.ChoiceField(Tone.choices, required=False)
    q = serializers.CharField(required=False, max_length=100, help_text=_("Words in it."))


class NewOpinionBody(OpinionBody):
    client = client_code()


NEEDS = Here("needs", NeedSerializer, in_path("need", _("The need's id.")), whole=NeedWholeSerializer)
PROMISES = Here("promises", PromiseSerializer, in_path("promise", _("The promise's id.")))
OPINIONS = Here("opinions", OpinionSerializer, in_path("opinion", _("The opinion's id.")))


class NeedViewSet(CallbackSet):
    lookup_field = "need"
    of = NEEDS

    @NEEDS.listed(
        _("The register of clients' needs, newest first; unless asked otherwise the open ones"), NeedQuery
    )
    def list(self, request: Request) -> Response:
        query = self.asked(NeedQuery)
        rows = self.of_client(self.rows(), query)
        if query["state"] == OVERDUE:
            rows = rows.overdue(timezone.localdate())
        elif query["state"] == OPEN:
            rows = rows.open()
        elif query["state"] != ALL:
            rows = rows.filter(state=query["state"])
        if "owner" in query:
            rows = rows.filter(owner__username=query["owner"])
        return self.listed(rows, query)

    @NEEDS.read(_("One need with its history"))
    def retrieve(self, request: Request, need: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @NEEDS.made(
        _("Write a client's need into the register"),
        NewNeedBody,
        {"client": "hospital", "title": "A report by ward", "owner": "chen", "due_on": "2026-12-20"},
    )
    def create(self, data: dict[str, Any], **who: Any) -> Need:
        client = self.client_named(data)
        said = NeedSaid(
            data["title"],
            data["details"],
            self.system_of(client, data["system"], "system"),
            self.someone(data["owner"], "owner"),
            data["due_on"],
        )
        return actions.raise_need(client, said, **who)

    @NEEDS.verb(
        _("Carry a need on: accept, plan, settle, decline"),
        ChangeNeedBody,
        {"state": "planned", "owner": "chen", "due_on": "2026-12-20", "note": "With the next release"},
    )
    def change(self, need: Need, data: dict[str, Any], **who: Any) -> Need:
        facts = data | {"owner": self.someone(data["owner"], "owner")}
        facts["state"] = NeedState(data["state"]) if data["state"] else None
        return actions.change_need(need, **facts, **who)

    def rows(self) -> QuerySet[Need]:
        return Need.objects.visible_to(self.request.user).with_names()


class PromiseViewSet(CallbackSet):
    lookup_field = "promise"
    of = PROMISES

    @PROMISES.listed(_("Promises, newest first; unless asked otherwise the open ones"), PromiseQuery)
    def list(self, request: Request) -> Response:
        query = self.asked(PromiseQuery)
        rows = self.of_client(self.rows(), query)
        if query["state"] == OVERDUE:
            rows = rows.overdue(timezone.localdate())
        elif query["state"] != ALL:
            rows = rows.filter(state=query["state"])
        if "person" in query:
            rows = rows.filter(person__username=query["person"])
        return self.listed(rows, query)

    @PROMISES.read(_("One promise"))
    def retrieve(self, request: Request, promise: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @PROMISES.made(
        _("Write down what was promised to a client"),
        NewPromiseBody,
        {"client": "hospital", "text": "An offer by mail", "due_on": "2026-12-10", "person": "chen"},
    )
    def create(self, data: dict[str, Any], **who: Any) -> Promise:
        person = self.someone(data["person"], "person")
        said = PromiseSaid(data["text"], data["due_on"], person)
        return actions.make_promise(self.client_named(data), said, **who)

    @PROMISES.verb(_("Say that a promise was kept"), KeepBody, {"note": "Sent by mail"})
    def keep(self, promise: Promise, data: dict[str, Any], **who: Any) -> Promise:
        return actions.close_promise(promise, PromiseState.KEPT, note=data["note"], **who)

    @PROMISES.verb(_("Drop a promise, and say why"), KeepBody, {"note": "The client has bought another"})
    def drop(self, promise: Promise, data: dict[str, Any], **who: Any) -> Promise:
        return actions.close_promise(promise, PromiseState.DROPPED, note=data["note"], **who)

    def rows(self) -> QuerySet[Promise]:
        return Promise.objects.visible_to(self.request.user).with_names()


class OpinionViewSet(CallbackSet):
    lookup_field = "opinion"
    of = OPINIONS

    @OPINIONS.listed(_("What clients think of the service, newest first"), OpinionQuery)
    def list(self, request: Request) -> Response:
        query = self.asked(OpinionQuery)
        rows = self.of_client(self.rows(), query)
        if "tone" in query:
            rows = rows.filter(tone=query["tone"])
        if "q" in query:
            rows = rows.filter(text__icontains=query["q"])
        return self.listed(rows, query)

    @OPINIONS.made(
        _("Write down what a client thinks of the service"),
        NewOpinionBody,
        {"client": "hospital", "text": "The engineer explained everything", "tone": "praise"},
    )
    def create(self, data: dict[str, Any], **who: Any) -> Opinion:
        said = OpinionSaid(data["text"], Tone(data["tone"]))
        return actions.add_opinion(self.client_named(data), said, **who)

    @OPINIONS.read(_("One opinion"))
    def retrieve(self, request: Request, opinion: str) -> Response:
        return Response(self.shown_whole(self.one()))

    def rows(self) -> QuerySet[Opinion]:
        return Opinion.objects.visible_to(self.request.user).select_related("client", "by")
