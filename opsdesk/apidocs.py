"""The REST interface explained, a page for each part, drawn on the server from its own schema: no drift."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language, override, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from opsdesk.apioperations import Schema, addresses, operations, shapes
from opsdesk.problems import TITLES
from staff.rest import RestView


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """How to begin, every address at a glance, and the problems."""
    schema = schema_in(get_language() or "en")
    context = {
        "site": _site(request),
        "sections": [(part, title, list(addresses(schema, part))) for part, title in _titles().items()],
        "problems": TITLES,
        "shapes": list(shapes(["Problem"], schema)),
    }
    return _page(request, "api/docs.html", context)


@login_not_required
@require_safe
def docs_part(request: HttpRequest, part: str) -> HttpResponse:
    """Each address of a part with parameters, body, answers and commands; then the objects it speaks of."""
    schema = schema_in(get_language() or "en")
    if part not in (titles := _titles()):
        raise Http404
    shown = list(operations(schema, part, site=_site(request)))
    names = [name for operation in shown for name in operation.shapes if name != "Problem"]
    context = {"title": titles[part], "operations": shown, "shapes": list(shapes(names, schema))}
    return _page(request, "api/part.html", context)


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    layout = {} if request.user.is_authenticated else {"frame_template": "base_plain.html"}
    return render(request, template, layout | context)


def _site(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


class SchemaView(RestView):
    """The schema itself, for everyone: it tells how to ask, not what is there."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def get(self, request: Request) -> Response:
        return Response(schema_in(get_language() or "en"))


class NoSuchAddress(RestView):
    """Whatever else is asked for under /api/v1/: a problem, not a page."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound(_("There is no such address. Addresses end with a slash."))


@lru_cache(maxsize=8)
def schema_in(language: str) -> Schema:
    """The schema in a language, built once a process."""
    with override(language):
        return SchemaGenerator().get_schema(request=None, public=True)


def _titles() -> dict[str, str | Promise]:
    """The parts by their tags in the schema, in the order of the first page."""
    return {
        "tickets": _("Records"),
        "policy": _("Limits and report-up rules"),
        "duty": _("Who is on duty"),
        "roster": _("The roster's plan"),
        "callbacks": _("Callbacks"),
        "calendar": _("Working calendar"),
        "surveys": _("Surveys"),
        "clients": _("Clients and systems"),
        "satisfaction": _("Client satisfaction"),
        "meetings": _("Meetings and weekly reports"),
        "changes": pgettext("kind of record", "Changes"),
        "quality": _("Quality audits"),
        "process": _("The process"),
        "assessment": _("Monthly assessment"),
        "reports": _("Monthly reports"),
        "kpis": _("Figures"),
        "me": _("The token's owner"),
    }
