"""A channel is added, changed, tried and removed; who did so is kept, and what a secret says is not."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from staff.channels import NotSent, send
from staff.channels.hosts import hosts_for
from staff.channels.http import check
from staff.channels.webhook import key_of, new_secret
from staff.copies import note_success, route_of
from staff.models import (
    GROUP_KINDS,
    SIGNED_KINDS,
    ChangeKind,
    ChannelChange,
    ChannelKind,
    Delivery,
    DeliveryState,
    NoticeChannel,
    User,
)
from staff.notices import trial_message
from staff.pacing import free_at, within_a_minute
from staff.refused import Refused
from staff.sealing import seal
from staff.topics import Topic

MOST_CHANNELS = 12
PHONE = re.compile(r"\+?[0-9]{6,15}")
CHOSEN = ("name", "is_active", "language", "quiet_from", "quiet_until", "fallback")


@dataclass(frozen=True, slots=True)
class Trial:
    """How a test message went: the provider's id, where he gave one, or his error."""

    error: str = ""
    answer: str = ""


def may_change(user: User, channel: NoticeChannel) -> bool:
    """Whether the person answers for the channel: his own, or a robot of a group that he supervises."""
    if channel.owner_id is not None:
        return channel.owner_id == user.pk
    return user.may_administer or (user.may_supervise and channel.group_id == user.group_id)


@sensitive_variables()
@transaction.atomic
def save_channel(
    channel: NoticeChannel, *, address: str = "", secret: str = "", by: User, now: datetime
) -> tuple[NoticeChannel, str]:
    """Add a channel, or save what was changed in one; an empty address or secret keeps the one there is.

    The second value is a webhook's new signing secret, to be shown this once; else it is empty. Raises
    Refused where the address is none that may be posted to.
    """
    before = (
        None
        if channel.pk is None
        else NoticeChannel.objects.in_use().select_for_update(no_key=True).get(pk=channel.pk)
    )
    _check(channel, address, secret, before, by)
    as_it_was = before or NoticeChannel(is_active=False)
    changed = [name for name in CHOSEN if getattr(as_it_was, name) != getattr(channel, name)]
    new_key = ""
    if address:
        address = _plain(channel, address)
        channel.address, channel.hint = seal(address), hint_of(channel.kind, address)
        changed.append("address")
    if channel.kind == ChannelKind.WEBHOOK and not (secret or channel.secret):
        secret = new_key = new_secret()
    if secret:
        channel.secret = seal(secret)
        changed.append("secret")
    if before is None:
        channel.created_at = now
        channel.topics = [Topic.REPORT_UP] if channel.group_id else channel.topics
        channel.save()
    else:
        if {"address", "secret", "is_active"} & {*changed}:
            channel.failures, channel.failing_since, channel.paused_until, channel.error = 0, None, None, ""
        kept = ("failures", "failing_since", "paused_until", "error")
        channel.save(update_fields=[*CHOSEN, "address", "secret", "hint", *kept])
    kind = ChangeKind.CREATED if before is None else ChangeKind.CHANGED
    if before is None or changed:
        ChannelChange.objects.create(channel=channel, kind=kind, fields=changed, by=by, at=now)
    return channel, new_key


@transaction.atomic
def remove_channel(channel: NoticeChannel, *, by: User, now: datetime) -> None:
    """Take a channel out of use and forget its address and secret. A second call changes nothing."""
    _guard(channel, by)
    removed = NoticeChannel.objects.in_use().filter(pk=channel.pk)
    if removed.update(removed_at=now, is_active=False, address="", secret="", failing_since=None):
        NoticeChannel.objects.filter(fallback=channel).update(fallback=None)
        ChannelChange.objects.create(channel=channel, kind=ChangeKind.REMOVED, by=by, at=now)


def try_channel(channel: NoticeChannel, *, by: User, now: datetime) -> Trial:
    """Send a test message at once and say how that went. It counts towards the channel's pace."""
    _guard(channel, by)
    with transaction.atomic():
        locked = NoticeChannel.objects.in_use().select_for_update(no_key=True).get(pk=channel.pk)
        if free_at(locked.recent, now) > now:
            raise Refused(_("Too many messages within a minute. Try again in a moment."), code="too_fast")
        locked.recent = [*within_a_minute(locked.recent, now), now]
        locked.save(update_fields=["recent"])
        change = ChannelChange.objects.create(channel=channel, kind=ChangeKind.TESTED, by=by, at=now)
    language = channel.language or by.language or "zh-hans"
    try:
        answer = send(
            route_of(channel), trial_message(f"test-{change.pk}", channel, language=language, at=now)
        )
    except NotSent as error:
        NoticeChannel.objects.filter(pk=channel.pk).update(tested_at=now, test_error=str(error)[:300])
        return Trial(error=str(error))
    NoticeChannel.objects.filter(pk=channel.pk).update(tested_at=now, test_error="")
    note_success(channel, now)
    return Trial(answer=answer)


