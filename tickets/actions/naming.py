"""After a client, a system or a contact has changed its name, its records are found under the new one.

Nobody has to say that a name has changed, and nobody can forget to: the names as they are now are compared
with those of the last look, whoever changed them and in whatever way. What differs puts its records on a
list, and the list is worked off some hundred records at a time. Each step is one transaction, so that a crash
leaves either all of it or none; two workers at once take different records.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from tickets.actions.indexing import CHUNK, index
from tickets.models import KnownName, Named, StaleIndex, Ticket

AT_MOST = 4000  # records in one run
# No request lives longer: whoever read the old name before it changed has saved his record by then.
SETTLED = timedelta(minutes=5)

# What is compared of each thing: all of its names, and of a contact his numbers, with marks between them.
NAMES = {
    Named.CLIENT: "SELECT id, concat_ws(chr(31), name, name_en) AS names FROM clients_client",
    Named.SYSTEM: "SELECT id, concat_ws(chr(31), name, name_en) AS names FROM clients_system",
    Named.CONTACT: """
        SELECT person.id, concat_ws(chr(31), person.name, person.name_en, phones.numbers) AS names
        FROM clients_contact person LEFT JOIN (
            SELECT contact_id, string_agg(concat_ws(chr(30), number, digits), chr(31) ORDER BY digits, number)
                AS numbers
            FROM clients_phone GROUP BY contact_id
        ) phones ON phones.contact_id = person.id""",
}
NOTICE = """
WITH present AS ({names}), changed AS (
    INSERT INTO tickets_knownname (of, thing_id, names, look_again_at)
    SELECT %(of)s, id, names, %(again)s FROM present
    WHERE NOT EXISTS (SELECT 1 FROM tickets_knownname known WHERE known.of = %(of)s
                      AND known.thing_id = present.id AND known.names = present.names)
    ON CONFLICT (of, thing_id) DO UPDATE
    SET names = EXCLUDED.names, look_again_at = EXCLUDED.look_again_at
    RETURNING thing_id
)
INSERT INTO tickets_staleindex (ticket_id)
SELECT record.id FROM tickets_ticket record JOIN changed ON record.{of}_id = changed.thing_id
ON CONFLICT DO NOTHING
"""
LOOK_AGAIN = """
WITH settled AS (
    UPDATE tickets_knownname SET look_again_at = NULL
    WHERE of = %(of)s AND look_again_at <= %(now)s RETURNING thing_id
)
INSERT INTO tickets_staleindex (ticket_id)
SELECT record.id FROM tickets_ticket record JOIN settled ON record.{of}_id = settled.thing_id
WHERE record.logged_at > %(since)s
ON CONFLICT DO NOTHING
"""


def follow_names(*, now: datetime, at_most: int = AT_MOST) -> int:
    """Notice which names have changed, and index anew the records that have them; return how many.

    No more than `at_most` in one run: what is left is for the next one. A second run changes nothing.
    """
    notice_names(now=now)
    done = 0
    while done < at_most and (count := _index_some(min(CHUNK, at_most - done))):
        done += count
    return done


@transaction.atomic
def notice_names(*, now: datetime) -> None:
    """Put the records of everything whose names have changed since the last look on the list."""
    with connection.cursor() as cursor:
        for of, names in NAMES.items():
            facts: dict[str, str | datetime] = {
                "of": of.value,
                "now": now,
                "again": now + SETTLED,
                "since": now - 4 * SETTLED,
            }
            cursor.execute(LOOK_AGAIN.format(of=of.value), facts)
            cursor.execute(NOTICE.format(of=of.value, names=names), facts)


@transaction.atomic
def forget_stale() -> None:
    """Take all names as known and empty the list: whoever calls this indexes every record himself."""
    KnownName.objects.all().delete()
    with connection.cursor() as cursor:
        for of, names in NAMES.items():
            cursor.execute(
                "INSERT INTO tickets_knownname (of, thing_id, names)"
                f" SELECT %s, id, names FROM ({names}) present ON CONFLICT DO NOTHING",
                [of.value],
            )
    StaleIndex.objects.all().delete()


@transaction.atomic
def _index_some(count: int) -> int:
    waiting = StaleIndex.objects.select_for_update(skip_locked=True).order_by("pk")[:count]
    ids = [stale.pk for stale in waiting]
    # Off the list before the names are read: what changes from here on is put on it again.
    StaleIndex.objects.filter(pk__in=ids).delete()
    if ids:
        index([Ticket(pk=pk) for pk in ids])
    return len(ids)
