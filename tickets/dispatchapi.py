"""Engineers on site, through the REST interface: the written report, the order, and what he reports."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from staff.filefield import uploads
from staff.models import User
from staff.rest import LARGEST_ID, ListQuery, Moment, Person, RestView, Strict, page_of
from staff.restnames import chosen
from tickets import actions
from tickets.lifecycle import Refused
from tickets.models import Dispatch, OnSiteOutcome, OnSiteStep, Ticket
from tickets.restverbs import BY_NUMBER, verb


def _line(longest: int, **more: Any) -> serializers.CharField:
    return serializers.CharField(max_length=longest, **more)


def _maybe(longest: int, **more: Any) -> serializers.CharField:
    return _line(longest, required=False, allow_blank=True, **more)


class WrittenReportBody(Strict):
    """The client's written report, keyed in."""

    written_by = _line(120, help_text=_("From whom"))
    text = _line(10_000)
    received_at = Moment(required=False, help_text=_("Where it was before now."))


class WrittenReportForm(WrittenReportBody):
    """The client's written report as files, such as a scan of his letter; keyed in too where that helps."""

    text = _maybe(10_000, help_text=_("Not needed with a file."))
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        required=False,
        help_text=_("One part for each file."),
    )


class DispatchBody(Strict):
    engineer = _line(150, help_text=_("A user name: of the record's group, or a specialist."))
    address = _line(300)
    contact_name = _line(120, help_text=_("Whom to ask for"))
    contact_phone = _maybe(40)
    bring = serializers.ListField(child=_line(120), required=False, max_length=30)
    note = _maybe(2000)


class OnOrderBody(Strict):
    """About one open dispatch of the record."""

    dispatch = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_ID,
        help_text=_("Its id. Empty: the only one that is open."),
    )


class StepBody(OnOrderBody):
    happened_at = Moment(
        required=False, help_text=_("Where it was before now: not before the order or the step before.")
    )
    key = serializers.UUIDField(
        required=False, help_text=_("A UUID of yours: a report that is sent again under it changes nothing.")
    )


class LeaveBody(StepBody):
    outcome = serializers.ChoiceField(OnSiteOutcome.choices)
    reason = _maybe(2000, help_text=_("Why it is not solved; then it is required."))
    signed_by = _maybe(120, help_text=_("Who has signed for it"))


class CallOffBody(OnOrderBody):
    reason = _line(2000)


class DispatchSerializer(serializers.Serializer):
    """An engineer sent to a client, with the times at which it happened."""

    id = serializers.IntegerField(source="pk")
    ticket = serializers.CharField(source="ticket.number")
    engineer = Person()
    address = serializers.CharField()
    contact_name = serializers.CharField()
    contact_phone = serializers.CharField()
    bring = serializers.ListField(child=serializers.CharField())
    left_behind = serializers.ListField(child=serializers.CharField(), help_text=_("What he has not ticked."))
    note = serializers.CharField()
    ordered_by = Person(allow_null=True)
    ordered_at = Moment()
    departed_at = Moment(allow_null=True)
    arrived_at = Moment(allow_null=True)
    left_at = Moment(allow_null=True)
    next_step = serializers.ChoiceField(
        OnSiteStep.choices, allow_null=True, help_text=_("What he reports next.")
    )
    on_site_outcome = serializers.ChoiceField(OnSiteOutcome.choices, source="outcome", allow_blank=True)
    reason = serializers.CharField()
    signed_by = serializers.CharField()
    called_off_at = Moment(allow_null=True)
    called_off_reason = serializers.CharField()


DISPATCH_PAGE = page_of(DispatchSerializer, "DispatchPage")


class DispatchQuery(ListQuery):
    open = serializers.BooleanField(required=False, help_text=_("Only those that are not over."))


