"""The REST interface explained, a page for each part, drawn on the server from its own schema: no drift."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
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

from opsdesk.problems import TITLES
from staff.rest import RestView

Schema = Mapping[str, Any]
ROSTER_THINGS = ("shift", "rotation", "change", "schedule", "leave", "swap", "draft", "slot")
CALLBACK_THINGS = ("callback", "need", "promise", "opinion", "plan")
AUDIT_THINGS = ("planned", "audit", "finding")
MEETING_THINGS = ("meeting", "decision")
EXAMPLE_PATHS = {
    "{id}": "T-10234",
    "{code}": "hospital",
    "{thing}": "1",
    "{file}": "1",
    "{document}": "1",
    "{form}": "pdf",
    "{case}": "1",
    "{inspection}": "1",
    "{handover}": "1",
    "{action}": "1",
    "{record}": "T-10234",
    "{number}": "1",
    "{group}": "south",
    "{day}": "2026-12-24",
    "{year}": "2026",
    "{questionnaire}": "1",
    "{campaign}": "1",
    "{invitation}": "S-1-8",
    "{version}": "1",
    "{clause}": "3.2",
    "{suggestion}": "1",
    "{report}": "1",
    "{assessment}": "1",
    "{language}": "en",
    **{f"{{{name}}}": "1" for name in (*ROSTER_THINGS, *CALLBACK_THINGS, *AUDIT_THINGS, *MEETING_THINGS)},
}
JSON, MULTIPART = "application/json", "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    place: str
    kind: str
    required: bool
    description: str
    shape: str


@dataclass(frozen=True, slots=True)
class Example:
    title: str
    curl: str


@dataclass(frozen=True, slots=True)
class Operation:
    key: str
    method: str
    path: str
    summary: str
    parameters: list[Field]
    body: list[Field]
    examples: list[Example]
    answers: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Section:
    """What belongs together, on a page of its own."""

    key: str
    title: str | Promise
    operations: list[Operation]


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """How to begin, every address at a glance, and the problems."""
    schema, site = schema_in(get_language() or "en"), _site(request)
    context = {
        "site": site,
        "sections": _sections(schema, site),
        "problems": TITLES,
        "shapes": list(_shapes(["Problem"], schema)),
    }
    return _page(request, "api/docs.html", context)


@login_not_required
@require_safe
def docs_part(request: HttpRequest, part: str) -> HttpResponse:
    """Each address of a part with parameters, body, answers and commands; then the objects it speaks of."""
    schema = schema_in(get_language() or "en")
    section = next((one for one in _sections(schema, _site(request)) if one.key == part), None)
    if section is None:
        raise Http404
    names = [name for operation in section.operations for name in _named(operation) if name != "Problem"]
    return _page(request, "api/part.html", {"section": section, "shapes": list(_shapes(names, schema))})


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    layout = "base.html" if request.user.is_authenticated else "base_plain.html"
    return render(request, template, {"layout": layout, **context})


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


def _sections(schema: Schema, site: str) -> list[Section]:
    titles = {
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
    found: dict[str, list[Operation]] = {tag: [] for tag in titles}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            found[operation["tags"][0]].append(_operation(path, method, operation, schema, site))
    return [Section(tag, titles[tag], operations) for tag, operations in found.items()]


def _named(operation: Operation) -> Iterator[str]:
    """The shapes that an operation's body and answers speak of."""
    yield from (field.shape for field in operation.body)
    yield from (shape for _status, _meaning, shape in operation.answers)


def _shapes(names: Iterable[str], schema: Schema) -> Iterator[Shape]:
    """The shapes of these names, each followed by those of its fields that did not come before."""
    shown, left = set(), list(reversed(list(names)))
    while left:
        name = left.pop()
        if not name or name in shown:
            continue
        shown.add(name)
        shape = Shape(name, list(_fields(schema["components"]["schemas"][name], schema)))
        left += reversed([field.shape for field in shape.fields])
        yield shape


def _operation(path: str, method: str, operation: Schema, schema: Schema, site: str) -> Operation:
    content = operation.get("requestBody", {}).get("content", {})
    as_json, as_form = content.get(JSON, {}), content.get(MULTIPART, {})
    parameters = operation.get("parameters", [])
    return Operation(
        key=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        parameters=[_parameter(parameter) for parameter in parameters],
        # Where an address takes both, the form has all that the JSON has, and files.
        body=list(_fields(_resolved((as_form or as_json).get("schema", {}), schema), schema)),
        examples=[
            *(_examples(path, method, parameters, as_json, site) if as_json or not as_form else ()),
            *(_examples(path, method, parameters, as_form, site, is_form=True) if as_form else ()),
        ],
        answers=list(_answers(operation["responses"], schema)),
    )


