"""A copy of a notice and the channel that it leaves by."""

from __future__ import annotations

from datetime import datetime

from staff.channels.message import NotSent, Route
from staff.models import Delivery, Notice, NoticeChannel
from staff.sealing import Unreadable
from staff.topics import never_waits


def copy(notice: Notice, channel: NoticeChannel, now: datetime) -> Delivery:
    """A copy that leaves by a channel: at once, or when its quiet hours are over if it may wait for that."""
    at = now if never_waits(notice.params) else channel.held_until(now)
    return Delivery(notice=notice, channel=channel.slug, via=channel, next_try_at=at)


def route_of(channel: NoticeChannel) -> Route:
    """Where a channel's messages go, in clear. Raises NotSent where that can no longer be read."""
    try:
        return Route(channel.kind, channel.plain_address, channel.plain_secret)
    except Unreadable as error:
        raise NotSent(str(error), is_final=True) from None


def note_success(channel: NoticeChannel, now: datetime) -> None:
    """Note that the channel works."""
    NoticeChannel.objects.filter(pk=channel.pk).update(
        sent_at=now, failures=0, failing_since=None, paused_until=None, error=""
    )
