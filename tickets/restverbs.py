"""How a verb on one record becomes an address of the REST interface."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from staff.idempotency import KEY
from staff.rest import Strict
from tickets import serializers
from tickets.models import Ticket

NUMBER = r"T-[1-9][0-9]{0,17}"
BY_NUMBER = OpenApiParameter(
    "id",
    {"type": "string", "pattern": f"^{NUMBER}$"},
    OpenApiParameter.PATH,
    description=_("The record's number."),
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description=_("The ETag that you have read: 412 when the record has changed since."),
)


def verb(
    summary: str | Promise, body: type[Strict], example: dict[str, Any], *, path: str | None = None
) -> Callable[[Callable[..., Ticket]], Callable[..., Response]]:
    """Turn `method(view, ticket, data, by=, now=) -> Ticket` into the address of a verb on one record.

    `path` is its last part, where a method of that name would mean something else to Django.
    """

    def decorate(method: Callable[..., Ticket]) -> Callable[..., Response]:
        @extend_schema(
            operation_id=f"tickets_{path or method.__name__}",
            summary=summary,
            tags=["tickets"],
            parameters=[BY_NUMBER, KEY, IF_MATCH],
            request=body,
            responses=serializers.TicketSerializer,
            examples=[
                OpenApiExample(path or method.__name__, value=example, summary=summary, request_only=True)
            ],
        )
        @action(detail=True, methods=["post"], url_path=path)
        @wraps(method)
        def address(self: Any, request: Request, id: str) -> Response:
            return self.act(lambda ticket, data, **who: method(self, ticket, data, **who), body)

        return address

    return decorate
