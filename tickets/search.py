"""Records by the words that stand in them, in their history and in their clients' names.

The planner cannot be left alone with this: for a rare word it walks through all records, newest first, to
find a page of them. So first it is found out how frequent the words are together: from the database's
statistics where each piece of them is in one record of a hundred, else through the index, which has to read
a piece's whole list of records. The few records that have rare words are ranked; where one record in a
hundred has them, walking is the fastest way to a page; what lies between comes from the index.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable, RawSQL

from staff.models import User
from tickets.grams import asked, fold, key, words_of
from tickets.models import Entry, Ticket

FEW = 1000
# So many records may be walked through for a page of fifty; beyond that the index is faster.
LONGEST_WALK, PAGE = 5000, 50
MOST_ASKED_FOR = 200
LARGEST_ID = 2**63 - 1

STATISTICS_KEPT = 60  # seconds
SAMPLE = 1000  # records to judge by whether frequent pieces come together

# The WITH keeps the planner from reading records one by one until the LIMIT is reached. The index is asked
# for the rarest pieces only: following the long lists of the others takes longer than looking at the rest.
HITS = """
WITH likely AS MATERIALIZED (SELECT ticket_id, grams FROM tickets_searchtext WHERE grams @> %s::int[])
SELECT ticket_id FROM likely WHERE grams @> %s::int[]
"""
# A subquery of one row a record: the planner can only take it while it walks.
HAS = "(SELECT grams @> %s::int[] FROM tickets_searchtext WHERE ticket_id = tickets_ticket.id)"
# The pieces that are in so many records that walking finds a page of them, and how many records there are.
FREQUENT = """
SELECT piece, frequency
FROM pg_stats, unnest(most_common_elems::text::int[], most_common_elem_freqs) AS common(piece, frequency)
WHERE schemaname = current_schema() AND tablename = 'tickets_searchtext' AND attname = 'grams'
  AND piece IS NOT NULL AND frequency * %s >= %s
