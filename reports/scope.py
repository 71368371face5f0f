"""Whose figures: the department's, a group's, a person's or a client's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Axis(StrEnum):
    """What figures can be narrowed to."""

    GROUP = "group"
    PERSON = "person"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Scope:
    """Ids; all None: the whole department. It says what is counted, not who may read it: views ask that."""

    group: int | None = None
    person: int | None = None
    client: int | None = None

    def chosen(self) -> Mapping[Axis, int]:
        """Return what it is narrowed to."""
        return {axis: pk for axis in Axis if (pk := getattr(self, axis.value)) is not None}


def narrowed(rows: Any, scope: Scope, axes: Mapping[Axis, str]) -> Any:
    """Return the rows (a queryset) of a scope; `axes` has the lookup for each axis. KeyError without one."""
    return rows.filter(**{axes[axis]: pk for axis, pk in scope.chosen().items()})


DEPARTMENT = Scope()
