"""Channels to look at. Only a mailbox is switched on: nothing here ever calls out of the house."""

from __future__ import annotations

from datetime import datetime, time

from opsdesk.demo.people import ACCOUNTS, Staff
from opsdesk.demo.texts import load
from staff.actions import save_channel
from staff.models import NoticeChannel, Role, WebhookHost


def open_channels(staff: Staff, *, now: datetime) -> None:
    """Write the channels of those who can sign in, and the robots of a group, which point nowhere."""
    words = load("channels")
    WebhookHost.objects.create(name=words["host"], note=words["host_note"])
    people = {user.username: user for user in staff.everyone}
    groups = {team.group.code: team.group for team in staff.teams}
    for row in words["channels"]:
        facts = dict(row)
        address, secret = facts.pop("address"), facts.pop("secret", "")
        for end in ("quiet_from", "quiet_until"):
            facts[end] = time.fromisoformat(facts[end]) if end in facts else None
        owner = people[facts.pop("owner")] if "owner" in facts else None
        group = groups[facts.pop("group")] if owner is None else None
        channel = NoticeChannel(owner=owner, group=group, **facts)
        by = owner or people[ACCOUNTS[Role.SUPERVISOR]]
        save_channel(channel, address=address, secret=secret, by=by, now=now)