UNION ALL
SELECT NULL, greatest(reltuples, 1) FROM pg_class WHERE oid = 'tickets_searchtext'::regclass
"""
TOGETHER = """
SELECT count(*) FILTER (WHERE grams @> %s::int[])::float8 / greatest(count(*), 1)
FROM tickets_searchtext TABLESAMPLE SYSTEM (%s) REPEATABLE (0)
"""
NUMBER = re.compile(r"\s*t?\s*(\d{1,19})\s*")


@dataclass(frozen=True, slots=True)
class Found:
    """Records that have the words. Ranked ones carry `rank`: 0 its number, 1 in its title, 2 elsewhere."""

    rows: QuerySet[Ticket]
    words: tuple[str, ...]
    is_ranked: bool

    def order(self, usual: tuple[str, ...]) -> tuple[str, ...]:
        """Return by what to order them: rank first where they are ranked."""
        return ("rank", *usual) if self.is_ranked else usual


def find(rows: QuerySet[Ticket], text: str, user: User) -> Found:
    """Return those of `rows`, records that `user` may see, that have every word of the text.

    A client's contact finds by what he may read, not by the house's own notes. One character alone is looked
    for in titles. Where nothing can be looked for (blanks, signs), nothing is found.
    """
    words = words_of(text[:MOST_ASKED_FOR])
    if not words:
        return Found(rows.none(), words, is_ranked=False)
    if user.is_contact:
        return _ranked(rows.filter(*(_readable(word, user) for word in words)), text, words)
    way = way_to(words)
    found = rows.filter(having(way.hits, way.rarest, way.keys))
    return Found(found, words, is_ranked=False) if way.hits is None else _ranked(found, text, words)


@dataclass(frozen=True, slots=True)
class Way:
    """By which way records are found: the few `hits` themselves; or by all the pieces, through the index for
    the rarest of them; or, without `rarest`, by walking.
    """

    hits: list[int] | None = None
    rarest: list[int] | None = None
    keys: list[int] | None = None


def way_to(words: Sequence[str]) -> Way:
    """Return by which way the house finds records that have these words; there has to be one at least."""
    keys = [key(piece) for piece in asked(words)]
    rarest = _rarest(keys)
    hits = _first_hits(keys, rarest)
    if hits is not None and len(hits) <= FEW:
        return Way(hits=hits)
    if hits is not None and not _is_walked(_density(hits)):
        return Way(rarest=rarest, keys=keys)
    return Way(keys=keys)


def having(hits: list[int] | None, rarest: list[int] | None, keys: list[int] | None) -> Combinable:
    """The condition on records that a `Way` stands for."""
    if hits is not None:
        return RawSQL("tickets_ticket.id = ANY(%s)", [hits], BooleanField())
    if rarest is not None:
        return RawSQL(f"tickets_ticket.id IN ({HITS})", [rarest, keys], BooleanField())
    return RawSQL(HAS, [keys], BooleanField())


def number_in(text: str) -> int | None:
    """Return the number of the record that is asked for: `T-10234`, `10234`, `t 10234`."""
    match = NUMBER.fullmatch(fold(text))
    return as_id(match[1]) if match else None


def as_id(text: str) -> int | None:
    """Return the id that a text of an address stands for, or nothing where it can be none."""
    return int(text) if text.isdecimal() and len(text) < 20 and int(text) <= LARGEST_ID else None


def _ranked(rows: QuerySet[Ticket], text: str, words: tuple[str, ...]) -> Found:
    in_title = reduce(Q.__and__, (Q(title__icontains=word) for word in words))
    ranks = [When(in_title, then=Value(1))]
    if (number := number_in(text)) is not None:
        ranks.insert(0, When(pk=number, then=Value(0)))
    rank = Case(*ranks, default=Value(2), output_field=IntegerField())
    return Found(rows.annotate(rank=rank), words, is_ranked=True)


def _rarest(keys: list[int]) -> list[int]:
    """Those of the pieces that few records have; where all are frequent, the two that are least so."""
    common = statistics(_minute())
    rare = [piece for piece in keys if piece not in common]
    return rare or sorted(keys, key=lambda piece: common[piece])[:2]


def _minute() -> int:
    return int(time.monotonic() // STATISTICS_KEPT)


def _first_hits(keys: list[int], rarest: list[int]) -> list[int] | None:
    """The records that have all the pieces, but no more than one above `FEW`, in the order of their rows.

    None where the statistics say that so many have them that walking finds a page.
    """
    minute = _minute()
    common, pieces = statistics(minute), {*keys}
    with connection.cursor() as cursor:
        if pieces <= common.keys():
            share, records = min(common[piece] for piece in pieces), common[None]
            if len(pieces) > 1:  # each is frequent; are they together?
                share = together(frozenset(pieces), min(100, 100 * SAMPLE / records), minute)
            if _is_walked(share) and share * records > FEW:
                return None
        cursor.execute(f"{HITS} LIMIT %s", [rarest, keys, FEW + 1])
        return [pk for (pk,) in cursor.fetchall()]


@lru_cache(maxsize=1)
def statistics(minute: int) -> dict[int | None, float]:
    """Return which share of records has each frequent piece; under None, how many records there are.

    Kept for a minute: they say by which way to look, never what is found.
    """
    with connection.cursor() as cursor:
        cursor.execute(FREQUENT, [LONGEST_WALK, PAGE])
        return dict(cursor.fetchall())


@lru_cache(maxsize=1024)
def together(pieces: frozenset[int], percent: float, minute: int) -> float:
    """Return which share of records has all these pieces, out of a sample; kept as `statistics` are."""
    with connection.cursor() as cursor:
        cursor.execute(TOGETHER, [list(pieces), percent])
        [share] = cursor.fetchone()
    return float(share)


def _is_walked(share: float) -> bool:
    """Whether so large a share of records has the words that walking finds a page of them soon enough."""
    return share * LONGEST_WALK >= PAGE


def _density(hits: Sequence[int]) -> float:
    """Which share of records has the words. Rows lie about in the order of their records, with stragglers."""
    ordered = sorted(hits)
    tenth = len(ordered) // 10
    return (len(ordered) - 2 * tenth) / (ordered[-1 - tenth] - ordered[tenth] + 1)


def _readable(word: str, user: User) -> Q:
    """That a contact can read the word on the page of his record."""
    columns = ("title", "details", "diagnosis", "solution", "caller_name", "callback_number")
    names = ("client__name", "client__name_en", "system__name", "system__name_en")
    said = Entry.objects.visible_to(user).filter(ticket=OuterRef("pk"), text__icontains=word)
    found = reduce(Q.__or__, (Q(**{f"{name}__icontains": word}) for name in (*columns, *names)))
    number = number_in(word)
    return found | Q(Exists(said)) | (Q(pk=number) if number is not None else Q())
