"""A webhook signed as the Standard Webhooks ask: webhook-id, webhook-timestamp, webhook-signature.

The id is the message's name: a receiver that keeps the ids of some days takes none twice.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from django.utils.translation import gettext_noop as _

from staff.channels.hosts import hosts_for
from staff.channels.http import expect_good, post
from staff.channels.message import Message, NotSent, Route
from staff.channels.robots import packed

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64  # bytes of a secret


def send(route: Route, message: Message) -> str:
    """Post a message. Raises NotSent with the HTTP status; the receiver's own words are not repeated."""
    at = str(int(message.at.timestamp()))
    body = packed(
        {
            "type": "notices",
            "timestamp": message.at.isoformat(),
            "data": {
                "subject": message.subject,
                "notices": [
                    {"subject": item.subject, "body": item.body, "url": item.url} for item in message.items
                ],
            },
        }
    )
    headers = {
        "webhook-id": message.name,
        "webhook-timestamp": at,
        "webhook-signature": sign(route.secret, message.name, at, body),
    }
    expect_good(post(route.address, body, hosts=hosts_for(route.kind), headers=headers))
    return ""


def sign(secret: str, name: str, at: str, body: bytes) -> str:
    """Return the signature of a message. Raises NotSent, final, where the secret is none."""
    key = key_of(secret)
    if key is None:
        raise NotSent(_("the signing secret is not a usable one"), is_final=True)
    digest = hmac.digest(key, f"{name}.{at}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def key_of(secret: str) -> bytes | None:
    """Return the key that a secret holds: 24 to 64 bytes in base64 after `whsec_`; None where it does not."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return None
    return key if SHORTEST <= len(key) <= LONGEST else None


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
