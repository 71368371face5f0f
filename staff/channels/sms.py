"""A text message through the gateway that the house has a contract with: any that takes a POST of JSON.

`SMS_URL`, `SMS_HEADERS` and `SMS_BODY` say how it wants to be asked, `SMS_OK` and `SMS_ID` where its answer
says how it went.
"""

from __future__ import annotations

import json
import re
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop as _

from staff.channels.hosts import hosts_for
from staff.channels.http import expect_good, post
from staff.channels.message import Message, NotSent, Route, shortened

LONGEST = 200  # characters: three parts of a long text message
BLANK = re.compile(r"\{(?:phone|text|id)\}")


def send(route: Route, message: Message) -> str:
    """Send a message. Returns the gateway's id, raises NotSent with the code that it answers."""
    if not settings.SMS_URL:
        raise NotSent(_("no gateway for text messages is set up"), is_final=True)
    text = f"{message.subject}\n{message.items[0].url if not message.heading else message.link}"
    blanks = {"{phone}": route.address, "{text}": shortened(text, LONGEST), "{id}": message.name}
    body = _filled(json.loads(settings.SMS_BODY), blanks)
    answer = post(
        settings.SMS_URL,
        json.dumps(body, ensure_ascii=False).encode(),
        hosts=hosts_for(route.kind),
        headers=settings.SMS_HEADERS,
    )
    expect_good(answer)
    said = answer.json()
    path, _equals, good = settings.SMS_OK.partition("=")
    if path and (found := _at(said, path)) != good:
        raise NotSent(f"{path}={found[:60]}")
    return _at(said, settings.SMS_ID)[:80] if settings.SMS_ID else ""


def _filled(template: Any, blanks: dict[str, str]) -> Any:
    """The template with its blanks filled in, in texts alone, so that no text can end one."""
    if isinstance(template, dict):
        return {name: _filled(value, blanks) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, blanks) for value in template]
    return BLANK.sub(lambda found: blanks[found[0]], template) if isinstance(template, str) else template


def _at(said: Any, path: str) -> str:
    """What stands at `a.b.c` of an answer, as text; nothing where nothing does."""
    for name in path.split("."):
        said = said.get(name) if isinstance(said, dict) else None
    return "" if said is None else str(said)