class DispatchVerbs:
    """The addresses of a record that have to do with the way to the client."""

    @extend_schema(
        operation_id="tickets_dispatches",
        summary=_("Who was sent to the client, the oldest first"),
        tags=["tickets"],
        parameters=[BY_NUMBER, ListQuery],
        responses=DISPATCH_PAGE,
    )
    @action(detail=True, methods=["get"])
    def dispatches(self, request: Request, id: str) -> Response:
        rows = Dispatch.objects.visible_to(request.user).filter(ticket=self.record())
        return _listed(self, rows, self.asked(ListQuery), order="pk")

    @verb(
        _("File the client's written report, which a grade 3 needs before anybody goes there"),
        WrittenReportBody,
        {"written_by": "Dr Sun", "text": "The printer of ward 3 prints blank pages since Monday."},
        form=WrittenReportForm,
        form_example={"files": ["letter.png"], "written_by": "Dr Sun"},
    )
    def written_report(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        files = uploads(data.pop("files", []))
        actions.file_written_report(ticket, **data, files=files, **who)
        return self.record()

    @verb(
        _("Send an engineer; the arrival clock starts"),
        DispatchBody,
        {
            "engineer": "chen",
            "address": "12 Renmin Road, server room",
            "contact_name": "Dr Sun",
            "contact_phone": "0755-8888 8877",
            "bring": ["Disk 2 TB", "Form of acceptance"],
        },
        path="dispatch",
    )
    def send_engineer(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        engineer = chosen(User.objects.working().filter(username=data.pop("engineer")), "engineer")
        actions.dispatch(ticket, engineer=engineer, **data, **who)
        return self.record()

    @verb(_("The engineer has departed"), StepBody, {})
    def depart(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return self._reported(actions.depart, ticket, data, who)

    @verb(_("The engineer has arrived; the arrival clock stops"), StepBody, {})
    def arrive(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return self._reported(actions.arrive, ticket, data, who)

    @verb(
        _("The engineer has left, with the outcome"),
        LeaveBody,
        {"outcome": "not_solved", "reason": "A part is missing", "signed_by": "Dr Sun"},
    )
    def leave(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return self._reported(actions.leave, ticket, data, who)

    @verb(_("Call the engineer off"), CallOffBody, {"reason": "It works again"})
    def call_off(self, ticket: Ticket, data: dict[str, Any], **who: Any) -> Ticket:
        return self._reported(actions.call_off, ticket, data, who)

    def _reported(self, act: Any, ticket: Ticket, data: dict[str, Any], who: dict[str, Any]) -> Ticket:
        act(_order(ticket, data.pop("dispatch", None)), **data, **who)
        return self.record()


class DispatchViewSet(RestView, ViewSet):
    @extend_schema(
        operation_id="dispatches_list",
        summary=_("Your own dispatches, newest first"),
        tags=["tickets"],
        parameters=[DispatchQuery],
        responses=DISPATCH_PAGE,
    )
    def list(self, request: Request) -> Response:
        query = self.asked(DispatchQuery)
        rows = Dispatch.objects.visible_to(request.user).filter(engineer=request.user)
        return _listed(self, rows.open() if query.get("open") else rows, query, order="-pk")


def _listed(view: Any, rows: QuerySet[Dispatch], query: dict[str, Any], *, order: str) -> Response:
    context = {"request": view.request, "user": view.request.user}
    return view.page(
        rows.select_related("ticket", "engineer", "ordered_by"),
        query,
        order=order,
        shown=lambda found: DispatchSerializer(found, many=True, context=context).data,
    )


def _order(ticket: Ticket, pk: int | None) -> Dispatch:
    """The dispatch that a body names, over or not; else the only open one."""
    its_own = Dispatch.objects.filter(ticket=ticket).select_related("ticket", "engineer")
    if pk is not None:
        return chosen(its_own.filter(pk=pk), "dispatch")
    there = list(its_own.open()[:2])
    if len(there) != 1:
        message = _("Say which dispatch: several are open.") if there else _("Nobody is sent there.")
        raise Refused(message, field="dispatch", code="invalid")
    return there[0]
