"""What every address of the REST interface shares: strict bodies, times with an offset, keyset pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any, BinaryIO

import orjson
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, Signer
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import APIException, ErrorDetail, ParseError, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

LONGEST_BODY = 1_000_000
MOST_ROWS, USUAL_ROWS = 200, 50
LARGEST_ID = 2**63 - 1
PLAIN = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z


class QueryInvalid(ValidationError):
    """What is wrong lies in the address's query, not in the body."""


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = _("The body is too large: 1 MB at the most.")


class LengthRequired(APIException):
    status_code = 411
    default_code = "length_required"
    default_detail = _("Send the body with a Content-Length, not in chunks.")


class JsonBody(JSONParser):
    """JSON of a bounded size; what cannot be read is the sender's mistake, however it is broken."""

    def parse(self, stream: BinaryIO, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(LONGEST_BODY + 1)
        if len(body) > LONGEST_BODY:
            raise TooLarge
        try:
            return super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError:
            raise ParseError(_("The JSON is nested too deeply.")) from None


class Json(JSONRenderer):
    """JSON as the framework writes it, by orjson; what that cannot write is left to the framework."""

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        if data is None:
            return b""
        try:
            return orjson.dumps(data, default=self.encoder_class().default, option=PLAIN)
        except TypeError:
            return super().render(data, *args, **kwargs)


class JsonOnly(BaseContentNegotiation):
    """There is one format, so nothing to negotiate: never a 406."""

    def select_parser(self, request: Request, parsers: list[Any]) -> Any:
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(
        self, request: Request, renderers: list[Any], format_suffix: str | None = None
    ) -> Any:
        return renderers[0], renderers[0].media_type


class Strict(serializers.Serializer):
    """A body or query whose unknown fields are refused by name, so that a slip of the pen is never silent."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        errors: dict[str, Any] = {
            name: [ErrorDetail(_("There is no such field."), code="unknown_field")]
            for name in sorted(unknown)
        }
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            if isinstance(error.detail, dict):
                errors = {**error.detail, **errors}
            raise ValidationError(errors or error.detail) from None
        if errors:
            raise ValidationError(errors)
        return value


def checked(body: type[Strict], data: Any) -> dict[str, Any]:
    """Return what a body or query says, checked. Raises ValidationError naming the fields at fault.

    One checker serves all requests: to build its fields anew each time takes longer than to check them.
    """
    if not isinstance(data, Mapping):
        body(data=data).is_valid(raise_exception=True)
    return _checker(body).run_validation(data)


@cache
def _checker(body: type[Strict]) -> Strict:
    return body()


class Moment(serializers.DateTimeField):
    """A time with its offset, as RFC 3339 writes it. Without one it would mean another instant elsewhere."""

    default_error_messages = {"offset": _("Give the time with its offset: 2026-11-23T14:35:00+08:00.")}

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("offset")
        return super().enforce_timezone(value)


class ListQuery(Strict):
    """Where a page begins and how long it is."""

    cursor = serializers.CharField(
        required=False, max_length=300, help_text=_("Where the page begins; taken from `next` as it stands.")
    )
    limit = serializers.IntegerField(
        default=USUAL_ROWS, min_value=1, max_value=MOST_ROWS, help_text=_("Rows on a page.")
    )


class Named(serializers.Serializer):
    """A thing that has a Chinese name and, where there is one, an English one beside it."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    name_en = serializers.CharField()


class Coded(Named):
    """The same, known by its code."""

    id = serializers.CharField(source="code")


class Person(serializers.Serializer):
    """Somebody on the staff. A client's contact reads the name; sign-in names are the house's own."""

    id = serializers.SerializerMethodField()
    name = serializers.CharField()
    name_en = serializers.CharField()

    def get_id(self, person: Any) -> str | None:
        return None if self.context["user"].is_contact else person.username


class ErrorItem(serializers.Serializer):
    pointer = serializers.CharField(required=False, help_text=_("Which field of the body: `#/title`."))
    parameter = serializers.CharField(required=False, help_text=_("Which parameter of the address."))
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer):
    """What went wrong, as RFC 9457 words it."""

    type = serializers.URLField(help_text=_("Opens the page that explains this problem."))
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text=_("Stable; decide by this, not by the words."))
    request_id = serializers.CharField(help_text=_("Quote it when you ask about this request."))
    errors = ErrorItem(many=True, required=False)


