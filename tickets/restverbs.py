"""How a verb on one record becomes an address of the REST interface."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from staff.idempotency import KEY
from staff.rest import JsonBody, Strict
from staff.restaddresses import ID, IF_MATCH, in_path
from tickets import serializers
from tickets.models import Ticket

NUMBER = rf"T-{ID}"
BY_NUMBER = in_path("id", _("The record's number."), NUMBER)


def verb(
    summary: str | Promise,
    body: type[Strict],
    example: dict[str, Any],
    *,
    path: str | None = None,
    form: type[Strict] | None = None,
    form_example: dict[str, Any] | None = None,
) -> Callable[[Callable[..., Ticket]], Callable[..., Response]]:
    """Turn `method(view, ticket, data, by=, now=) -> Ticket` into the address of a verb on one record.

    `path` is its last part, where a method of that name would mean something else to Django. With a `form` it
    takes files too: what comes as a form of several parts is checked by that one.
    """

    def decorate(method: Callable[..., Ticket]) -> Callable[..., Response]:
        @extend_schema(
            operation_id=f"tickets_{path or method.__name__}",
            summary=summary,
            tags=["tickets"],
            parameters=[BY_NUMBER, KEY, IF_MATCH],
            request={JsonBody.media_type: body} | ({MultiPartParser.media_type: form} if form else {}),
            responses=serializers.TicketSerializer,
            examples=[
                OpenApiExample(
                    path or method.__name__,
                    value=value,
                    summary=summary,
                    request_only=True,
                    media_type=media_type,
                )
                for media_type, value in (
                    (JsonBody.media_type, example),
                    (MultiPartParser.media_type, form_example),
                )
                if value is not None
            ],
        )
        @action(
            detail=True,
            methods=["post"],
            url_path=path,
            parser_classes=[JsonBody, MultiPartParser] if form else [JsonBody],
        )
        @wraps(method)
        def address(self: Any, request: Request, id: str) -> Response:
            shape = form if form and isinstance(request.data, QueryDict) else body
            return self.act(lambda ticket, data, **who: method(self, ticket, data, **who), shape)

        return address

    return decorate
