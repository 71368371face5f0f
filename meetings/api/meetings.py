"""Meetings: listed, read with agenda and minutes, moved, held, and their minutes published."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from duty.api.shapes import NothingBody
from meetings import actions
from meetings.actions import Decided
from meetings.api.base import Here, MeetingSet
from meetings.api.shapes import (
    BY_MEETING,
    AddToMinutesBody,
    AgendaItemBody,
    AgendaSerializer,
    AttendanceOfMeetingBody,
    DecideInMeetingBody,
    MeetingMinutesSerializer,
    MeetingNoteBody,
    MeetingQuery,
    MoveMeetingBody,
    PublishMinutesBody,
    ReasonMeetingBody,
    WeeklyMeetingSerializer,
    WeeklyMeetingWholeSerializer,
)
from meetings.drawing import agenda_of, with_weeks
from meetings.models import Meeting, Minutes

MEETINGS = Here("meetings", WeeklyMeetingSerializer, BY_MEETING, whole=WeeklyMeetingWholeSerializer)


class MeetingViewSet(MeetingSet):
    lookup_field = "meeting"
    of = MEETINGS

    @MEETINGS.listed(_("Weekly meetings, those written last first"), MeetingQuery)
    def list(self, request: Request) -> Response:
        query, now = self.asked(MeetingQuery), timezone.now()
        rows = self.rows()
        if query["list"] != "all":
            rows = (
                rows.filter(starts_at__gt=now)
                if query["list"] == "ahead"
                else rows.filter(starts_at__lte=now)
            )
        if "group" in query:
            rows = rows.filter(group__in=self.groups(query))
        return self.listed(rows, query)

    @MEETINGS.read(_("One meeting with its items, attendance, decisions and history"))
    def retrieve(self, request: Request, meeting: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @extend_schema(
        operation_id="meetings_agenda",
        summary=_("A meeting's agenda: live, or frozen with later changes marked"),
        tags=["meetings"],
        parameters=[BY_MEETING],
        responses=AgendaSerializer,
    )
    @action(detail=True, methods=["get"])
    def agenda(self, request: Request, meeting: str) -> Response:
        found = self.one()
        sections = agenda_of(found, timezone.now()) if found.takes_place else []
        facts = {"frozen_at": found.frozen_at, "sections": sections}
        return Response(AgendaSerializer(facts, context=self.shown_to).data)

    @extend_schema(
        operation_id="meetings_minutes",
        summary=_("A meeting's minutes as they were published, with what was added"),
        tags=["meetings"],
        parameters=[BY_MEETING],
        responses=MeetingMinutesSerializer,
    )
    @action(detail=True, methods=["get"])
    def minutes(self, request: Request, meeting: str) -> Response:
        rows = Minutes.objects.filter(meeting=self.one()).select_related("by").prefetch_related("additions")
        if (found := rows.first()) is None:
            raise Http404
        return Response(MeetingMinutesSerializer(found, context=self.shown_to).data)

    @MEETINGS.verb(
        _("Move a meeting inside its week; the participants are told"),
        MoveMeetingBody,
        {"starts_at": "2026-12-08T10:00:00+08:00", "reason": "The chair is away on Monday"},
    )
    def move(self, meeting: Meeting, data: dict[str, Any], **who: Any) -> Meeting:
        return actions.move_meeting(meeting, **data, **who)

    @MEETINGS.verb(_("Cancel a meeting, with the reason"), ReasonMeetingBody, {"reason": "Training of all"})
    def cancel(self, meeting: Meeting, data: dict[str, Any], **who: Any) -> Meeting:
        return actions.cancel_meeting(meeting, reason=data["reason"], **who)

    @MEETINGS.verb(
        _("Put something on the agenda"), AgendaItemBody, {"title": "The store of spare parts moves"}
    )
    def add_item(self, meeting: Meeting, data: dict[str, Any], **who: Any) -> Meeting:
        actions.add_item(meeting, **data, **who)
        return meeting

    @MEETINGS.verb(_("Start a meeting; its agenda is frozen by then"), NothingBody, {})
    def start(self, meeting: Meeting, data: dict[str, Any], **who: Any) -> Meeting:
        return actions.start_meeting(meeting, **who)

    @MEETINGS.verb(
        _("Write the note on an item of the agenda"),
        MeetingNoteBody,
        {"item": "faults", "note": "The cause is known, the spare part is ordered"},
    )
    def note(self, meeting: Meeting, data: dict[str, Any], **who: Any) -> Meeting:
        actions.write_note(meeting, data["item"], text=data["note"], **who)
        return meeting

    @MEETINGS.verb(
        _("Write down whether somebody was there"),
        AttendanceOfMeetingBody,
        {"person": "li", "presence": "deputy", "deputy": "chen"},
    )
    def attend(self, meeting: Meeting, data: dict[str, Any], **who: Any) -> Meeting:
        person = self.someone(data["person"], "person")
        assert person is not None
        facts = {"presence": data["presence"], "note": data["note"]}
        deputy = self.someone(data["deputy"], "deputy")
        actions.write_attendance(meeting, person, deputy=deputy, **facts, **who)
        return meeting

    @MEETINGS.verb(
        _("Decide something; with an order its record is handed over or dispatched at once"),
        DecideInMeetingBody,
        {
            "item": "leftovers",
            "text": "Replace the disk on site",
            "owner": "chen",
            "due_on": "2026-12-11",
            "record": "T-10234",
            "order": "assign",
        },
    )
    def decide(self, meeting: Meeting, data: dict[str, Any], **who: Any) -> Meeting:
        owner = self.someone(data["owner"], "owner")
        assert owner is not None
        decided = Decided(
            text=data["text"],
            owner=owner,
            due_on=data["due_on"],
            ticket=self.record_named(data["record"]),
            order=data["order"],
            address=data["address"],
        )
        actions.decide(meeting, data["item"], decided, **who)
        return meeting

    @MEETINGS.verb(_("End a meeting; its minutes are due within 24 hours"), NothingBody, {})
    def end(self, meeting: Meeting, data: dict[str, Any], **who: Any) -> Meeting:
        return actions.end_meeting(meeting, **who)

    @MEETINGS.verb(
        _("Publish the minutes; they are frozen and the participants told"),
        PublishMinutesBody,
        {"language": "en"},
    )
    def publish(self, meeting: Meeting, data: dict[str, Any], **who: Any) -> Meeting:
        actions.publish_minutes(meeting, language=data["language"], **who)
        return meeting

    @MEETINGS.verb(
        _("Add a correction to published minutes"),
        AddToMinutesBody,
        {"text": "Engineer Chen owns the review, not Li Min"},
    )
    def add_to(self, meeting: Meeting, data: dict[str, Any], **who: Any) -> Meeting:
        actions.add_to_minutes(meeting, text=data["text"], **who)
        return meeting

    def rows(self) -> QuerySet[Meeting]:
        rows: QuerySet[Meeting] = with_weeks(Meeting.objects.visible_to(self.request.user).with_names())
        return rows
