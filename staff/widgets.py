"""The plain widgets of forms, written without templates: Django renders each option of a list, and the
attributes of each option, as templates of their own, and a record's page has hundreds of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

FOLDER = "django/forms/widgets/"
INPUTS = ("text", "number", "email", "url", "tel", "search", "password", "hidden", "date", "datetime", "time")
OPTION = f"{FOLDER}select_option.html"


class Renderer(TemplatesSetting):
    """Renders forms as their templates do; what `WRITERS` can write comes out the same, but sooner."""

    def render(
        self, template_name: str, context: Mapping[str, Any], request: HttpRequest | None = None
    ) -> str:
        write = WRITERS.get(template_name)
        if write is not None and (written := write(context["widget"])) is not None:
            return written
        return super().render(template_name, context, request)


def _input(widget: Mapping[str, Any]) -> SafeString:
    value = "" if widget["value"] is None else f' value="{conditional_escape(widget["value"])}"'
    return SafeString(f'<input type="{widget["type"]}" name="{_name(widget)}"{value}{_attributes(widget)}>')


def _textarea(widget: Mapping[str, Any]) -> SafeString:
    value = conditional_escape(widget["value"] or "")
    return SafeString(f'<textarea name="{_name(widget)}"{_attributes(widget)}>\n{value}</textarea>')


def _select(widget: Mapping[str, Any]) -> SafeString | None:
    """A list to choose from; None where its options are grouped, or drawn by a template of their own."""
    groups = widget["optgroups"]
    if any(
        name or option["template_name"] != OPTION for name, options, _index in groups for option in options
    ):
        return None
    options = "\n  ".join(_option(option) for _name, options, _index in groups for option in options)
    return SafeString(f'<select name="{_name(widget)}"{_attributes(widget)}>\n  {options}\n</select>')


def _option(option: Mapping[str, Any]) -> str:
    value, label = conditional_escape(option["value"]), conditional_escape(option["label"])
    return f'<option value="{value}"{_attributes(option)}>{label}</option>'


def _name(widget: Mapping[str, Any]) -> str:
    return conditional_escape(widget["name"])


def _attributes(widget: Mapping[str, Any]) -> str:
    """The attributes in their order: False is left out, True is the name alone."""
    return "".join(
        f" {conditional_escape(name)}"
        if value is True
        else f' {conditional_escape(name)}="{conditional_escape(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


WRITERS: dict[str, Callable[[Mapping[str, Any]], SafeString | None]] = {
    **{f"{FOLDER}{kind}.html": _input for kind in (*INPUTS, "checkbox")},
    f"{FOLDER}textarea.html": _textarea,
    f"{FOLDER}select.html": _select,
}
