"""Solved records that resemble a symptom, so that nobody looks for the same remedy twice."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from django.db import connection

from clients.models import Client, System
from staff.models import User
from tickets.grams import asked, key, words_of
from tickets.models import Ticket

MOST, MOST_JUDGED = 5, 80
# A symptom is judged by its rarest pieces; candidates for each set of them and from the same system.
PIECES, LOOKED_AT = 12, 80
# How frequent a piece counts as that is not among the column's most common ones. Most of those are joints
# between words that nobody has put side by side before, so a lack of them says little.
RARE, RARE_COUNTS = 0.0005, 0.25
# A record that shares less than this part of the symptom's weight says nothing about it.
LIKE_ENOUGH = 0.3

FREQUENCIES = """
SELECT piece, frequency
FROM pg_stats, unnest(most_common_elems::text::int[], most_common_elem_freqs) AS common(piece, frequency)
WHERE schemaname = current_schema() AND tablename = 'tickets_searchtext' AND attname = 'grams'
  AND piece = ANY(%s)
"""
HAVING = "(SELECT ticket_id FROM tickets_searchtext WHERE grams @> %s::int[] LIMIT %s)"
OF_SYSTEM = (
    "(SELECT id FROM tickets_ticket WHERE system_id = %s AND solution <> '' ORDER BY id DESC LIMIT %s)"
)
LIKEST = """
SELECT t.id
FROM tickets_searchtext s JOIN tickets_ticket t ON t.id = s.ticket_id,
     unnest(%s::int[], %s::float8[]) AS asked(piece, weight)
WHERE s.ticket_id IN ({candidates}) AND t.solution <> '' AND piece = ANY(s.grams)
GROUP BY t.id HAVING sum(weight) >= %s
ORDER BY t.system_id IS NOT DISTINCT FROM %s DESC, t.client_id IS NOT DISTINCT FROM %s DESC,
         sum(weight) DESC, t.id DESC
LIMIT %s
"""


def similar(
    text: str, *, user: User, system: System | None = None, client: Client | None = None
) -> list[Ticket]:
    """Return up to five solved records that resemble a symptom and that `user` may see, the likest first.

    What they share counts the more the rarer it is among all records. Those of the same system come first,
    then those of the same client.
    """
    keys = [key(piece) for piece in asked(words_of(text)) if len(piece) > 1]
    if not keys:
        return []
    likest = _likest(_weights(keys), system, client)
    place = {pk: number for number, pk in enumerate(likest)}
    seen = Ticket.objects.visible_to(user).filter(pk__in=likest).values_list("pk", flat=True)
    shown = sorted(seen, key=place.__getitem__)[:MOST]
    found = Ticket.objects.filter(pk__in=shown).select_related("client", "system")
    return sorted(found, key=lambda ticket: place[ticket.pk])


def _weights(keys: Sequence[int]) -> dict[int, float]:
    """The rarest of the pieces with their weights, the rarest first."""
    with connection.cursor() as cursor:
        cursor.execute(FREQUENCIES, [list(keys)])
        common = dict(cursor.fetchall())
    weights = {piece: -log(common.get(piece, RARE)) + 0.01 for piece in keys}
    return dict(sorted(weights.items(), key=lambda item: -item[1])[:PIECES])


def _likest(weights: dict[int, float], system: System | None, client: Client | None) -> list[int]:
    """The solved records among a bounded number of candidates that share enough with the symptom."""
    rarest = list(weights)
    sets = [rarest[:4], rarest[:2], rarest[:1], rarest[1:2] or rarest[:1]]
    parts, params = [HAVING] * len(sets), [value for pieces in sets for value in (pieces, LOOKED_AT)]
    if system is not None:
        parts.append(OF_SYSTEM)
        params += [system.pk, LOOKED_AT]
    client_id = system.client_id if system is not None else client.pk if client is not None else None
    enough = LIKE_ENOUGH * sum(w * (RARE_COUNTS if w >= -log(RARE) else 1) for w in weights.values())
    with connection.cursor() as cursor:
        cursor.execute(
            LIKEST.format(candidates=" UNION ".join(parts)),
            [
                rarest,
                list(weights.values()),
                *params,
                enough,
                system.pk if system else None,
                client_id,
                MOST_JUDGED,
            ],
        )
        return [pk for (pk,) in cursor.fetchall()]
