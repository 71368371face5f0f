"""Phone numbers as people type them into one field: one a line, a fax marked as such in either language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from django.conf import settings
from django.utils import translation

from clients.actions import Number
from clients.models import Phone, PhoneKind
from clients.phones import InvalidPhone, is_mobile, normalise

MARKED = re.compile(r"\s*([^\d+(:\uff1a]{1,12})[:\uff1a]\s*(.+)")


class PhonesUnreadable(ValueError):
    """Lines that are no numbers; `messages` says of each why."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


def read_phones(text: str) -> list[Number]:
    """Return the numbers of a text. Raises `PhonesUnreadable` with every line at fault."""
    found, wrong = [], []
    for line in filter(None, (line.strip() for line in re.split(r"[\n;\uff1b]", text))):
        marked = MARKED.fullmatch(line)
        kind = _words().get(marked[1].strip().casefold()) if marked else None
        number = Number(marked[2] if marked and kind else line, kind)
        try:
            normalise(number.written)
        except InvalidPhone as error:
            wrong.append(f"{line}: {error.message}")
        else:
            found.append(number)
    if wrong:
        raise PhonesUnreadable(wrong)
    return found


def phones_text(phones: Iterable[Phone]) -> str:
    """Write numbers as they can be typed; a kind stands where the digits do not say it."""
    return "\n".join(
        phone.number if phone.kind == _usual(phone) else f"{phone.get_kind_display()}: {phone.number}"
        for phone in phones
    )


def _usual(phone: Phone) -> PhoneKind:
    return PhoneKind.MOBILE if is_mobile(phone.digits) else PhoneKind.OFFICE


@cache
def _words() -> Mapping[str, PhoneKind]:
    """What a kind is called, in each language and in code."""
    found = {kind.value: kind for kind in PhoneKind}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= {str(kind.label).casefold(): kind for kind in PhoneKind}
    return found
