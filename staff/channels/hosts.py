"""Which hosts a channel may post to: the makers' own, and what the house allows besides."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from staff.channels.http import Hosts
from staff.models import ChannelKind, WebhookHost


def hosts_for(kind: str) -> Hosts:
    """The hosts that a channel of this kind may post to."""
    private = frozenset(settings.NOTICE_PRIVATE_HOSTS)
    if kind == ChannelKind.SMS:
        return Hosts(frozenset({urlsplit(settings.SMS_URL).netloc.lower().removesuffix(":443")}), private)
    more = WebhookHost.objects.values_list("name", flat=True)
    return Hosts(frozenset({*settings.NOTICE_HOSTS.get(kind, ()), *(name.lower() for name in more)}), private)
