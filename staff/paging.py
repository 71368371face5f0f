"""Pages of a long list by keyset: never a COUNT, never an OFFSET, and no row twice while the list grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest

PARAMETER = "cursor"
AFTER, BEFORE = "after", "before"


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page, and the addresses of its neighbours where there are any."""

    rows: list[Any]
    newer_url: str | None
    older_url: str | None


def page(queryset: QuerySet[Any], *, request: HttpRequest, order: tuple[str, ...], size: int = 50) -> Page:
    """Return the page of `queryset` that the request's cursor asks for; one query, two at an end of the list.

    `order` names columns as for `order_by` ("-reported_at", "client__code", annotations too), never NULL and
    together unique: end with "pk". The cursor is signed; one that was tampered with, or that belongs to
    another list, gives the first page. Raises ValueError when a column of `order` is NULL in a row.
    """
    return _Pager(queryset, request, order, size).page()


class _Pager:
    def __init__(
        self, queryset: QuerySet[Any], request: HttpRequest, order: tuple[str, ...], size: int
    ) -> None:
        self.queryset, self.request, self.order, self.size = queryset, request, order, size
        self.signer = Signer(salt=f"staff.paging:{queryset.model._meta.label}:{','.join(order)}")

    def page(self) -> Page:
        direction, values = self._asked_for()
        if direction == AFTER:
            rows, more = self._rows(self.order, values)
            if rows:
                return self._page(rows, newer=True, older=more)
        elif direction == BEFORE:
            rows, more = self._rows(tuple(_reversed(name) for name in self.order), values)
            if len(rows) == self.size:
                return self._page(rows[::-1], newer=more, older=True)
        rows, more = self._rows(self.order, None)
        return self._page(rows, newer=False, older=more)

    def _asked_for(self) -> tuple[str, list[Any] | None]:
        try:
            direction, values = self.signer.unsign_object(self.request.GET.get(PARAMETER, ""))
        except (BadSignature, ValueError):
            return "", None
        return direction, values

    def _rows(self, order: tuple[str, ...], values: Sequence[Any] | None) -> tuple[list[Any], bool]:
        found = self.queryset.order_by(*order)
        if values is not None:
            found = found.filter(self._beyond(order, values))
        rows = list(found[: self.size + 1])
        return rows[: self.size], len(rows) > self.size

    def _beyond(self, order: tuple[str, ...], values: Sequence[Any]) -> Q:
        """Past a row in this order. The first column's bound stands alone, so that an index can serve it."""
        names = [name.lstrip("-") for name in order]
        typed = [self._field(name).to_python(value) for name, value in zip(names, values, strict=True)]
        steps = []
        for index, name in enumerate(names):
            same = {names[before]: typed[before] for before in range(index)}
            steps.append(Q(**same, **{f"{name}__{_comparison(order[index])}": typed[index]}))
        bound = Q(**{f"{names[0]}__{_comparison(order[0])}e": typed[0]})
        return bound & reduce(Q.__or__, steps)

    def _page(self, rows: list[Any], *, newer: bool, older: bool) -> Page:
        return Page(
            rows,
            newer_url=self._url(BEFORE, rows[0]) if newer else None,
            older_url=self._url(AFTER, rows[-1]) if older else None,
        )

    def _url(self, direction: str, row: Any) -> str:
        values = [_value(row, name.lstrip("-")) for name in self.order]
        query = self.request.GET.copy()
        query[PARAMETER] = self.signer.sign_object([direction, values])
        return f"?{query.urlencode()}"

    def _field(self, name: str) -> Field[Any, Any]:
        if name in self.queryset.query.annotations:
            return self.queryset.query.annotations[name].output_field
        model: type[Model] = self.queryset.model
        *path, last = name.split("__")
        for step in path:
            model = model._meta.get_field(step).related_model  # type: ignore[assignment]
        return model._meta.pk if last == "pk" else model._meta.get_field(last)  # type: ignore[return-value]


def _reversed(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _comparison(name: str) -> str:
    return "lt" if name.startswith("-") else "gt"


def _value(row: Any, name: str) -> Any:
    value = reduce(getattr, name.split("__"), row)
    if value is None:
        raise ValueError(f"cannot page by {name}: it is empty in {row!r}")
    return value.isoformat() if isinstance(value, date) else value
