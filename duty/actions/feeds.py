"""Secret addresses of a roster: opened, turned into another, closed. One of each kind a person."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from duty.actions.announcing import announce_all
from duty.actions.publishing import lock
from duty.models import CALENDARS, Feed, FeedKind
from staff.actions import digest_of
from staff.models import User
from staff.refused import Refused

# "Last read" is for people to see that it works; a write each time would be a high price for its minutes.
READING_NOTED_EVERY = timedelta(hours=1)


@transaction.atomic
def open_feed(kind: FeedKind, *, by: User, now: datetime) -> tuple[Feed, str]:
    """Give a person a secret address in place of the one he had. The second value is shown this once."""
    if by.is_contact or not by.is_active:
        raise Refused(_("Only the people of the house have these addresses."), code="forbidden")
    if kind in CALENDARS and by.group is None:
        raise Refused(_("You belong to no group, so there are no duties to subscribe to."))
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two at once would both find the old one
    Feed.objects.filter(user=by, kind=kind, revoked_at=None).update(revoked_at=now)
    secret = secrets.token_urlsafe(24)
    feed = Feed.objects.create(user=by, kind=kind, digest=digest_of(secret), created_at=now)
    if kind in CALENDARS and by.group is not None:
        lock(by.group)
        announce_all(by.group, now=now)
    return feed, secret


def close_feed(feed: Feed, *, by: User, now: datetime) -> None:
    """Make an address answer no more. A second call changes nothing. Raises `Refused` for another's."""
    if feed.user_id != by.pk and not by.may_administer:
        raise Refused(_("Only its owner may revoke an address."), code="forbidden")
    Feed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=now)


def note_reading(feed: Feed, *, now: datetime) -> None:
    """Note that an address was read, at most once an hour."""
    if feed.read_at is None or feed.read_at < now - READING_NOTED_EVERY:
        Feed.objects.filter(pk=feed.pk).update(read_at=now)
