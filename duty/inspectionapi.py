"""Inspections through the REST interface: what is due, and values that a script reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from duty import actions
from duty.actions import ItemsRefused, Said
from duty.inspecting import Result, Standing
from duty.models import Inspection, InspectionAnswer, Section, SheetItem
from duty.models.inspections import LONGEST_NOTE
from duty.readings import LONGEST_TEXT, ItemKind, Level, YesNo
from staff.filefield import uploads
from staff.idempotency import KEY, once
from staff.refused import Refused
from staff.rest import (
    LARGEST_ID,
    Coded,
    ListQuery,
    Moment,
    Named,
    Person,
    RestView,
    Strict,
    checked,
    page_of,
)

ID = r"[1-9][0-9]{0,17}"
BY_ID = OpenApiParameter(
    "inspection",
    {"type": "string", "pattern": f"^{ID}$"},
    OpenApiParameter.PATH,
    description=_("The inspection's id."),
)
OPEN, ALL = "open", "all"
ASKED = [(OPEN, _("Due and overdue")), *Standing.choices, (ALL, _("All"))]


class InspectionQuery(ListQuery):
    standing = serializers.ChoiceField(ASKED, default=OPEN)
    group = serializers.CharField(required=False, max_length=50, help_text=_("The code of one group."))
    day = serializers.DateField(required=False)


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]})
class AnyValue(serializers.CharField):
    """A value as a script has it: a number, a text, or true and false for yes and no."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, bool):
            return YesNo.YES if data else YesNo.NO
        return str(super().to_internal_value(data))


def _maybe(**more: Any) -> dict[str, Any]:
    return {"required": False, "allow_blank": True} | more


class ReportedValue(Strict):
    """What was found of one item. What is left out stays as it is; an empty text empties it."""

    item = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, help_text=_("The item's id."))
    value = AnyValue(**_maybe(max_length=LONGEST_TEXT))
    result = serializers.ChoiceField(
        Result.choices, help_text=_("Empty: as the value says; critical is abnormal."), **_maybe()
    )
    note = serializers.CharField(**_maybe(max_length=LONGEST_NOTE))
    reason = serializers.CharField(
        help_text=_("Of what is abnormal: why no record is opened."), **_maybe(max_length=LONGEST_NOTE)
    )


class ValuesBody(Strict):
    values = ReportedValue(many=True, allow_empty=False, max_length=200)


class FinishBody(Strict):
    """No fields."""


class FilesBody(Strict):
    """Photos or files of one item."""

    item = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, help_text=_("The item's id."))
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True), help_text=_("One part for each file.")
    )


class InspectionAnswerSerializer(serializers.Serializer):
    """What was found of an item."""

    value = serializers.CharField(allow_blank=True)
    number = serializers.DecimalField(max_digits=None, decimal_places=None, allow_null=True)
    level = serializers.ChoiceField(Level.choices, allow_blank=True)
    result = serializers.ChoiceField(Result.choices, allow_blank=True)
    note = serializers.CharField()
    reason = serializers.CharField()
    files = serializers.SerializerMethodField(help_text=_("How many."))
    recorded_at = Moment(allow_null=True, help_text=_("When a record was opened of it."))
    answered_at = Moment()
    answered_by = Person()

    @extend_schema_field(int)
    def get_files(self, answer: InspectionAnswer) -> int:
        return len(answer.files.all())


def _limit() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=None, decimal_places=None, allow_null=True)


class ItemOptionSerializer(serializers.Serializer):
    text = serializers.CharField(help_text=_("To be reported as the value."))
    text_en = serializers.CharField()
    level = serializers.ChoiceField(Level.choices)


class InspectionItemSerializer(Named):
    """An item to be looked at, with what was found so far."""

    section = serializers.ChoiceField(Section.choices)
    kind = serializers.ChoiceField(ItemKind.choices)
    unit = serializers.CharField()
    critical_low, warn_low, warn_high, critical_high = _limit(), _limit(), _limit(), _limit()
    expected = serializers.ChoiceField(YesNo.choices, allow_blank=True)
    options = ItemOptionSerializer(many=True)
    is_required = serializers.BooleanField()
    needs_file = serializers.BooleanField()
    reference = serializers.CharField()
    answer = serializers.SerializerMethodField()

    @extend_schema_field(InspectionAnswerSerializer(allow_null=True))
    def get_answer(self, item: SheetItem) -> Any:
        answer = self.context["answers"].get(item.pk)
        return answer and InspectionAnswerSerializer(answer, context=self.context).data


class SystemOf(Named):
    """The client's system that is inspected."""

    client = Coded()


class InspectionSerializer(serializers.Serializer):
    """A sheet to be gone through on a day."""

    id = serializers.IntegerField(source="pk")
    sheet = Named()
    version = serializers.IntegerField(source="version.number")
    system = SystemOf(source="sheet.system", allow_null=True, help_text=_("Null: the group's surroundings."))
    group = Coded()
    day = serializers.DateField()
    due_at = Moment()
    closes_at = Moment(help_text=_("Not finished by then it is missed."))
    standing = serializers.SerializerMethodField()
    person = Person(allow_null=True, help_text=_("Whoever is on duty when it is due; null is nobody."))
    answered = serializers.IntegerField(help_text=_("Items that have a result."))
    asked = serializers.IntegerField(help_text=_("Items of the sheet."))
    abnormal = serializers.IntegerField(help_text=_("Items that are abnormal."))
    missed_at = Moment(allow_null=True)
    finished_at = Moment(allow_null=True)
    finished_by = Person(allow_null=True)

    @extend_schema_field(serializers.ChoiceField(Standing.choices))
    def get_standing(self, inspection: Inspection) -> str:
        return inspection.standing(self.context["now"]).value


class InspectionWithItemsSerializer(InspectionSerializer):
    """The same with its items, in the order of the sheet."""

    items = serializers.SerializerMethodField()

    @extend_schema_field(InspectionItemSerializer(many=True))
    def get_items(self, inspection: Inspection) -> Any:
        answers = inspection.answers.select_related("answered_by").prefetch_related("files")
        context = self.context | {"answers": {answer.item_id: answer for answer in answers}}
        return InspectionItemSerializer(inspection.version.items.all(), many=True, context=context).data


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
