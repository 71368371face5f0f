"""What the REST interface shows of assessments: what their page says, with names in both languages."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from reports.assessment.kinds import AssessmentState, EventKind, Outcome, SchemeState
from reports.assessment.paper import facts_of
from reports.models import Assessment, SchemeVersion
from staff.rest import Coded, Moment, Person


class AssessmentEventSerializer(serializers.Serializer):
    """An entry of a history. By nobody: the clock did it."""

    kind = serializers.ChoiceField(EventKind.choices)
    at = Moment()
    by = Person(allow_null=True)
    text = serializers.CharField()


class AssessmentSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    month = serializers.SerializerMethodField(help_text=_("As 2026-10."))
    group = Coded()
    person = Person(allow_null=True, help_text=_("None: of the group itself."))
    state = serializers.ChoiceField(AssessmentState.choices)
    state_label = serializers.CharField(source="get_state_display")
    score = serializers.DecimalField(
        max_digits=5, decimal_places=1, allow_null=True, help_text=_("Null: nothing could be measured.")
    )
    grade = serializers.CharField()
    factor = serializers.DecimalField(max_digits=4, decimal_places=2, allow_null=True)
    scheme = serializers.IntegerField(source="scheme.number", help_text=_("The version that it follows."))
    shown_at = Moment(allow_null=True)
    appeal_until = Moment(allow_null=True)
    due_at = Moment(allow_null=True, help_text=_("By when the next step is due."))
    is_overdue = serializers.SerializerMethodField()
    final_at = Moment(allow_null=True)
    version = serializers.IntegerField(help_text=_("Rises with every change; it is the ETag too."))

    def get_month(self, one: Assessment) -> str:
        return f"{one.month:%Y-%m}"

    def get_is_overdue(self, one: Assessment) -> bool:
        return one.is_overdue(timezone.now())


class AssessmentWholeSerializer(AssessmentSerializer):
    """With its lines and items, appeal, ruling and history; what is final is as it was frozen."""

    result = serializers.SerializerMethodField(
        help_text=_("Lines with their KPIs, bonus and penalty; numbers as texts, exactly.")
    )
    items = serializers.SerializerMethodField(help_text=_("Bonus, penalty and veto, each with its evidence."))
    note = serializers.CharField()
    checked_by = Person(allow_null=True)
    appeal = serializers.CharField()
    appealed_at = Moment(allow_null=True)
    outcome = serializers.ChoiceField([("", ""), *Outcome.choices])
    ruling = serializers.CharField()
    ruled_by = Person(allow_null=True)
    history = serializers.SerializerMethodField()

    def to_representation(self, one: Assessment) -> dict[str, Any]:
        self.facts = facts_of(one)  # asked for once
        return super().to_representation(one)

    def get_result(self, one: Assessment) -> dict[str, Any]:
        return self.facts["result"]

    def get_items(self, one: Assessment) -> list[dict[str, Any]]:
        return self.facts["items"]

    def get_history(self, one: Assessment) -> list[dict[str, Any]]:
        events = one.events.select_related("by")
        return AssessmentEventSerializer(events, many=True, context=self.context).data


class SchemeSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    state = serializers.ChoiceField(SchemeState.choices)
    title = serializers.CharField(source="label")
    from_month = serializers.SerializerMethodField(help_text=_("As 2026-10; null of a draft."))
    adopted_at = Moment(allow_null=True)

    def get_from_month(self, scheme: SchemeVersion) -> str | None:
        return f"{scheme.from_month:%Y-%m}" if scheme.from_month else None


class SchemeWholeSerializer(SchemeSerializer):
    why = serializers.CharField()
    content = serializers.JSONField(help_text=_("Lines, items, grades, caps and terms; numbers as texts."))
