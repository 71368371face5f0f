"""What the robots of group chats have in common: JSON there, and JSON back that says how it went."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_noop as _

from staff.channels.http import Answer, expect_good
from staff.channels.message import NotSent

LONGEST_ERROR = 200


@dataclass(frozen=True, slots=True)
class Limit:
    """By which codes a maker says that a robot speaks too often, and how long he shuts it out then."""

    codes: frozenset[int]
    penalty: timedelta


def packed(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def read_answer(answer: Answer, code: str, text: str, limit: Limit) -> None:
    """Raise NotSent unless the answer's own code is 0: a robot that says no does so with HTTP 200."""
    said = answer.json()
    number = said.get(code)
    if answer.is_good and number == 0 and not isinstance(number, bool):
        return
    if number is None:
        expect_good(answer)
        raise NotSent(_("the answer is not that of a robot"))
    words = " ".join(str(said.get(text, "")).split())[:LONGEST_ERROR]
    wait = limit.penalty if number in limit.codes else answer.wait
    raise NotSent(f"{number}: {words}" if words else str(number), wait=wait)
