"""Secret addresses of a roster: opened, turned into another, closed. One of each kind a person.

Of boards of operations he has one for each group.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from duty.actions.announcing import announce_all
from duty.actions.publishing import lock
from duty.actions.telling import named, named_group
from duty.models import CALENDARS, BoardTheme, Feed, FeedKind
from staff.actions import digest_of, notify
from staff.models import Group, Role, User
from staff.refused import Refused

# "Last read" is for people to see that it works; a write each time would be a high price for its minutes.
READING_NOTED_EVERY = timedelta(hours=1)


def may_hang_up(group: Group | None, by: User) -> bool:
    """Say whether a person may put a group's board of operations, or all groups', on a wall for everybody."""
    if by.sees_everything:
        return True
    return by.role == Role.SUPERVISOR and group is not None and group.pk == by.group_id


@transaction.atomic
def open_board(
    group: Group | None, *, language: str, theme: BoardTheme, by: User, now: datetime
) -> tuple[Feed, str]:
    """Give a person a secret address of a board of operations in place of the one he had of this group.

    It shows what is in sight of everybody who passes by, so supervisors and those who see everything alone
    may. Raises `Refused` for others. The second value is shown this once.
    """
    if not (by.is_active and may_hang_up(group, by)):
        raise Refused(
            _("Only a supervisor hangs up his group's board, and who sees everything any."), code="forbidden"
        )
    return _opened(FeedKind.OPERATIONS, by, now, group=group, language=language, theme=theme)


@transaction.atomic
def open_feed(kind: FeedKind, *, by: User, now: datetime) -> tuple[Feed, str]:
    """Give a person a secret address in place of the one he had. The second value is shown this once.

    Raises `Refused` for contacts, for those who have left, for calendars without a group and for boards of
    operations, which `open_board` opens.
    """
    if kind == FeedKind.OPERATIONS:
        raise Refused(_("A board of operations is opened with its group."))
    if by.is_contact or not by.is_active:
        raise Refused(_("Only the people of the house have these addresses."), code="forbidden")
    if kind in CALENDARS and by.group is None:
        raise Refused(_("You belong to no group, so there are no duties to subscribe to."))
    feed, secret = _opened(kind, by, now)
    if kind in CALENDARS and by.group is not None:
        lock(by.group)
        announce_all(by.group, now=now)
    return feed, secret


def _opened(kind: FeedKind, by: User, now: datetime, **more: Any) -> tuple[Feed, str]:
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two at once would both find the old one
    same = {"user": by, "kind": kind, "group": more.pop("group", None)}
    Feed.objects.filter(**same, revoked_at=None).update(revoked_at=now, revoked_by=by)
    secret = secrets.token_urlsafe(24)
    return Feed.objects.create(**same, **more, digest=digest_of(secret), created_at=now), secret


@transaction.atomic
def close_feed(feed: Feed, *, by: User, now: datetime) -> None:
    """Make an address answer no more; its row says from then on who did so, and its owner is told.

    A second call changes nothing. Raises `Refused` for another's, except to an administrator.
    """
    if feed.user_id != by.pk and not by.may_administer:
        raise Refused(_("Only its owner or an administrator may revoke an address."), code="forbidden")
    closed = Feed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=now, revoked_by=by)
    if closed and feed.user_id != by.pk:
        facts = named(by, "who") | {"kind": feed.kind} | (named_group(feed.group) if feed.group else {})
        url = reverse("duty:feeds")
        notify([feed.user], "address_revoked", facts, url=url, key=f"feed:{feed.pk}:revoked", now=now)


def note_reading(feed: Feed, *, now: datetime) -> None:
    """Note that an address was read, at most once an hour."""
    if feed.read_at is None or feed.read_at < now - READING_NOTED_EVERY:
        Feed.objects.filter(pk=feed.pk).update(read_at=now)
