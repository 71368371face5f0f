"""Callbacks: listed, planned by hand, and written down."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from clients.models import Contact
from staff.filefield import uploads
from staff.idempotency import KEY, once
from staff.restnames import chosen
from tickets.models import Kind as RecordKind
from visits import actions
from visits.actions import NeedSaid, OpinionSaid, Present, ProblemSaid, PromiseSaid, Said
from visits.api.base import BY_CALLBACK, CallbackSet, Here
from visits.api.bodies import (
    ArrangeCallbackBody,
    AttendanceBody,
    CallbackFilesBody,
    CallbackNoteBody,
    CallbackQuery,
    DecideCallbackBody,
    HandOverCallbackBody,
    MoveCallbackBody,
    ReachedBody,
    SkipCallbackBody,
)
from visits.api.shapes import CallbackSerializer, CallbackWholeSerializer
from visits.kinds import FileKind, Method, Side, Tone
from visits.models import Callback
from visits.queues import Queue, condition

CALLBACKS = Here("callbacks", CallbackSerializer, BY_CALLBACK, whole=CallbackWholeSerializer)


class CallbackViewSet(CallbackSet):
    lookup_field = "callback"
    of = CALLBACKS

    @CALLBACKS.listed(_("Callbacks, the latest planned first"), CallbackQuery)
    def list(self, request: Request) -> Response:
        query = self.asked(CallbackQuery)
        rows = self.of_client(self.rows(), query).filter(condition(Queue(query["list"]), timezone.now()))
        if "person" in query:
            rows = rows.filter(person__username=query["person"])
        if "kind" in query:
            rows = rows.filter(kind=query["kind"])
        if query["expectation_not_met"] is not None:
            rows = rows.filter(expectation_not_met=query["expectation_not_met"])
        return self.listed(rows, query)

    @CALLBACKS.read(_("One callback with all that it collected"))
    def retrieve(self, request: Request, callback: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @CALLBACKS.made(
        _("Plan a callback by hand"),
        ArrangeCallbackBody,
        {"client": "hospital", "method": "phone", "on": "2026-12-07", "note": "Ask about the new report"},
    )
    def create(self, data: dict[str, Any], **who: Any) -> Callback:
        client = self.client_named(data)
        contacts = Contact.objects.filter(client=client, is_active=True)
        contact = chosen(contacts.filter(pk=data["contact"]), "contact") if data["contact"] else None
        return actions.arrange(
            client,
            method=Method(data["method"]),
            on=data["on"],
            note=data["note"],
            contact=contact,
            person=self.someone(data["person"], "person"),
            **who,
        )

    @CALLBACKS.verb(
        _("Write down what the client said; problems become records, needs go into the register"),
        ReachedBody,
        {
            "spoke_with": "Director Sun",
            "summary": "All systems work well",
            "satisfaction": "4",
            "needs": [{"title": "A report by ward", "owner": "chen", "due_on": "2026-12-20"}],
            "promises": [{"text": "An offer by mail", "due_on": "2026-12-10"}],
        },
    )
    def reached(self, callback: Callback, data: dict[str, Any], **who: Any) -> Callback:
        return actions.record_reached(callback, self._said(callback, data), **who)

    @CALLBACKS.verb(_("Write down that nobody was reached"), CallbackNoteBody, {"note": "Engaged"})
    def not_reached(self, callback: Callback, data: dict[str, Any], **who: Any) -> Callback:
        return actions.record_not_reached(callback, note=data["note"], **who)

    @CALLBACKS.verb(
        _("Write down that the client did not want to talk"), CallbackNoteBody, {"note": "No time"}
    )
    def refused(self, callback: Callback, data: dict[str, Any], **who: Any) -> Callback:
        return actions.record_refused(callback, note=data["note"], **who)

    @CALLBACKS.verb(
        _("Move a callback; past its limit for the supervisor"),
        MoveCallbackBody,
        {"due_at": "2026-12-07T15:00:00+08:00", "reason": "In the afternoon it suits"},
    )
    def move(self, callback: Callback, data: dict[str, Any], **who: Any) -> Callback:
        return actions.move(callback, data["due_at"], reason=data["reason"], **who)

    @CALLBACKS.verb(_("Hand a callback over to a colleague"), HandOverCallbackBody, {"person": "chen"})
    def hand_over(self, callback: Callback, data: dict[str, Any], **who: Any) -> Callback:
        person = self.someone(data["person"], "person")
        assert person is not None
        return actions.hand_over(callback, person, note=data["note"], **who)

    @CALLBACKS.verb(
        _("Leave a callback out; for the supervisor"),
        SkipCallbackBody,
        {"reason": "The client is moving house"},
    )
    def skip(self, callback: Callback, data: dict[str, Any], **who: Any) -> Callback:
        return actions.skip(callback, reason=data["reason"], **who)

    @CALLBACKS.verb(
        _("Decide how it goes on with a client who was not reached; for the supervisor"),
        DecideCallbackBody,
        {"method": "on_site", "on": "2026-12-08", "reason": "Go and see"},
    )
    def decide(self, callback: Callback, data: dict[str, Any], **who: Any) -> Callback:
        method = Method(data["method"])
        return actions.decide(callback, method=method, on=data["on"], reason=data["reason"], **who)

    @CALLBACKS.verb(
        _("Write the attendance sheet of a callback on site"),
        AttendanceBody,
        {
            "place": "Meeting room 3",
            "began_at": "2026-11-23T10:00:00+08:00",
            "ended_at": "2026-11-23T11:30:00+08:00",
            "ours": ["chen"],
            "theirs": [{"name": "Director Sun", "job_title": "IT"}],
        },
    )
    def attendance(self, callback: Callback, data: dict[str, Any], **who: Any) -> Callback:
        ours = [self.someone(name, "ours") for name in data["ours"]]
        people = [
            *(Present(Side.OURS, user=user) for user in ours),
            *(Present(Side.THEIRS, name=one["name"], job_title=one["job_title"]) for one in data["theirs"]),
        ]
        times = {name: data[name] for name in ("place", "began_at", "ended_at")}
        actions.write_attendance(callback, **times, people=people, **who)
        return callback

    @extend_schema(
        operation_id="callbacks_files",
        summary=_("Attach photos, the signed sheet or other files"),
        tags=["callbacks"],
        parameters=[BY_CALLBACK, KEY],
        request={"multipart/form-data": CallbackFilesBody},
        responses=CallbackWholeSerializer,
        examples=[
            OpenApiExample(
                "files",
                value={"kind": "photo", "files": ["rack.png"]},
                summary=_("Attach photos, the signed sheet or other files"),
                request_only=True,
                media_type="multipart/form-data",
            )
        ],
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def files(self, request: Request, callback: str) -> Response:
        now = timezone.now()

        def act() -> Response:
            body = CallbackFilesBody(data=request.data)
            body.is_valid(raise_exception=True)
            found, data = self.one(), body.validated_data
            kind = FileKind(data["kind"])
            actions.attach(found, uploads(data["files"]), kind=kind, by=request.user, now=now)
            return Response(self.shown_whole(self.one()))

        return once(request, act, required=False, now=now)

    def rows(self) -> QuerySet[Callback]:
        return Callback.objects.visible_to(self.request.user).with_names()

    def shown_whole(self, found: Callback) -> Any:
        """One callback with what hangs on it, each kind in one query."""
        rows = self.rows().select_related("done_by", "attendance")
        names = ("client", "system", "owner", "raised_by")
        whole = rows.prefetch_related(
            "attempts__by",
            *(f"needs__{name}" for name in names),
            "opinions__client",
            "opinions__by",
            "promises__client",
            "promises__person",
            "promises__made_by",
            "files",
            "events__by",
        ).get(pk=found.pk)
        return CallbackWholeSerializer(whole, context=self.shown_to).data

    def _said(self, callback: Callback, data: dict[str, Any]) -> Said:
        client = callback.client
        plain = {
            name: value
            for name, value in data.items()
            if name not in ("problems", "needs", "opinions", "promises")
        }
        return Said(
            **plain,
            problems=[
                ProblemSaid(
                    one["title"],
                    one["details"],
                    RecordKind(one["kind"]),
                    self.system_of(client, one["system"], "problems"),
                )
                for one in data["problems"]
            ],
            needs=[
                NeedSaid(
                    one["title"],
                    one["details"],
                    self.system_of(client, one["system"], "needs"),
                    self.someone(one["owner"], "needs"),
                    one["due_on"],
                )
                for one in data["needs"]
            ],
            opinions=[OpinionSaid(one["text"], Tone(one["tone"])) for one in data["opinions"]],
            promises=[
                PromiseSaid(one["text"], one["due_on"], self.someone(one["person"], "promises"))
                for one in data["promises"]
            ],
        )
