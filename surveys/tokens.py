"""Links to a survey: 192 random bits, of which only the SHA-256 is kept; spent when it is finished."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from staff.actions import digest_of
from surveys.models import Invitation, Token

BYTES = 24
SHAPE = re.compile(r"[A-Za-z0-9_-]{32}")


def new_token(invitation: Invitation, *, expires_at: datetime, now: datetime) -> str:
    """Make one more link to an invitation and return what stands in it: it is kept nowhere."""
    secret = secrets.token_urlsafe(BYTES)
    Token.objects.create(invitation=invitation, digest=digest_of(secret), made_at=now, expires_at=expires_at)
    return secret


def token_of(secret: str) -> Token | None:
    """Return the link that a secret is, expired or not; None for what never was one."""
    if not SHAPE.fullmatch(secret):
        return None
    found = Token.objects.select_related(
        "invitation__campaign",
        "invitation__version__questionnaire",
        "invitation__contact",
        "invitation__ticket",
    )
    return found.filter(digest=digest_of(secret)).first()
