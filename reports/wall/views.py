"""The wall-board of operations, signed in and at a secret address, and the pages of these addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duty import actions
from duty.holes import HAS_ROSTER
from duty.models import BoardTheme, Feed, FeedKind
from duty.views.boards import Shown, board_answer
from duty.views.feeds import feed_at
from duty.views.groups import groups_of
from reports.scope import Scope
from reports.wall.board import board
from reports.wall.forms import BoardForm
from staff.models import Group, User
from staff.refused import Refused
from staff.views.access import house_only

# Boards of the same scope and language are answered together: seconds, which their age includes.
KEPT_FOR = 5


@house_only
@never_cache
@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """The board of one's group; who sees everything has that of all, and of one that the address names."""
    groups = groups_of(request.user, _told_of_rosters())
    if not groups:
        raise PermissionDenied
    group = _named(groups, request.GET.get("group", ""))
    if group is None and not request.user.sees_everything:
        group = groups[0]
    return _answer(request, groups, group, signed_in=request.user)


@login_not_required
@never_cache
@require_safe
def wall_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The same at a secret address, without names; a 404 too where its owner may not show it any more."""
    feed = feed_at(token, FeedKind.OPERATIONS)
    if not actions.may_hang_up(feed.group, feed.user):
        raise Http404
    actions.note_reading(feed, now=timezone.now())
    with translation.override(feed.language or feed.user.language or settings.LANGUAGE_CODE):
        of_feed = {"pk": feed.group_id} if feed.group_id else {}
        groups = list(_told_of_rosters().filter(**of_feed))
        group = groups[0] if of_feed else None
        answer = _answer(request, groups, group, theme=feed.theme)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _answer(
    request: HttpRequest,
    groups: Sequence[Group],
    group: Group | None,
    *,
    signed_in: User | None = None,
    theme: str = BoardTheme.DARK,
) -> HttpResponse:
    now = timezone.now()
    shown_groups = groups if group is None else [group]
    shown = _shown(shown_groups, group, has_names=signed_in is not None, now=now)
    context = {"group": group, "groups": groups, "theme": theme, "is_signed_in": signed_in is not None}
    return board_answer(request, shown, "reports/wall.html", context, now=now)


def _shown(groups: Sequence[Group], group: Group | None, *, has_names: bool, now: datetime) -> Shown:
    """What is on the board. It was so at its own instant, which is told with it."""
    key = f"wall:{group.pk if group else ''}:{translation.get_language()}:{has_names}"
    if (kept := cache.get(key)) is not None:
        return kept
    rostered = {one.pk for one in groups if one.has_roster}  # type: ignore[attr-defined]
    seen = board(groups, rostered, Scope(group=group.pk if group else None), has_names=has_names, now=now)
    context = {"board": seen, "has_names": has_names, "today": timezone.localdate(now), "group": group}
    shown = Shown(render_to_string("reports/_wall.html", context), now)
    cache.set(key, shown, KEPT_FOR)
    return shown


def _told_of_rosters() -> QuerySet[Group]:
    return Group.objects.annotate(has_roster=HAS_ROSTER)


def _named(groups: Sequence[Group], code: str) -> Group | None:
    found = next((group for group in groups if group.code == code), None)
    if code and found is None:
        raise Http404
    return found


@house_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def addresses(request: HttpRequest) -> HttpResponse:
    """One's addresses. A POST opens one and answers with it at once: it is stored nowhere."""
    user, now = request.user, timezone.now()
    if not (actions.may_hang_up(user.group, user)):
        raise PermissionDenied
    made, address = None, ""
    typed = {"language": translation.get_language(), "theme": BoardTheme.DARK}
    form = BoardForm(request.POST or None, user=user, initial=typed)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data | {"theme": BoardTheme(form.cleaned_data["theme"])}
        try:
            made, secret = actions.open_board(**wanted, by=user, now=now)
        except Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            address = request.build_absolute_uri(reverse("reports:wall_feed", args=[secret]))
    context = {
        "form": form,
        "made": made,
        "address": address,
        "feeds": Feed.objects.of(user).boards().select_related("group").order_by("group__code"),
        "languages": dict(settings.LANGUAGES),
        "now": now,
    }
    return render(request, "reports/wall_addresses.html", context, status=422 if form.errors else 200)


@house_only
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    feed = get_object_or_404(Feed.objects.visible_to(request.user), pk=pk, kind=FeedKind.OPERATIONS)
    actions.close_feed(feed, by=request.user, now=timezone.now())
    messages.success(request, _("The address works no more."))
    return redirect("reports:wall_addresses" if feed.user_id == request.user.pk else "duty:addresses")
