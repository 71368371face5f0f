"""What every request passes through."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

Handler = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Give each request an id that is in its answer, its error page and the log."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex[:12]  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class LanguageMiddleware(LocaleMiddleware):
    """Speak the person's own language, else the one that the browser asks for, else Simplified Chinese."""

    def process_request(self, request: HttpRequest) -> None:
        language = _chosen(request) or _asked_for(request) or settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]


class SignInMiddleware(LoginRequiredMiddleware):
    """Keep what is behind the sign-in for those who have signed in.

    A page that asks for a part of itself after the session has ended would put the page to sign in into
    itself: it is told by a 401 where the whole of it has to go (static/js/signedout.js), and comes back.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponse:
        if not request.htmx:  # type: ignore[attr-defined]
            return super().handle_no_permission(request, view_func)
        back = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
        address = redirect_to_login(back, self.get_login_url(view_func)).url
        return HttpResponse(status=401, headers={"HX-Redirect": address, "Cache-Control": "no-store"})


def _chosen(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and user.language:
        return user.language
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return cookie if cookie in dict(settings.LANGUAGES) else ""


def _asked_for(request: HttpRequest) -> str:
    for language, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if language.startswith("zh"):
            return "zh-hans"
        if language.startswith("en"):
            return "en"
    return ""
