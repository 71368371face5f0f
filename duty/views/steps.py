"""What the pages that change a roster have in common: one action, its word, its refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.views.decorators.http import require_POST

from staff.forms import show_refusal
from staff.models import User
from staff.refused import Refused
from staff.views.access import View, house_only


def press(
    find: Callable[..., Any],
    act: Callable[..., object],
    *,
    said: str | Promise,
    back: Callable[[Any, User], str],
) -> View:
    """The page behind a button: one action on the thing that `find(request, **address)` finds."""

    @house_only
    @require_POST
    def view(request: HttpRequest, **address: Any) -> HttpResponse:
        thing, user = find(request, **address), request.user
        return pressed(
            request, lambda: act(thing, by=user, now=timezone.now()), said=said, back=back(thing, user)
        )

    return view


def to_plan(thing: Any, _user: User) -> str:
    """Back to the plan of the thing's group."""
    return reverse("duty:plan", args=[thing.group.code])


def to_mine(_thing: Any, _user: User) -> str:
    return reverse("duty:mine")


def pressed(
    request: HttpRequest, act: Callable[[], object], *, said: str | Promise, back: str
) -> HttpResponse:
    """Do what a button asks for, say how it went, and go back."""
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, str(said))
    return redirect(back)


def typed_in(
    request: HttpRequest, form: forms.BaseForm, act: Callable[[], object], *, said: str | Promise, back: str
) -> HttpResponse | None:
    """Do what a form that was sent asks for; None where the page is to be shown, with what the form says."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        act()
    except Refused as refused:
        show_refusal(form, refused)
        return None
    messages.success(request, str(said))
    return redirect(back)


def instant_asked(request: HttpRequest, name: str) -> datetime | None:
    """An instant with its offset from the address, or None where it is nonsense."""
    try:
        instant = parse_datetime(request.GET.get(name, ""))
    except ValueError:
        return None
    return instant if instant and timezone.is_aware(instant) else None
