"""Refusals of the REST interface as `application/problem+json` (RFC 9457), and the pages of errors."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core import signals
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from staff.database import is_away
from staff.files import FilesRefused
from staff.rest import QueryInvalid
from tickets.changewords import PartsMissing
from tickets.lifecycle import Moved, Refused

log = logging.getLogger("django.request")
MEDIA_TYPE = "application/problem+json"
LONGEST_DETAIL = 500
COME_BACK_AFTER = "5"  # seconds

# What a client may decide by: the words may change, these never do. A refusal of the rules has its own code.
TITLES = {
    "malformed": _("The request cannot be read"),
    "idempotency_key_required": _("An Idempotency-Key is missing"),
    "idempotency_key_invalid": _("The Idempotency-Key is not one"),
    "not_authenticated": _("A token is missing"),
    "token_invalid": _("The token is not valid"),
    "forbidden": _("Not allowed"),
    "read_only_token": _("The token may only read"),
    "not_found": _("Not found"),
    "method_not_allowed": _("Not possible with this method"),
    "wrong_status": _("Not possible in the record's present status"),
    "moved": _("Somebody was faster"),
    "in_flight": _("The same request is still under way"),
    "length_required": _("The length of the body is missing"),
    "stale": _("The record has changed"),
    "too_large": _("The body is too large"),
    "unsupported_media_type": _("The body is not JSON"),
    "invalid": _("Some fields are not right"),
    "idempotency_key_reused": _("The Idempotency-Key belongs to another request"),
    "refused": _("The rules do not allow it"),
    "throttled": _("Too many requests"),
    "internal": _("Something went wrong on our side"),
    "unavailable": _("Not available at the moment"),
}
REFUSED_STATUS = {"forbidden": 403, "wrong_status": 409, "moved": 409}
OUR_CODES = {
    "parse_error": "malformed",
    "authentication_failed": "token_invalid",
    "permission_denied": "forbidden",
}
NOTHING_THERE = _("There is no such thing, or it is not yours to see.")


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    code: str
    detail: object
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """Answer an exception of a REST view; what nobody foresaw is logged and becomes a 500."""
    set_rollback()
    problem = _foreseen(error, context.get("kwargs") or {}) or _unforeseen(error, context["request"])
    body = _body(problem, context["request"])
    return Response(body, status=problem.status, headers=dict(problem.headers), content_type=MEDIA_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_rest(request):
        return _plain(request, Problem(400, "malformed", TITLES["malformed"]))
    return defaults.bad_request(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_rest(request):
        return _plain(request, Problem(404, "not_found", NOTHING_THERE))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    error = sys.exc_info()[1]  # Django asks for this page while it handles the error
    is_passing = error is not None and is_away(error)
    if _is_rest(request):
        return _plain(request, _away() if is_passing else _internal())
    if is_passing:
        facts = {"request": request, "request_id": getattr(request, "request_id", "")}
        page = render_to_string("503.html", facts)  # without the context of a page, which asks the database
        return HttpResponse(page, status=503, headers={"Retry-After": COME_BACK_AFTER})
    return defaults.server_error(request)


def _foreseen(error: Exception, address: Mapping[str, Any]) -> Problem | None:
    match error:
        case Refused():
            return _refused(error, address)
        case Http404():
            return Problem(404, "not_found", NOTHING_THERE)
        case PermissionDenied():
            return Problem(403, "forbidden", exceptions.PermissionDenied.default_detail)
        case exceptions.ValidationError():
            return Problem(422, "invalid", TITLES["invalid"], errors=list(_faults(error)))
        case exceptions.APIException():
            return _of_framework(error)
        case SuspiciousOperation():
            return Problem(400, "malformed", TITLES["malformed"])
    return None


def _refused(refused: Refused, address: Mapping[str, Any]) -> Problem:
    """What the rules refuse; at fault may be a field of the body or a part of the address."""
    status = 409 if isinstance(refused, Moved) else REFUSED_STATUS.get(refused.code, 422)
    if isinstance(refused, FilesRefused):
        places = [([refused.field, place], fault) for place, fault in refused.faults]
    elif isinstance(refused, PartsMissing):
        places = [([part], Refused(text, code=refused.code)) for part, text in refused.faults.items()]
    else:
        places = [(refused.field.split("/"), refused)] if refused.field else []
    faults = [
        ({"parameter": at[0]} if at[0] in address else {"pointer": _pointer(at)})
        | {"code": why.code, "detail": str(why)}
        for at, why in places
    ]
    return Problem(status, refused.code, refused, errors=faults)


def _of_framework(error: exceptions.APIException) -> Problem:
    code = getattr(error.detail, "code", error.default_code)
    headers = dict(getattr(error, "headers", {}))
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(round(wait))
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    return Problem(error.status_code, OUR_CODES.get(code, code), error.detail, headers=headers)


def _unforeseen(error: Exception, request: HttpRequest) -> Problem:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    if is_away(error):
        return _away()
    signals.got_request_exception.send(sender=handle, request=request)
    return _internal()


def _away() -> Problem:
    return Problem(503, "unavailable", TITLES["unavailable"], headers={"Retry-After": COME_BACK_AFTER})


def _internal() -> Problem:
    return Problem(500, "internal", _("It is written down under the request_id. Nothing was saved."))


def _faults(error: exceptions.ValidationError) -> Iterator[dict[str, str]]:
    for path, fault in _leaves(error.detail, []):
        where = {"parameter": path[0]} if isinstance(error, QueryInvalid) else {"pointer": _pointer(path)}
        yield {**where, "code": fault.code, "detail": fault}


def _leaves(detail: Any, path: list[str]) -> Iterator[tuple[list[str], Any]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _leaves(inner, path if name == "non_field_errors" else [*path, str(name)])
    elif isinstance(detail, list):
        for inner in detail:
            yield from _leaves(inner, path)
    else:
        yield path, detail


def _pointer(path: list[Any]) -> str:
    """A JSON pointer as a URI fragment; the body as a whole is `#`."""
    return "#" + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _body(problem: Problem, request: HttpRequest) -> dict[str, Any]:
    known = problem.code if problem.code in TITLES else "refused"
    body: dict[str, Any] = {
        "type": f"{settings.SITE_URL}{reverse('api:docs')}#problem-{known}",
        "title": _text(TITLES[known]),
        "status": problem.status,
        "detail": _text(problem.detail),
        "code": problem.code,
        "request_id": getattr(request, "request_id", ""),
    }
    if problem.errors:
        body["errors"] = [{name: _text(value) for name, value in fault.items()} for fault in problem.errors]
    return body


def _text(value: object) -> str:
    """Words that can be sent: what was typed in is quoted in part, and broken characters are replaced."""
    return str(value)[:LONGEST_DETAIL].encode("utf-8", "replace").decode()


def _is_rest(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _plain(request: HttpRequest, problem: Problem) -> HttpResponse:
    return JsonResponse(
        _body(problem, request),
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers={"Cache-Control": "private, no-store", **problem.headers},
    )
