"""The ladder of service and the coordination meeting through the REST interface."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clients.models import Channel
from staff.models import User
from staff.rest import ListQuery, Moment, Person, Strict, page_of
from staff.restnames import chosen
from tickets import actions
from tickets.actions.people import may_read
from tickets.models import (
    CoordinationMeeting,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    Joined,
    Outcome,
    ServiceStep,
    Ticket,
    Way,
)
from tickets.restverbs import BY_NUMBER, verb


class StepUpBody(Strict):
    way = serializers.ChoiceField(Way.choices)
    reason = serializers.CharField(max_length=2000, help_text=_("Why the way before does not do."))


class ConveneBody(Strict):
    reason = serializers.CharField(max_length=2000, help_text=_("Why the group cannot solve it."))
    place = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text=_("Room or link")
    )


class DecideBody(Strict):
    """A grade 1: remote_can or remote_cannot. A grade 2: guide, remote or on_site (§5.4.1.2)."""

    outcome = serializers.ChoiceField(Outcome.choices)
    reason = serializers.CharField(max_length=2000)


class JoinMeetingBody(Strict):
    """Nobody named: oneself. `name` is of somebody from outside, such as a vendor."""

    person = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=150, help_text=_("A user name.")
    )
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=120)
    how = serializers.ChoiceField(Joined.choices, default=Joined.ROOM)
    at = Moment(required=False, allow_null=True, default=None, help_text=_("Empty: now."))


class CallInBody(Strict):
    """One of the two; `name` is of somebody from outside, such as a vendor."""

    person = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=150, help_text=_("A user name.")
    )
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=120)


class FollowUpBody(Strict):
    kind = serializers.ChoiceField(FollowUpKind.choices, default=FollowUpKind.MEASURE)
    text = serializers.CharField(max_length=300)
    owner = serializers.CharField(max_length=150, help_text=_("A user name."))
    due_at = Moment()


class SettleFollowUpBody(Strict):
    follow_up = serializers.IntegerField(
        min_value=1, help_text=_("The id of one of the record's follow-ups.")
    )
    state = serializers.ChoiceField(
        [(one.value, one.label) for one in (FollowUpState.DONE, FollowUpState.DROPPED)],
        default=FollowUpState.DONE,
    )
    result = serializers.CharField(max_length=500)


class TellClientBody(Strict):
    """What the client was told other than in writing."""

    text = serializers.CharField(max_length=10_000)
    told = serializers.CharField(max_length=120, help_text=_("Who was told"))
    how = serializers.ChoiceField(Channel.choices, default=Channel.PHONE)


class StepSerializer(serializers.Serializer):
    """A change of the way of service. A record without any is served by phone and e-mail."""

    id = serializers.IntegerField(source="pk")
    way = serializers.ChoiceField(Way.choices)
    way_label = serializers.CharField(source="get_way_display")
    started_at = Moment()
    by = Person()
    reason = serializers.CharField()


class VerdictSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField(Outcome.choices)
    outcome_label = serializers.CharField(source="get_outcome_display")
    grade = serializers.IntegerField(help_text=_("Of the fault when it was decided."))
    reason = serializers.CharField()
    at = Moment()
    by = Person()


class MeetingGuestSerializer(serializers.Serializer):
    """Somebody who was called to a meeting or has joined it; the invited when they join."""

    person = Person(allow_null=True, help_text=_("Empty: somebody from outside, `name` says who."))
    name = serializers.CharField()
    called_at = Moment()
    joined_at = Moment(allow_null=True)
    how = serializers.ChoiceField(Joined.choices, allow_blank=True)


class FollowUpSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(FollowUpKind.choices)
    text = serializers.CharField()
    owner = Person()
    due_at = Moment()
    state = serializers.ChoiceField(FollowUpState.choices)
    result = serializers.CharField()
    closed_at = Moment(allow_null=True)


class MeetingSerializer(serializers.Serializer):
    """A coordination meeting with its verdicts, the oldest first; the last one holds."""

    id = serializers.IntegerField(source="pk")
    cycle = serializers.IntegerField()
    convened_at = Moment()
    convened_by = Person(allow_null=True, help_text=_("Empty: a report-up has convened it."))
    reason = serializers.CharField()
    place = serializers.CharField()
    invited = Person(many=True)
    closed_at = Moment(allow_null=True)
    verdicts = VerdictSerializer(many=True)
    guests = MeetingGuestSerializer(many=True)
    follow_ups = FollowUpSerializer(many=True)


class LadderVerbs:
    """The addresses of a record that have to do with how it is served."""

    @extend_schema(
        operation_id="tickets_steps",
        summary=_("How a record has been served, step by step"),
        tags=["tickets"],
        parameters=[BY_NUMBER, ListQuery],
        responses=page_of(StepSerializer, "StepPage"),
    )
    @action(detail=True, methods=["get"])
    def steps(self, request: Request, id: str) -> Response:
        query, ticket = self.asked(ListQuery), self.record()
        rows = ServiceStep.objects.filter(ticket=ticket).select_related("by")
        return self._house_page(rows, query, StepSerializer)

    @extend_schema(
        operation_id="tickets_meetings",
        summary=_("A record's coordination meetings with their verdicts"),
        tags=["tickets"],
        parameters=[BY_NUMBER, ListQuery],
        responses=page_of(MeetingSerializer, "MeetingPage"),
    )
    @action(detail=True, methods=["get"])
    def meetings(self, request: Request, id: str) -> Response:
        query, ticket = self.asked(ListQuery), self.record()
        rows = CoordinationMeeting.objects.filter(ticket=ticket).select_related("convened_by")
        return self._house_page(
            rows.prefetch_related("invited", "verdicts__by", "guests__person", "follow_ups__owner"),
            query,
            MeetingSerializer,
        )

    @verb(
        _("Serve it in another way, with the reason"),
        StepUpBody,
        {"way": "remote", "reason": "Guided by phone twice; the service does not start"},
    )
    def step_up(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return actions.step_up(ticket, way=Way(data["way"]), reason=data["reason"], **who)

    @verb(
        _("Convene the coordination meeting; the verdict clock starts"),
        ConveneBody,
        {"reason": "Nobody in the group knows this cluster", "place": "Room 3"},
    )
    def convene(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return actions.convene(ticket, reason=data["reason"], place=data.get("place", ""), **who)

    @verb(
        _("Write down the meeting's verdict, or change it"),
        DecideBody,
        {"outcome": "remote_cannot", "reason": "Both controllers have failed"},
    )
    def decide(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return actions.decide(ticket, outcome=Outcome(data["outcome"]), reason=data["reason"], **who)

    @verb(
        _("Note who has joined the meeting, and when"),
        JoinMeetingBody,
        {"person": "chen", "how": "phone"},
    )
    def join_meeting(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        person = _reader(ticket, data["person"], "person") if data["person"] else None
        facts = {"name": data["name"], "how": Joined(data["how"]), "at": data["at"]}
        return actions.join_meeting(ticket, person=person, **facts, **who)

    @verb(
        _("Call somebody more to the meeting, at once"),
        CallInBody,
        {"name": "Mr Gao, storage vendor"},
    )
    def call_in(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        person = _reader(ticket, data["person"], "person") if data["person"] else None
        return actions.call_in(ticket, person=person, name=data["name"], **who)

    @verb(
        _("Write down a measure or a follow-up of the meeting"),
        FollowUpBody,
        {"text": "Order a second controller", "owner": "chen", "due_at": "2126-12-01T18:00:00+08:00"},
    )
    def follow_up(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        owner = _reader(ticket, data["owner"], "owner")
        facts = data | {"owner": owner, "kind": FollowUpKind(data["kind"])}
        return actions.follow_up(ticket, **facts, **who)

    @verb(
        _("Settle a measure or a follow-up, with what came of it"),
        SettleFollowUpBody,
        {"follow_up": 1, "result": "Delivered and built in"},
    )
    def settle_follow_up(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        rows = FollowUp.objects.visible_to(self.request.user).filter(meeting__ticket=ticket)
        one = chosen(rows.filter(pk=data["follow_up"]).select_related("meeting"), "follow_up")
        actions.settle_follow_up(one, state=FollowUpState(data["state"]), result=data["result"], **who)
        return Ticket.objects.get(pk=ticket.pk)

    @verb(
        _("Write down what the client was told by phone"),
        TellClientBody,
        {"text": "An engineer is on his way", "told": "Dr Sun", "how": "phone"},
    )
    def tell_client(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        how = Channel(data["how"])
        return actions.tell_client(ticket, how=how, told=data["told"], text=data["text"], **who)

    def _house_page(self, rows: Any, query: Any, serializer: type[serializers.Serializer]) -> Response:
        """A page of rows that are the house's own: a client's contact sees none of them."""
        rows = rows.none() if self.request.user.is_contact else rows
        return self.page(
            rows,
            query,
            order="pk",
            shown=lambda found: serializer(found, many=True, context=self._context()).data,
        )


def _reader(ticket: Ticket, name: str, field: str) -> User:
    """Somebody who may see the record, by his user name: specialists are of no group."""
    return chosen(User.objects.filter(may_read(ticket), username=name, is_active=True), field)
