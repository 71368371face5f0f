"""Notices are written here, each with the copies of it that are to leave the house."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from staff.copies import copy
from staff.models import EMAIL, Delivery, Notice, NoticeChannel, User
from staff.prepared import prepared
from staff.topics import Topic, topic_of

# Notices, but for those that there are already, and their copies to those who want an e-mail.
TELL = """
WITH wanted AS (
    SELECT * FROM unnest(
        %s::bigint[], %s::text[], %s::jsonb[], %s::text[], %s::text[], %s::boolean[], %s::timestamptz[]
    ) WITH ORDINALITY AS wanted (who, kind, params, url, key, by_mail, leaves_at, place)
), told AS (
    INSERT INTO staff_notice (recipient_id, kind, params, url, key, created_at)
    SELECT who, kind, params, url, key, %s::timestamptz FROM wanted ORDER BY place
    ON CONFLICT (recipient_id, key) DO NOTHING
    RETURNING id, recipient_id, key
), sent AS (
    INSERT INTO staff_delivery
        (notice_id, channel, state, next_try_at, attempts, lease, error, message, answer)
    SELECT told.id, 'email', 'waiting', leaves_at, 0, 0, '', '', ''
    FROM told JOIN wanted ON who = recipient_id AND wanted.key = told.key
    WHERE by_mail ORDER BY told.id
)
SELECT id, recipient_id, key FROM told
"""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What some people must know: the fields are those of `Notice`.

    `group_id` is the group whose robots are told too, of what is reported up. `not_before` holds back what
    leaves the house, not the inbox. `channels` are the kinds of channel that may be used; none named: all
    that each person has chosen.
    """

    people: Iterable[User]
    kind: str
    params: Mapping[str, object]
    url: str
    key: str
    group_id: int | None = None
    not_before: datetime | None = None
    channels: Sequence[str] = ()


def notify(
    people: Iterable[User], kind: str, params: Mapping[str, object], *, url: str, key: str, now: datetime
) -> int:
    """Write a notice for each person, and a delivery for each way that he wants it. Return how many are new.

    Runs inside the caller's transaction, where there is one: the notice stands if and only if what it tells
    of does, and its deliveries with it. The same `key` never makes a second notice for the same person.
    """
    return notify_of([Occasion(people, kind, params, url, key)], now=now)


@transaction.atomic(savepoint=False)
def notify_of(occasions: Iterable[Occasion], *, now: datetime) -> int:
    """Do what `notify` does for many occasions at once, in their order, in at most three statements."""
    wanted = {
        (person.pk, occasion.key): (person, occasion) for occasion in occasions for person in occasion.people
    }
    if not wanted:
        return 0
    rows = [
        (
            person.pk,
            o.kind,
            json.dumps(o.params, cls=DjangoJSONEncoder),
            o.url,
            o.key,
            _by_mail(person, o),
            _leaves_at(o, now),
        )
        for person, o in wanted.values()
    ]
    with connection.cursor() as cursor:
        cursor.execute(TELL, [*map(list, zip(*rows, strict=True)), now])
        told = {(recipient, key): pk for pk, recipient, key in cursor.fetchall()}
    if told:
        Delivery.objects.bulk_create(_copies(wanted, told, now))
    return len(told)


def ways_to(people: Iterable[User], kind: str, channels: Sequence[str] = ()) -> dict[int, list[str]]:
    """By which kinds of channel (`WAYS`) each person would be told, beside his inbox: by his id.

    `channels` as in `Occasion`.
    """
    found = {
        person.pk: [EMAIL] if _by_mail(person, Occasion((), kind, {}, "", "", channels=channels)) else []
        for person in people
    }
    own = NoticeChannel.objects.in_use().filter(owner__in=found, is_active=True)
    for channel in own.filter(topics__contains=[topic_of(kind)]):
        ways = found[channel.owner_id or 0]  # it has an owner: the query asks for those
        if _is_meant(channel.kind, channels) and channel.kind not in ways:
            ways.append(channel.kind)
    return found


def _by_mail(person: User, occasion: Occasion) -> bool:
    wants = person.email and person.email_notices and topic_of(occasion.kind) in person.email_topics
    return bool(wants) and _is_meant(EMAIL, occasion.channels)


def _is_meant(kind: str, channels: Sequence[str]) -> bool:
    return not channels or kind in channels


def _leaves_at(occasion: Occasion, now: datetime) -> datetime:
    return max(now, occasion.not_before or now)


def _copies(
    wanted: Mapping[tuple[int, str], tuple[User, Occasion]],
    told: Mapping[tuple[int, str], int],
    now: datetime,
) -> Iterator[Delivery]:
    """The copies by channels. A group's robots get one of each occasion, however many people are told."""
    owners = {person for person, _key in told}
    groups = {o.group_id for _person, o in wanted.values() if _concerns_group(o)}
    by_person: dict[int | None, list[NoticeChannel]] = defaultdict(list)
    by_group: dict[int | None, list[NoticeChannel]] = defaultdict(list)
    for channel in _channels(owners, groups):
        if channel.group_id is None:
            by_person[channel.owner_id].append(channel)
        else:
            by_group[channel.group_id].append(channel)
    told_to_groups = {key for person, key in wanted if (person, key) not in told}
    for (person, key), (_person, occasion) in wanted.items():
        if (pk := told.get((person, key))) is None:
            continue
        notice, topic = Notice(pk=pk, params=dict(occasion.params)), topic_of(occasion.kind)
        for channel in by_person[person]:
            if topic in channel.topics and _is_meant(channel.kind, occasion.channels):
                yield copy(notice, channel, _leaves_at(occasion, now))
        if _concerns_group(occasion) and key not in told_to_groups:
            told_to_groups.add(key)
            for channel in by_group[occasion.group_id]:
                if _is_meant(channel.kind, occasion.channels):
                    yield copy(notice, channel, _leaves_at(occasion, now))


def _channels(owners: set[int], groups: set[int | None]) -> Iterable[NoticeChannel]:
    """The channels in use of these people and groups."""
    if len(owners) == 1 and not groups:  # as nearly always
        return _of_one(*owners)
    whose = Q(owner__in=owners) | Q(group__in=groups) if groups else Q(owner__in=owners)
    return NoticeChannel.objects.in_use().filter(whose, is_active=True)


@prepared
def _of_one(owner: int) -> QuerySet[NoticeChannel]:
    return NoticeChannel.objects.in_use().filter(owner=owner, is_active=True)


def _concerns_group(occasion: Occasion) -> bool:
    return occasion.group_id is not None and topic_of(occasion.kind) == Topic.REPORT_UP


def mark_read(user: User, *, upto: int, now: datetime) -> int:
    """Mark the person's notices up to a row id as read; return how many were unread."""
    return Notice.objects.visible_to(user).unread().filter(pk__lte=upto).update(read_at=now)
