"""What the REST interface shows of callbacks, of what they collect, and of their plans."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clients.models import Channel
from staff.rest import Coded, Moment, Named, Person
from visits.kinds import (
    EventKind,
    FileKind,
    Kind,
    Method,
    NeedState,
    PromiseState,
    Result,
    Satisfaction,
    Side,
    State,
    Tone,
)
from visits.models import Callback, Need, Promise
from visits.planning import Unit


class CallbackEventSerializer(serializers.Serializer):
    """An entry of a history. By nobody: the clock did it."""

    kind = serializers.ChoiceField(EventKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    at = Moment()
    by = Person(allow_null=True)
    text = serializers.CharField()


class CallbackAttemptSerializer(serializers.Serializer):
    at = Moment()
    by = Person()
    result = serializers.ChoiceField(Result.choices)
    note = serializers.CharField()


class AttendeeSerializer(serializers.Serializer):
    side = serializers.ChoiceField(Side.choices)
    name = serializers.CharField()
    job_title = serializers.CharField()


class AttendanceSerializer(serializers.Serializer):
    place = serializers.CharField()
    began_at = Moment()
    ended_at = Moment()
    people = AttendeeSerializer(many=True)


class CallbackFileSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(FileKind.choices)
    name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField()


class CallbackSerializer(serializers.Serializer):
    """A callback as a list shows it."""

    id = serializers.IntegerField(source="pk")
    number = serializers.CharField()
    kind = serializers.ChoiceField(Kind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    method = serializers.ChoiceField(Method.choices)
    state = serializers.ChoiceField(State.choices)
    state_label = serializers.CharField(source="get_state_display")
    client = Coded()
    group = Coded()
    contact = Named(allow_null=True)
    system = Named(allow_null=True)
    record = serializers.CharField(
        source="ticket.number", allow_null=True, default=None, help_text=_("After which fault.")
    )
    person = Person(allow_null=True)
    note = serializers.CharField()
    due_at = Moment(help_text=_("For when it is planned."))
    limit_at = Moment(help_text=_("The end of its last day."))
    is_overdue = serializers.SerializerMethodField()
    covered_by = serializers.IntegerField(
        source="covered_by_id", allow_null=True, help_text=_("Which after-fault callback counts as this one.")
    )
    done_at = Moment(allow_null=True)
    satisfaction = serializers.ChoiceField(Satisfaction.choices, allow_blank=True)
    expectation_not_met = serializers.BooleanField()
    version = serializers.IntegerField(help_text=_("Rises with every change; it is the ETag too."))

    def get_is_overdue(self, callback: Callback) -> bool:
        return callback.is_overdue(timezone.now())


class NeedSerializer(serializers.Serializer):
    """A client's need, in the register."""

    id = serializers.IntegerField(source="pk")
    number = serializers.CharField()
    client = Coded()
    system = Named(allow_null=True)
    callback = serializers.IntegerField(source="callback_id", allow_null=True)
    title = serializers.CharField()
    details = serializers.CharField()
    state = serializers.ChoiceField(NeedState.choices)
    state_label = serializers.CharField(source="get_state_display")
    owner = Person(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    answer = serializers.CharField()
    answer_channel = serializers.ChoiceField(Channel.choices, allow_blank=True)
    raised_at = Moment()
    raised_by = Person()
    closed_at = Moment(allow_null=True)
    version = serializers.IntegerField(help_text=_("Rises with every change; it is the ETag too."))


class NeedWholeSerializer(NeedSerializer):
    """The same with its history."""

    history = serializers.SerializerMethodField()

    @extend_schema_field(CallbackEventSerializer(many=True))
    def get_history(self, need: Need) -> Any:
        return CallbackEventSerializer(need.events.select_related("by"), many=True, context=self.context).data


class OpinionSerializer(serializers.Serializer):
    """What a client thinks of the service."""

    id = serializers.IntegerField(source="pk")
    client = Coded()
    callback = serializers.IntegerField(source="callback_id", allow_null=True)
    tone = serializers.ChoiceField(Tone.choices)
    tone_label = serializers.CharField(source="get_tone_display")
    text = serializers.CharField()
    at = Moment()
    by = Person()


class PromiseSerializer(serializers.Serializer):
    """What was promised to a client."""

    id = serializers.IntegerField(source="pk")
    client = Coded()
    callback = serializers.IntegerField(source="callback_id", allow_null=True)
    text = serializers.CharField()
    person = Person()
    due_on = serializers.DateField()
    state = serializers.ChoiceField(PromiseState.choices)
    state_label = serializers.CharField(source="get_state_display")
    is_overdue = serializers.SerializerMethodField()
    note = serializers.CharField()
    made_at = Moment()
    made_by = Person()
    closed_at = Moment(allow_null=True)

    def get_is_overdue(self, promise: Promise) -> bool:
        return promise.state == PromiseState.OPEN and promise.due_on < timezone.localdate()


class CallbackWholeSerializer(CallbackSerializer):
    """A callback by itself: what was said, what it collected, its papers and its history."""

    done_by = Person(allow_null=True)
    spoke_with = serializers.CharField()
    channel = serializers.ChoiceField(Channel.choices, allow_blank=True)
    summary = serializers.CharField()
    is_solved = serializers.BooleanField(allow_null=True, help_text=_("Asked after a fault."))
    expectation_words = serializers.CharField()
    next_wish_on = serializers.DateField(allow_null=True)
    next_wish = serializers.CharField()
    attempts = CallbackAttemptSerializer(many=True, source="attempts.all")
    problems = serializers.SerializerMethodField(help_text=_("The records that were opened of it."))
    needs = NeedSerializer(many=True, source="needs.all")
    opinions = OpinionSerializer(many=True, source="opinions.all")
    promises = PromiseSerializer(many=True, source="promises.all")
    attendance = serializers.SerializerMethodField()
    files = CallbackFileSerializer(many=True, source="files.all")
    history = CallbackEventSerializer(many=True, source="events.all")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_problems(self, callback: Callback) -> list[str]:
        seen = callback.problems.visible_to(self.context["user"])
        return [problem.ticket.number for problem in seen.select_related("ticket")]

    @extend_schema_field(AttendanceSerializer(allow_null=True))
    def get_attendance(self, callback: Callback) -> Any:
        sheet = getattr(callback, "attendance", None)
        if sheet is None:
            return None
        facts = {name: getattr(sheet, name) for name in ("place", "began_at", "ended_at")}
        return AttendanceSerializer({**facts, "people": sheet.people.all()}, context=self.context).data


class CallbackPlanSerializer(serializers.Serializer):
    """How clients of one type are called back; limits are working days, shares percent."""

    id = serializers.IntegerField(source="pk")
    type = Coded(allow_null=True, help_text=_("Empty: clients with a new system."))
    is_default = serializers.BooleanField(help_text=_("Ours, not from the process document."))
    phone_every = serializers.IntegerField()
    phone_unit = serializers.ChoiceField(Unit.choices)
    phone_within = serializers.IntegerField()
    site_every = serializers.IntegerField()
    site_unit = serializers.ChoiceField(Unit.choices)
    site_within = serializers.IntegerField()
    share_one = serializers.IntegerField()
    limit_one = serializers.IntegerField()
    share_two = serializers.IntegerField()
    limit_two = serializers.IntegerField()
    share_three = serializers.IntegerField()
    limit_three = serializers.IntegerField()
    gap_days = serializers.IntegerField()
    close_days = serializers.IntegerField()
    tries = serializers.IntegerField()
    phase_months = serializers.IntegerField()
    version = serializers.IntegerField(help_text=_("Rises with every change; it is the ETag too."))


class CallbackDrawSerializer(serializers.Serializer):
    """What became of a solved fault when callbacks were drawn."""

    id = serializers.IntegerField(source="pk")
    record = serializers.CharField(source="ticket.number")
    outcome = serializers.CharField()
    outcome_label = serializers.CharField(source="get_outcome_display")
    reason = serializers.CharField()
    drawn = serializers.IntegerField(help_text=_("0 to 99, from the record's number alone."))
    share = serializers.IntegerField(help_text=_("Percent of such faults that are called back."))
    at = Moment()
