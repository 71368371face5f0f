"""Which state of a thing was on the screen when its button was pressed or its form sent."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest

NEVER_SHOWN = -1  # no thing has it, so that an action refuses a request that states none


def stated(request: HttpRequest, name: str = "version", *, unsaid: int = NEVER_SHOWN) -> int:
    """Return the version or edition that the page sent along; `unsaid` where it sent none or no number."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else unsaid


def show_again(form: forms.BaseForm, name: str, value: int) -> None:
    """Let a form that was refused state the thing as it is now: to save once more is to have seen that."""
    form.data = form.data.copy()
    form.data[name] = value
