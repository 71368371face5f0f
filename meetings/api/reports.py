"""Weekly reports through the REST interface (tail §6.2)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from duty.api.shapes import GroupQuery, NothingBody, in_path, line, username
from meetings.actions import reports as actions
from meetings.models import WeeklyReport
from meetings.models.reports import LONGEST
from meetings.reportfigures import figures_of
from meetings.reporting import Figure, ReportEventKind, Standing
from staff.rest import Coded, ListQuery, Moment, Person, Strict
from visits.api.base import CallbackSet, Here


class WeeklyReportQuery(ListQuery, GroupQuery):
    person = username(required=False, help_text=_("Whose: a user name."))
    week = serializers.DateField(required=False, help_text=_("Any day of the week that it is about."))
    state = serializers.ChoiceField(Standing.choices, required=False)


class DraftWeeklyReportBody(Strict):
    day = serializers.DateField(help_text=_("Any day of the week, of the last eight weeks."))


def _words() -> serializers.CharField:
    return line(LONGEST, required=False, allow_blank=True)


class WeeklyReportWordsBody(Strict):
    """What is not sent stays as it is."""

    done = _words()
    problems = _words()
    plans = _words()
    help_wanted = _words()


class ReopenWeeklyReportBody(Strict):
    reason = line(500)


class CommentWeeklyReportBody(Strict):
    text = line(2000)


class WeeklyReportSerializer(serializers.Serializer):
    """A weekly report as a list shows it."""

    id = serializers.IntegerField(source="pk")
    person = Person()
    group = Coded()
    first_on = serializers.DateField()
    last_on = serializers.DateField(help_text=_("The last day that it covers."))
    due_at = Moment()
    state = serializers.SerializerMethodField()
    edition = serializers.IntegerField(help_text=_("Rises when it is reopened."))
    submitted_at = Moment(allow_null=True)
    done = serializers.CharField()
    problems = serializers.CharField()
    plans = serializers.CharField()
    help_wanted = serializers.CharField()
    version = serializers.IntegerField(help_text=_("Rises with every change; it is the ETag too."))

    @extend_schema_field(serializers.ChoiceField(Standing.choices))
    def get_state(self, report: WeeklyReport) -> str:
        return report.standing(timezone.now()).value


class WeeklyReportFigureSerializer(serializers.Serializer):
    figure = serializers.ChoiceField(Figure.choices)
    label = serializers.CharField()
    n = serializers.IntegerField(help_text=_("Of the time spent: minutes."))
    rows = serializers.ListField(
        child=serializers.IntegerField(), help_text=_("The ids of the rows that were counted.")
    )


class WeeklyReportReadSerializer(serializers.Serializer):
    reader = Person()
    at = Moment()


class WeeklyReportEventSerializer(serializers.Serializer):
    """An entry of its history. By nobody: the clock did it."""

    kind = serializers.ChoiceField(ReportEventKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    at = Moment()
    by = Person(allow_null=True)
    text = serializers.CharField()


class WeeklyReportWholeSerializer(WeeklyReportSerializer):
    """The same with its figures, who has read it, and its history."""

    figures = serializers.SerializerMethodField(
        help_text=_("As they were when it was submitted; until then as they are now.")
    )
    reads = serializers.SerializerMethodField(help_text=_("Who has read this edition."))
    history = serializers.SerializerMethodField()

    @extend_schema_field(WeeklyReportFigureSerializer(many=True))
    def get_figures(self, report: WeeklyReport) -> list[dict[str, Any]]:
        found = figures_of(report, tz=timezone.get_default_timezone(), now=timezone.now())
        return [
            {"figure": figure.value, "label": str(figure.label), **found[figure]}
            for figure in Figure
            if figure in found
        ]

    @extend_schema_field(WeeklyReportReadSerializer(many=True))
    def get_reads(self, report: WeeklyReport) -> Any:
        reads = report.reads.filter(edition=report.edition).select_related("reader")
        return WeeklyReportReadSerializer(reads, many=True, context=self.context).data

    @extend_schema_field(WeeklyReportEventSerializer(many=True))
    def get_history(self, report: WeeklyReport) -> Any:
        events = report.events.select_related("by")
        return WeeklyReportEventSerializer(events, many=True, context=self.context).data


REPORTS = Here(
    "weekly_reports",
    WeeklyReportSerializer,
    in_path("report", _("The report's id.")),
    whole=WeeklyReportWholeSerializer,
    tag="meetings",
)


class WeeklyReportViewSet(CallbackSet):
    lookup_field = "report"
    of = REPORTS

    @REPORTS.listed(_("Weekly reports of engineers, newest first"), WeeklyReportQuery)
    def list(self, request: Request) -> Response:
        query = self.asked(WeeklyReportQuery)
        rows = self.rows()
        if "group" in query:
            rows = rows.filter(group__in=self.groups(query))
        if "person" in query:
            rows = rows.filter(person__username=query["person"])
        if "week" in query:
            rows = rows.filter(first_on__lte=query["week"], last_on__gte=query["week"])
        if "state" in query:
            rows = rows.standing(Standing(query["state"]), timezone.now())
        return self.listed(rows, query)

    @REPORTS.read(_("One report with its figures, its readers and its history"))
    def retrieve(self, request: Request, report: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @REPORTS.made(
        _("Draft one's own report of a week; where it is there, that one"),
        DraftWeeklyReportBody,
        {"day": "2026-11-23"},
    )
    def create(self, data: dict[str, Any], **who: Any) -> WeeklyReport:
        return actions.draft_report(data["day"], **who)

    @REPORTS.verb(
        _("Write one's own report, as long as it is not submitted"),
        WeeklyReportWordsBody,
        {"done": "Replaced the failed disk", "help_wanted": "A second pair of hands on Friday"},
    )
    def write(self, report: WeeklyReport, data: dict[str, Any], **who: Any) -> WeeklyReport:
        return actions.write_report(report, data, **who)

    @REPORTS.verb(
        _("Submit one's own report; from then on it stays as it is"),
        WeeklyReportWordsBody,
        {"done": "Replaced the failed disk", "plans": "Watch the array for a week"},
    )
    def submit(self, report: WeeklyReport, data: dict[str, Any], **who: Any) -> WeeklyReport:
        return actions.submit_report(report, data, **who)

    @REPORTS.verb(_("Note that one has read it"), NothingBody, {})
    def mark_read(self, report: WeeklyReport, data: dict[str, Any], **who: Any) -> WeeklyReport:
        return actions.read_report(report, **who)

    @REPORTS.verb(
        _("Comment on it; its writer is told"),
        CommentWeeklyReportBody,
        {"text": "Ask the vendor for the spare part"},
    )
    def comment(self, report: WeeklyReport, data: dict[str, Any], **who: Any) -> WeeklyReport:
        return actions.comment_report(report, text=data["text"], **who)

    @REPORTS.verb(
        _("Give a submitted report back to its writer, with the reason"),
        ReopenWeeklyReportBody,
        {"reason": "The plans for the week are missing"},
    )
    def reopen(self, report: WeeklyReport, data: dict[str, Any], **who: Any) -> WeeklyReport:
        return actions.reopen_report(report, reason=data["reason"], **who)

    def rows(self) -> QuerySet[WeeklyReport]:
        return WeeklyReport.objects.visible_to(self.request.user).with_names()
