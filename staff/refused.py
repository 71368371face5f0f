"""The one way in which an action says no."""

from __future__ import annotations

from django.utils.translation import gettext as _


class Refused(Exception):
    """An action that the rules do not allow. `field` names the input at fault, where there is
    one; `shifts/3` is the fourth of a list.

    `message` is in the reader's language; `code` is stable English: `forbidden`, `required`, `invalid`, …
    """

    def __init__(self, message: object, *, field: str | None = None, code: str = "refused") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code


def require(text: str, field: str, *, longest: int | None = None) -> str:
    """Return the text without outer blanks; refuse an empty or too long one at its field."""
    text = text.strip()
    if not text:
        raise Refused(_("This field is required."), field=field, code="required")
    refuse_too_long(text, field, longest=longest)
    return text


def refuse_too_long(text: str, field: str, *, longest: int | None) -> None:
    """Refuse it at its field: what somebody has typed is never cut in silence. None: no bound."""
    if longest is not None and len(text) > longest:
        raise Refused(_("At most %(n)s characters.") % {"n": longest}, field=field, code="max_length")
