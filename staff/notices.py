"""A notice in words: rendered when it is read, in the reader's language."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.dateparse import parse_datetime

from staff.models import Notice


def render(notice: Notice, *, language: str | None = None) -> tuple[str, str]:
    """Return subject and body of `templates/notices/<kind>.txt`: the first line, and the rest.

    Parameters whose name ends in `_at` become datetimes. `language` defaults to the active one.
    """
    params = {
        name: parse_datetime(value) if name.endswith("_at") and isinstance(value, str) else value
        for name, value in notice.params.items()
    }
    with translation.override(language or translation.get_language()):
        text = render_to_string(f"notices/{notice.kind}.txt", params)
    subject, _newline, body = text.strip().partition("\n")
    return subject.strip(), body.strip()
