"""The calendar of monthly reports under a secret address, which its owner opens beside his other ones."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from duty import actions
from duty.models import FeedKind
from duty.views.feeds import answer_with, feed_at
from reports.monthly.calendar import as_calendar, events_of, tag_of


@login_not_required
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Due days and publications as its owner may see them now, in his language."""
    feed, now = feed_at(token, FeedKind.REPORTS), timezone.now()
    actions.note_reading(feed, now=now)
    site = request.build_absolute_uri("/").rstrip("/")
    with translation.override(feed.user.language or settings.LANGUAGE_CODE):
        events = events_of(feed.user, now=now, tz=ZoneInfo(settings.TIME_ZONE))
        tag = tag_of(feed.user, events, translation.get_language() or "")
        return answer_with(
            request, tag, lambda: as_calendar(feed.user, events, site=site), name="monthly.ics"
        )
