"""What the REST interface shows of meetings, their agendas, decisions and minutes; and what bodies say."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from duty.api.shapes import GroupQuery, in_path, line, maybe, username
from meetings.agenda import MarkedLine, MarkedSection
from meetings.kinds import DecisionState, EventKind, MeetingState, Order, Presence, Why
from meetings.models import LONGEST, Decision
from meetings.sources import SOURCES
from meetings.words import title_of, told
from staff.rest import Coded, ListQuery, Moment, Person, Strict
from tickets.documentapi import SectionSerializer

BY_MEETING = in_path("meeting", _("The meeting's id."))
BY_DECISION = in_path("decision", _("The decision's id."))
LISTS = [("ahead", _("ahead")), ("behind", _("behind")), ("all", _("all"))]
DECISION_LISTS = [("open", _("open")), ("overdue", _("overdue")), ("all", _("all"))]


class MeetingEventSerializer(serializers.Serializer):
    """An entry of a history. By nobody: the clock did it."""

    kind = serializers.ChoiceField(EventKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    at = Moment()
    by = Person(allow_null=True)
    text = serializers.CharField()


class WeeklyMeetingSerializer(serializers.Serializer):
    """A group's meeting of a week. `number` is the week by ISO 8601, of which each group has one."""

    id = serializers.IntegerField(source="pk")
    number = serializers.CharField()
    group = Coded()
    week = serializers.DateField(help_text=_("Its Monday."))
    starts_at = Moment()
    ends_at = Moment(help_text=_("By the plan."))
    place = serializers.CharField()
    link = serializers.CharField()
    chair = Person(allow_null=True)
    state = serializers.ChoiceField(MeetingState.choices)
    state_label = serializers.CharField(source="get_state_display")
    why = serializers.ChoiceField(Why.choices, help_text=_("Why it is not on its day; empty where it is."))
    reason = serializers.CharField()
    merged_into = serializers.IntegerField(source="merged_into_id", allow_null=True)
    sequence = serializers.IntegerField(help_text=_("Rises with every change that a calendar shows."))
    frozen_at = Moment(allow_null=True)
    started_at = Moment(allow_null=True)
    ended_at = Moment(allow_null=True)
    published_at = Moment(allow_null=True)
    version = serializers.IntegerField(help_text=_("Send it back as If-Match."))


class MeetingDecisionSerializer(serializers.Serializer):
    """What a meeting decided. It is on every next agenda until it is settled."""

    id = serializers.IntegerField(source="pk")
    number = serializers.CharField()
    meeting = serializers.IntegerField(source="meeting_id")
    group = Coded()
    text = serializers.CharField()
    owner = Person()
    due_on = serializers.DateField()
    is_overdue = serializers.SerializerMethodField()
    record = serializers.SerializerMethodField(help_text=_("The number of the record that it is about."))
    order = serializers.ChoiceField(Order.choices, help_text=_("What it set off at once."))
    state = serializers.ChoiceField(DecisionState.choices)
    state_label = serializers.CharField(source="get_state_display")
    result = serializers.CharField()
    decided_at = Moment()
    settled_at = Moment(allow_null=True)
    came_back = serializers.IntegerField(help_text=_("On how many agendas it was overdue."))
    version = serializers.IntegerField(help_text=_("Send it back as If-Match."))

    def get_is_overdue(self, decision: Decision) -> bool:
        return decision.is_overdue(timezone.localdate())

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_record(self, decision: Decision) -> str | None:
        return f"T-{decision.ticket_id}" if decision.ticket_id else None


class MeetingDecisionWholeSerializer(MeetingDecisionSerializer):
    history = MeetingEventSerializer(many=True, source="events.all")


class MeetingItemSerializer(serializers.Serializer):
    """An item of the agenda with its note: by its key the body of a note or decision names it."""

    key = serializers.CharField()
    title = serializers.SerializerMethodField()
    details = serializers.CharField()
    note = serializers.CharField()
    by = Person()

    def get_title(self, item: Any) -> str:
        return str(SOURCES[item.source].label) if item.source in SOURCES else item.title


class MeetingAttendanceSerializer(serializers.Serializer):
    person = Person(source="user")
    presence = serializers.ChoiceField(Presence.choices)
    deputy = Person(allow_null=True)
    note = serializers.CharField()


class WeeklyMeetingWholeSerializer(WeeklyMeetingSerializer):
    """The same with what was put on its agenda, who was there, what was decided, and its history."""

    items = MeetingItemSerializer(many=True)
    attendance = MeetingAttendanceSerializer(many=True)
    decisions = MeetingDecisionSerializer(many=True)
    history = MeetingEventSerializer(many=True, source="events.all")


