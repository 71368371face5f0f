"""Questionnaires, campaigns and answers through the REST interface, to read."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from staff.rest import RestView, page_of
from staff.restaddresses import ID, in_path
from surveys.api.shapes import (
    AnswerQuery,
    CampaignQuery,
    CampaignSerializer,
    CampaignWithCountsSerializer,
    QuestionnaireQuery,
    QuestionnaireSerializer,
    QuestionnaireWithQuestionsSerializer,
    SheetSerializer,
)
from surveys.models import AnswerSheet, Campaign, Exclusion, Invitation, Questionnaire


class QuestionnaireViewSet(RestView, ViewSet):
    lookup_field = "questionnaire"
    lookup_value_regex = ID

    @extend_schema(
        operation_id="questionnaires_list",
        summary=_("Questionnaires in use"),
        tags=["surveys"],
        parameters=[QuestionnaireQuery],
        responses=page_of(QuestionnaireSerializer, "QuestionnairePage"),
    )
    def list(self, request: Request) -> Response:
        query = self.asked(QuestionnaireQuery)
        rows = Questionnaire.objects.visible_to(request.user).in_use().prefetch_related("versions")
        return self.page(
            rows, query, order="-pk", shown=lambda found: QuestionnaireSerializer(found, many=True).data
        )

    @extend_schema(
        operation_id="questionnaires_read",
        summary=_("One questionnaire with the questions in force"),
        tags=["surveys"],
        parameters=[in_path("questionnaire", _("The questionnaire's id."))],
        responses=QuestionnaireWithQuestionsSerializer,
    )
    def retrieve(self, request: Request, questionnaire: str) -> Response:
        rows = Questionnaire.objects.visible_to(request.user).prefetch_related("versions__questions")
        return Response(QuestionnaireWithQuestionsSerializer(_one(rows, questionnaire)).data)


class CampaignViewSet(RestView, ViewSet):
    lookup_field = "campaign"
    lookup_value_regex = ID

    @extend_schema(
        operation_id="campaigns_list",
        summary=_("Campaigns of surveys, newest first"),
        tags=["surveys"],
        parameters=[CampaignQuery],
        responses=page_of(CampaignSerializer, "CampaignPage"),
    )
    def list(self, request: Request) -> Response:
        query = self.asked(CampaignQuery)
        rows = Campaign.objects.visible_to(request.user).select_related("version", "group")
        if "state" in query:
            rows = rows.filter(state=query["state"])
        return self.page(
            rows, query, order="-pk", shown=lambda found: CampaignSerializer(found, many=True).data
        )

    @extend_schema(
        operation_id="campaigns_read",
        summary=_("One campaign with how many stand where, and who was left out"),
        tags=["surveys"],
        parameters=[in_path("campaign", _("The campaign's id."))],
        responses=CampaignWithCountsSerializer,
    )
    def retrieve(self, request: Request, campaign: str) -> Response:
        rows = Campaign.objects.visible_to(request.user).select_related("version", "group")
        found = _one(rows, campaign)
        found.states = _counts(Invitation.objects.visible_to(request.user), found, "state")
        found.left_out = _counts(Exclusion.objects.visible_to(request.user), found, "reason")
        return Response(CampaignWithCountsSerializer(found).data)


class AnswersView(RestView):
    @extend_schema(
        operation_id="answers_list",
        summary=_("Finished answers, newest first"),
        tags=["surveys"],
        parameters=[AnswerQuery],
        responses=page_of(SheetSerializer, "AnswerPage"),
    )
    def get(self, request: Request) -> Response:
        query = self.asked(AnswerQuery)
        rows = AnswerSheet.objects.visible_to(request.user).finished()
        if "campaign" in query:
            rows = rows.filter(invitation__campaign=query["campaign"])
        if "bad" in query:
            rows = rows.filter(is_bad=query["bad"])
        if "since" in query:
            rows = rows.filter(finished_at__gte=query["since"])
        rows = rows.select_related("invitation__client", "keyed_by")
        rows = rows.prefetch_related("answers__question")
        context = {"user": request.user}
        return self.page(
            rows,
            query,
            order="-pk",
            shown=lambda found: SheetSerializer(found, many=True, context=context).data,
        )


def _counts(rows: QuerySet[Any], campaign: Campaign, name: str) -> list[dict[str, object]]:
    found = rows.filter(campaign=campaign).order_by(name).values_list(name).annotate(n=Count("pk"))
    return [{"name": value, "number": number} for value, number in found]


def _one(rows: QuerySet[Any], pk: str) -> Any:
    if (found := rows.filter(pk=int(pk)).first()) is None:
        raise Http404
    return found
