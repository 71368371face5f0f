"""What the pages that change a roster have in common: one action, its word, its refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from staff.forms import show_refusal
from staff.refused import Refused


def pressed(request: HttpRequest, act: Callable[[], object], *, said: str, back: str) -> HttpResponse:
    """Do what a button asks for, say how it went, and go back."""
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, said)
    return redirect(back)


def typed_in(
    request: HttpRequest, form: forms.BaseForm, act: Callable[[], object], *, said: str, back: str
) -> HttpResponse | None:
    """Do what a form that was sent asks for; None where the page is to be shown, with what the form says."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        act()
    except Refused as refused:
        show_refusal(form, refused)
        return None
    messages.success(request, said)
    return redirect(back)


def instant_asked(request: HttpRequest, name: str) -> datetime | None:
    """An instant with its offset from the address, or None where it is nonsense."""
    try:
        instant = parse_datetime(request.GET.get(name, ""))
    except ValueError:
        return None
    return instant if instant and timezone.is_aware(instant) else None
