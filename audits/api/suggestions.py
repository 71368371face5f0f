"""Suggestions against a clause through the REST interface: filed, read, answered (§1.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action as address_of
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from audits.actions import suggestions as actions
from audits.api.process import HouseOnly, example
from audits.api.processshapes import (
    BY_ID,
    ID,
    AnswerBody,
    FileBody,
    NoBody,
    SuggestionQuery,
    SuggestionSerializer,
    SuggestionWholeSerializer,
)
from audits.models import Clause, ProcessVersion, Suggestion
from audits.processfilters import asked_for
from staff.idempotency import KEY, REQUIRED_KEY, once
from staff.rest import Strict, checked, page_of
from staff.restnames import chosen


def step(
    summary: str | Promise, take: Callable[..., Suggestion], body: type[Strict], value: dict[str, Any]
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Make a method the address of a step; its name is the step's."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Response]:
        name = method.__name__

        def address(self: SuggestionViewSet, request: Request, suggestion: str) -> Response:
            return self.act(take, body)

        address.__name__, address.__doc__ = name, method.__doc__
        documented = extend_schema(
            operation_id=f"process_suggestions_{name}",
            summary=summary,
            tags=["process"],
            parameters=[BY_ID, KEY],
            request=body,
            responses=SuggestionWholeSerializer,
            examples=example(name, value, summary),
        )
        return documented(address_of(detail=True, methods=["post"])(address))

    return decorate


class SuggestionViewSet(HouseOnly, ViewSet):
    lookup_field = "suggestion"
    lookup_value_regex = ID

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
        return Response(self._shown(self._one()))

    @extend_schema(
        operation_id="process_suggestions_file",
        summary=_("File a suggestion against a clause in force"),
        tags=["process"],
        parameters=[REQUIRED_KEY],
        request=FileBody,
        responses={201: SuggestionWholeSerializer},
        examples=example(
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
                self._shown(self._rows().get(pk=made.pk)), status=201, headers={"Location": location}
            )

        return once(request, do, required=True, now=now)

    @step(_("Take a suggestion under review"), actions.review, NoBody, {})
    def review(self) -> None: ...

    @step(_("Adopt a suggestion in the draft"), actions.adopt, AnswerBody, {"answer": "In the next one"})
    def adopt(self) -> None: ...

    @step(
        _("Decline a suggestion for a reason"),
        actions.decline,
        AnswerBody,
        {"answer": "The contract says so already"},
    )
    def decline(self) -> None: ...

    @step(_("Withdraw one's own suggestion"), actions.withdraw, NoBody, {})
    def withdraw(self) -> None: ...

    def act(self, take: Callable[..., Suggestion], body: type[Strict]) -> Response:
        """Take a step once per Idempotency-Key where one is given; answer with it as it stands then."""
        now = timezone.now()

        def do() -> Response:
            data = checked(body, self.request.data)
            take(self._one(), **data, by=self.request.user, now=now)
            return Response(self._shown(self._one()))

        return once(self.request, do, required=False, now=now)

    def _rows(self) -> Any:
        return Suggestion.objects.visible_to(self.request.user).with_names()

    def _one(self) -> Suggestion:
        found: Suggestion | None = self._rows().filter(pk=int(self.kwargs["suggestion"])).first()
        if found is None:
            raise Http404
        return found

    def _shown(self, one: Suggestion) -> Any:
        return SuggestionWholeSerializer(one, context=self.context()).data
