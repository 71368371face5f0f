"""The one way in which an action says no."""

from __future__ import annotations


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
