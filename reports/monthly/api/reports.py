"""The addresses of monthly reports under /api/v1/monthly-reports/."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from duty.api.shapes import NothingBody, in_path
from reports.models import MonthlyReport
from reports.monthly import actions
from reports.monthly.api.shapes import (
    CommentMonthlyBody,
    MonthlyReportQuery,
    MonthlyReportSerializer,
    MonthlyReportWholeSerializer,
    MonthlyWordsBody,
    PublishMonthlyBody,
    SubscribeMonthlyBody,
)
from reports.monthly.composing import LANGUAGES
from reports.monthly.papers.making import NotMade, Paper
from reports.monthly.reading import document_for
from reports.monthly.views.files import file_of
from reports.periods import parse_period
from tickets.documentapi import TryAgain
from visits.api.base import CallbackSet, Here

BY_REPORT = in_path("report", pgettext_lazy("monthly report", "The report's id."))
REPORTS = Here(
    "monthly_reports",
    MonthlyReportSerializer,
    BY_REPORT,
    whole=MonthlyReportWholeSerializer,
    tag="reports",
)


class MonthlyReportViewSet(CallbackSet):
    lookup_field = "report"
    of = REPORTS

    @REPORTS.listed(_("Monthly reports, the newest first"), MonthlyReportQuery)
    def list(self, request: Request) -> Response:
        query = self.asked(MonthlyReportQuery)
        rows = self.rows().without_content()
        if "month" in query:
            rows = rows.filter(month=parse_period(query["month"]).first)
        for name in ("edition", "state"):
            if name in query:
                rows = rows.filter(**{name: query[name]})
        for name in ("group", "client"):
            if name in query:
                rows = rows.filter(**{f"{name}__code": query[name]})
        return self.listed(rows, query)

    @REPORTS.read(_("One report with all that it says, its figures and its history"))
    def retrieve(self, request: Request, report: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @REPORTS.verb(
        _("Write the words of a draft; numbers cannot be changed"),
        MonthlyWordsBody,
        {"words": {"achievements": "All faults of grade 1 within their limits", "comment_faults": ""}},
    )
    def write(self, report: MonthlyReport, data: dict[str, Any], **who: Any) -> MonthlyReport:
        return actions.write_report(report, data["words"], **who)

    @REPORTS.verb(
        _("Publish a draft; from then on it stays as it is"),
        PublishMonthlyBody,
        {"words": {"decisions": "Approve two spare servers"}, "counted_at": "2026-11-01T02:00:00+08:00"},
    )
    def publish(self, report: MonthlyReport, data: dict[str, Any], **who: Any) -> MonthlyReport:
        return actions.publish_report(report, data.get("words", {}), counted_at=data["counted_at"], **who)

    @REPORTS.verb(_("Have a draft counted anew; its words stay"), NothingBody, {})
    def count(self, report: MonthlyReport, data: dict[str, Any], **who: Any) -> MonthlyReport:
        return actions.ask_to_count(report, **who)

    @REPORTS.verb(_("Note that one has read it, as a leader"), NothingBody, {})
    def acknowledge(self, report: MonthlyReport, data: dict[str, Any], **who: Any) -> MonthlyReport:
        return actions.acknowledge_report(report, **who)

    @REPORTS.verb(
        _("Comment on it; its editors are told"),
        CommentMonthlyBody,
        {"text": "Why did the second on-site visit take so long?"},
    )
    def comment(self, report: MonthlyReport, data: dict[str, Any], **who: Any) -> MonthlyReport:
        return actions.comment_report(report, text=data["text"], **who)

    @REPORTS.verb(
        _("Be told, by the ways one has chosen, whenever such a report is published; or no longer"),
        SubscribeMonthlyBody,
        {"wanted": True},
    )
    def subscribe(self, report: MonthlyReport, data: dict[str, Any], **who: Any) -> MonthlyReport:
        return actions.subscribe(report, wanted=data["wanted"], **who)

    @extend_schema(
        operation_id="monthly_reports_file",
        summary=_("A report as PDF, Word or Excel file, as its reader may read it"),
        tags=["reports"],
        parameters=[
            BY_REPORT,
            OpenApiParameter("language", {"type": "string", "enum": LANGUAGES}, OpenApiParameter.PATH),
            OpenApiParameter("form", {"type": "string", "enum": Paper.values}, OpenApiParameter.PATH),
        ],
        responses={
            (200, "application/octet-stream"): OpenApiResponse(
                OpenApiTypes.BINARY, description=_("The file, under its media type and its name.")
            )
        },
    )
    @action(
        detail=True,
        methods=["get"],
        url_path=r"files/(?P<language>[a-z-]+)/(?P<form>pdf|docx|xlsx)",
        url_name="file",
    )
    def give_out(self, request: Request, report: str, language: str, form: str) -> HttpResponse:
        found = self.one()
        document = document_for(found, request.user, language) if language in LANGUAGES else None
        if document is None:
            raise Http404
        try:
            return file_of(request, document, Paper(form))
        except NotMade:
            raise TryAgain from None

    def rows(self) -> QuerySet[MonthlyReport]:
        rows = MonthlyReport.objects.visible_to(self.request.user).with_names()
        return rows.select_related("snapshot") if "report" in self.kwargs else rows
