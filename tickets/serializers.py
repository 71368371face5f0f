"""Records as the REST interface shows them."""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import cache
from typing import Any

from django.db.models import Choices, QuerySet
from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clients.models import Channel
from staff.models import User
from staff.prepared import prepared
from staff.rest import Coded, Moment, Named, Person
from tickets.clocks import ClockState
from tickets.models import (
    GRADED_CLOCKS,
    Cause,
    Clock,
    ClockKind,
    Entry,
    EntryKind,
    Grade,
    Kind,
    Link,
    Status,
    Ticket,
)
from tickets.names import Name, known_names, names_of
from tickets.related import NAMES, RELATIONS, Tie

# What a client's contact does not read: how the house judges the matter among its own.
INTERNAL = ("cause", "cause_label", "in_coverage")


class TicketRow(serializers.Serializer):
    """A maintenance record."""

    id = serializers.RegexField(
        r"^T-[1-9][0-9]*$", source="number", help_text=_("What is read out to the caller.")
    )
    url = serializers.SerializerMethodField(help_text=_("The record's page for people."))
    kind = serializers.ChoiceField(Kind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    channel = serializers.ChoiceField(Channel.choices)
    channel_label = serializers.CharField(source="get_channel_display")
    client = Coded()
    system = Named(allow_null=True)
    contact = Named(allow_null=True)
    caller_name = serializers.CharField()
    title = serializers.CharField()
    details = serializers.CharField()
    grade = serializers.ChoiceField(Grade.choices, allow_null=True)
    grade_label = serializers.CharField(source="get_grade_display", allow_null=True)
    grade_reason = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    status_label = serializers.CharField(source="get_status_display")
    group = Coded()
    owner = Person(allow_null=True)
    taken_by = Person(allow_null=True, help_text=_("Empty until somebody takes up what came by e-mail."))
    reported_at = Moment()
    logged_at = Moment()
    acknowledged_at = Moment(allow_null=True)
    diagnosed_at = Moment(allow_null=True)
    resolved_at = Moment(allow_null=True)
    closed_at = Moment(allow_null=True)
    next_due_at = Moment(allow_null=True)
    diagnosis = serializers.CharField()
    cause = serializers.ChoiceField(Cause.choices, allow_blank=True, allow_null=True)
    cause_label = serializers.CharField(source="get_cause_display", allow_null=True)
    solution = serializers.CharField()
    confirmed_by = serializers.CharField()
    confirmed_channel = serializers.ChoiceField(Channel.choices, allow_blank=True)
    in_coverage = serializers.BooleanField(allow_null=True)
    reopened_count = serializers.IntegerField()
    external_ref = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(help_text=_("Rises with every change; it is the ETag too."))

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, ticket: Ticket) -> str:
        return self._address() % ticket.pk

    def to_representation(self, ticket: Ticket) -> dict[str, Any]:
        """Write out what the fields describe: lists are read far too often to ask each field of each row."""
        context = self.context
        if "words" not in context:  # worked out once for all rows
            context["words"] = _labels(get_language() or ""), get_current_timezone(), self._address()
        labels, here, address = context["words"]
        names = context.get("names") or known_names(ticket) or names_of([ticket])
        ids = vars(ticket)  # read as an attribute, the id of another row costs a call of Python
        client, group = names.client[ids["client_id"]], names.group[ids["group_id"]]
        seen_by_contact = context["user"].is_contact
        shown = {
            "id": ticket.number,
            "url": address % ticket.pk,
            "kind": ticket.kind,
            "kind_label": labels[Kind][ticket.kind],
            "channel": ticket.channel,
            "channel_label": labels[Channel][ticket.channel],
            "client": _named(client, client.code),
            "system": _numbered(names.system.get(ids["system_id"])),
            "contact": _numbered(names.contact.get(ids["contact_id"])),
            "caller_name": ticket.caller_name,
            "title": ticket.title,
            "details": ticket.details,
            "grade": ticket.grade,
            "grade_label": labels[Grade].get(ticket.grade),
            "grade_reason": ticket.grade_reason,
            "status": ticket.status,
            "status_label": labels[Status][ticket.status],
            "group": _named(group, group.code),
            "owner": _person(names.person.get(ids["owner_id"]), seen_by_contact),
            "taken_by": _person(names.person.get(ids["taken_by_id"]), seen_by_contact),
            "reported_at": _moment(ticket.reported_at, here),
            "logged_at": _moment(ticket.logged_at, here),
            "acknowledged_at": _moment(ticket.acknowledged_at, here),
            "diagnosed_at": _moment(ticket.diagnosed_at, here),
            "resolved_at": _moment(ticket.resolved_at, here),
            "closed_at": _moment(ticket.closed_at, here),
            "next_due_at": _moment(ticket.next_due_at, here),
            "diagnosis": ticket.diagnosis,
            "cause": ticket.cause,
            "cause_label": labels[Cause].get(ticket.cause, ""),
            "solution": ticket.solution,
            "confirmed_by": ticket.confirmed_by,
            "confirmed_channel": ticket.confirmed_channel,
            "in_coverage": ticket.in_coverage,
            "reopened_count": ticket.reopened_count,
            "external_ref": ticket.external_ref,
            "version": ticket.version,
        }
        return shown | dict.fromkeys(INTERNAL) if seen_by_contact else shown

    def _address(self) -> str:
        """The address of a record's page, with %d for its number."""
        name = "portal:report" if self.context["user"].is_contact else "tickets:detail"
        page = reverse(name, args=[0]).replace("%", "%%").replace("/0/", "/%d/")
        return self.context["request"].build_absolute_uri("/")[:-1] + page


