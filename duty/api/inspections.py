"""Inspections through the REST interface: what is due, and values that a script reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from duty import actions
from duty.actions import ItemsRefused, Said
from duty.inspecting import Standing
from duty.inspectionbodies import (
    ALL,
    OPEN,
    FilesBody,
    FinishBody,
    InspectionQuery,
    InspectionSerializer,
    InspectionWithItemsSerializer,
    ValuesBody,
)
from duty.models import Inspection
from staff.filefield import uploads
from staff.idempotency import KEY, once
from staff.refused import Refused
from staff.rest import (
    RestView,
    checked,
    page_of,
)
from staff.restaddresses import ID, in_path

BY_ID = in_path("inspection", _("The inspection's id."))


class InspectionViewSet(RestView, ViewSet):
    lookup_field = "inspection"
    lookup_value_regex = ID

    @extend_schema(
        operation_id="inspections_list",
        summary=_("Inspections, newest first; unless asked otherwise those that are due"),
        tags=["duty"],
        parameters=[InspectionQuery],
        responses=page_of(InspectionSerializer, "InspectionPage"),
    )
    def list(self, request: Request) -> Response:
        query, now = self.asked(InspectionQuery), timezone.now()
        rows = Inspection.objects.visible_to(request.user)
        if query["standing"] == OPEN:
            rows = rows.open().filter(day__lte=timezone.localdate(now))
        elif query["standing"] != ALL:
            rows = rows.standing(Standing(query["standing"]), now)
        if "group" in query:
            rows = rows.filter(group__code=query["group"])
        if "day" in query:
            rows = rows.filter(day=query["day"])
        context = {"user": request.user, "now": now}
        return self.page(
            rows.listed(),
            query,
            order="-pk",
            shown=lambda found: InspectionSerializer(found, many=True, context=context).data,
        )

    @extend_schema(
        operation_id="inspections_read",
        summary=_("One inspection with its items"),
        tags=["duty"],
        parameters=[BY_ID],
        responses=InspectionWithItemsSerializer,
    )
    def retrieve(self, request: Request, inspection: str) -> Response:
        return self._shown()

    @extend_schema(
        operation_id="inspections_values",
        summary=_("Report values of one or many items"),
        tags=["duty"],
        parameters=[BY_ID, KEY],
        request=ValuesBody,
        responses=InspectionWithItemsSerializer,
        examples=[
            OpenApiExample(
                "values",
                value={"values": [{"item": 1, "value": 83.5, "note": "The nightly report still runs"}]},
                summary=_("Report values of one or many items"),
                request_only=True,
            )
        ],
    )
    @action(detail=True, methods=["post"])
    def values(self, request: Request, inspection: str) -> Response:
        return self._act(self._report)

    @extend_schema(
        operation_id="inspections_files",
        summary=_("Attach photos or files to an item"),
        tags=["duty"],
        parameters=[BY_ID, KEY],
        request={"multipart/form-data": FilesBody},
        responses=InspectionWithItemsSerializer,
        examples=[
            OpenApiExample(
                "files",
                value={"item": 1, "files": ["rack.png"]},
                summary=_("Attach photos or files to an item"),
                request_only=True,
                media_type="multipart/form-data",
            )
        ],
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def files(self, request: Request, inspection: str) -> Response:
        return self._act(self._attach)

    @extend_schema(
        operation_id="inspections_finish",
        summary=_("Finish an inspection"),
        tags=["duty"],
        parameters=[BY_ID, KEY],
        request=FinishBody,
        responses=InspectionWithItemsSerializer,
        examples=[OpenApiExample("finish", value={}, summary=_("Finish an inspection"), request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, inspection: str) -> Response:
        return self._act(self._finish)

    def _report(self, inspection: Inspection, **who: Any) -> None:
        rows = checked(ValuesBody, self.request.data)["values"]
        places = {row["item"]: place for place, row in enumerate(rows)}
        if len(places) < len(rows):
            raise ValidationError({"values": [ErrorDetail(_("An item is named twice."), code="duplicate")]})
        said = {
            row["item"]: Said(row.get("value"), row.get("result"), row.get("note"), row.get("reason"))
            for row in rows
        }
        try:
            actions.answer_items(inspection, said, **who)
        except ItemsRefused as refused:
            faults = {str(places[pk]): _fault(fault) for pk, fault in refused.faults.items()}
            raise ValidationError({"values": faults}) from refused

    def _attach(self, inspection: Inspection, **who: Any) -> None:
        body = FilesBody(data=self.request.data)
        body.is_valid(raise_exception=True)
        said = Said(files=uploads(body.validated_data["files"]))
        try:
            actions.answer_items(inspection, {body.validated_data["item"]: said}, **who)
        except ItemsRefused as refused:
            raise ValidationError(_fault(next(iter(refused.faults.values())))) from refused

    def _finish(self, inspection: Inspection, **who: Any) -> None:
        checked(FinishBody, self.request.data)
        try:
            actions.finish_inspection(inspection, **who)
        except ItemsRefused as refused:
            faults = {str(pk): _fault(fault) for pk, fault in refused.faults.items()}
            raise ValidationError({"items": faults}) from refused

    def _act(self, act: Callable[..., None]) -> Response:
        """Do it once per Idempotency-Key where one is given; answer with the inspection as it now stands."""
        now = timezone.now()

        def do() -> Response:
            act(self._inspection(), by=self.request.user, now=now)
            return self._shown()

        return once(self.request, do, required=False, now=now)

    def _inspection(self) -> Inspection:
        rows = Inspection.objects.visible_to(self.request.user).listed()
        if (found := rows.filter(pk=int(self.kwargs["inspection"])).first()) is None:
            raise Http404
        return found

    def _shown(self) -> Response:
        context = {"user": self.request.user, "now": timezone.now()}
        return Response(InspectionWithItemsSerializer(self._inspection(), context=context).data)


def _fault(refused: Refused) -> Mapping[str, list[ErrorDetail]]:
    return {refused.field or "item": [ErrorDetail(str(refused.message), code=refused.code)]}
