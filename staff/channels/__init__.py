"""Ways out of the house, one adapter a file: `send(route, message)` returns the provider's id or raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from staff.channels import dingtalk, email, feishu, sms, webhook, wecom
from staff.channels.http import masked
from staff.channels.message import Item, Message, NotSent, Route
from staff.models import ChannelKind

Send = Callable[[Route, Message], str]
ADAPTERS: Mapping[str, Send] = {
    ChannelKind.WECOM: wecom.send,
    ChannelKind.DINGTALK: dingtalk.send,
    ChannelKind.FEISHU: feishu.send,
    ChannelKind.WEBHOOK: webhook.send,
    ChannelKind.SMS: sms.send,
    ChannelKind.EMAIL: email.send,
}

__all__ = ["Item", "Message", "NotSent", "Route", "send"]


def send(route: Route, message: Message) -> str:
    """Send a message by the adapter of its kind.

    Raises NotSent with the provider's error, secrets masked, whatever it was that went wrong.
    """
    try:
        return ADAPTERS[route.kind](route, message)
    except NotSent as error:
        words = masked(str(error), (route.address, route.secret))
        raise NotSent(words, is_final=error.is_final, wait=error.wait) from None
    except Exception as error:  # a mail server's, or that of one message which no mail server may be given
        secrets = (route.secret,) if route.kind == ChannelKind.EMAIL else (route.address, route.secret)
        words = masked(str(error) or type(error).__name__, secrets)
        raise NotSent(words, is_of_message=isinstance(error, ValueError)) from None
