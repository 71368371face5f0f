"""Remote access through the REST interface: authorisations and sessions. Passwords have no address here."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from staff.rest import LARGEST_ID, ListQuery, Moment, Named, Person, Strict, page_of
from staff.restnames import chosen
from tickets import actions, remote
from tickets.models import Attachment, HowGiven, RemoteAuthorisation, RemoteSession, Ticket
from tickets.restverbs import BY_NUMBER, verb


def _id(**more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=LARGEST_ID, **more)


class AuthoriseBody(Strict):
    """What the client allows, in which time, and what proves it."""

    given_by = serializers.CharField(max_length=120, help_text=_("Who at the client authorises."))
    contact = _id(required=False, allow_null=True, help_text=_("Who that is in the client archive."))
    how = serializers.ChoiceField(HowGiven.choices)
    callback_number = serializers.CharField(
        required=False, allow_blank=True, max_length=40, help_text=_("Needed when it came by phone.")
    )
    given_at = Moment(required=False, allow_null=True, help_text=_("Empty: now."))
    systems = serializers.ListField(
        child=_id(), required=False, max_length=50, help_text=_("Ids of systems of the client.")
    )
    other_systems = serializers.CharField(required=False, allow_blank=True, max_length=300)
    purpose = serializers.CharField(max_length=1000)
    window_from = Moment()
    window_to = Moment(help_text=_("From this instant on no session may begin."))
    max_sessions = serializers.IntegerField(default=1, min_value=1, max_value=remote.MOST_SESSIONS)
    evidence = _id(required=False, allow_null=True, help_text=_("The id of one of the record's files."))


class RevokeBody(Strict):
    authorisation = _id()
    reason = serializers.CharField(max_length=1000)


class EvidenceBody(Strict):
    authorisation = _id()
    evidence = _id(help_text=_("The id of one of the record's files."))


class OpenBody(Strict):
    authorisation = _id()


class CloseBody(Strict):
    session = _id()
    summary = serializers.CharField(max_length=4000, help_text=_("What was done. No password belongs here."))
    witness = serializers.CharField(required=False, allow_blank=True, max_length=120)


class RemoteAuthorisationSerializer(serializers.Serializer):
    """What a client allowed, and how it stands now."""

    id = serializers.IntegerField(source="pk")
    given_by = serializers.CharField()
    contact = Named(allow_null=True)
    how = serializers.ChoiceField(HowGiven.choices)
    how_label = serializers.CharField(source="get_how_display")
    callback_number = serializers.CharField()
    given_at = Moment()
    systems = Named(many=True)
    other_systems = serializers.CharField()
    purpose = serializers.CharField()
    window_from = Moment()
    window_to = Moment()
    max_sessions = serializers.IntegerField()
    sessions_begun = serializers.IntegerField()
    evidence = serializers.IntegerField(source="evidence_id", allow_null=True)
    written_due_at = Moment(
        allow_null=True, help_text=_("After a call: until when it must follow in writing.")
    )
    written_received_at = Moment(allow_null=True)
    written_evidence = serializers.IntegerField(source="written_evidence_id", allow_null=True)
    recorded_by = Person()
    recorded_at = Moment()
    revoked_at = Moment(allow_null=True)
    revoked_reason = serializers.CharField()
    is_valid = serializers.SerializerMethodField(help_text=_("Whether a session may begin now."))
    why_not = serializers.SerializerMethodField(help_text=_("The code of why not."))

    def get_is_valid(self, authorisation: RemoteAuthorisation) -> bool:
        return remote.bar(authorisation.facts, self.context["now"]) is None

    @extend_schema_field(serializers.ChoiceField(remote.Bar.choices, allow_null=True))
    def get_why_not(self, authorisation: RemoteAuthorisation) -> str | None:
        bar = remote.bar(authorisation.facts, self.context["now"])
        return None if bar is None else bar.value


class RemoteSessionSerializer(serializers.Serializer):
    """One person logged in at the client."""

    id = serializers.IntegerField(source="pk")
    authorisation = serializers.IntegerField(source="authorisation_id")
    operator = Person()
    started_at = Moment()
    ended_at = Moment(allow_null=True)
    overrun_at = Moment(allow_null=True, help_text=_("When it was found open past its window."))
    summary = serializers.SerializerMethodField(help_text=_("What was done. Empty for the client's contact."))
    witness = serializers.CharField()

    def get_summary(self, session: RemoteSession) -> str:
        return "" if self.context["user"].is_contact else session.summary


class RemoteVerbs:
    """The addresses of a record that have to do with remote access."""

    @extend_schema(
        operation_id="tickets_remote_authorisations",
        summary=_("What the client has authorised, the oldest first"),
        tags=["tickets"],
        parameters=[BY_NUMBER, ListQuery],
        responses=page_of(RemoteAuthorisationSerializer, "RemoteAuthorisationPage"),
    )
    @action(detail=True, methods=["get"])
    def remote_authorisations(self, request: Request, id: str) -> Response:
        rows = RemoteAuthorisation.objects.visible_to(request.user).filter(ticket=self.record())
        related = ("ticket", "contact", "evidence", "written_evidence", "recorded_by")
        rows = rows.with_sessions().select_related(*related).prefetch_related("systems")
        return self._remote_page(rows, RemoteAuthorisationSerializer)

    @extend_schema(
        operation_id="tickets_remote_sessions",
        summary=_("A record's remote sessions, the oldest first"),
        tags=["tickets"],
        parameters=[BY_NUMBER, ListQuery],
        responses=page_of(RemoteSessionSerializer, "RemoteSessionPage"),
    )
    @action(detail=True, methods=["get"])
    def remote_sessions(self, request: Request, id: str) -> Response:
        rows = RemoteSession.objects.visible_to(request.user).filter(authorisation__ticket=self.record())
        return self._remote_page(rows.select_related("operator"), RemoteSessionSerializer)

    @verb(
        _("Record that the client allows remote access"),
        AuthoriseBody,
        {
            "given_by": "Dr Sun",
            "how": "fax",
            "other_systems": "HIS-DB1",
            "purpose": "Look at the archive log",
            "window_from": "2026-12-01T14:00:00+08:00",
            "window_to": "2026-12-01T18:00:00+08:00",
            "max_sessions": 2,
        },
    )
    def authorise_remote(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        contact, wanted = data.get("contact"), set(data.get("systems", ()))
        systems = list(ticket.client.systems.filter(pk__in=wanted))
        if len(systems) < len(wanted):
            chosen(ticket.client.systems.none(), "systems")
        actions.authorise_remote(
            ticket,
            actions.Grant(
                given_by=data["given_by"],
                contact=contact and chosen(ticket.client.contacts.filter(pk=contact), "contact"),
                how=HowGiven(data["how"]),
                callback_number=data.get("callback_number", ""),
                given_at=data.get("given_at"),
                systems=systems,
                other_systems=data.get("other_systems", ""),
                purpose=data["purpose"],
                window_from=data["window_from"],
                window_to=data["window_to"],
                max_sessions=data["max_sessions"],
                evidence=_file(ticket, data),
            ),
            **who,
        )
        return self.record()

    @verb(
        _("Add the evidence to an authorisation"),
        EvidenceBody,
        {"authorisation": 1, "evidence": 1},
    )
    def add_evidence(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        actions.add_evidence(_authorisation(ticket, data), _file(ticket, data), **who)
        return self.record()

    @verb(
        _("Withdraw an authorisation; a contact withdraws his own"),
        RevokeBody,
        {"authorisation": 1, "reason": "The vendor comes on site instead"},
    )
    def revoke_remote(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        actions.revoke_remote(_authorisation(ticket, data), reason=data["reason"], **who)
        return self.record()

    @verb(_("Begin a remote session; refused without a valid authorisation"), OpenBody, {"authorisation": 1})
    def open_remote(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        actions.open_remote(_authorisation(ticket, data), **who)
        return self.record()

    @verb(
        _("End a remote session with what was done"),
        CloseBody,
        {"session": 1, "summary": "Cleared 40 GB of archive logs", "witness": "Dr Sun"},
    )
    def close_remote(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        sessions = RemoteSession.objects.filter(authorisation__ticket=ticket, pk=data["session"])
        session = chosen(sessions.select_related("authorisation__ticket"), "session")
        actions.close_remote(session, summary=data["summary"], witness=data.get("witness", ""), **who)
        return self.record()

    def _remote_page(self, rows: QuerySet[Any], serializer: type[serializers.Serializer]) -> Response:
        return self.page(
            rows,
            self.asked(ListQuery),
            order="pk",
            shown=lambda found: serializer(found, many=True, context=self._context()).data,
        )


def _authorisation(ticket: Ticket, data: dict[str, Any]) -> RemoteAuthorisation:
    rows = RemoteAuthorisation.objects.filter(ticket=ticket, pk=data["authorisation"])
    return chosen(rows.select_related("ticket"), "authorisation")


def _file(ticket: Ticket, data: dict[str, Any]) -> Attachment | None:
    if (pk := data.get("evidence")) is None:
        return None
    return chosen(Attachment.objects.present().filter(ticket=ticket, pk=pk), "evidence")
