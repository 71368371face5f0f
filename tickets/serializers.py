"""Records as the REST interface shows them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clients.models import Channel
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
    Status,
    Ticket,
)

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
    taken_by = Person()
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
        return self.context["request"].build_absolute_uri(reverse("tickets:detail", args=[ticket.pk]))

    def to_representation(self, ticket: Ticket) -> dict[str, Any]:
        shown = super().to_representation(ticket)
        if self.context["user"].is_contact:
            shown |= dict.fromkeys(INTERNAL)
        return shown


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


class TicketSerializer(TicketRow):
    """A maintenance record with its clocks."""

    clocks = serializers.SerializerMethodField()

    @extend_schema_field(ClockSerializer(many=True))
    def get_clocks(self, ticket: Ticket) -> list[dict[str, Any]]:
        clocks = ticket.clocks.current()
        if self.context["user"].is_contact:
            clocks = clocks.filter(kind__in=GRADED_CLOCKS)
        return ClockSerializer(clocks, many=True, context=self.context).data


class EntrySerializer(serializers.Serializer):
    """One thing that happened to a record."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(EntryKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    at = Moment()
    by = Person(allow_null=True, help_text=_("Empty: the system itself."))
    text = serializers.CharField()
    changes = serializers.SerializerMethodField(help_text=_("Fields that changed: [old, new]."))

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_changes(self, entry: Entry) -> dict[str, Any]:
        return {} if self.context["user"].is_contact else entry.changes
