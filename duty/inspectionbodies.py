"""Inspections as the REST interface reads and writes them: queries, bodies, and what it answers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from duty.inspecting import Result, Standing
from duty.models import Inspection, InspectionAnswer, Section, SheetItem
from duty.models.inspections import LONGEST_NOTE
from duty.readings import LONGEST_TEXT, ItemKind, Level, YesNo
from staff.rest import LARGEST_ID, Coded, ListQuery, Moment, Named, Person, Strict

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
