"""A robot of a Feishu (or Lark) group chat: the token stands in the address, a secret signs it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any

from staff.channels.hosts import hosts_for
from staff.channels.http import post
from staff.channels.message import Message, Route
from staff.channels.robots import Limit, packed, read_answer

LONGEST = 6000  # characters: 20 kB are taken
TOO_FAST = Limit(frozenset({9499, 11232}), timedelta(minutes=1))


def send(route: Route, message: Message) -> str:
    """Send a message. Raises NotSent with the maker's code and msg; he gives no id of his own."""
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": message.fitting(LONGEST)}}
    if route.secret:
        at = str(int(message.at.timestamp()))
        body |= {"timestamp": at, "sign": _sign(at, route.secret)}
    read_answer(post(route.address, packed(body), hosts=hosts_for(route.kind)), "code", "msg", TOO_FAST)
    return ""


def _sign(at: str, secret: str) -> str:
    """Time and secret are the key here, and what is signed is empty."""
    return base64.b64encode(hmac.digest(f"{at}\n{secret}".encode(), b"", hashlib.sha256)).decode()
