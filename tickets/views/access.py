"""Two houses under one roof: the staff's pages, and the portal of a client's contact."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

View = Callable[..., HttpResponse]


def staff_page(portal: str) -> Callable[[View], View]:
    """Keep a page for the staff: a contact who follows a link to it is led to its like in the portal.

    What he sends to it is refused.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_contact:
                return view(request, *args, **kwargs)
            if request.method not in ("GET", "HEAD"):
                raise PermissionDenied
            return redirect(portal, *args, **kwargs)

        return guarded

    return decorate


def portal_page(staff: str) -> Callable[[View], View]:
    """Keep a page for contacts: the staff who follow a link to it are led to their own."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_contact:
                return view(request, *args, **kwargs)
            if request.method not in ("GET", "HEAD"):
                raise PermissionDenied
            return redirect(staff, *args, **kwargs)

        return guarded

    return decorate


def hidden_from_contacts(view: View) -> View:
    """Keep a page for the staff: for a contact there is no such thing."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_contact:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def contacts_only(view: View) -> View:
    """Keep what is sent from the portal for contacts."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_contact:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
