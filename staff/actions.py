"""What happens to people: notices are written here, tokens issued and revoked, settings saved."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction

from staff.models import ApiToken, Delivery, Notice, User

TOKEN_PREFIX = "opsd_"


@transaction.atomic(savepoint=False)
def notify(
    people: Iterable[User], kind: str, params: Mapping[str, object], *, url: str, key: str, now: datetime
) -> int:
    """Write a notice for each person, and an e-mail delivery for those who want one. Return how many are new.

    Runs inside the caller's transaction, where there is one: the notice stands if and only if what it tells
    of does, and its delivery with it. The same `key` never makes a second notice for the same person.
    """
    people = list({person.pk: person for person in people}.values())
    told = set(Notice.objects.filter(recipient__in=people, key=key).values_list("recipient_id", flat=True))
    notices = Notice.objects.bulk_create(
        [
            Notice(recipient=person, kind=kind, params=dict(params), url=url, key=key, created_at=now)
            for person in people
            if person.pk not in told
        ]
    )
    Delivery.objects.bulk_create(
        [
            Delivery(notice=notice, channel="email", next_try_at=now)
            for notice in notices
            if notice.recipient.email and notice.recipient.email_notices
        ]
    )
    return len(notices)


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
