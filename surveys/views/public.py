"""The page that a client answers on: no sign-in, nothing of him in the address, no trace left elsewhere.

Its address is the only key, so there is nothing a forged form could borrow: no cookie lets anybody in here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from surveys import actions
from surveys.actions import Door, DoorShut
from surveys.forms.answers import Filled, filled, pages_of, typed
from surveys.models import AnswerSheet, Token
from surveys.reaching import language_of
from surveys.tokens import token_of

SECRET_PAGE = {
    # Neither a search engine nor the next site may learn the address.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
}
SHUT = {Door.ANSWERED: 200, Door.WITHDRAWN: 410, Door.EXPIRED: 410}


def with_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Find whose link it is and speak his language. Whoever tries many that never were is held up."""

    @login_not_required
    @csrf_exempt  # with no-referrer a browser sends no origin; and see above: there is no cookie to borrow
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest, secret: str) -> HttpResponse:
        now = timezone.now()
        token = token_of(secret)
        if token is None:
            count = actions.knock("wrong", request.META.get("REMOTE_ADDR", ""), now=now)
            status = 429 if count > actions.MOST_WRONG else 404
            answer = render(
                request, "surveys/public/unknown.html", {"is_flood": status == 429}, status=status
            )
        elif request.method == "POST" and actions.knock("sent", secret, now=now) > actions.MOST_SENT:
            answer = render(request, "surveys/public/unknown.html", {"is_flood": True}, status=429)
        else:
            with translation.override(_language(request, token)):
                request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
                answer = view(request, token, secret, now)
        for name, value in SECRET_PAGE.items():
            answer.headers[name] = value
        return answer

    return guarded


@with_link
def survey(request: HttpRequest, token: Token, secret: str, now: datetime) -> HttpResponse:
    """A page of the questionnaire. Looking changes nothing, a POST keeps it, only the last one spends it."""
    if (found := actions.door(token, now)) != Door.OPEN:
        return _shut(request, found, secret)
    pages = pages_of(token.invitation.version.questions.all())
    number = _number(request, len(pages))
    questions, is_last = pages[number - 1], number == len(pages)
    if request.method != "POST":
        sheet = AnswerSheet.objects.filter(invitation=token.invitation).first()
        shown = filled(questions, actions.kept(sheet))
        return _page(request, token, secret, shown, number, len(pages))
    given = typed(request.POST, questions, ticks=is_last)
    language, to = translation.get_language() or "", request.POST.get("to", "on")
    try:
        if is_last and to == "on":
            faults = actions.submit(token, given, language=language, now=now)
        else:
            faults = actions.save_page(token, questions, given, language=language, now=now)
    except DoorShut as shut:
        return _shut(request, shut.door, secret)
    if to == "on" and (wrong := set(faults)):
        here = {one.line for one in questions}
        if not wrong & here:  # something is missing on an earlier page
            number = next(n for n, page in enumerate(pages, 1) if wrong & {one.line for one in page})
            return _go(secret, language, number)
        return _page(request, token, secret, filled(questions, given, faults), number, len(pages), status=422)
    if is_last and to == "on":
        return _go(secret, language, None)
    if to in dict(settings.LANGUAGES):
        return _go(secret, to, number)
    return _go(secret, language, number - 1 if to == "back" else number + 1)


@with_link
def no_more(request: HttpRequest, token: Token, secret: str, now: datetime) -> HttpResponse:
    """Wants no surveys any more: asked on a page, done by its button, also after all is answered or over."""
    is_done = token.invitation.contact.wants_no_surveys
    if request.method == "POST" and not is_done:
        actions.opt_out(token.invitation, now=now)
        is_done = True
    context = {"is_done": is_done, "back": _address(secret), **_frame(secret, "no-more/")}
    return render(request, "surveys/public/no_more.html", context)


def _page(
    request: HttpRequest,
    token: Token,
    secret: str,
    shown: Filled,
    number: int,
    count: int,
    status: int = 200,
) -> HttpResponse:
    invitation = token.invitation
    context = {
        "form": shown,
        "version": invitation.version,
        "ticket": invitation.ticket,
        "number": number,
        "count": count,
        "percent": round(100 * (number - 1) / count),
        "is_last": number == count,
        "no_more": reverse("survey_no_more", args=[secret]) + f"?language={translation.get_language()}",
        **_frame(secret, ""),
    }
    return render(request, "surveys/public/survey.html", context, status=status)


def _shut(request: HttpRequest, found: Door, secret: str) -> HttpResponse:
    context = {"door": found.value, "no_more": reverse("survey_no_more", args=[secret]), **_frame(secret, "")}
    return render(request, "surveys/public/shut.html", context, status=SHUT[found])


def _frame(secret: str, path: str) -> dict[str, Any]:
    """What every page of a link has: the languages to choose from."""
    current = translation.get_language()
    return {
        "languages": [
            (code, translation.get_language_info(code)["name_local"])
            for code, _name in settings.LANGUAGES
            if code != current
        ],
        "current": current,
        "here": _address(secret) + path,
    }


def _language(request: HttpRequest, token: Token) -> str:
    asked = request.POST.get("language") or request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) else language_of(token.invitation.contact)


def _number(request: HttpRequest, count: int) -> int:
    asked = request.POST.get("page") or request.GET.get("page", "")
    return min(max(int(asked), 1), count) if asked.isascii() and asked.isdecimal() and len(asked) < 4 else 1


def _address(secret: str) -> str:
    return reverse("survey", args=[secret])


def _go(secret: str, language: str, number: int | None) -> HttpResponse:
    page = f"&page={number}" if number else ""
    return HttpResponseRedirect(f"{_address(secret)}?language={language}{page}")
