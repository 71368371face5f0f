"""What is asked and answered about the process through the REST interface."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from audits.models import Clause, ProcessEventKind, ProcessState, ProcessVersion, Suggestion
from audits.models.process import LONGEST
from audits.processfilters import QUEUES
from audits.suggesting import SuggestionState
from staff.rest import ListQuery, Moment, Person, Strict
from staff.restaddresses import in_path

CLAUSE = r"[1-9][0-9]{0,2}(?:\.[0-9]{1,3}){0,5}"
VERSION = r"[1-9][0-9]{0,7}"

BY_ID = in_path("suggestion", _("The suggestion's id."))
BY_VERSION = in_path("version", _("The version's number."), VERSION)
BY_CLAUSE = in_path("clause", _("The clause's number."), CLAUSE)


class SuggestionQuery(ListQuery):
    """Without a state: what has no answer yet."""

    state = serializers.ChoiceField(list(QUEUES.items()), required=False)
    whose = serializers.ChoiceField([("mine", _("Mine"))], required=False)
    group = serializers.CharField(required=False, max_length=50, help_text=_("Code of an O&M group."))
    clause = serializers.RegexField(f"^{CLAUSE}$", required=False, help_text=_("The clause's number."))
    version = serializers.IntegerField(required=False, min_value=1, max_value=10**8 - 1)


class FileBody(Strict):
    clause = serializers.RegexField(f"^{CLAUSE}$", help_text=_("Of the version in force: 5.4.1.2."))
    text = serializers.CharField(max_length=LONGEST)
    wording = serializers.CharField(max_length=LONGEST, required=False, default="", allow_blank=True)


class AnswerBody(Strict):
    answer = serializers.CharField(max_length=LONGEST)


class NoBody(Strict):
    """Nothing to say."""


def _edition() -> serializers.IntegerField:
    words = _("The draft's edition as it was read; refused where it has moved on.")
    return serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1, help_text=words)


class PublishProcessBody(Strict):
    edition = _edition()
    in_force_on = serializers.DateField()
    note = serializers.CharField(max_length=2000)


class ClauseBody(Strict):
    """`line` names the clause that is changed; without it a new one is written."""

    edition = _edition()
    line = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    number = serializers.CharField(max_length=24)
    title = serializers.CharField(max_length=120)
    title_en = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    text = serializers.CharField(max_length=LONGEST, required=False, default="", allow_blank=True)
    text_en = serializers.CharField(max_length=LONGEST, required=False, default="", allow_blank=True)


class ProcessClauseSerializer(serializers.ModelSerializer):
    class Meta:
        model = Clause
        fields = ["line", "number", "title", "title_en", "text", "text_en"]


class ProcessVersionSerializer(serializers.Serializer):
    version = serializers.IntegerField(source="number")
    state = serializers.ChoiceField(ProcessState.choices)
    in_force_on = serializers.DateField(allow_null=True)
    note = serializers.CharField()
    edition = serializers.IntegerField(help_text=_("Rises with each change of a draft."))
    published_at = Moment(allow_null=True)
    published_by = Person(allow_null=True)


class ProcessWholeSerializer(ProcessVersionSerializer):
    clauses = ProcessClauseSerializer(many=True)
    adopted = serializers.SerializerMethodField()
    is_read = serializers.SerializerMethodField()

    def get_adopted(self, version: ProcessVersion) -> list[int]:
        return [one.pk for one in version.adopted.order_by("pk")]

    def get_is_read(self, version: ProcessVersion) -> bool:
        return version.readings.filter(person=self.context["user"]).exists()


class SuggestionSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    number = serializers.CharField()
    clause = serializers.CharField(source="clause.number")
    filed_against = serializers.IntegerField(source="clause.version.number", help_text=_("A version."))
    text = serializers.CharField()
    wording = serializers.CharField()
    by = Person()
    filed_at = Moment()
    state = serializers.ChoiceField(SuggestionState.choices)
    due_at = Moment()
    is_overdue = serializers.SerializerMethodField()
    answer = serializers.CharField()
    answered_by = Person(allow_null=True)
    adopted_in = serializers.IntegerField(source="adopted_in.number", allow_null=True, default=None)
    over_at = Moment(allow_null=True)

    def get_is_overdue(self, one: Suggestion) -> bool:
        return one.is_overdue(self.context["now"])


class ProcessEventSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(ProcessEventKind.choices)
    at = Moment()
    by = Person(allow_null=True)
    text = serializers.CharField()


class SuggestionWholeSerializer(SuggestionSerializer):
    history = serializers.SerializerMethodField()

    def get_history(self, one: Suggestion) -> Any:
        rows = one.events.select_related("by")
        return ProcessEventSerializer(rows, many=True, context=self.context).data


class ReaderSerializer(serializers.Serializer):
    person = Person(source="*")
    has_read = serializers.BooleanField()
