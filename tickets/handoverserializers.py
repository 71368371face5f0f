"""What is asked and answered about handovers through the REST interface."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from staff.rest import Coded, ListQuery, Moment, Person, Strict
from tickets.bodies import RECORD
from tickets.handover import HandoverState, has_passed
from tickets.handovers import blocking, kept_points
from tickets.lifecycle import Status
from tickets.models import Grade, Handover, HandoverEventKind
from tickets.openmatters import OpenMatters, RemoteKind

LONGEST = 8000


class HandoverQuery(ListQuery):
    group = serializers.CharField(required=False, max_length=50, help_text=_("The code of one group."))
    person = serializers.CharField(
        required=False, max_length=150, help_text=_("A user name: one of the two.")
    )
    state = serializers.ChoiceField(HandoverState.choices, required=False)


class BeginBody(Strict):
    """Empty `at`: the change of duty that matters now."""

    group = serializers.CharField(max_length=50, help_text=_("The code of one group."))
    at = Moment(required=False, help_text=_("The instant at which the duty changes hands, by the roster."))


class HandOverBody(Strict):
    note = serializers.CharField(max_length=LONGEST, help_text=_("What happened on the shift"))
    to_do = serializers.CharField(
        max_length=LONGEST, required=False, default="", allow_blank=True, help_text=_("Still to be done")
    )
    done = serializers.ListField(
        child=serializers.CharField(max_length=2000),
        required=False,
        default=list,
        max_length=100,
        help_text=_("The names of the points that were gone through."),
    )


class SendBackBody(Strict):
    remark = serializers.CharField(max_length=LONGEST, help_text=_("What is missing"))


class OverruleBody(Strict):
    reason = serializers.CharField(max_length=LONGEST)


class SignBody(Strict):
    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text=_("The version that you have read; another is refused.")
    )
    take = serializers.ListField(
        child=serializers.RegexField(RECORD),
        required=False,
        default=list,
        max_length=100,
        help_text=_("Records of the outgoing person that you take over."),
    )


class PointSerializer(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    is_done = serializers.BooleanField()


class OpenRecordSerializer(serializers.Serializer):
    record = serializers.CharField(source="number")
    title = serializers.CharField()
    client = serializers.CharField()
    client_en = serializers.CharField()
    grade = serializers.ChoiceField(Grade.choices, allow_null=True)
    status = serializers.ChoiceField(Status.choices)
    owner = serializers.CharField(help_text=_("Empty: nobody."))
    owner_en = serializers.CharField()
    due_at = Moment(allow_null=True)


class RemoteMatterSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(RemoteKind.choices)
    record = serializers.CharField(source="number")
    client = serializers.CharField()
    client_en = serializers.CharField()
    who = serializers.CharField(help_text=_("Who is logged in, who authorised it, or the account."))
    who_en = serializers.CharField()
    until_at = Moment(allow_null=True)


class FailedCheckSerializer(serializers.Serializer):
    sheet = serializers.CharField()
    sheet_en = serializers.CharField()
    item = serializers.CharField()
    item_en = serializers.CharField()
    value = serializers.CharField()
    value_en = serializers.CharField()
    record = serializers.CharField(source="number", help_text=_("Empty: none was opened."))


class OpenMattersSerializer(serializers.Serializer):
    """What was open in the group when it was handed over."""

    records = OpenRecordSerializer(many=True)
    more_records = serializers.IntegerField()
    remote = RemoteMatterSerializer(many=True)
    failed_checks = FailedCheckSerializer(many=True)


class EventSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(HandoverEventKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    at = Moment()
    by = Person()
    text = serializers.CharField()
    records = serializers.ListField(child=serializers.CharField(), source="numbers")


class HandoverRowSerializer(serializers.Serializer):
    """A change of duty that was handed over."""

    id = serializers.IntegerField(source="pk")
    version = serializers.IntegerField()
    group = Coded()
    outgoing = Person()
    incoming = Person()
    changes_at = Moment()
    state = serializers.ChoiceField(HandoverState.choices)
    state_label = serializers.CharField(source="get_state_display")
    handed_over_at = Moment(allow_null=True)
    handed_over_by = Person(allow_null=True)
    signed_at = Moment(allow_null=True)
    passes_at = Moment(allow_null=True, help_text=_("From when on the incoming person answers."))


class HandoverSerializer(HandoverRowSerializer):
    """One of them in full. `open_matters` is as it was then; as long as it is written, it is empty."""

    answers_now = serializers.SerializerMethodField(help_text=_("Who answers for the duty at this moment."))
    note = serializers.CharField()
    to_do = serializers.CharField()
    points = serializers.SerializerMethodField()
    open_matters = serializers.SerializerMethodField()
    blocked_by = serializers.SerializerMethodField(
        help_text=_("Open grade-1 faults during which nobody hands over.")
    )
    history = EventSerializer(many=True, source="with_events")

    @extend_schema_field(Person)
    def get_answers_now(self, handover: Handover) -> Any:
        passed = has_passed(handover.changes_at, handover.signed_at, self.context["now"])
        return Person(handover.incoming if passed else handover.outgoing, context=self.context).data

    @extend_schema_field(PointSerializer(many=True))
    def get_points(self, handover: Handover) -> Any:
        return PointSerializer(kept_points(handover), many=True).data

    @extend_schema_field(OpenMattersSerializer)
    def get_open_matters(self, handover: Handover) -> Any:
        return OpenMattersSerializer(OpenMatters.thawed(handover.open_matters)).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_blocked_by(self, handover: Handover) -> list[str]:
        return [] if handover.is_signed else [ticket.number for ticket in blocking(handover)]


class TakenSerializer(serializers.Serializer):
    record = serializers.CharField()
    refusal = serializers.CharField(help_text=_("Why not. Empty: it is yours."))


class SignedSerializer(serializers.Serializer):
    """The handover as it was signed, and what became of each record of `take`."""

    handover = HandoverSerializer()
    taken = TakenSerializer(many=True)
