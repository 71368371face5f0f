"""What happens to people: notices are written here, tokens issued and revoked, settings saved."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from staff.models import ApiToken, Delivery, Notice, User

TOKEN_PREFIX = "opsd_"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What some people must know: the fields are those of `Notice`.

    The inbox has it at once. Its copies leave the house not before `not_before`, where that is given, and by
    the kinds of `channels` alone; none means whatever each person has chosen.
    """

    people: Iterable[User]
    kind: str
    params: Mapping[str, object]
    url: str
    key: str
    not_before: datetime | None = None
    channels: Sequence[str] = ()


def notify(
    people: Iterable[User], kind: str, params: Mapping[str, object], *, url: str, key: str, now: datetime
) -> int:
    """Write a notice for each person, and an e-mail delivery for those who want one. Return how many are new.

    Runs inside the caller's transaction, where there is one: the notice stands if and only if what it tells
    of does, and its delivery with it. The same `key` never makes a second notice for the same person.
    """
    return notify_of([Occasion(people, kind, params, url, key)], now=now)


def notify_of(occasions: Iterable[Occasion], *, now: datetime) -> int:
    """Do what `notify` does for many occasions at once, in their order, in one statement."""
    wanted = {
        (person.pk, occasion.key): (person, occasion) for occasion in occasions for person in occasion.people
    }
    people, keys = {pk for pk, _key in wanted}, {key for _pk, key in wanted}
    told = Notice.objects.filter(recipient__in=people, key__in=keys).values_list("recipient_id", "key")
    for known in told:
        wanted.pop(known, None)  # the query asks for every person with every key
    notices = Notice.objects.bulk_create(
        Notice(
            recipient=person,
            kind=occasion.kind,
            params=dict(occasion.params),
            url=occasion.url,
            key=occasion.key,
            created_at=now,
        )
        for person, occasion in wanted.values()
    )
    Delivery.objects.bulk_create(
        Delivery(notice=notice, channel=channel, next_try_at=max(now, occasion.not_before or now))
        for notice, (person, occasion) in zip(notices, wanted.values(), strict=True)
        for channel in ways_to(person, occasion.channels)
    )
    return len(notices)


def ways_to(person: User, channels: Sequence[str] = ()) -> list[str]:
    """By which kinds of channel a copy reaches this person, beside his inbox; `channels` as in `Occasion`."""
    own = ["email"] if person.email and person.email_notices else []
    return [channel for channel in own if not channels or channel in channels]


def mark_read(user: User, *, upto: int, now: datetime) -> int:
    """Mark the person's notices up to a row id as read; return how many were unread."""
    return Notice.objects.visible_to(user).unread().filter(pk__lte=upto).update(read_at=now)


def digest_of(token: str) -> str:
    """Return the SHA-256 under which a bearer token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue_token(
    user: User, name: str, *, days: int, may_write: bool = True, now: datetime
) -> tuple[ApiToken, str]:
    """Issue a bearer token valid for `days` days. The second value is the token itself, shown this once."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(24)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        digest=digest_of(secret),
        prefix=secret[:10],
        may_write=may_write,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    return token, secret


def revoke_token(token: ApiToken, *, now: datetime) -> None:
    """Make a token useless from `now` on. A second call changes nothing."""
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now)


@transaction.atomic
def save_settings(user: User, **chosen: object) -> User:
    """Save a person's own settings: language, theme, density, time format, notices, phone, keys."""
    allowed = {"language", "theme", "density", "time_format", "email_notices", "phone", "single_keys"}
    if unknown := set(chosen) - allowed:
        raise ValueError(f"not a person's own settings: {sorted(unknown)}")
    for field, value in chosen.items():
        setattr(user, field, value)
    user.save(update_fields=sorted(chosen))
    return user
