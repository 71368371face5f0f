"""What the REST interface takes: the bodies of its verbs, and the call that a body tells of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, PermissionDenied, ValidationError

from clients.models import Channel, Client, Contact, System
from staff.models import Group, Role, User
from staff.prepared import prepared
from staff.rest import LARGEST_ID, ListQuery, Moment, Strict
from staff.restaddresses import ID
from staff.restnames import chosen
from tickets.actions import Call
from tickets.models import OF_CALLS, Cause, Grade, Kind, PauseReason, Status, Ticket
from tickets.related import RELATIONS_BY_HAND
from tickets.timespent import parse_minutes

RECORD = rf"^T-{ID}$"
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class TicketQuery(ListQuery):
    """Which records; several filters narrow each other down."""

    status = serializers.ChoiceField(Status.choices, required=False)
    grade = serializers.ChoiceField(
        [*((str(grade), label) for grade, label in Grade.choices), ("none", _("Not graded"))], required=False
    )
    group = serializers.CharField(required=False, max_length=50, help_text=_("Code of an O&M group."))
    client = serializers.CharField(required=False, max_length=50, help_text=_("Code of a client."))
    channel = serializers.ChoiceField(Channel.choices, required=False, help_text=_("How it was reported."))
    owner = serializers.ChoiceField([("me", _("Mine"))], required=False)
    overdue = serializers.BooleanField(required=False, help_text=_("Open, and past the next deadline."))
    q = serializers.CharField(
        required=False,
        max_length=100,
        help_text=_("Words, a ticket number or digits of a phone number; records that have them all."),
    )
    updated_since = Moment(
        required=False, help_text=_("Something was entered in the history at or after it.")
    )


class SpanOfTime(serializers.CharField):
    """Minutes, as people write them; validated to a whole number of them."""

    default_error_messages = {"span": _("Write it like 45, 1h30 or 1.5h; 24 hours at most.")}

    def run_validation(self, data: Any = serializers.empty) -> Any:
        text = super().run_validation(data)
        try:
            return parse_minutes(text)
        except ValueError:
            self.fail("span")


def _line(longest: int, **more: Any) -> serializers.CharField:
    return serializers.CharField(max_length=longest, **more)


def _maybe(longest: int, **more: Any) -> serializers.CharField:
    return _line(longest, required=False, allow_blank=True, **more)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "call",
            summary=_("A call that is graded at once"),
            value={
                "client": "hospital",
                "caller_name": "Dr Sun",
                "title": "The inpatient system has crashed; nobody can sign in",
                "grade": 1,
                "external_ref": "ER-2026-0117",
            },
        ),
        OpenApiExample("contact", summary=_("As the client's contact"), value={"title": "Printing is slow"}),
    ]
)
class CallBody(Strict):
    """A call: who, which client, what. Everything else may follow (§3.2)."""

    client = _line(50, required=False, help_text=_("The client's code. A contact's token: his own client."))
    system = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)
    contact = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)
    caller_name = _line(120, required=False, help_text=_("A contact's token: his own name."))
    callback_number = _maybe(40)
    title = _line(200)
    details = _maybe(10_000)
    kind = serializers.ChoiceField(OF_CALLS, default=Kind.FAULT)
    channel = serializers.ChoiceField(Channel.choices, default=Channel.API)
    reported_at = Moment(required=False, allow_null=True, help_text=_("Where it was before now."))
    external_ref = _line(60, required=False, allow_null=True, help_text=_("Your own number for it, unique."))
    grade = serializers.ChoiceField(Grade.choices, required=False, allow_null=True)
    grade_reason = _maybe(500, help_text=_("Empty: the clause that defines the grade."))

    def validate_reported_at(self, reported_at: datetime | None) -> datetime | None:
        if reported_at is not None and reported_at < EARLIEST:
            raise serializers.ValidationError(_("This is too long ago to be right."), code="invalid")
        return reported_at


class GradeBody(Strict):
    grade = serializers.ChoiceField(Grade.choices)
    reason = _line(500, help_text=_("The clause, or why the grade changes."))


class AssignBody(Strict):
    """To a person, or to another group (then to who is on duty there)."""

    owner = _line(150, required=False, help_text=_("A user name: of the record's group, or a specialist."))
    group = _line(50, required=False, help_text=_("Code of an O&M group."))
    text = _maybe(2000, help_text=_("Word to the new owner."))

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("owner" in data) == ("group" in data):
            raise serializers.ValidationError(_("Give either an owner or a group."), code="invalid")
        return data


class NothingBody(Strict):
    pass


class TimedBody(Strict):
    """What takes its time."""

    time_spent = SpanOfTime(required=False, max_length=20, help_text=_("Minutes, or like 1h30 and 1.5h."))


class DiagnoseBody(TimedBody):
    diagnosis = _line(4000)
    cause = serializers.ChoiceField(Cause.choices)


class NoteBody(TimedBody):
    text = _line(10_000)


class MessageBody(Strict):
    text = _line(10_000)


class RepeatContactBody(TimedBody):
    """A further call about an open record, in place of a second record."""

    caller_name = _line(120)
    callback_number = _maybe(40)
    channel = serializers.ChoiceField(Channel.choices, default=Channel.API)
    text = _maybe(10_000, help_text=_("What he says"))


class PauseBody(Strict):
    reason = serializers.ChoiceField(PauseReason.choices)
    text = _line(2000, help_text=_("What exactly are we waiting for"))
    until = Moment(help_text=_("When somebody looks again: within the next 30 days."))


class ResumeBody(Strict):
    text = _maybe(2000, help_text=_("What has changed"))


class ResolveBody(TimedBody):
    solution = _line(4000)
    cause = serializers.ChoiceField(Cause.choices)


class ConfirmBody(Strict):
    confirmed_by = _line(120, required=False, help_text=_("Who says so. A contact's token: his own name."))
    channel = serializers.ChoiceField(Channel.choices, default=Channel.API, help_text=_("How he said so"))
    text = _maybe(2000, help_text=_("In his words"))


class ReopenBody(Strict):
    reason = _line(2000, help_text=_("What is not solved"))


class LinkBody(Strict):
    """What this record is to the other one."""

    other = serializers.RegexField(RECORD, help_text=_("The other record's number."))
    relation = serializers.ChoiceField(RELATIONS_BY_HAND)
    reason = _maybe(2000)


class MergeBody(Strict):
    into = serializers.RegexField(RECORD, help_text=_("The record that answers for it, of the same client."))
    text = _maybe(2000, help_text=_("Why"))


class UnmergeBody(Strict):
    reason = _line(2000, help_text=_("Why the two are not one matter"))


class SplitBody(Strict):
    """The second matter gets the client, caller and channel of this record, and clocks of its own."""

    title = _line(200)
    text = _maybe(10_000, help_text=_("Details"))
    since = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=LARGEST_ID,
        help_text=_("The entry in which the client told of it. Empty: when this record was reported."),
    )


class AdoptBody(Strict):
    child = serializers.RegexField(RECORD, help_text=_("The record that is part of this mass fault."))


def call_of(data: dict[str, Any], user: User) -> Call:
    """The call of a body. A contact calls for himself; anyone on the staff records for any client (§5.1)."""
    own = own_contact(user) if user.is_contact else None
    if own is None:
        client = chosen(_client(data.get("client", "")), "client")
    elif "client" in data:
        named = Client.objects.visible_to(user).filter(code=data["client"])
        client = chosen(named.select_related("group", "hours"), "client")
    else:
        client = own.client
    contact, system = data.get("contact"), data.get("system")
    return Call(
        client=client,
        system=None if system is None else chosen(_system(client.pk, system), "system"),
        contact=own if contact is None else chosen(client.contacts.filter(pk=contact), "contact"),
        caller_name=data.get("caller_name") or own_name(user, "caller_name"),
        callback_number=data.get("callback_number", ""),
        title=data["title"],
        details=data.get("details", ""),
        kind=Kind(data["kind"]),
        channel=Channel(data["channel"]),
        reported_at=data.get("reported_at"),
        external_ref=data.get("external_ref"),
    )


def new_owner(data: dict[str, Any], ticket: Ticket) -> dict[str, Any]:
    """Whom a body of `assign` names: one of the record's group or a specialist, or another group."""
    if "owner" in data:
        people = User.objects.working().filter(Q(group=ticket.group_id) | Q(role=Role.SPECIALIST))
        return {"owner": chosen(people.filter(username=data["owner"]), "owner")}
    return {"group": chosen(Group.objects.filter(code=data["group"]), "group")}


def own_name(user: User, field: str) -> str:
    """A contact's own name, for what he need not say of himself; of the staff it is asked at the field."""
    if not user.is_contact:
        raise ValidationError({field: [ErrorDetail(_("This field is required."), code="required")]})
    return own_contact(user).name


def own_contact(user: User) -> Contact:
    contact = Contact.objects.visible_to(user).filter(is_active=True).select_related("client").first()
    if contact is None:
        raise PermissionDenied(_("No client has named you as its contact."))
    return contact


@prepared
def _client(code: str) -> QuerySet[Client]:
    return Client.objects.active().filter(code=code).select_related("group", "hours")


@prepared
def _system(client: int, pk: int) -> QuerySet[System]:
    return System.objects.filter(client=client, pk=pk, is_active=True).select_related("maintainer")
