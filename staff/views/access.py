"""Who may open a page at all; what he sees on it, `visible_to` decides."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def house_only(view: View) -> View:
    """Keep a page for the people of the house: a client's contact gets a 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_contact:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
