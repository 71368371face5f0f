"""Which state of a thing was on the screen when its button was pressed."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest

NEVER_SHOWN = -1  # no thing has it, so that an action refuses a request that states none


def stated(request: HttpRequest, name: str = "version") -> int:
    """Return the version or edition that the page sent along."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else NEVER_SHOWN


def show_again(form: forms.BaseForm, name: str, value: int) -> None:
    """Let a form that was refused state the thing as it is now: to save once more is to have seen that."""
    form.data = form.data.copy()
    form.data[name] = value
