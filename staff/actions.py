"""What happens to people: notices are written here, tokens issued and revoked, settings saved."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from staff.models import ApiToken, Notice, User

TOKEN_PREFIX = "opsd_"
# Notices, but for those that there are already, and their deliveries to those who want e-mail.
TELL = """
WITH told AS (
    INSERT INTO staff_notice (recipient_id, kind, params, url, key, created_at)
    SELECT who, kind, params, url, key, %s::timestamptz
    FROM unnest(%s::bigint[], %s::text[], %s::jsonb[], %s::text[], %s::text[]) WITH ORDINALITY
         AS wanted (who, kind, params, url, key, place)
    ORDER BY place
    ON CONFLICT (recipient_id, key) DO NOTHING
    RETURNING id, recipient_id
), sent AS (
    INSERT INTO staff_delivery (notice_id, channel, state, next_try_at, attempts, lease, error)
    SELECT id, 'email', 'waiting', %s::timestamptz, 0, 0, ''
    FROM told WHERE recipient_id = ANY(%s) ORDER BY id
)
SELECT count(*) FROM told
"""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What some people must know: the fields are those of `Notice`."""

    people: Iterable[User]
    kind: str
    params: Mapping[str, object]
    url: str
    key: str


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
    if not wanted:
        return 0
    rows = [
        (person.pk, o.kind, json.dumps(o.params, cls=DjangoJSONEncoder), o.url, o.key)
        for person, o in wanted.values()
    ]
    by_mail = {person.pk for person, _occasion in wanted.values() if person.email and person.email_notices}
    with connection.cursor() as cursor:
        cursor.execute(TELL, [now, *map(list, zip(*rows, strict=True)), now, list(by_mail)])
        [number] = cursor.fetchone()
    return number


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