def _parameter(parameter: Schema) -> Field:
    places = {"path": _("in the path"), "query": _("in the query"), "header": _("header")}
    kind, description = _kind(parameter["schema"]), parameter.get("description", "")
    required = parameter.get("required", False)
    return Field(parameter["name"], places[parameter["in"]], kind, required, _without_list(description), "")


def _fields(shape: Schema, schema: Schema) -> Iterator[Field]:
    or_null = " " + _("(or null)")
    for name, part in shape.get("properties", {}).items():
        inner = _resolved(part, schema)
        of = _name_of(part.get("items", part))
        yield Field(
            name=name,
            place="",
            kind=_kind(inner) + (or_null if part.get("nullable") or inner.get("nullable") else ""),
            required=name in shape.get("required", []),
            description=_without_list(part.get("description", "")),
            shape=of if "properties" in schema["components"]["schemas"].get(of, {}) else "",
        )


def _kind(part: Schema) -> str:
    """The type as people say it; of a choice its codes."""
    choices = [str(code) for code in part.get("enum", []) if code not in ("", None)]
    if choices:
        return " · ".join(choices)
    if "properties" in part:
        return "{" + ", ".join(part["properties"]) + "}"
    names = {
        "string": _("text"),
        "integer": _("whole number"),
        "boolean": _("true or false"),
        "object": _("object"),
        "array": _("list"),
        "date": _("date"),
        "time": _("time of day"),
        "date-time": _("time with offset"),
        "uri": _("address"),
    }
    name = names.get(part.get("format", "")) or names.get(part.get("type", ""), "")
    longest = part.get("maxLength")
    return f"{name} ≤ {longest:,}" if longest else name


def _resolved(part: Schema, schema: Schema) -> Schema:
    """The schema behind a reference; of a choice of several the first, which carries the codes."""
    for several in ("allOf", "oneOf"):
        if several in part:
            return {**_resolved(part[several][0], schema), "nullable": part.get("nullable", False)}
    if name := _name_of(part):
        return schema["components"]["schemas"][name]
    return part


def _name_of(part: Schema) -> str:
    inner = (part.get("allOf") or part.get("oneOf") or [part])[0]
    return inner.get("$ref", "").rpartition("/")[2]


def _without_list(description: str) -> str:
    """A description without the list of codes and labels that the schema appends to it."""
    return "\n".join(line for line in description.splitlines() if not line.startswith("* `")).strip()


def _examples(
    path: str, method: str, parameters: list[Schema], media: Schema, site: str, *, is_form: bool = False
) -> Iterator[Example]:
    for stand_in, value in EXAMPLE_PATHS.items():
        path = path.replace(stand_in, value)
    how = "" if method == "get" else f"-X {method.upper()} "
    command = [f"curl {how}{site}{path}", '-H "Authorization: Bearer $TOKEN"']
    if any(parameter["name"] == "Idempotency-Key" and parameter.get("required") for parameter in parameters):
        command.append('-H "Idempotency-Key: $(uuidgen)"')
    if not media:
        yield Example("", " \\\n  ".join(command))
    for name, example in media.get("examples", {}).items():
        body = ["-H 'Content-Type: application/json'", f"-d {shlex.quote(json.dumps(example['value']))}"]
        if is_form:
            body = list(_parts(example["value"]))
        yield Example(
            example.get("summary", name), " \\\n  ".join([*command, *body] if example["value"] else command)
        )


def _parts(value: Mapping[str, Any]) -> Iterator[str]:
    """The parts of a form, as curl takes them: of a list one each, and a file's name for the file."""
    for name, part in value.items():
        files = [f"@{file}" for file in part] if isinstance(part, list) else []
        yield from (f"-F {shlex.quote(f'{name}={one}')}" for one in files or [part])


def _answers(responses: Schema, schema: Schema) -> Iterator[tuple[str, str, str]]:
    """Status, meaning and shape: of a list the shape of its items."""
    shapes = schema["components"]["schemas"]
    for status, response in responses.items():
        if status == "default":
            continue
        content = next(iter(response.get("content", {}).values()), {})
        name = _name_of(content.get("schema", {}))
        for several in ("results", "items"):
            part = shapes.get(name, {}).get("properties", {}).get(several, {})
            name = _name_of(part.get("items", {})) or name
        known = name if "properties" in shapes.get(name, {}) else ""
        yield status, response["description"] or _("Done."), known
