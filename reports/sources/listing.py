"""How the rows behind a figure are listed: their columns, their page, and who may see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from reports.kpis.definition import Text
from staff.models import User

Rows = QuerySet[Any]
Cell = str | int | float | date | None


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of rows. The first cell is what a row is called and leads to its page (`url`, empty: none).

    `related` are the rows that its cells read; `texts` are long columns that they do not. Cells are texts,
    numbers, dates and instants.
    """

    model: type[Model]
    heads: Sequence[Text]
    cells: Callable[[Any, datetime], Sequence[Cell]]
    url: Callable[[Any], str]
    related: Sequence[str] = ()
    texts: Sequence[str] = ()

    def seen_by(self, rows: Rows, user: User) -> Rows:
        """Return those that a person may see: the model's own rule."""
        return rows.filter(pk__in=self.visible(user).values("pk"))

    def visible(self, user: User) -> Rows:
        return self.model._default_manager.visible_to(user)  # type: ignore[attr-defined]

    def listed(self, rows: Rows) -> Rows:
        return rows.select_related(*self.related).defer(*self.texts)


@dataclass(frozen=True, slots=True)
class PartOf(Source):
    """Rows that are seen by whoever sees what they are part of: `whole` leads to it."""

    whole: str = ""
    of: type[Model] | None = None

    def seen_by(self, rows: Rows, user: User) -> Rows:
        assert self.of is not None
        visible = self.of._default_manager.visible_to(user)  # type: ignore[attr-defined]
        return rows.filter(**{f"{self.whole}__in": visible})


def in_time(done_at: datetime | None, due_at: datetime | None, now: datetime) -> str:
    """Say how something stood to its deadline."""
    if due_at is None:
        return ""
    if done_at is None:
        return _("overdue") if due_at <= now else _("running")
    return _("in time") if done_at <= due_at else _("too late")


def name_of(thing: Any) -> str:
    """What somebody or something is called; nothing where there is none."""
    return thing.label if thing else ""
