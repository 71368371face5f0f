"""A notice in words: rendered when it is read, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from staff.channels.message import Item, Message
from staff.models import BOTH_LANGUAGES, Notice, NoticeChannel


def render(notice: Notice, *, language: str | None = None) -> tuple[str, str]:
    """Return subject and body of `templates/notices/<kind>.txt`: the first line, and the rest.

    Parameters whose name ends in `_at` become datetimes. `language` defaults to the active one.
    """
    params = {
        name: parse_datetime(value) if name.endswith("_at") and isinstance(value, str) else value
        for name, value in notice.params.items()
    }
    with translation.override(language or translation.get_language()):
        text = render_to_string(f"notices/{notice.kind}.txt", params)
    subject, _newline, body = text.strip().partition("\n")
    return subject.strip(), body.strip()


def language_of(notice: Notice, via: NoticeChannel | None) -> str:
    """The language of a copy: the channel's own, else the reader's; a group reads that of the house."""
    if via is not None and via.language:
        return via.language
    reader = notice.recipient.language if via is None or via.owner_id else ""
    return reader or settings.LANGUAGE_CODE


def item_of(notice: Notice, language: str) -> Item:
    """A notice as part of a message, in one language or, one under the other, in both."""
    languages = _languages(language)
    subjects, bodies = zip(*(render(notice, language=each) for each in languages), strict=True)
    once = dict.fromkeys  # where nothing is translated, nothing is said twice
    subject, body = " / ".join(once(subjects)), "\n".join(once(filter(None, bodies)))
    return Item(subject, body, _absolute(notice.url), str(notice.params.get("calendar") or ""))


def message_of(
    name: str, items: Sequence[Item], *, language: str, via: NoticeChannel | None, at: datetime
) -> Message:
    """A message of one notice, or of several under a heading that says how many they are."""
    link = _absolute(reverse("home") if via is not None and via.group_id else reverse("staff:inbox"))
    if len(items) == 1:
        return Message(name, tuple(items), at, link=link)
    headings, rests = [], []
    for each in _languages(language):
        with translation.override(each):
            headings.append(_("OpsDesk: %(n)s notices in one message") % {"n": len(items)})
            rests.append(_("and {n} more:"))
    return Message(name, tuple(items), at, heading=" / ".join(headings), rest=" / ".join(rests), link=link)


def trial_message(name: str, channel: NoticeChannel, *, language: str, at: datetime) -> Message:
    """What the test button sends."""
    subjects, bodies = [], []
    for each in _languages(language):
        with translation.override(each):
            subjects.append(_("Test message from OpsDesk"))
            bodies.append(_("The channel “%(name)s” works.") % {"name": channel.name})
    return Message(name, (Item(" / ".join(subjects), "\n".join(bodies), settings.SITE_URL),), at)


def _languages(language: str) -> list[str]:
    return [code for code, _name in settings.LANGUAGES] if language == BOTH_LANGUAGES else [language]


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
