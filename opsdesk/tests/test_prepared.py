"""Prepared questions ask what the ORM would ask, for everybody: no answer is ever another person's."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import Enum
from itertools import product
from math import prod
from pathlib import Path
from random import Random
from types import UnionType
from typing import get_type_hints

import pytest
from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db.models import F, QuerySet, Value
from django.utils import timezone

from opsdesk.testing import Cast
from staff.models import Role, User
from staff.prepared import Prepared, prepared
from tickets.models import Entry, Ticket

ROOT = Path(settings.BASE_DIR)
MOST_ASKED = 2000  # combinations of values; of a question that has more, so many by chance
NOW = timezone.now()
SAMPLES = {
    int: [1, 77],
    str: ["one", "two"],
    list[int]: [[1, 5], [77]],
    datetime: [NOW, NOW + timedelta(days=1)],
    date: [NOW.date(), NOW.date() + timedelta(days=1)],
    type(None): [None],
}


def questions() -> Iterator[Prepared]:
    for app in settings.OUR_APPS:
        for path in (ROOT / app).rglob("*.py"):
            if "tests" not in path.parts and "prepared" in path.read_text(encoding="utf-8"):
                module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
                found = vars(module).values()
                yield from (q for q in found if isinstance(q, Prepared) and q.__module__ == module.__name__)


QUESTIONS = list(questions())


def people(cast: Cast) -> list[User]:
    """Somebody of every role, two of those of a group in different groups."""
    have = set(User.objects.values_list("role", flat=True))
    for role in set(Role) - have:
        User.objects.create(username=f"a-{role}", name=role, role=role)
    User.objects.create(username="grouped", name="grouped", role=Role.SPECIALIST, group=cast.north)
    return list(User.objects.order_by("pk"))


def asked(rows: QuerySet) -> tuple[str, tuple[object, ...]]:
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        return "", ()


def samples(hint: object, persons: list[User]) -> list[object]:
    kinds = hint.__args__ if isinstance(hint, UnionType) else (hint,)
    return [value for kind in kinds for value in _of(kind, persons)]


def _of(kind: type, persons: list[User]) -> list[object]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)[:4]
    return list(persons) if kind is User else SAMPLES[kind]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: f"{q.__module__}.{q.__qualname__}")
def test_every_question_is_asked_as_the_orm_writes_it(question: Prepared, cast: Cast) -> None:
    hints = get_type_hints(question.ask)
    persons = people(cast)
    places = [samples(hints[name], persons) for name in inspect.signature(question.ask).parameters]
    chance = Random(question.__qualname__)
    some = (tuple(map(chance.choice, places)) for _number in range(MOST_ASKED))
    for values in product(*places) if prod(map(len, places)) <= MOST_ASKED else some:
        assert question.statement(*values) == asked(question.ask(*values)), values


def test_nobody_is_answered_with_what_another_may_see(cast: Cast) -> None:
    south = cast.ticket(timezone.now())
    ask = prepared(lambda user: Ticket.objects.visible_to(user))
    persons = people(cast)
    for person in [*persons, *reversed(persons)]:
        assert set(ask(person)) == set(Ticket.objects.visible_to(person)), person
    assert any(south in ask(person) for person in persons) and not all(south in ask(p) for p in persons)


def test_a_person_who_changes_is_asked_for_anew(cast: Cast) -> None:
    cast.ticket(timezone.now())
    ask = prepared(lambda user: Ticket.objects.visible_to(user))
    before = ask(cast.li)
    cast.li.group, cast.li.role = None, Role.AUDITOR
    assert len(ask(cast.li)) == 1
    cast.outsider.group = cast.south
    assert ask(cast.outsider) == before


def test_what_is_related_and_annotated_comes_along(cast: Cast, django_assert_num_queries) -> None:
    ticket = cast.ticket(timezone.now())
    ask = prepared(
        lambda pk: Entry.objects.filter(ticket=pk).select_related("by__group").annotate(who=F("by__name"))
    )
    for _again in range(2):
        with django_assert_num_queries(1):
            [entry] = ask(ticket.pk)
            assert (entry.who, entry.by.group) == (cast.li.name, cast.south)
    assert ask(ticket.pk + 1) == [] and ask(2**63) == []


@pytest.mark.django_db
def test_a_question_reads_nothing_else_of_a_person(cast: Cast) -> None:
    with pytest.raises(User.DoesNotExist):
        prepared(lambda user: Ticket.objects.filter(caller_name=user.name))(cast.li)


@pytest.mark.django_db
def test_what_cannot_be_prepared_is_refused() -> None:
    with pytest.raises(ValueError, match="changed on its way"):
        prepared(lambda text: Ticket.objects.filter(title__contains=text))("x")
    with pytest.raises(ValueError, match="changed on its way"):
        prepared(lambda at: Ticket.objects.filter(logged_at=at + timedelta(days=9)))(NOW)
    with pytest.raises(ValueError, match="changed on its way"):
        prepared(lambda pk: Ticket.objects.filter(pk=pk + 1))(7)
    with pytest.raises(ValueError, match="locks rows"):
        prepared(lambda pk: Ticket.objects.filter(pk=pk).select_for_update())(1)
    with pytest.raises(ValueError, match="changed on its way"):
        prepared(lambda ids: Ticket.objects.filter(pk__in=ids))([1])
    with pytest.raises(TypeError, match="takes no bool"):
        prepared(lambda flag: Ticket.objects.annotate(flag=Value(flag)))(True)