@cache
def _labels(language: str) -> dict[type[Choices], dict[Any, str]]:
    """The words of every choice; `language` is the active one, in which they are kept."""
    return {
        choices: {value: str(label) for value, label in choices.choices}
        for choices in (Kind, Channel, Grade, Status, Cause)
    }


def _named(name: Name | User, id: object) -> dict[str, Any]:
    return {"id": id, "name": name.name, "name_en": name.name_en}


def _numbered(name: Name | None) -> dict[str, Any] | None:
    return name and _named(name, name.id)


def _person(name: Name | None, seen_by_contact: bool) -> dict[str, Any] | None:
    return name and _named(name, None if seen_by_contact else name.code)


def _moment(at: datetime | None, here: tzinfo) -> datetime | None:
    """With the offset of here: `Json` writes it as `Moment` does, and faster."""
    return at and at.astimezone(here)


class ClockSerializer(serializers.Serializer):
    """A deadline of a record."""

    kind = serializers.ChoiceField(ClockKind.choices)
    kind_label = serializers.CharField()
    cycle = serializers.IntegerField(help_text=_("Rises when a record is reopened."))
    grade = serializers.ChoiceField(Grade.choices, allow_null=True)
    limit_seconds = serializers.SerializerMethodField()
    round_the_clock = serializers.BooleanField(
        help_text=_("Otherwise it runs in the client's service hours.")
    )
    started_at = Moment()
    near_at = Moment(allow_null=True)
    due_at = Moment(allow_null=True, help_text=_("Empty while the record waits."))
    stopped_at = Moment(allow_null=True)
    state = serializers.SerializerMethodField()
    state_label = serializers.SerializerMethodField()
    remaining_seconds = serializers.SerializerMethodField(
        help_text=_("From now to due_at by the wall clock, negative when overdue; empty unless it runs.")
    )

    def get_limit_seconds(self, clock: Clock) -> int:
        return round(clock.limit.total_seconds())

    @extend_schema_field(serializers.ChoiceField(ClockState.choices))
    def get_state(self, clock: Clock) -> str:
        return str(clock.state(self.context["now"]))

    def get_state_label(self, clock: Clock) -> str:
        return str(clock.state(self.context["now"]).label)

    def get_remaining_seconds(self, clock: Clock) -> int | None:
        if not clock.is_running or clock.due_at is None:
            return None
        return round((clock.due_at - self.context["now"]).total_seconds())

    def to_representation(self, clock: Clock) -> dict[str, Any]:
        """Write out what the fields describe, as `TicketRow` does."""
        here = get_current_timezone()
        return {
            "kind": clock.kind,
            "kind_label": clock.kind_label,
            "cycle": clock.cycle,
            "grade": clock.grade,
            "limit_seconds": self.get_limit_seconds(clock),
            "round_the_clock": clock.round_the_clock,
            "started_at": _moment(clock.started_at, here),
            "near_at": _moment(clock.near_at, here),
            "due_at": _moment(clock.due_at, here),
            "stopped_at": _moment(clock.stopped_at, here),
            "state": self.get_state(clock),
            "state_label": self.get_state_label(clock),
            "remaining_seconds": self.get_remaining_seconds(clock),
        }


