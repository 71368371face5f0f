"""Changes through the REST interface: read, planned, and taken step by step (tail §7.1–7.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from clients.models import Client, Contact, System
from staff.idempotency import REQUIRED_KEY, once
from staff.rest import HouseOnly, ListQuery, checked, page_of
from staff.restaddresses import OneView, Steps
from staff.restnames import chosen, person_named
from tickets import actions
from tickets.actions import Draft, PlanText
from tickets.changecalendar import with_conflicts
from tickets.changefilters import asked_for
from tickets.models import Attachment, Change, WorkType
from tickets.worksbodies import (
    BY_ID,
    WorkApproveBody,
    WorkChangeQuery,
    WorkChangeSerializer,
    WorkChangeWholeSerializer,
    WorkClientBody,
    WorkDraftBody,
    WorkEmptyBody,
    WorkFileBody,
    WorkFinishBody,
    WorkPlanBody,
    WorkReasonBody,
    WorkReviewBody,
    WorkScheduleBody,
    WorkStartBody,
    WorkTypeSerializer,
    WorkWaiveBody,
)

PLAN = {"plan": "1. Stop\n2. Upgrade\n3. Start", "rollback": "Restore the backup, 40 minutes", "risk": "high"}
NEW = _("Plan a change; it is a maintenance record with a number of its own")


step = Steps("work_changes", "changes", BY_ID, WorkChangeWholeSerializer)


class ChangeViewSet(HouseOnly, OneView):
    lookup_field = "change"

    @extend_schema(
        operation_id="work_changes_list",
        summary=_("Changes, newest first; unless asked otherwise those that are not closed"),
        tags=["changes"],
        parameters=[WorkChangeQuery],
        responses=page_of(WorkChangeSerializer, "WorkChangePage"),
    )
    def list(self, request: Request) -> Response:
        query, now = self.asked(WorkChangeQuery), timezone.now()
        rows = asked_for({name: str(value) for name, value in query.items()}, request.user, now).rows
        return self.page(
            rows.with_names(),
            query,
            order="-pk",
            shown=lambda found: WorkChangeSerializer(found, many=True, context=self._context(found)).data,
        )

    @extend_schema(
        operation_id="work_changes_read",
        summary=_("One change with its plan, its documents, what is missing, and its history"),
        tags=["changes"],
        parameters=[BY_ID],
        responses=WorkChangeWholeSerializer,
    )
    def retrieve(self, request: Request, change: str) -> Response:
        return Response(self.whole(self.one()))

    @extend_schema(
        operation_id="work_changes_create",
        summary=NEW,
        tags=["changes"],
        parameters=[REQUIRED_KEY],
        request=WorkDraftBody,
        responses={201: WorkChangeWholeSerializer},
        examples=[
            OpenApiExample(
                "create",
                value={"type": "cutover", "client": "hospital", "title": "Move to the new server", **PLAN},
                summary=NEW,
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        now, user = timezone.now(), request.user

        def do() -> Response:
            data = checked(WorkDraftBody, request.data)
            clients = Client.objects.visible_to(user).select_related("group")
            client = chosen(clients.filter(code=data["client"]), "client")
            systems, contacts = System.objects.filter(client=client), Contact.objects.filter(client=client)
            draft = Draft(
                type=chosen(WorkType.objects.filter(code=data["type"]), "type"),
                client=client,
                title=data["title"],
                system=chosen(systems.filter(pk=data["system"]), "system") if data["system"] else None,
                contact=chosen(contacts.filter(pk=data["contact"]), "contact") if data["contact"] else None,
                owner=person_named(data["owner"], "owner", seen_by=user) if "owner" in data else None,
                details=data["details"],
                text=_text(data),
            )
            planned = actions.draft_change(draft, by=user, now=now)
            found = self.rows().get(pk=planned.pk)
            location = request.build_absolute_uri(f"{request.path}{planned.pk}/")
            return Response(self.whole(found), status=201, headers={"Location": location})

        return once(request, do, required=True, now=now)

    @step(_("Write the plan anew; what was approved is void"), WorkPlanBody, PLAN)
    def plan(self, change: Change, data: dict[str, Any], **who: Any) -> Any:
        return actions.plan_change(change, _text(data), **who)

    @step(_("Submit it for approval"), WorkEmptyBody, {})
    def submit(self, change: Change, data: dict[str, Any], **who: Any) -> Any:
        return actions.submit_change(change, **who)

    @step(_("Approve it, as a superior who has not planned it"), WorkApproveBody, {"note": "Rehearsed"})
    def approve(self, change: Change, data: dict[str, Any], **who: Any) -> Any:
        return actions.approve_change(change, **data, **who)

    @step(_("Turn it down"), WorkReasonBody, {"reason": "The way back was not rehearsed"})
    def reject(self, change: Change, data: dict[str, Any], **who: Any) -> Any:
        return actions.reject_change(change, **data, **who)

    @step(
        _("Note the client's confirmation, with the file that proves it"),
        WorkClientBody,
        {"client_by": "Director Sun", "client_how": "letter", "attachment": 1},
    )
    def client(self, change: Change, data: dict[str, Any], **who: Any) -> Any:
        file = self._file(change, data.pop("attachment"))
        return actions.confirm_for_client(change, **data, file=file, **who)

    @step(
        _("Set the window, or move it; its conflicts are in the answer"),
        WorkScheduleBody,
        {"window_from": "2099-01-10T22:00:00+08:00", "window_to": "2099-01-11T02:00:00+08:00"},
    )
    def schedule(self, change: Change, data: dict[str, Any], **who: Any) -> Any:
        return actions.schedule_change(change, **data, **who)

    @step(_("Begin; refused with all that is missing, each by its name"), WorkStartBody, {"overrule": ""})
    def start(self, change: Change, data: dict[str, Any], **who: Any) -> Any:
        return actions.start_change(change, **data, **who)

    @step(_("Report the result"), WorkFinishBody, {"outcome": "succeeded", "result": "Done as planned"})
    def finish(self, change: Change, data: dict[str, Any], **who: Any) -> Any:
        return actions.finish_change(change, **data, **who)

    @step(
        _("Review it, as somebody who has not carried it out"), WorkReviewBody, {"review": "All papers there"}
    )
    def review(self, change: Change, data: dict[str, Any], **who: Any) -> Any:
        return actions.review_change(change, **data, **who)

    @step(
        _("Withdraw it before it has begun"),
        WorkReasonBody,
        {"reason": "The client does not want it any more"},
    )
    def withdraw(self, change: Change, data: dict[str, Any], **who: Any) -> Any:
        return actions.withdraw_change(change, **data, **who)

    @step(_("File a required document"), WorkFileBody, {"document": 1, "attachment": 1})
    def file(self, change: Change, data: dict[str, Any], **who: Any) -> Any:
        file = self._file(change, data["attachment"])
        return actions.file_for_change(change, paper=data["document"], file=file, **who)

    @step(
        _("Say why a required document is not needed, as a superior"),
        WorkWaiveBody,
        {"document": 1, "reason": "Nothing was measured before"},
    )
    def waive(self, change: Change, data: dict[str, Any], **who: Any) -> Any:
        return actions.waive_document(change, paper=data["document"], reason=data["reason"], **who)

    def _file(self, change: Change, pk: int) -> Attachment:
        return chosen(Attachment.objects.filter(ticket=change.ticket_id, pk=pk), "attachment")

    def rows(self) -> QuerySet[Change]:
        rows = Change.objects.visible_to(self.request.user).with_names()
        return rows.select_related("planner", "decided_by", "started_by", "reviewed_by")

    def whole(self, found: Change) -> Any:
        return WorkChangeWholeSerializer(found, context=self._context([found])).data

    def _context(self, rows: Any) -> dict[str, Any]:
        windows = {window.change.pk: window for window in with_conflicts(rows)}
        return {"user": self.request.user, "windows": windows}


class WorkTypesView(HouseOnly):
    @extend_schema(
        operation_id="work_types_list",
        summary=_("Work types, and the documents that each has to have"),
        tags=["changes"],
        parameters=[ListQuery],
        responses=page_of(WorkTypeSerializer, "WorkTypePage"),
    )
    def get(self, request: Request) -> Response:
        return self.page(
            WorkType.objects.prefetch_related("documents"),
            self.asked(ListQuery),
            order="code",
            shown=lambda found: WorkTypeSerializer(found, many=True).data,
        )


def _text(data: Mapping[str, Any]) -> PlanText:
    return PlanText(**{name: data[name] for name in ("plan", "impact", "rollback", "checks", "risk")})
