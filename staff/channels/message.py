"""What a channel is asked to send, where to, and how it says that this did not work."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Item:
    """One notice in words; `calendar` is an iCalendar file that belongs to it, for those who can take one."""

    subject: str
    body: str
    url: str
    calendar: str = ""

    @property
    def text(self) -> str:
        return "\n".join(part for part in (self.subject, self.body, self.url) if part)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: a notice, or several of them under a heading.

    `name` is the same in every copy of it, however often it is sent. `at` (aware) is when it is sent: what a
    signature vouches for. `rest` says that some more, `{n}` of them, stand at `link`.
    """

    name: str
    items: tuple[Item, ...]
    at: datetime
    heading: str = ""
    rest: str = "+{n}"
    link: str = ""

    @property
    def subject(self) -> str:
        return self.heading or self.items[0].subject

    @property
    def text(self) -> str:
        """All of it; of several notices each in short."""
        return self._with(len(self.items))

    def fitting(self, most: int, *, in_bytes: bool = False) -> str:
        """As many of the notices as fit into so many characters (or bytes), and how many more there are."""
        for shown in range(len(self.items), 0, -1):
            text = self._with(shown)
            if len(text.encode() if in_bytes else text) <= most:
                return text
        return shortened(self._with(1), most, in_bytes=in_bytes)

    def _with(self, shown: int) -> str:
        if not self.heading:
            return self.items[0].text
        blocks = [f"{item.subject}\n{item.url}" for item in self.items[:shown]]
        if left := len(self.items) - shown:
            blocks.append(f"{self.rest.replace('{n}', str(left))}\n{self.link}")
        return "\n\n".join([self.heading, *blocks])


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message goes: address and signing secret in clear, for the moment of sending alone.

    Neither shows in the repr, so that no log and no traceback tells them.
    """

    kind: str
    address: str = field(repr=False)
    secret: str = field(default="", repr=False)


class NotSent(Exception):
    """A message that the provider did not take; the text is his error, with every secret masked.

    `is_final`: no further attempt can help. `wait`: he has asked to be left alone for so long.
    `is_of_message`: it is this message alone that cannot be sent; another may well be.
    """

    def __init__(
        self,
        text: str,
        *,
        is_final: bool = False,
        wait: timedelta | None = None,
        is_of_message: bool = False,
    ) -> None:
        super().__init__(text)
        self.is_final = is_final
        self.wait = wait
        self.is_of_message = is_of_message


def shortened(text: str, most: int, *, in_bytes: bool = False) -> str:
    """Cut a text to what a provider takes, with an ellipsis; never through a character."""
    if len(text.encode() if in_bytes else text) <= most:
        return text
    if not in_bytes:
        return text[: most - 1] + "…"
    return text.encode()[: most - len("…".encode())].decode(errors="ignore") + "…"
