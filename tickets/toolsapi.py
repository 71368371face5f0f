"""The working tools through the REST interface: checklists, time spent, canned replies."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from staff.rest import LARGEST_ID, Coded, ListQuery, Moment, Person, RestView, Strict, page_of
from staff.restnames import chosen
from tickets import actions
from tickets.api import TicketViewSet
from tickets.models import CannedReply, ChecklistItem, Scope, TextKind, Ticket, TimeSpent
from tickets.policyapi import ReportUpVerbs
from tickets.replies import filled
from tickets.restverbs import BY_NUMBER, verb


class TickBody(Strict):
    item = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    result = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text=_("A word on the result.")
    )


class UntickBody(Strict):
    item = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)


class ChecklistItemSerializer(serializers.Serializer):
    """One thing to do on a record."""

    id = serializers.IntegerField(source="pk")
    checklist = serializers.CharField(source="checklist.name")
    checklist_en = serializers.CharField(source="checklist.name_en")
    version = serializers.IntegerField(source="checklist.version", help_text=_("Of the template's wording."))
    position = serializers.IntegerField()
    text = serializers.CharField()
    text_en = serializers.CharField()
    is_mandatory = serializers.BooleanField(help_text=_("Open, it stands in the way of the solution."))
    ticked_at = Moment(allow_null=True)
    ticked_by = Person(allow_null=True)
    result = serializers.CharField()


class TimeSpentSerializer(serializers.Serializer):
    """Minutes that an entry took its writer, or by which they were corrected."""

    id = serializers.IntegerField(source="pk")
    entry = serializers.IntegerField(source="entry_id")
    person = Person()
    minutes = serializers.IntegerField(help_text=_("May be negative in a correction."))
    on = serializers.DateField()
    corrects = serializers.IntegerField(source="corrects_id", allow_null=True)


class CannedReplySerializer(serializers.Serializer):
    """A text that is written often, with its variables."""

    id = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    kind = serializers.ChoiceField(TextKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    scope = serializers.ChoiceField(Scope.choices)
    scope_label = serializers.CharField(source="get_scope_display")
    group = Coded(allow_null=True)
    body = serializers.CharField()
    body_en = serializers.CharField()
    uses = serializers.IntegerField()


class FilledReplySerializer(serializers.Serializer):
    """A canned reply with its variables filled in from a record, in the language of the answer."""

    id = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    kind = serializers.ChoiceField(TextKind.choices)
    text = serializers.SerializerMethodField(help_text=_("What the record does not say is ____."))

    def get_text(self, reply: CannedReply) -> str:
        context = self.context
        language = get_language() or ""
        return filled(reply, context["ticket"], me=context["user"], language=language, now=context["now"])


class ReplyQuery(ListQuery):
    kind = serializers.ChoiceField(
        TextKind.choices, required=False, help_text=_("Those for this kind of text, and those for any.")
    )


class TicketTools(ReportUpVerbs, TicketViewSet):
    """Records with the tools that one works on them with."""

    @extend_schema(
        operation_id="tickets_checklist",
        summary=_("A record's checklists, item by item"),
        tags=["tickets"],
        parameters=[BY_NUMBER, ListQuery],
        responses=page_of(ChecklistItemSerializer, "ChecklistItemPage"),
    )
    @action(detail=True, methods=["get"])
    def checklist(self, request: Request, id: str) -> Response:
        rows = ChecklistItem.objects.visible_to(request.user).of(self.record())
        return self._listed(rows, ChecklistItemSerializer)

    @verb(_("Tick an item of a checklist"), TickBody, {"item": 1, "result": "Backup of 02:00 is complete"})
    def tick(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        actions.tick(ticket, _item(ticket, data), result=data.get("result", ""), **who)
        return self.record()

    @verb(_("Take a tick back"), UntickBody, {"item": 1, "reason": "Wrong server"})
    def untick(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        actions.untick(ticket, _item(ticket, data), reason=data.get("reason", ""), **who)
        return self.record()

    @extend_schema(
        operation_id="tickets_time",
        summary=_("The time that a record took"),
        tags=["tickets"],
        parameters=[BY_NUMBER, ListQuery],
        responses=page_of(TimeSpentSerializer, "TimeSpentPage"),
    )
    @action(detail=True, methods=["get"])
    def time(self, request: Request, id: str) -> Response:
        rows = TimeSpent.objects.visible_to(request.user).filter(ticket=self.record())
        return self._listed(rows.select_related("person"), TimeSpentSerializer)

    @extend_schema(
        operation_id="tickets_replies",
        summary=_("Canned replies, filled in for a record"),
        tags=["tickets"],
        parameters=[BY_NUMBER, ReplyQuery],
        responses=page_of(FilledReplySerializer, "FilledReplyPage"),
    )
    @action(detail=True, methods=["get"])
    def replies(self, request: Request, id: str) -> Response:
        query, ticket = self.asked(ReplyQuery), self.record()
        context = self._context() | {"ticket": ticket}
        return self.page(
            CannedReply.objects.visible_to(request.user).in_use().fit_for(query.get("kind", "")),
            query,
            order="pk",
            shown=lambda found: FilledReplySerializer(found, many=True, context=context).data,
        )

    def _listed(self, rows: Any, serializer: type[serializers.Serializer]) -> Response:
        return self.page(
            rows,
            self.asked(ListQuery),
            order="pk",
            shown=lambda found: serializer(found, many=True, context=self._context()).data,
        )


class ReplyViewSet(RestView, ViewSet):
    @extend_schema(
        operation_id="replies_list",
        summary=_("Canned replies"),
        tags=["tickets"],
        parameters=[ReplyQuery],
        responses=page_of(CannedReplySerializer, "CannedReplyPage"),
    )
    def list(self, request: Request) -> Response:
        query = self.asked(ReplyQuery)
        rows = CannedReply.objects.visible_to(request.user).in_use().fit_for(query.get("kind", ""))
        return self.page(
            rows.select_related("group"),
            query,
            order="pk",
            shown=lambda found: CannedReplySerializer(found, many=True, context={"user": request.user}).data,
        )


def _item(ticket: Ticket, data: dict[str, Any]) -> ChecklistItem:
    return chosen(ChecklistItem.objects.filter(checklist__ticket=ticket, pk=data["item"]), "item")