@transaction.atomic
def choose_topics(
    user: User, *, by_mail: Collection[str], by_channel: Mapping[int, Collection[str]], now: datetime
) -> None:
    """Choose which way a person's notices take: topics for his e-mail, and for each channel by its row id."""
    user.email_topics = _in_order(by_mail)
    user.save(update_fields=["email_topics"])
    for channel in NoticeChannel.objects.in_use().owned_by(user).select_for_update(no_key=True):
        topics = _in_order(by_channel.get(channel.pk, ()))
        if topics != channel.topics:
            channel.topics = topics
            channel.save(update_fields=["topics"])
            ChannelChange.objects.create(
                channel=channel, kind=ChangeKind.CHANGED, fields=["topics"], by=user, at=now
            )


@transaction.atomic
def resend(delivery: Delivery, *, now: datetime) -> None:
    """Send once more what has left or was given up, under its old name. Raises Refused while it waits."""
    again = Delivery.objects.filter(pk=delivery.pk).exclude(state=DeliveryState.WAITING)
    if delivery.via_id is not None and not NoticeChannel.objects.filter(
        pk=delivery.via_id, is_active=True, removed_at__isnull=True
    ):
        raise Refused(_("This channel is switched off or removed."), code="shut")
    if not again.update(state=DeliveryState.WAITING, attempts=0, next_try_at=now, error=""):
        raise Refused(_("It is on its way already."), code="waiting")


def hint_of(kind: str, address: str) -> str:
    """What a list shows of an address: the host and its last four signs, never what opens it."""
    if kind == ChannelKind.EMAIL:
        name, _at, domain = address.rpartition("@")
        return f"{name[:1]}••••@{domain}"[:80]
    host = "" if kind == ChannelKind.SMS else f"{urlsplit(address).hostname} "
    return f"{host}••••{address[-4:]}"[:80]


@sensitive_variables()
def _check(channel: NoticeChannel, address: str, secret: str, before: NoticeChannel | None, by: User) -> None:
    _guard(before or channel, by)
    if not channel.name.strip():
        raise Refused(_("Give the channel a name."), field="name", code="required")
    if channel.group_id and channel.kind not in GROUP_KINDS:
        raise Refused(_("A group has robots and webhooks only."), field="kind", code="invalid")
    if (channel.quiet_from is None) != (channel.quiet_until is None):
        raise Refused(_("Quiet hours need both ends."), field="quiet_until", code="invalid")
    if before is None:
        owned = NoticeChannel.objects.in_use().filter(owner=channel.owner_id, group=channel.group_id)
        if owned.count() >= MOST_CHANNELS:
            raise Refused(_("There are %(n)s channels already.") % {"n": MOST_CHANNELS}, code="too_many")
        if not address:
            raise Refused(_("Where should the messages go?"), field="address", code="required")
    if secret and channel.kind not in SIGNED_KINDS:
        raise Refused(_("This kind of channel is not signed."), field="secret", code="invalid")
    if secret and channel.kind == ChannelKind.WEBHOOK and key_of(secret) is None:
        words = _("24 to 64 bytes in base64, with or without whsec_ before them.")
        raise Refused(words, field="secret", code="invalid")
    other = channel.fallback
    if other is not None and (
        other.pk == channel.pk or (other.owner_id, other.group_id) != (channel.owner_id, channel.group_id)
    ):
        raise Refused(_("Choose another channel of the same owner."), field="fallback", code="invalid")


@sensitive_variables()
def _plain(channel: NoticeChannel, address: str) -> str:
    """The address as it is kept. Raises Refused where it is none, or none that may be posted to."""
    address = address.strip()
    if channel.kind == ChannelKind.EMAIL:
        try:
            validate_email(address)
        except ValidationError as error:
            raise Refused(error.message, field="address", code="invalid") from None
        return address
    if channel.kind == ChannelKind.SMS:
        number = re.sub(r"[\s()-]", "", address)
        if not PHONE.fullmatch(number):
            raise Refused(_("This is no phone number."), field="address", code="invalid")
        return number
    try:
        check(address, hosts_for(channel.kind))
    except NotSent as error:
        raise Refused(_(str(error)), field="address", code="invalid") from None
    return address


def _guard(channel: NoticeChannel, by: User) -> None:
    if not may_change(by, channel):
        raise Refused(_("This channel is not yours to change."), code="forbidden")


def _in_order(topics: Collection[str]) -> Sequence[str]:
    return [topic for topic in Topic.values if topic in topics]
