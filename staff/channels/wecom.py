"""A robot of a WeCom group chat: the key stands in the address."""

from __future__ import annotations

from datetime import timedelta

from staff.channels.hosts import hosts_for
from staff.channels.http import post
from staff.channels.message import Message, Route
from staff.channels.robots import Limit, packed, read_answer

LONGEST = 2048  # bytes of a text
TOO_FAST = Limit(frozenset({45009, 45033}), timedelta(minutes=1))


def send(route: Route, message: Message) -> str:
    """Send a message. Raises NotSent with the maker's errcode and errmsg; he gives no id of his own."""
    text = message.fitting(LONGEST, in_bytes=True)
    body = packed({"msgtype": "text", "text": {"content": text}})
    read_answer(post(route.address, body, hosts=hosts_for(route.kind)), "errcode", "errmsg", TOO_FAST)
    return ""
