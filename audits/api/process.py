"""The process through the REST interface: versions with their clauses, and who has read them (§1.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action as address_of
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from audits.actions import clauses as actions
from audits.api.processshapes import (
    BY_CLAUSE,
    BY_VERSION,
    CLAUSE,
    VERSION,
    ClauseBody,
    NoBody,
    ProcessClauseSerializer,
    ProcessVersionSerializer,
    ProcessWholeSerializer,
    PublishProcessBody,
    ReaderSerializer,
)
from audits.models import ProcessVersion
from audits.register import may_see_readers, staff_of, version_in_force, with_reading
from staff.idempotency import KEY, once
from staff.rest import HouseOnly, ListQuery, checked, page_of
from staff.restaddresses import examples


class ProcessView(HouseOnly):
    def context(self) -> dict[str, Any]:
        return {"user": self.request.user, "now": timezone.now()}


class ProcessVersionViewSet(ProcessView, ViewSet):
    lookup_field = "version"
    lookup_value_regex = VERSION

    @extend_schema(
        operation_id="process_versions_list",
        summary=_("Versions of the process, newest first"),
        tags=["process"],
        parameters=[ListQuery],
        responses=page_of(ProcessVersionSerializer, "ProcessVersionPage"),
    )
    def list(self, request: Request) -> Response:
        rows = ProcessVersion.objects.visible_to(request.user).select_related("published_by")
        return self.page(
            rows,
            self.asked(ListQuery),
            order="-number",
            shown=lambda found: ProcessVersionSerializer(found, many=True, context=self.context()).data,
        )

    @extend_schema(
        operation_id="process_versions_begin",
        summary=_("Begin the next version, or get the draft that there is"),
        tags=["process"],
        parameters=[KEY],
        request=NoBody,
        responses={201: ProcessWholeSerializer},
        examples=examples("begin", {}, _("Begin the next version, or get the draft that there is")),
    )
    def create(self, request: Request) -> Response:
        now = timezone.now()

        def do() -> Response:
            checked(NoBody, request.data)
            found = actions.begin_version(by=request.user, now=now)
            location = request.build_absolute_uri(f"{request.path}{found.number}/")
            return Response(self._shown(found), status=201, headers={"Location": location})

        return once(request, do, required=False, now=now)

    @extend_schema(
        operation_id="process_versions_read",
        summary=_("One version with all its clauses"),
        tags=["process"],
        parameters=[BY_VERSION],
        responses=ProcessWholeSerializer,
    )
    def retrieve(self, request: Request, version: str) -> Response:
        return Response(self._shown(self._one()))

    @extend_schema(
        operation_id="process_versions_clause",
        summary=_("Write a clause of the draft"),
        tags=["process"],
        parameters=[BY_VERSION, KEY],
        request=ClauseBody,
        responses=ProcessWholeSerializer,
        examples=examples(
            "clause",
            {"number": "7.1", "title": "Periodic maintenance"},
            _("Write a clause of the draft"),
        ),
    )
    @address_of(detail=True, methods=["post"], url_path="clauses")
    def clause(self, request: Request, version: str) -> Response:
        def take(found: ProcessVersion, data: dict[str, Any], now: Any) -> None:
            line, edition = data.pop("line", None), data.pop("edition", None)
            actions.save_clause(found, data, line=line, by=request.user, edition=edition)

        return self._act(take, ClauseBody)

    @extend_schema(
        operation_id="process_versions_publish",
        summary=_("Publish the draft; it never changes after that"),
        tags=["process"],
        parameters=[BY_VERSION, KEY],
        request=PublishProcessBody,
        responses=ProcessWholeSerializer,
        examples=examples(
            "publish",
            {"in_force_on": "2099-12-01", "note": "Callbacks after each grade 1"},
            _("Publish the draft; it never changes after that"),
        ),
    )
    @address_of(detail=True, methods=["post"])
    def publish(self, request: Request, version: str) -> Response:
        return self._act(
            lambda found, data, now: actions.publish_version(found, **data, by=request.user, now=now),
            PublishProcessBody,
        )

    @extend_schema(
        operation_id="process_versions_confirm",
        summary=_("Confirm that one has read a version"),
        tags=["process"],
        parameters=[BY_VERSION, KEY],
        request=NoBody,
        responses=ProcessWholeSerializer,
        examples=examples("confirm", {}, _("Confirm that one has read a version")),
    )
    @address_of(detail=True, methods=["post"])
    def confirm(self, request: Request, version: str) -> Response:
        return self._act(
            lambda found, data, now: actions.confirm_reading(found, by=request.user, now=now), NoBody
        )

    @extend_schema(
        operation_id="process_versions_readings",
        summary=_("Who has read a version and who has not; a supervisor sees his group"),
        tags=["process"],
        parameters=[BY_VERSION, ListQuery],
        responses=page_of(ReaderSerializer, "ReaderPage"),
    )
    @address_of(detail=True, methods=["get"])
    def readings(self, request: Request, version: str) -> Response:
        if not may_see_readers(request.user):
            raise PermissionDenied
        return self.page(
            with_reading(staff_of(request.user), self._one()),
            self.asked(ListQuery),
            order="pk",
            shown=lambda found: ReaderSerializer(found, many=True, context=self.context()).data,
        )

    def _act(self, take: Callable[[ProcessVersion, dict[str, Any], Any], Any], body: Any) -> Response:
        now = timezone.now()

        def do() -> Response:
            take(self._one(), dict(checked(body, self.request.data)), now)
            return Response(self._shown(self._one()))

        return once(self.request, do, required=False, now=now)

    def _one(self) -> ProcessVersion:
        rows = ProcessVersion.objects.visible_to(self.request.user).select_related("published_by")
        if (found := rows.filter(number=int(self.kwargs["version"])).first()) is None:
            raise Http404
        return found

    def _shown(self, version: ProcessVersion) -> Any:
        return ProcessWholeSerializer(version, context=self.context()).data


class ProcessClauseViewSet(ProcessView, ViewSet):
    lookup_field = "clause"
    lookup_value_regex = CLAUSE

    @extend_schema(
        operation_id="process_clauses_read",
        summary=_("One clause as it is in force"),
        tags=["process"],
        parameters=[BY_CLAUSE],
        responses=ProcessClauseSerializer,
    )
    def retrieve(self, request: Request, clause: str) -> Response:
        version = version_in_force(timezone.localdate())
        found = version and version.clauses.filter(number=clause).first()
        if not found:
            raise Http404
        return Response(ProcessClauseSerializer(found).data)
