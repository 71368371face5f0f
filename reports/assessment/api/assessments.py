"""Assessments through the REST interface: as far as their caller may read them, shown, appealed, ruled on."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audits.api.base import AuditSet, Here, words
from duty.api.shapes import in_path
from reports.assessment import actions
from reports.assessment.actions.common import RELATED
from reports.assessment.api.shapes import (
    AssessmentSerializer,
    AssessmentWholeSerializer,
    SchemeSerializer,
    SchemeWholeSerializer,
)
from reports.assessment.kinds import AssessmentState, Outcome
from reports.models import Assessment, SchemeVersion
from reports.periods import parse_period
from staff.rest import ListQuery, Strict


class AssessmentQuery(ListQuery):
    month = serializers.RegexField(r"^20\d\d-(0[1-9]|1[0-2])$", required=False, help_text=_("As 2026-10."))
    group = serializers.CharField(required=False, max_length=50, help_text=_("Code of an O&M group."))
    person = serializers.CharField(required=False, max_length=150, help_text=_("A user name."))
    state = serializers.ChoiceField(AssessmentState.choices, required=False)


class ShowAssessmentBody(Strict):
    note = words(required=False, default="", allow_blank=True)


class AssessmentAppealBody(Strict):
    text = words()


class AssessmentRulingBody(Strict):
    outcome = serializers.ChoiceField(Outcome.choices)
    reason = words()
    items = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        default=list,
        help_text=_("Ids of items that are struck."),
    )
    lines = serializers.ListField(
        child=serializers.IntegerField(min_value=0),
        default=list,
        help_text=_("Lines that are left out, counted from 0."),
    )
    recounts = serializers.BooleanField(default=False, help_text=_("Count the figures anew."))


ASSESSMENTS = Here(
    "assessments",
    AssessmentSerializer,
    in_path("assessment", _("The assessment's id.")),
    whole=AssessmentWholeSerializer,
    tag="assessment",
)
SCHEMES = Here(
    "assessment_schemes",
    SchemeSerializer,
    in_path("number", _("The number of the version.")),
    whole=SchemeWholeSerializer,
    tag="assessment",
)


class AssessmentViewSet(AuditSet):
    lookup_field = "assessment"
    of = ASSESSMENTS

    @ASSESSMENTS.listed(_("Assessments that the caller may read, newest first"), AssessmentQuery)
    def list(self, request: Request) -> Response:
        query, rows = self.asked(AssessmentQuery), self.rows()
        if "month" in query:
            rows = rows.filter(month=parse_period(query["month"]).first)
        for name, lookup in (("group", "group__code"), ("person", "person__username"), ("state", "state")):
            if name in query:
                rows = rows.filter(**{lookup: query[name]})
        return self.listed(rows, query)

    @ASSESSMENTS.read(_("One assessment with its lines, items, appeal and ruling"))
    def retrieve(self, request: Request, assessment: str) -> Response:
        return Response(self.shown_whole(self.one()))

    @ASSESSMENTS.verb(
        _("Show a checked draft to whom it is about"), ShowAssessmentBody, {"note": "Well done"}
    )
    def show(self, one: Assessment, data: dict[str, Any], **who: Any) -> Assessment:
        return actions.show(one, **data, **who)

    @ASSESSMENTS.verb(
        _("Appeal, as whom it is about"), AssessmentAppealBody, {"text": "The overrun was the client's cause"}
    )
    def appeal(self, one: Assessment, data: dict[str, Any], **who: Any) -> Assessment:
        return actions.appeal(one, **data, **who)

    @ASSESSMENTS.verb(
        _("Rule on an appeal, above whoever checked it: final then"),
        AssessmentRulingBody,
        {"outcome": "upheld", "reason": "The line measured somebody else's work", "lines": [0]},
    )
    def rule(self, one: Assessment, data: dict[str, Any], **who: Any) -> Assessment:
        return actions.rule(one, **data, **who)

    def rows(self) -> QuerySet[Assessment]:
        return Assessment.objects.visible_to(self.request.user).select_related(*RELATED)


class SchemeViewSet(AuditSet):
    lookup_field = "number"
    order = "-number"
    of = SCHEMES

    @SCHEMES.listed(_("Schemes of assessment, newest first"), ListQuery)
    def list(self, request: Request) -> Response:
        return self.listed(self.rows(), self.asked(ListQuery))

    @SCHEMES.read(_("One scheme with its lines, items and grades"))
    def retrieve(self, request: Request, number: str) -> Response:
        if (found := self.rows().filter(number=int(number)).first()) is None:
            raise Http404
        return Response(self.shown_whole(found))

    def rows(self) -> QuerySet[SchemeVersion]:
        return SchemeVersion.objects.visible_to(self.request.user)