PROBLEMS = {
    400: _("The request cannot be read, or the Idempotency-Key is missing."),
    401: _("No token, or one that is unknown, expired or revoked."),
    403: _("The token's owner may not do this, or the token may only read."),
    404: _("There is no such thing, or it is not yours to see."),
    409: _("Not possible in the record's present status, or the same request is still under way."),
    412: _("The record has changed since the version named in If-Match."),
    413: _("The body is too large."),
    415: _("The body is not application/json."),
    422: _("Some fields are not right, or the rules do not allow it."),
}
WRITING = (400, 401, 403, 404, 409, 412, 413, 415, 422)


class RestSchema(AutoSchema):
    """The schema of an operation, with the problems that it may answer with."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            content = {
                "application/problem+json": {"schema": self.resolve_serializer(Problem(), "response").ref}
            }
            for status in self._problems(operation):
                operation["responses"][str(status)] = {"content": content, "description": PROBLEMS[status]}
            operation["responses"]["default"] = {"content": content, "description": _("Any other problem.")}
        return operation

    def get_description(self) -> str:
        return ""  # docstrings speak to programmers, and in one language; the summary speaks to callers

    def _problems(self, operation: Mapping[str, Any]) -> list[int]:
        places = {parameter["in"] for parameter in operation.get("parameters", [])}
        never = set() if "path" in places else {404, 412}
        if self.method == "GET":
            never |= {*WRITING} - {401, 404, 422} | (set() if "query" in places else {422})
        return [status for status in WRITING if status not in never]


class RestView(APIView):
    """The base of every view of the interface."""

    parser_classes = [JsonBody]
    renderer_classes = [Json]
    content_negotiation_class = JsonOnly
    metadata_class = None
    http_method_names = ("get", "head", "post")
    schema = RestSchema()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.headers.get("Transfer-Encoding") and not request.headers.get("Content-Length"):
            raise LengthRequired  # what comes in chunks would be taken for an empty body

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    def asked(self, query: type[Strict]) -> dict[str, Any]:
        """The address's query, checked. Raises QueryInvalid naming the parameters at fault."""
        try:
            return checked(query, self.request.query_params.dict())
        except ValidationError as error:
            raise QueryInvalid(error.detail) from None

    def page(
        self,
        rows: QuerySet[Any],
        query: Mapping[str, Any],
        *,
        order: str,
        shown: Callable[[list[Any]], list[Any]],
    ) -> Response:
        """One page of `rows` by keyset: one query, never a COUNT. `order` is a unique column (`-pk`)."""
        name, beyond = order.lstrip("-"), "lt" if order.startswith("-") else "gt"

        def fetch(after: Any, limit: int) -> list[Any]:
            rest = rows if after is None else rows.filter(**{f"{name}__{beyond}": after})
            return list(rest.order_by(order)[:limit])

        return self.paged(fetch, query, of=rows.model, order=order, shown=shown)

    def paged(
        self,
        fetch: Callable[[Any, int], list[Any]],
        query: Mapping[str, Any],
        *,
        of: type[Model],
        order: str,
        shown: Callable[[list[Any]], list[Any]],
    ) -> Response:
        """The same for rows that `fetch(after, limit)` finds: so many in that order, beyond one of them."""
        signer, name = Signer(salt=f"staff.rest:{of._meta.label}:{order}"), order.lstrip("-")
        after = _position(signer, query["cursor"]) if "cursor" in query else None
        found = fetch(after, query["limit"] + 1)
        shown_rows, next_url = found[: query["limit"]], None
        if len(found) > query["limit"]:
            address = self.request.query_params.copy()
            address["cursor"] = signer.sign_object([getattr(shown_rows[-1], name)])
            next_url = self.request.build_absolute_uri(f"{self.request.path}?{address.urlencode()}")
        response = Response({"results": shown(shown_rows), "next": next_url})
        if next_url:
            response.headers["Link"] = f'<{next_url}>; rel="next"'
        return response


class HouseOnly(RestView):
    """For the people of the house; a client's contact gets a 403, as on the pages."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.user.is_contact:
            raise PermissionDenied


def page_of(row: type[serializers.Serializer], name: str) -> type[serializers.Serializer]:
    """The serializer that documents a page of these rows."""
    fields = {"results": row(many=True), "next": serializers.URLField(allow_null=True)}
    return extend_schema_serializer(many=False)(type(name, (serializers.Serializer,), fields))


def _position(signer: Signer, cursor: str) -> Any:
    try:
        return signer.unsign_object(cursor)[0]
    except (BadSignature, ValueError):
        message = ErrorDetail(_("This cursor is not one that this list gave out."), code="invalid")
        raise QueryInvalid({"cursor": [message]}) from None
