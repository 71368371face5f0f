"""Locks and unlocks passwords in custody with keys that are not in the database (§4.2.2).

`CUSTODY_KEYS` lists them, the newest first: it locks, all of them unlock. Without a key nothing is stored.
"""

from __future__ import annotations

import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.views.decorators.debug import sensitive_variables


class Unreadable(Exception):
    """The key that locked it is not there any more, or what is stored is not what was locked."""


def is_on() -> bool:
    """Say whether passwords may be taken into custody at all."""
    return bool(settings.CUSTODY_KEYS)


def newest_key_id() -> str:
    """Name the key that locks: a fingerprint, which tells nothing of the key."""
    return _id_of(settings.CUSTODY_KEYS[0])


def has_key(key_id: str) -> bool:
    """Say whether what this key locked can be unlocked here."""
    return key_id in {_id_of(key) for key in settings.CUSTODY_KEYS}


@sensitive_variables()
def locked(secret: str) -> str:
    """Return the secret encrypted with the newest key."""
    return Fernet(settings.CUSTODY_KEYS[0]).encrypt(secret.encode()).decode()


@sensitive_variables()
def unlocked(ciphertext: str, key_id: str) -> str:
    """Return what `locked` was given. Raises `Unreadable`, without the cause, which could hold secrets."""
    for key in settings.CUSTODY_KEYS:
        if _id_of(key) == key_id:
            try:
                return Fernet(key).decrypt(ciphertext.encode()).decode()
            except InvalidToken:
                break
    raise Unreadable


@sensitive_variables()
def _id_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]
