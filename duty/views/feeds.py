"""Secret addresses: one's own to open and revoke, and the calendars that they lead to."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duty import actions
from duty.feeds import as_calendar, events_of, tag_of
from duty.models import CALENDARS, SUBSCRIBED, Feed, FeedKind
from staff.actions import digest_of
from staff.models import User
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only

# Boards of operations are opened where they are shown (reports/wall/). The calendar of monthly reports is
# written there too; its address stands here beside the others, where people look for calendars.
PATHS = {
    FeedKind.MINE: "duty:feed",
    FeedKind.GROUP: "duty:feed",
    FeedKind.REPORTS: "reports:monthly:calendar",
    FeedKind.WALL: "duty:wall_feed",
}


@house_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def feeds(request: HttpRequest) -> HttpResponse:
    """One's addresses. A POST opens one and answers with it at once: it is stored nowhere."""
    made, address = None, ""
    if request.method == "POST":
        kind = request.POST.get("kind")
        if kind not in PATHS:
            raise Http404
        try:
            made, secret = actions.open_feed(FeedKind(kind), by=request.user, now=timezone.now())
        except Refused as refused:
            messages.error(request, str(refused.message))
            return redirect("duty:feeds")
        address = request.build_absolute_uri(reverse(PATHS[FeedKind(kind)], args=[secret]))
    valid = {feed.kind: feed for feed in Feed.objects.of(request.user).valid()}
    context = {
        "kinds": [(kind, valid.get(kind)) for kind in _offered(request.user)],
        "made": made,
        "address": address,
        "webcal": f"webcal{address.removeprefix(request.scheme)}" if made and made.kind in SUBSCRIBED else "",
        "now": timezone.now(),
    }
    return render(request, "duty/feeds.html", context)


def _offered(user: User) -> list[FeedKind]:
    return [kind for kind in PATHS if user.group_id is not None or kind not in CALENDARS]


@house_only
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    feed = get_object_or_404(Feed.objects.visible_to(request.user), pk=pk)
    actions.close_feed(feed, by=request.user, now=timezone.now())
    messages.success(request, _("The address works no more."))
    return redirect("duty:feeds" if feed.user_id == request.user.pk else "duty:addresses")


@house_only
@never_cache
@require_safe
def addresses(request: HttpRequest) -> HttpResponse:
    """Everybody's addresses, for an administrator: whose, made and last read when; those revoked, by whom."""
    if not request.user.may_administer:
        raise PermissionDenied
    is_revoked = request.GET.get("state") == "revoked"
    rows = Feed.objects.visible_to(request.user)
    rows = rows.filter(revoked_at__isnull=False) if is_revoked else rows.valid()
    named = rows.select_related("user", "group", "revoked_by")
    context = {
        "page": page(named, request=request, order=("-pk",)),
        "is_revoked": is_revoked,
        "now": timezone.now(),
    }
    return render(request, "duty/addresses.html", context)


@login_not_required
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of a secret address, in its owner's language, for whoever knows the address."""
    feed, now = feed_at(token, *CALENDARS), timezone.now()
    actions.note_reading(feed, now=now)
    with translation.override(feed.user.language or settings.LANGUAGE_CODE):
        events = events_of(feed, now)
        tag = tag_of(feed, events, translation.get_language() or "")
        return answer_with(request, tag, lambda: as_calendar(feed, events), name="duty.ics")


def answer_with(request: HttpRequest, tag: str, write: Callable[[], bytes], *, name: str) -> HttpResponse:
    """The answer that carries a calendar; asked for again, it is written and sent only if it is another."""
    answer = get_conditional_response(request, etag=tag) or HttpResponse(write())
    if not isinstance(answer, HttpResponseNotModified):
        answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
        answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, max-age=300"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def feed_at(token: str, *kinds: FeedKind) -> Feed:
    """The feed of a secret address. A 404 for an unknown, a revoked one, and one of somebody who has left."""
    found = Feed.objects.valid().filter(digest=digest_of(token), kind__in=kinds)
    return get_object_or_404(found.select_related("user__group", "group"))
