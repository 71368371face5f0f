"""The wall-board of duty: who is on duty now and next, and where nobody is, to be read from across the room.

Signed in it has the phone numbers of the staff. At a secret address, for a screen that nobody signs in at, it
has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from duty import actions
from duty.holes import DAYS_WATCHED, Hole, by_group, holes
from duty.models import DutyRole, EmptyShift, FeedKind, Shift
from duty.views.boards import Shown, board_answer
from duty.views.feeds import feed_at
from duty.views.groups import groups_of
from staff.models import Group, User
from staff.views.access import house_only


@dataclass(frozen=True, slots=True)
class Panel:
    """One group: who has each duty now, who answers next, and the holes of a month."""

    group: Group
    now: Sequence[tuple[DutyRole, Shift | None]]
    next: Shift | None
    holes: Sequence[Hole]

    @property
    def has_gap_now(self) -> bool:
        return self.now[0][1] is None


@house_only
@never_cache
@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    return _answer(request, request.user, has_phones=True)


@login_not_required
@never_cache
@require_safe
def wall_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The same at a secret address, in its owner's language and with the groups that he sees."""
    feed = feed_at(token, FeedKind.WALL)
    actions.note_reading(feed, now=timezone.now())
    with translation.override(feed.user.language or settings.LANGUAGE_CODE):
        answer = _answer(request, feed.user, has_phones=False)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _answer(request: HttpRequest, user: User, *, has_phones: bool) -> HttpResponse:
    now = timezone.now()
    context = {"panels": _panels(user, now), "has_phones": has_phones}
    shown = Shown(render_to_string("duty/_wall.html", context), now)
    return board_answer(request, shown, "duty/wall.html", {"has_phones": has_phones}, now=now)


def _panels(user: User, now: datetime) -> list[Panel]:
    """Three questions, however many groups."""
    groups, until = groups_of(user), now + timedelta(days=DAYS_WATCHED)
    keys = [group.pk for group in groups]
    shifts, empty = (by_group(model, keys, now, until) for model in (Shift, EmptyShift))
    return [
        _panel(group, shifts[group.pk], holes(shifts[group.pk], empty[group.pk], now, until), now)
        for group in groups
    ]


def _panel(group: Group, shifts: list[Shift], open_spans: list[Hole], now: datetime) -> Panel:
    holding = [shift for shift in shifts if shift.user.is_active]
    running = {shift.role: shift for shift in holding if shift.starts_at <= now}
    ahead = (shift for shift in holding if shift.role == DutyRole.PRIMARY and shift.starts_at > now)
    return Panel(
        group,
        [(role, running.get(role)) for role in DutyRole],
        next(ahead, None),
        open_spans,
    )
