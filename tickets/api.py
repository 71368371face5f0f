"""Maintenance records through the REST interface: each address calls the one action of the same name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import parse_etags
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from clients.models import Channel
from staff.idempotency import REQUIRED_KEY, once
from staff.models import User
from staff.prepared import prepared
from staff.rest import ListQuery, RestView, Strict, checked, page_of
from tickets import actions, bodies, serializers
from tickets.dispatchapi import DispatchVerbs
from tickets.documentapi import DocumentVerbs
from tickets.grading import CLAUSES
from tickets.ladderapi import LadderVerbs
from tickets.lifecycle import Refused
from tickets.linkapi import LinkVerbs
from tickets.models import Cause, Entry, Grade, PauseReason, Ticket
from tickets.names import names_of
from tickets.related import masked
from tickets.remoteapi import RemoteVerbs
from tickets.restlist import records_asked
from tickets.restverbs import BY_NUMBER, NUMBER, verb


class Stale(APIException):
    status_code = 412
    default_code = "stale"
    default_detail = _("The record has changed since you read it. Read it again, then decide.")

    def __init__(self, etag: str) -> None:
        super().__init__()
        self.headers = {"ETag": etag}


class TicketViewSet(LinkVerbs, LadderVerbs, DispatchVerbs, RemoteVerbs, DocumentVerbs, RestView, ViewSet):
    lookup_field = "id"
    lookup_value_regex = NUMBER

    @extend_schema(
        operation_id="tickets_list",
        summary=_("Records, newest first"),
        tags=["tickets"],
        parameters=[bodies.TicketQuery],
        responses=page_of(serializers.TicketRow, "TicketPage"),
    )
    def list(self, request: Request) -> Response:
        query, now = self.asked(bodies.TicketQuery), timezone.now()

        def fetch(after: int | None, limit: int) -> list[Ticket]:
            return records_asked(request.user, query, after, limit, now)

        return self.paged(fetch, query, of=Ticket, order="-pk", shown=self._rows)

    @extend_schema(
        operation_id="tickets_log",
        summary=_("Log a call"),
        tags=["tickets"],
        parameters=[REQUIRED_KEY],
        request=bodies.CallBody,
        responses={
            201: OpenApiResponse(
                serializers.TicketSerializer, description=_("Recorded; Location is its address.")
            )
        },
    )
    def create(self, request: Request) -> Response:
        return once(request, self._log, required=True, now=timezone.now())

    @extend_schema(
        operation_id="tickets_read",
        summary=_("One record with its clocks"),
        tags=["tickets"],
        parameters=[BY_NUMBER],
        responses=serializers.TicketSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:
        return self._shown(self.record())

    @extend_schema(
        operation_id="tickets_entries",
        summary=_("A record's history, oldest first"),
        tags=["tickets"],
        parameters=[BY_NUMBER, ListQuery],
        responses=page_of(serializers.EntrySerializer, "EntryPage"),
    )
    @action(detail=True, methods=["get"])
    def entries(self, request: Request, id: str) -> Response:
        query, ticket = self.asked(ListQuery), self.record()
        rows = Entry.objects.visible_to(request.user).filter(ticket=ticket).select_related("by", "time_spent")
        row = serializers.EntrySerializer(context=self._context())
        return self.page(
            rows,
            query,
            order="pk",
            shown=lambda found: [row.to_representation(entry) for entry in masked(found, request.user)],
        )

    @verb(
        _("Grade a fault, or change its grade"), bodies.GradeBody, {"grade": 2, "reason": "Slow, but usable"}
    )
    def grade(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return actions.grade(ticket, Grade(data["grade"]), reason=data["reason"], **who)

    @verb(_("Give it to a person or another group"), bodies.AssignBody, {"owner": "chen"})
    def assign(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return actions.assign(ticket, **bodies.new_owner(data, ticket), text=data.get("text", ""), **who)

    @verb(_("Take it up; the response clock stops"), bodies.NothingBody, {})
    def acknowledge(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return actions.acknowledge(ticket, **who)

    @verb(
        _("Confirm the diagnosis; the diagnosis clock stops"),
        bodies.DiagnoseBody,
        {"diagnosis": "The archive volume is full", "cause": "database"},
    )
    def diagnose(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        cause, minutes = Cause(data["cause"]), data.get("time_spent")
        return actions.diagnose(ticket, diagnosis=data["diagnosis"], cause=cause, minutes=minutes, **who)

    @verb(
        _("Add a note to the history"),
        bodies.NoteBody,
        {"text": "Asked for the log of last night", "time_spent": "15"},
    )
    def notes(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        minutes = data.get("time_spent")
        return actions.add_note(ticket, text=data["text"], minutes=minutes, **who).ticket

    @verb(
        _("Write to the client; an e-mail goes out where his address is known"),
        bodies.MessageBody,
        {"text": "The new disk arrives at ten. Please keep the server switched on."},
    )
    def messages(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return actions.write_to_client(ticket, text=data["text"], **who)

    @verb(
        _("Write down that the client called again"),
        bodies.RepeatContactBody,
        {"caller_name": "Dr Sun", "text": "Asks how far it is", "channel": "phone"},
    )
    def repeat_contact(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return actions.repeat_contact(
            ticket,
            text=data.get("text", ""),
            caller_name=data["caller_name"],
            callback_number=data.get("callback_number", ""),
            channel=Channel(data["channel"]),
            minutes=data.get("time_spent"),
            **who,
        )

    @verb(
        _("Let it wait, with the reason and the time to look again"),
        bodies.PauseBody,
        {"reason": "parts", "text": "A disk is on its way", "until": "2026-12-01T09:00:00+08:00"},
    )
    def pause(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        reason = PauseReason(data["reason"])
        return actions.pause(ticket, reason=reason, text=data["text"], until=data["until"], **who)

    @verb(_("Go on after waiting"), bodies.ResumeBody, {"text": "The disk has arrived"})
    def resume(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return actions.resume(ticket, text=data.get("text", ""), **who)

    @verb(
        _("State the solution; the resolution clock stops"),
        bodies.ResolveBody,
        {"solution": "Added 200 GB and cleared the archive", "cause": "database"},
    )
    def resolve(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        cause, minutes = Cause(data["cause"]), data.get("time_spent")
        return actions.resolve(ticket, solution=data["solution"], cause=cause, minutes=minutes, **who)

    @verb(
        _("Close it with the client's word"),
        bodies.ConfirmBody,
        {"confirmed_by": "Dr Sun", "channel": "phone"},
    )
    def confirm(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        confirmed_by = data.get("confirmed_by") or bodies.own_name(who["by"], "confirmed_by")
        channel, text = Channel(data["channel"]), data.get("text", "")
        return actions.confirm(ticket, confirmed_by=confirmed_by, channel=channel, text=text, **who)

    @verb(
        _("Take it up again: not solved after all"),
        bodies.ReopenBody,
        {"reason": "It happened again at noon"},
    )
    def reopen(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return actions.reopen(ticket, reason=data["reason"], **who)

    def act(self, action: Callable[..., Ticket], body: type[Strict]) -> Response:
        """Do a verb on the record of this address, once per Idempotency-Key where one is given."""
        now = timezone.now()

        def do() -> Response:
            ticket = self._unchanged()
            return self._shown(action(ticket, self._data(body), by=self.request.user, now=now))

        return once(self.request, do, required=False, now=now)

    def record(self) -> Ticket:
        """The record of this address, where its caller may see it."""
        return _one(_record(self.request.user, self._number))

    def _visible(self) -> QuerySet[Ticket]:
        return Ticket.objects.visible_to(self.request.user).filter(pk=self._number)

    @property
    def _number(self) -> int:
        return int(self.kwargs["id"].removeprefix("T-"))

    def _unchanged(self) -> Ticket:
        """The record, locked and of the version that `If-Match` names, where it names one."""
        if (wanted := self.request.headers.get("If-Match")) is None:
            return self.record()
        ticket = _one(self._visible().select_for_update(of=("self",)))
        if not {"*", _etag(ticket)} & {tag.removeprefix("W/") for tag in parse_etags(wanted)}:
            raise Stale(_etag(ticket))
        return ticket

    def _data(self, body: type[Strict]) -> dict[str, Any]:
        return checked(body, self.request.data)

    def _log(self) -> Response:
        data, who = self._data(bodies.CallBody), {"by": self.request.user, "now": timezone.now()}
        ticket = _logged(bodies.call_of(data, self.request.user), **who)
        if data.get("grade"):
            grade = Grade(data["grade"])
            ticket = actions.grade(
                ticket, grade, reason=data.get("grade_reason") or str(CLAUSES[grade]), **who
            )
        response = self._shown(ticket, status=201)
        address = reverse("api:ticket-detail", args=[ticket.number])
        response.headers["Location"] = self.request.build_absolute_uri(address)
        return response

    def _rows(self, found: list[Ticket]) -> list[Any]:
        row = serializers.TicketRow(context=self._context() | {"names": names_of(found)})
        return [row.to_representation(ticket) for ticket in found]

    def _shown(self, ticket: Ticket, status: int = 200) -> Response:
        data = serializers.TicketSerializer(ticket, context=self._context()).data
        return Response(data, status=status, headers={"ETag": _etag(ticket)})

    def _context(self) -> dict[str, Any]:
        return {"request": self.request, "user": self.request.user, "now": timezone.now()}


@prepared
def _record(user: User, pk: int) -> QuerySet[Ticket]:
    return Ticket.objects.visible_to(user).filter(pk=pk)


def _one(rows: Iterable[Any]) -> Any:
    if (found := next(iter(rows), None)) is None:
        raise Http404
    return found


def _etag(ticket: Ticket) -> str:
    return f'"{ticket.version}"'


def _logged(call: actions.Call, **who: Any) -> Ticket:
    try:
        return actions.log_call(call, **who)
    except IntegrityError as error:
        if "external_ref" not in str(error):
            raise
        raise Refused(
            _("There is a record with this number already."), field="external_ref", code="taken"
        ) from error
