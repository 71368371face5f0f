"""Questions that are asked on every page: their statement is written once, then only its values change.

To write a statement of some joins takes the ORM longer than Postgres takes to answer it. What differs from
one time to the next are values: the record, the person, the instant. So the statement of a `prepared`
question is written with blanks in their places and kept, for each shape of the values: which of them are
None, and of a person his role and whether he has a group. A question can read nothing else of a person, so
that nobody is ever answered by what holds for another.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import update_wrapper
from secrets import token_hex
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet

from staff.models import User

Row = TypeVar("Row")
# What a question may read of a person, beside his id and his group's.
OF_A_PERSON = ("role", "is_active")
LARGEST_ID = 2**63 - 1
MOST_KEPT = 200  # shapes of one question: a dozen filters have thousands, and each is some kilobytes


def prepared(ask: Callable[..., QuerySet[Any, Any]]) -> Prepared[Any]:
    """Make of a function that writes a query one that returns its rows, as a list.

    The function takes ids, lists of them, texts, instants, days, None and people, by position, and looks at
    none of them but by `is None` and as `OF_A_PERSON` says; and choices, each of which has its own statement.
    Whatever else decides must be the same each time: no clock, no language, no lock. An id that no row can
    have finds nothing. Of an ordered question the first rows alone are asked for by `limit`.
    """
    return Prepared(ask)


class Prepared(Generic[Row]):
    """A question with its statements, by the shape of the values."""

    def __init__(self, ask: Callable[..., QuerySet[Any, Any]]) -> None:
        self.ask = ask
        self.kept: dict[tuple[object, ...], _Statement] = {}
        update_wrapper(self, ask)

    def __call__(self, *values: object, limit: int | None = None) -> list[Row]:
        return self._statement(values).rows(values, limit)

    def first(self, *values: object) -> Row | None:
        """The first row, for a question that asks for one at the most."""
        return next(iter(self(*values)), None)

    def statement(self, *values: object) -> tuple[str, tuple[Any, ...]]:
        """The statement itself with its parameters, for a part of a larger one; empty where none has rows."""
        statement = self._statement(values)
        return statement.sql, statement.filled_in(values)

    def _statement(self, values: tuple[object, ...]) -> _Statement:
        shape = tuple(map(_shape, values))
        if (statement := self.kept.get(shape)) is None:
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            statement = self.kept[shape] = _Statement(self.ask, values)
        return statement


class _Statement:
    """A statement as the ORM has written it, and which of its parameters are blanks."""

    def __init__(self, ask: Callable[..., QuerySet[Any, Any]], values: tuple[object, ...]) -> None:
        places = [_blank(value, number) for number, value in enumerate(values)]
        self.queryset = ask(*places)
        if self.queryset.query.select_for_update:
            raise ValueError(f"{ask.__qualname__} locks rows; such a statement is written each time")
        self.compiler = self.queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            self.sql, written = self.compiler.as_sql()
        except EmptyResultSet:
            self.sql, written = "", ()
        else:
            chosen = [column for column, *_how in self.compiler.select[: self.compiler.col_count]]
            self.converters = self.compiler.get_converters(chosen)
        blanks = _flat(places)
        self.params = [(_place(param, blanks), param) for param in written]

    def filled_in(self, values: tuple[object, ...]) -> tuple[Any, ...]:
        given = _flat(values)
        return tuple(param if place is None else given[place] for place, param in self.params)

    def rows(self, values: tuple[object, ...], limit: int | None = None) -> list[Any]:
        params = self.filled_in(values)
        if not self.sql or any(type(param) is int and param > LARGEST_ID for param in params):
            return []
        sql = self.sql if limit is None else f"{self.sql} LIMIT {limit:d}"
        compiler = copy(self.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *args, **kwargs: (sql, params)
        compiler.get_converters = lambda chosen: self.converters
        rows = self.queryset.all()
        rows.query.get_compiler = lambda *args, **kwargs: compiler
        return list(rows)


def _shape(value: object) -> object:
    if isinstance(value, User):
        return (*(getattr(value, name) for name in OF_A_PERSON), value.group_id is None)
    return value if isinstance(value, Enum) else type(value)


def _blank(value: object, number: int) -> object:
    """What stands for a value while the statement is written: of its type, and like no value there is."""
    match value:
        case None | Enum():
            return value
        case User():
            return _stand_in(value, number)
        case int() if type(value) is int:
            return 2**60 + number
        case list():
            return [2**60 + number]
        case str() if type(value) is str:
            return token_hex(16)
        case datetime():
            return datetime(1, 1, 1, tzinfo=UTC) + timedelta(microseconds=number + 1)
        case date():
            return date(1, 1, 1) + timedelta(days=number)
    raise TypeError(f"a prepared question takes no {type(value).__name__}: {value!r}")


def _stand_in(person: User, number: int) -> User:
    """A person of whom nothing else can be read: it is asked of the database, which knows no such person."""
    facts = {name: getattr(person, name) for name in OF_A_PERSON}
    facts |= {"id": 2**62 + number, "group_id": None if person.group_id is None else 2**61 + number}
    names = [field.attname for field in User._meta.concrete_fields if field.attname in facts]
    return User.from_db(DEFAULT_DB_ALIAS, names, [facts[name] for name in names])


def _flat(values: Any) -> list[object]:
    """The values one by one, a person as his id and his group's."""
    flat: list[object] = []
    for value in values:
        flat += (value.pk, value.group_id) if isinstance(value, User) else (value,)
    return flat


def _place(param: object, blanks: list[object]) -> int | None:
    """Which value belongs in the place of a parameter; None where the parameter is always the same."""
    for place, blank in enumerate(blanks):
        if blank is None or isinstance(blank, Enum):
            continue
        if type(param) is type(blank) and param == blank:
            return place
    if _was_changed(param, blanks):
        raise ValueError(f"a blank was changed on its way into the statement: {param!r}")
    return None


def _was_changed(param: object, blanks: list[object]) -> bool:
    match param:
        case str():
            return any(type(blank) is str and blank in param for blank in blanks)
        case int():
            return param > 2**59
        case date():
            return param.year == 1
    return False
