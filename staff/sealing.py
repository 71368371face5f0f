"""Secrets at rest: sealed with a key that is not in the database, so that no dump of it tells them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables


class Unreadable(Exception):
    """What was sealed under another key. Whoever knows the secret has to enter it again."""

    def __init__(self) -> None:
        super().__init__(_("The stored secret can no longer be read: enter it again."))


@sensitive_variables()
def seal(text: str) -> str:
    """Seal a text; an empty one stays empty."""
    return _box().encrypt(text.encode()).decode() if text else ""


@sensitive_variables()
def unseal(sealed: str) -> str:
    """Return the text that was sealed. Raises Unreadable where none of the keys fits."""
    if not sealed:
        return ""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def _box() -> MultiFernet:
    return _boxes(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@cache
def _boxes(*secrets: str) -> MultiFernet:
    """The first key seals; the others still open what was sealed before the key was changed."""
    digests = (hmac.digest(secret.encode(), b"staff.sealing", hashlib.sha256) for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
