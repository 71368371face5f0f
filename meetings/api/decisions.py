"""Decisions: listed, read, settled, dropped, given to somebody else."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from meetings import actions
from meetings.api.base import Here, MeetingSet
from meetings.api.shapes import (
    BY_DECISION,
    ChangeDecisionBody,
    DecisionQuery,
    DropDecisionBody,
    MeetingDecisionSerializer,
    MeetingDecisionWholeSerializer,
    SettleDecisionBody,
)
from meetings.models import Decision

DECISIONS = Here("decisions", MeetingDecisionSerializer, BY_DECISION, whole=MeetingDecisionWholeSerializer)


class DecisionViewSet(MeetingSet):
    lookup_field = "decision"
    of = DECISIONS

    @DECISIONS.listed(
        _("Decisions of weekly meetings, newest first; unless asked otherwise the open ones"), DecisionQuery
    )
    def list(self, request: Request) -> Response:
        query = self.asked(DecisionQuery)
        rows = Decision.objects.visible_to(request.user).with_names()
        if query["list"] == "open":
            rows = rows.open()
        elif query["list"] == "overdue":
            rows = rows.overdue(timezone.localdate())
        if "group" in query:
            rows = rows.filter(group__in=self.groups(query))
        if "owner" in query:
            rows = rows.filter(owner__username=query["owner"])
        return self.listed(rows, query)

    @DECISIONS.read(_("One decision with its history"))
    def retrieve(self, request: Request, decision: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @DECISIONS.verb(
        _("Say that a decision is done, and what was done"), SettleDecisionBody, {"result": "Disk replaced"}
    )
    def settle(self, decision: Decision, data: dict[str, Any], **who: Any) -> Decision:
        return actions.settle_decision(decision, result=data["result"], **who)

    @DECISIONS.verb(
        _("Drop a decision, with the reason"), DropDecisionBody, {"reason": "The system is being replaced"}
    )
    def drop(self, decision: Decision, data: dict[str, Any], **who: Any) -> Decision:
        return actions.drop_decision(decision, reason=data["reason"], **who)

    @DECISIONS.verb(
        _("Give a decision another owner or another day"),
        ChangeDecisionBody,
        {"owner": "li", "due_on": "2026-12-14", "reason": "Engineer Chen is on leave"},
    )
    def change(self, decision: Decision, data: dict[str, Any], **who: Any) -> Decision:
        owner = self.someone(data["owner"], "owner")
        facts = {"due_on": data["due_on"], "reason": data["reason"]}
        return actions.change_decision(decision, owner=owner, **facts, **who)

    def rows(self) -> QuerySet[Decision]:
        return Decision.objects.visible_to(self.request.user).with_names()
