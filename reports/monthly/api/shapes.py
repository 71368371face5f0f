"""How monthly reports are asked for and answered with through the REST interface."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from duty.api.shapes import line
from reports.models import MonthlyReport
from reports.monthly.adjusting import adjusted
from reports.monthly.composing import LANGUAGES
from reports.monthly.kinds import LONGEST_COMMENT, Edition, ReportEventKind, ReportState
from reports.monthly.papers.making import Paper
from reports.monthly.reading import document_for, words_for
from staff.rest import Coded, ListQuery, Moment, Person, Strict

MONTH = r"^20\d\d-(0[1-9]|1[0-2])$"
PARTS = [(kind, kind) for kind in ("text", "pairs", "table", "chart")]


class MonthlyReportQuery(ListQuery):
    month = serializers.RegexField(MONTH, required=False, help_text=_("A month: 2026-10."))
    edition = serializers.ChoiceField(Edition.choices, required=False)
    state = serializers.ChoiceField(ReportState.choices, required=False)
    group = line(50, required=False, help_text=_("The code of a group."))
    client = line(50, required=False, help_text=_("The code of a client."))


class MonthlyWordsBody(Strict):
    """What is not named stays as it is."""

    words = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=LONGEST_COMMENT),
        help_text=_(
            "By field: achievements, risks, decisions (up to three lines each), and comment_ before the key "
            "of a section."
        ),
    )


class PublishMonthlyBody(Strict):
    words = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=LONGEST_COMMENT), required=False
    )
    counted_at = Moment(help_text=_("When the numbers that you have read were counted: 409 for others."))


class CommentMonthlyBody(Strict):
    text = line(LONGEST_COMMENT)


class SubscribeMonthlyBody(Strict):
    wanted = serializers.BooleanField(help_text=_("Whether you are told of each such report."))


class MonthlyReportSerializer(serializers.Serializer):
    """A monthly report as a list shows it."""

    id = serializers.IntegerField(source="pk")
    reference = serializers.CharField(help_text=_("What it is called: MR-2026-10-G-south."))
    month = serializers.SerializerMethodField()
    edition = serializers.ChoiceField(Edition.choices)
    group = Coded(allow_null=True)
    client = Coded(allow_null=True)
    state = serializers.ChoiceField(ReportState.choices)
    due_on = serializers.DateField(help_text=_("By the end of this day it is to be published."))
    progress = serializers.IntegerField(help_text=_("How far its counting is, in per cent."))
    counted_at = Moment(allow_null=True)
    published_at = Moment(allow_null=True)
    version = serializers.IntegerField(
        help_text=_("Rises with every change, also when its numbers are counted; it is the ETag too.")
    )

    @extend_schema_field(serializers.RegexField(MONTH))
    def get_month(self, report: MonthlyReport) -> str:
        return str(report.period)


class MonthlyPartSerializer(serializers.Serializer):
    """A text, pairs of a name and a value, a table, or bars: by its kind, what it has."""

    kind = serializers.ChoiceField(PARTS)
    text = serializers.CharField(required=False)
    title = serializers.CharField(required=False)
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()), required=False)
    head = serializers.ListField(child=serializers.CharField(), required=False)
    labels = serializers.ListField(child=serializers.CharField(), required=False)
    series = serializers.ListField(child=serializers.ListField(), required=False)


class MonthlySectionSerializer(serializers.Serializer):
    title = serializers.CharField()
    parts = MonthlyPartSerializer(many=True)


class MonthlyEventSerializer(serializers.Serializer):
    """An entry of its history. By nobody: the clock did it."""

    kind = serializers.ChoiceField(ReportEventKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    at = Moment()
    by = Person(allow_null=True)
    text = serializers.CharField()


class MonthlyAdjustedSerializer(serializers.Serializer):
    """A figure that comes to something else since the report was published."""

    key = serializers.CharField()
    name = serializers.CharField()
    frozen = serializers.CharField(help_text=_("As it was published."))
    counted = serializers.CharField(help_text=_("As it was counted last."))
    found_at = Moment()


class MonthlyAcknowledgementSerializer(serializers.Serializer):
    reader = Person()
    at = Moment()


class MonthlyReportWholeSerializer(MonthlyReportSerializer):
    """The same with all that it says to its reader, in his language, and its figures as numbers."""

    digest = serializers.SerializerMethodField(help_text=_("Of all that was published; empty of a draft."))
    words = serializers.SerializerMethodField(help_text=_("What its editors wrote, as far as you read it."))
    sections = serializers.SerializerMethodField()
    figures = serializers.SerializerMethodField(
        help_text=_("By period (month, before, year) and KPI: numerator, denominator, squares, median, p90.")
    )
    adjusted = serializers.SerializerMethodField()
    acknowledgements = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField(help_text=_("The addresses of its files, by name."))

    def get_digest(self, report: MonthlyReport) -> str:
        return report.snapshot.digest if report.is_published else ""

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_words(self, report: MonthlyReport) -> dict[str, str]:
        return words_for(report, self.context["user"])

    @extend_schema_field(MonthlySectionSerializer(many=True))
    def get_sections(self, report: MonthlyReport) -> list[dict[str, Any]]:
        asked = get_language() or ""
        language = asked if asked in LANGUAGES else LANGUAGES[0]
        document = document_for(report, self.context["user"], language)
        if document is None:
            return []
        names = MonthlyPartSerializer().fields
        return [
            {
                "title": section["title"],
                "parts": [{name: part[name] for name in names if name in part} for part in section["parts"]],
            }
            for section in document.as_json()["sections"]
        ]

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "object"}})
    def get_figures(self, report: MonthlyReport) -> dict[str, Any]:
        return report.snapshot.figures if report.is_published else report.figures

    @extend_schema_field(MonthlyAdjustedSerializer(many=True))
    def get_adjusted(self, report: MonthlyReport) -> Any:
        found = adjusted(report) if report.is_published else []
        return MonthlyAdjustedSerializer(found, many=True, context=self.context).data

    @extend_schema_field(MonthlyAcknowledgementSerializer(many=True))
    def get_acknowledgements(self, report: MonthlyReport) -> Any:
        rows = report.acknowledgements.select_related("reader")
        return MonthlyAcknowledgementSerializer(rows, many=True, context=self.context).data

    @extend_schema_field(MonthlyEventSerializer(many=True))
    def get_history(self, report: MonthlyReport) -> Any:
        rows = report.events.select_related("by")
        return MonthlyEventSerializer(rows, many=True, context=self.context).data

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string", "format": "uri"}})
    def get_files(self, report: MonthlyReport) -> dict[str, str]:
        if not report.is_published and not report.content:
            return {}
        facts = [(language, form) for language in LANGUAGES for form in Paper.values]
        return {
            f"{language}.{form}": reverse(
                "api:monthly-report-file", kwargs={"report": report.pk, "language": language, "form": form}
            )
            for language, form in facts
        }
