"""Addresses of things over REST: what names one in a path, and the steps taken on it (`…/7/verify/`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import ViewSet

from staff.idempotency import KEY, once
from staff.rest import RestView, Strict, checked

ID = r"[1-9][0-9]{0,17}"
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description=_("The ETag that you have read: 412 when the record has changed since."),
)


def in_path(name: str, description: str | Promise, pattern: str = ID) -> OpenApiParameter:
    """The part of an address that names one thing."""
    kind = {"type": "string", "pattern": f"^{pattern}$"}
    return OpenApiParameter(name, kind, OpenApiParameter.PATH, description=description)


def examples(name: str, value: Mapping[str, Any], summary: str | Promise) -> list[OpenApiExample]:
    return [OpenApiExample(name, value=dict(value), summary=summary, request_only=True)]


class FoundById(RestView, ViewSet):
    """Things of one kind, one of them found by its id."""

    lookup_value_regex = ID

    def rows(self) -> QuerySet[Any]:
        """All that the caller may see, with what is shown of one."""
        raise NotImplementedError

    def one(self) -> Any:
        """The thing of this address, where its caller may see it."""
        if (found := self.rows().filter(pk=int(self.kwargs[self.lookup_field])).first()) is None:
            raise Http404
        return found


class OneView(FoundById):
    """Things of which one is shown whole, and acted on step by step."""

    def whole(self, found: Any) -> Any:
        """One thing as it is shown by itself."""
        raise NotImplementedError

    def act(self, take: Callable[..., Any], body: type[Strict], *, is_answer: bool = False) -> Response:
        """Take a step once per Idempotency-Key where one is given.

        The answer is the thing as it stands then, or what `take` returned (`is_answer`).
        """
        now = timezone.now()

        def do() -> Response:
            data = checked(body, self.request.data)
            done = take(self.one(), data, by=self.request.user, now=now)
            return Response(done if is_answer else self.whole(self.one()))

        return once(self.request, do, required=False, now=now)


@dataclass(frozen=True, slots=True)
class Steps:
    """How the steps on one kind of thing are documented.

    `name` begins the ids of their operations, `at` is what names the thing in their addresses, and `whole`
    how it is shown in their answers.
    """

    name: str
    tag: str
    at: OpenApiParameter
    whole: type[Serializer]

    def __call__(
        self,
        summary: str | Promise,
        body: type[Strict],
        example: Mapping[str, Any],
        answer: type[Serializer] | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
        """Turn `method(view, thing, data, by=, now=)` into the address of the step of its name.

        With an `answer` that is what the method returns; else it is the thing.
        """

        def decorate(method: Callable[..., Any]) -> Callable[..., Response]:
            name = method.__name__

            def address(view: OneView, _request: Request, **_address: str) -> Response:
                def take(found: Any, data: dict[str, Any], **who: Any) -> Any:
                    return method(view, found, data, **who)

                return view.act(take, body, is_answer=answer is not None)

            address.__name__, address.__doc__ = name, method.__doc__
            documented = extend_schema(
                operation_id=f"{self.name}_{name}",
                summary=summary,
                tags=[self.tag],
                parameters=[self.at, KEY],
                request=body,
                responses=answer or self.whole,
                examples=examples(name, example, summary),
            )
            return documented(action(detail=True, methods=["post"])(address))

        return decorate
