"""Suggestions against a clause through the REST interface: filed, read, answered (§1.1)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from audits.actions import suggestions as actions
from audits.api.process import ProcessView
from audits.api.processshapes import (
    BY_ID,
    AnswerBody,
    FileBody,
    NoBody,
    SuggestionQuery,
    SuggestionSerializer,
    SuggestionWholeSerializer,
)
from audits.models import Clause, ProcessVersion, Suggestion
from audits.processfilters import asked_for
from staff.idempotency import REQUIRED_KEY, once
from staff.rest import checked, page_of
from staff.restaddresses import OneView, Steps, examples
from staff.restnames import chosen

step = Steps("process_suggestions", "process", BY_ID, SuggestionWholeSerializer)


class SuggestionViewSet(ProcessView, OneView):
    lookup_field = "suggestion"

    @extend_schema(
        operation_id="process_suggestions_list",
        summary=_("Suggestions for the process, newest first; unless asked otherwise unanswered ones"),
        tags=["process"],
        parameters=[SuggestionQuery],
        responses=page_of(SuggestionSerializer, "SuggestionPage"),
    )
    def list(self, request: Request) -> Response:
        query = self.asked(SuggestionQuery)
        wanted = {name: str(value) for name, value in query.items()}
        rows = asked_for(wanted, request.user, timezone.now()).rows
        return self.page(
            rows.with_names(),
            query,
            order="-pk",
            shown=lambda found: SuggestionSerializer(found, many=True, context=self.context()).data,
        )

    @extend_schema(
        operation_id="process_suggestions_read",
        summary=_("One suggestion with its answer and its history"),
        tags=["process"],
        parameters=[BY_ID],
        responses=SuggestionWholeSerializer,
    )
    def retrieve(self, request: Request, suggestion: str) -> Response:
        return Response(self.whole(self.one()))

    @extend_schema(
        operation_id="process_suggestions_file",
        summary=_("File a suggestion against a clause in force"),
        tags=["process"],
        parameters=[REQUIRED_KEY],
        request=FileBody,
        responses={201: SuggestionWholeSerializer},
        examples=examples(
            "file",
            {"clause": "3.2", "text": "Nobody says who answers for it at night"},
            _("File a suggestion against a clause in force"),
        ),
    )
    def create(self, request: Request) -> Response:
        now = timezone.now()

        def do() -> Response:
            data = dict(checked(FileBody, request.data))
            version = ProcessVersion.objects.visible_to(request.user).in_force(timezone.localdate(now))
            rows = Clause.objects.filter(version__in=version.values("pk")).select_related("version")
            clause = chosen(rows.filter(number=data.pop("clause")), "clause")
            made = actions.file_suggestion(clause, **data, by=request.user, now=now)
            location = request.build_absolute_uri(f"{request.path}{made.pk}/")
            return Response(
                self.whole(self.rows().get(pk=made.pk)), status=201, headers={"Location": location}
            )

        return once(request, do, required=True, now=now)

    @step(_("Take a suggestion under review"), NoBody, {})
    def review(self, suggestion: Suggestion, data: dict[str, Any], **who: Any) -> Suggestion:
        return actions.review(suggestion, **data, **who)

    @step(_("Adopt a suggestion in the draft"), AnswerBody, {"answer": "In the next one"})
    def adopt(self, suggestion: Suggestion, data: dict[str, Any], **who: Any) -> Suggestion:
        return actions.adopt(suggestion, **data, **who)

    @step(_("Decline a suggestion for a reason"), AnswerBody, {"answer": "The contract says so already"})
    def decline(self, suggestion: Suggestion, data: dict[str, Any], **who: Any) -> Suggestion:
        return actions.decline(suggestion, **data, **who)

    @step(_("Withdraw one's own suggestion"), NoBody, {})
    def withdraw(self, suggestion: Suggestion, data: dict[str, Any], **who: Any) -> Suggestion:
        return actions.withdraw(suggestion, **data, **who)

    def rows(self) -> QuerySet[Suggestion]:
        return Suggestion.objects.visible_to(self.request.user).with_names()

    def whole(self, found: Suggestion) -> Any:
        return SuggestionWholeSerializer(found, context=self.context()).data
