"""What a person does for himself: tokens are issued and revoked here, settings saved."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from staff.models import ApiToken, User

TOKEN_PREFIX = "opsd_"


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
