"""What a timeline is made of: each app tells what happened with a client, `opsdesk.timeline` orders it.

A *source* is a function `(asked: Asked) -> list[Happening]`: newest first, at most `asked.limit`, all of them
beyond `asked.mark`, of the kinds that `asked.wants`, and visible to `asked.viewer`. It asks the database a
fixed number of questions, each by `asked.page(rows, at="reported_at", source=NAME)`: that orders, bounds and
cuts, and wants an index on (client, at, id). Sources are registered in `opsdesk.timeline`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from staff.models import User


class About(TextChoices):
    """What a happening is about: the chips of the timeline."""

    CALL = "call", _("Calls and records")
    MESSAGE = "message", _("Messages and mail")
    VISIT = "visit", _("On site")
    REMOTE = "remote", _("Remote access")
    INSPECTION = "inspection", _("Inspections")
    CALLBACK = "callback", _("Callbacks")
    SURVEY = "survey", _("Surveys and complaints")
    CONTRACT = "contract", _("Contracts")
    ARCHIVE = "archive", _("Archive")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in the timeline: an instant, then the source's name and the row's id where they are equal."""

    at: datetime
    source: str
    pk: int


class Somebody(Protocol):
    """Who did it: a person, or what he is called."""

    @property
    def label(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline, in the reader's language.

    `source` and `pk` tell it from all others: the name under which its source is registered, and its row.
    """

    at: datetime
    source: str
    pk: int
    about: About
    title: str
    detail: str = ""
    url: str = ""
    by: Somebody | None = None
    icon: str = ""
    tone: str = ""  # "", accent, warning, danger: as the tags of the look

    @property
    def mark(self) -> Mark:
        return Mark(self.at, self.source, self.pk)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a timeline is asked for. `clients` are the client's id and those of the doubles merged into it."""

    clients: Sequence[int]
    viewer: User
    now: datetime
    limit: int
    mark: Mark | None = None
    about: frozenset[str] = field(default_factory=frozenset)

    def wants(self, *kinds: About) -> bool:
        """Whether any of these kinds of happening is asked for; without a filter all are."""
        return not self.about or any(kind in self.about for kind in kinds)

    def page(self, rows: QuerySet[Any], *, at: str, source: str) -> QuerySet[Any]:
        """Bring rows into the order of the timeline, beyond its mark, no more than asked for."""
        return rows.filter(self.beyond(at, source)).order_by(f"-{at}", "-pk")[: self.limit]

    def beyond(self, at: str, source: str) -> Q:
        """The condition that a row of a source comes after the mark, reading from the newest down."""
        if self.mark is None:
            return Q()
        instant = self.mark.at
        earlier = Q(**{f"{at}__lt": instant})
        if source > self.mark.source:
            return earlier
        same = Q(**{at: instant})
        if source == self.mark.source:
            same &= Q(pk__lt=self.mark.pk)
        # The bound stands alone, so that an index can serve it.
        return Q(**{f"{at}__lte": instant}) & (earlier | same)


Source = Callable[[Asked], list[Happening]]