class TicketSerializer(TicketRow):
    """A maintenance record with its clocks."""

    merged_into = serializers.SerializerMethodField(
        help_text=_("The number of the record that answers for it, once it is merged.")
    )
    clocks = serializers.SerializerMethodField()

    def to_representation(self, ticket: Ticket) -> dict[str, Any]:
        more = {"merged_into": self.get_merged_into(ticket), "clocks": self.get_clocks(ticket)}
        return super().to_representation(ticket) | more

    def get_merged_into(self, ticket: Ticket) -> str | None:
        answering = Link.objects.answering_for(ticket) if ticket.status == Status.MERGED else None
        return answering.number if answering else None

    @extend_schema_field(ClockSerializer(many=True))
    def get_clocks(self, ticket: Ticket) -> list[dict[str, Any]]:
        clocks = _clocks(ticket.pk)
        if self.context["user"].is_contact:
            clocks = [clock for clock in clocks if clock.kind in GRADED_CLOCKS]
        row = ClockSerializer(context=self.context)
        return [row.to_representation(clock) for clock in clocks]


@prepared
def _clocks(ticket: int) -> QuerySet[Clock]:
    return Clock.objects.filter(ticket=ticket).current()


class LinkSerializer(serializers.Serializer):
    """What a record is tied to, seen from there."""

    id = serializers.IntegerField(source="link.pk")
    relation = serializers.ChoiceField(
        RELATIONS, source="name", help_text=_("What the other record is to it.")
    )
    relation_label = serializers.SerializerMethodField()
    other = serializers.CharField(source="ticket.number")
    title = serializers.CharField(source="ticket.title")
    status = serializers.ChoiceField(Status.choices, source="ticket.status")
    status_label = serializers.CharField(source="ticket.get_status_display")
    reason = serializers.CharField(source="link.reason")
    by = Person(source="link.by", allow_null=True, help_text=_("Empty: the rule for repeats."))
    at = Moment(source="link.at")

    def get_relation_label(self, tie: Tie) -> str:
        return str(NAMES[tie.name])


class EntrySerializer(serializers.Serializer):
    """One thing that happened to a record."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(EntryKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    at = Moment()
    by = Person(allow_null=True, help_text=_("Empty: the system itself."))
    text = serializers.CharField()
    minutes = serializers.SerializerMethodField(help_text=_("How long it took, where somebody said so."))
    changes = serializers.SerializerMethodField(help_text=_("Fields that changed: [old, new]."))

    def get_minutes(self, entry: Entry) -> int | None:
        if self.context["user"].is_contact or not hasattr(entry, "time_spent"):
            return None
        return entry.time_spent.minutes

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_changes(self, entry: Entry) -> dict[str, Any]:
        return {} if self.context["user"].is_contact else entry.changes

    def to_representation(self, entry: Entry) -> dict[str, Any]:
        """Write out what the fields describe, as `TicketRow` does."""
        seen_by_contact = self.context["user"].is_contact
        return {
            "id": entry.pk,
            "kind": entry.kind,
            "kind_label": entry.get_kind_display(),
            "at": _moment(entry.at, get_current_timezone()),
            "by": entry.by and _named(entry.by, None if seen_by_contact else entry.by.username),
            "text": entry.text,
            "minutes": self.get_minutes(entry),
            "changes": self.get_changes(entry),
        }
