"""Changes through the REST interface: read, planned, and taken step by step (tail §7.1–7.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action as address_of
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from clients.models import Client, Contact, System
from staff.idempotency import KEY, REQUIRED_KEY, once
from staff.rest import ListQuery, RestView, Strict, checked, page_of
from staff.restnames import chosen, person_named
from tickets import actions
from tickets.actions import Draft, PlanText
from tickets.changecalendar import with_conflicts
from tickets.changefilters import asked_for
from tickets.models import Attachment, Change, WorkType
from tickets.worksbodies import (
    BY_ID,
    ID,
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


def step(
    summary: str | Promise, body: type[Strict], example: Mapping[str, Any]
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Turn `method(view, change, data, by=, now=)` into the address of a step."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Response]:
        name = method.__name__

        def address(self: ChangeViewSet, request: Request, change: str) -> Response:
            return self.act(lambda found, data, **who: method(self, found, data, **who), body)

        address.__name__, address.__doc__ = name, method.__doc__
        documented = extend_schema(
            operation_id=f"work_changes_{name}",
            summary=summary,
            tags=["changes"],
            parameters=[BY_ID, KEY],
            request=body,
            responses=WorkChangeWholeSerializer,
            examples=[OpenApiExample(name, value=dict(example), summary=summary, request_only=True)],
        )
        return documented(address_of(detail=True, methods=["post"])(address))

    return decorate


class ChangeViewSet(RestView, ViewSet):
    lookup_field = "change"
    lookup_value_regex = ID

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.user.is_contact:
            raise PermissionDenied

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
        return Response(self._shown(self._one()))

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
            found = self._rows().get(pk=planned.pk)
            location = request.build_absolute_uri(f"{request.path}{planned.pk}/")
            return Response(self._shown(found), status=201, headers={"Location": location})

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

    def act(self, take: Callable[..., Any], body: type[Strict]) -> Response:
        """Take a step once per Idempotency-Key where one is given; answer with it as it stands then."""
        now = timezone.now()

        def do() -> Response:
            data = checked(body, self.request.data)
            take(self._one(), data, by=self.request.user, now=now)
            return Response(self._shown(self._one()))

        return once(self.request, do, required=False, now=now)

    def _file(self, change: Change, pk: int) -> Attachment:
        return chosen(Attachment.objects.filter(ticket=change.ticket_id, pk=pk), "attachment")

    def _rows(self) -> Any:
        rows = Change.objects.visible_to(self.request.user).with_names()
        return rows.select_related("planner", "decided_by", "started_by", "reviewed_by")

    def _one(self) -> Change:
        if (found := self._rows().filter(pk=int(self.kwargs["change"])).first()) is None:
            raise Http404
        return found

    def _shown(self, change: Change) -> Any:
        return WorkChangeWholeSerializer(change, context=self._context([change])).data

    def _context(self, rows: Any) -> dict[str, Any]:
        windows = {window.change.pk: window for window in with_conflicts(rows)}
        return {"user": self.request.user, "windows": windows}


class WorkTypesView(RestView):
    @extend_schema(
        operation_id="work_types_list",
        summary=_("Work types, and the documents that each has to have"),
        tags=["changes"],
        parameters=[ListQuery],
        responses=page_of(WorkTypeSerializer, "WorkTypePage"),
    )
    def get(self, request: Request) -> Response:
        if request.user.is_contact:
            raise PermissionDenied
        return self.page(
            WorkType.objects.prefetch_related("documents"),
            self.asked(ListQuery),
            order="code",
            shown=lambda found: WorkTypeSerializer(found, many=True).data,
        )


def _text(data: Mapping[str, Any]) -> PlanText:
    return PlanText(**{name: data[name] for name in ("plan", "impact", "rollback", "checks", "risk")})
