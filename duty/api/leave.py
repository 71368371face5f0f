"""Leave: asked for, decided on, withdrawn."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from duty import actions
from duty.api.addresses import Addresses, RosterViewSet
from duty.api.shapes import DutySpan, HeldQuery, NothingBody, SpanBody, maybe, username
from duty.models import Leave, LeaveState
from staff.rest import Coded, Moment, Person, Strict
from staff.restaddresses import in_path
from staff.restnames import person_named


class LeaveSerializer(serializers.Serializer):
    """Somebody is away, or asks to be."""

    id = serializers.IntegerField(source="pk")
    person = Person(source="user")
    group = Coded(source="user.group", allow_null=True)
    starts_at = Moment()
    ends_at = Moment()
    reason = serializers.CharField()
    state = serializers.ChoiceField(LeaveState.choices)
    state_label = serializers.CharField(source="get_state_display")
    answer = serializers.CharField()


class LeaveWholeSerializer(LeaveSerializer):
    """The same with what it does to the roster."""

    empties = DutySpan(many=True, help_text=_("The duties ahead that it takes its person out of."))


class LeaveQuery(HeldQuery):
    person = username(required=False)
    state = serializers.ChoiceField(LeaveState.choices, required=False)


class AskLeaveBody(SpanBody):
    person = username(
        required=False, help_text=_("A user name; for the group's supervisor. Empty: one's own leave.")
    )
    reason = maybe(200)


class ApprovalBody(Strict):
    answer = maybe(200)


class DeclineBody(Strict):
    answer = maybe(200, help_text=_("Why: required."))


LEAVE = Addresses(
    "leave", LeaveSerializer, in_path("leave", _("The leave's id.")), whole=LeaveWholeSerializer
)


class LeaveViewSet(RosterViewSet):
    lookup_field = "leave"
    of = LEAVE

    @LEAVE.listed(_("My leave, and of supervisors their group's, newest first"), LeaveQuery)
    def list(self, request: Request) -> Response:
        query = self.asked(LeaveQuery)
        rows = self.rows().filter(ends_at__gt=query.get("since", timezone.now()))
        if "group" in query:
            rows = rows.filter(user__group__in=self.groups(query))
        if "person" in query:
            rows = rows.filter(user__username=query["person"])
        if "state" in query:
            rows = rows.filter(state=query["state"])
        return self.listed(rows, query)

    @LEAVE.read(_("One leave, with the duties that it leaves empty"))
    def retrieve(self, request: Request, leave: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @LEAVE.made(
        _("Ask for leave, for oneself or for somebody of one's group"),
        AskLeaveBody,
        {
            "starts_at": "2026-12-14T00:00:00+08:00",
            "ends_at": "2026-12-16T00:00:00+08:00",
            "reason": "Moving house",
        },
    )
    def create(self, data: dict[str, Any], **who: Any) -> Leave:
        person = who["by"]
        if "person" in data:
            person = person_named(data["person"], "person", seen_by=person)
        return actions.ask_leave(person, data["starts_at"], data["ends_at"], reason=data["reason"], **who)

    @LEAVE.verb(
        _("Approve a leave; cover is asked for each duty that it empties"), ApprovalBody, {"answer": "Enjoy"}
    )
    def approve(self, leave: Leave, data: dict[str, Any], **who: Any) -> Leave:
        actions.approve_leave(leave, answer=data["answer"], **who)
        return leave

    @LEAVE.verb(_("Decline a leave, with the reason"), DeclineBody, {"answer": "Nobody is free that day"})
    def decline(self, leave: Leave, data: dict[str, Any], **who: Any) -> Leave:
        return actions.decline_leave(leave, answer=data["answer"], **who)

    @LEAVE.verb(_("Take a leave back"), NothingBody, {})
    def withdraw(self, leave: Leave, data: dict[str, Any], **who: Any) -> Leave:
        return actions.withdraw_leave(leave, **who)

    def rows(self) -> QuerySet[Leave]:
        return Leave.objects.visible_to(self.request.user).select_related("user__group")

    def shown_whole(self, found: Leave) -> Any:
        empties = actions.left_empty(found, now=timezone.now())
        return self.of.row(found, context=self.shown_to).data | {"empties": DutySpan(empties, many=True).data}