class AgendaLineSerializer(serializers.Serializer):
    """A line, in words. `mark` is how it stands to the frozen agenda: new, changed, gone, or empty."""

    key = serializers.CharField(source="line.key")
    title = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    tone = serializers.CharField(source="line.tone", help_text=_("bad, good, or empty."))
    mark = serializers.CharField()
    now = serializers.SerializerMethodField(help_text=_("What a changed line says now."))

    def get_title(self, one: MarkedLine) -> str:
        return title_of(one.line)

    def get_text(self, one: MarkedLine) -> str:
        return told(one.line)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_now(self, one: MarkedLine) -> str | None:
        return told(one.now) if one.now else None


class AgendaSectionSerializer(serializers.Serializer):
    """What one source has to say: how many, the first of them, and since the freeze how many now."""

    source = serializers.CharField()
    label = serializers.SerializerMethodField()
    count = serializers.IntegerField()
    count_now = serializers.IntegerField(allow_null=True)
    lines = AgendaLineSerializer(many=True, source="shown")

    def get_label(self, section: MarkedSection) -> str:
        return str(SOURCES[section.source].label)


class AgendaSerializer(serializers.Serializer):
    frozen_at = Moment(allow_null=True)
    sections = AgendaSectionSerializer(many=True)


class MeetingMinutesSerializer(serializers.Serializer):
    """The minutes as they were published, and behind them what was added since."""

    number = serializers.CharField(source="document.number")
    title = serializers.CharField(source="document.title")
    language = serializers.ChoiceField(settings.LANGUAGES)
    by = Person()
    at = Moment()
    head = serializers.SerializerMethodField(help_text=_("Pairs of a name and a value."))
    sections = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.ListField(child=serializers.CharField())))
    def get_head(self, minutes: Any) -> Any:
        return minutes.document.head

    @extend_schema_field(SectionSerializer(many=True))
    def get_sections(self, minutes: Any) -> Any:
        return [
            {
                "title": section["title"],
                "parts": [
                    {name: part[name] for name in ("kind", "text", "head", "rows") if name in part}
                    for part in section["parts"]
                ],
            }
            for section in minutes.document.as_json()["sections"]
        ]


class MeetingQuery(ListQuery, GroupQuery):
    list = serializers.ChoiceField(LISTS, default="all")


class DecisionQuery(ListQuery, GroupQuery):
    list = serializers.ChoiceField(DECISION_LISTS, default="open")
    owner = username(required=False)


class MoveMeetingBody(Strict):
    starts_at = Moment(help_text=_("Inside its own week: each week has one meeting."))
    reason = line(300)
    place = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=200, default=None
    )
    link = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=300, default=None
    )


class ReasonMeetingBody(Strict):
    reason = line(300)


class AgendaItemBody(Strict):
    title = line(200)
    details = maybe(LONGEST)


class MeetingNoteBody(Strict):
    item = line(50, help_text=_("The key of an item, or the name of a section of the agenda."))
    note = maybe(LONGEST)


class AttendanceOfMeetingBody(Strict):
    person = username()
    presence = serializers.ChoiceField(Presence.choices)
    deputy = username(required=False, default="", allow_blank=True)
    note = maybe(200)


class DecideInMeetingBody(Strict):
    item = line(50, help_text=_("The key of an item, or the name of a section of the agenda."))
    text = line(LONGEST)
    owner = username()
    due_on = serializers.DateField()
    record = maybe(20, help_text=_("The number of a record."))
    order = serializers.ChoiceField(
        Order.choices,
        required=False,
        default="",
        allow_blank=True,
        help_text=_("What is set off at once with the record."),
    )
    address = maybe(200, help_text=_("Of a dispatch; empty: where the system stands."))


class PublishMinutesBody(Strict):
    language = serializers.ChoiceField(settings.LANGUAGES, default="zh-hans")


class AddToMinutesBody(Strict):
    text = line(LONGEST)


class SettleDecisionBody(Strict):
    result = line(LONGEST, help_text=_("What was done."))


class DropDecisionBody(Strict):
    reason = line(LONGEST, help_text=_("Why it is dropped."))


class ChangeDecisionBody(Strict):
    """What is not sent stays as it is."""

    owner = username(required=False, default="", allow_blank=True)
    due_on = serializers.DateField(required=False, allow_null=True, default=None)
    reason = line(300)
