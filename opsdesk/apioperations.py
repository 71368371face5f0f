"""What the schema of the REST interface says, as people read it: operations, fields, commands, shapes."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

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

    @property
    def shapes(self) -> Iterator[str]:
        """The names of those that its body and answers speak of."""
        yield from (field.shape for field in self.body)
        yield from (shape for _status, _meaning, shape in self.answers)


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Address:
    """An operation at a glance."""

    key: str
    method: str
    path: str
    summary: str


def addresses(schema: Schema, part: str) -> Iterator[Address]:
    """The operations of a part at a glance."""
    for path, method, operation in _asked(schema, part):
        yield Address(operation["operationId"], method.upper(), path, operation["summary"])


def operations(schema: Schema, part: str, *, site: str) -> Iterator[Operation]:
    """The operations of a part with all that a page says of them."""
    for path, method, operation in _asked(schema, part):
        yield _operation(path, method, operation, schema, site)


def _asked(schema: Schema, part: str) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if operation["tags"][0] == part:
                yield path, method, operation


def shapes(names: Iterable[str], schema: Schema) -> Iterator[Shape]:
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
