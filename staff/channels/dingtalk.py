"""A robot of a DingTalk group chat: the token stands in the address, a secret signs where there is one."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from urllib.parse import urlencode

from staff.channels.hosts import hosts_for
from staff.channels.http import post
from staff.channels.message import Message, Route
from staff.channels.robots import Limit, packed, read_answer

LONGEST = 6000  # characters: 20,000 bytes are taken
TOO_FAST = Limit(frozenset({90030, 130101}), timedelta(minutes=10))


def send(route: Route, message: Message) -> str:
    """Send a message. Raises NotSent with the maker's errcode and errmsg; he gives no id of his own."""
    address = route.address
    if route.secret:
        at = str(int(message.at.timestamp() * 1000))
        address += ("&" if "?" in address else "?") + urlencode(
            {"timestamp": at, "sign": _sign(at, route.secret)}
        )
    body = packed({"msgtype": "text", "text": {"content": message.fitting(LONGEST)}})
    read_answer(post(address, body, hosts=hosts_for(route.kind)), "errcode", "errmsg", TOO_FAST)
    return ""


def _sign(at: str, secret: str) -> str:
    digest = hmac.digest(secret.encode(), f"{at}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()
