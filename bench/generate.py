"""Records by the million: an invented department, streamed into an empty database with COPY.

Shaped like the real thing (3 % open, two to six entries and three clocks a record, deadlines on both sides
of now, all enforced that was due), not written by the verbs: it is for measuring, not for testing rules.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path

from django.db import connection, transaction

from bench.aftermath import let_follow
from bench.listening import listen
from clients.models import Client, ClientType, Contact, Phone, ServiceHours, System
from reports.actions import count_anew as keep_anew
from staff.models import Group, ManagementLevel, Notice, Role, User
from tickets.actions.tallies import add_up, count_anew
from tickets.grams import characters, grams, key
from tickets.models import ClockKind, SearchText, Status, Ticket

WORDS = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
CHUNK = 20_000
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SPAN = timedelta(days=540)
OPEN_SHARE = 0.03

Row = tuple[object, ...]


def generate(records: int, *, now: datetime, say: Callable[[str], None]) -> None:
    """Fill an empty, migrated database with `records` records ending at `now` (aware)."""
    dice = random.Random(records)
    groups, people = _department()
    clients = max(120, records // 50)
    _archive(clients, groups, people, dice)
    columns = ("pk", "client_id", "client__group_id", "maintainer_id", "name", "client__name")
    systems = list(System.objects.order_by("pk").values_list(*columns))
    contacts = dict(Contact.objects.order_by("pk").values_list("client_id", "pk"))
    say(f"{clients:,} clients, {Contact.objects.count():,} contacts")
    made = _records(records, now, systems, contacts, [user.pk for user in people], dice)
    written = 0
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # every key below is known to exist
        _drop_search_index()
        while chunk := list(islice(made, CHUNK)):
            for table in range(len(TABLES)):
                _copy(cursor, *TABLES[table], (row for record in chunk for row in record[table]))
            written += len(chunk)
            say(f"{written:,} of {records:,} records")
        _add_search_index(cursor)
        for table, _columns in TABLES[:3]:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
        say("what followed from them")
        let_follow(now=now)
        listen(now=now)
        cursor.execute("SET session_replication_role = DEFAULT")
        count_anew()
        cursor.execute("VACUUM ANALYZE")
    say("the figures' counts")
    keep_anew(now=now)


Newest = tuple[int, int]


def newest() -> Newest:
    """The last record and the last notice."""
    return Ticket.objects.latest("pk").pk, Notice.objects.latest("pk").pk


def forget(before: Newest) -> None:
    """Remove what was written after these, by measuring: the data stay as they were."""
    ticket, notice = before
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL session_replication_role = replica"
        )  # history refuses to be deleted otherwise
        cursor.execute("DELETE FROM tickets_entry WHERE ticket_id > %s", [ticket])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        steps = "SELECT id FROM tickets_escalation WHERE ticket_id > %s"
        cursor.execute(f"DELETE FROM tickets_escalation_told WHERE escalation_id IN ({steps})", [ticket])
        for table in ("tickets_searchtext", "tickets_escalation", "tickets_clock"):
            cursor.execute(f"DELETE FROM {table} WHERE ticket_id > %s", [ticket])
        cursor.execute("DELETE FROM tickets_ticket WHERE id > %s", [ticket])
        cursor.execute("DELETE FROM staff_delivery WHERE notice_id > %s", [notice])
        cursor.execute("DELETE FROM staff_notice WHERE id > %s", [notice])
        cursor.execute("DELETE FROM staff_idempotencykey")
    add_up()


TABLES = [
    (
        "tickets_ticket",
        "id kind channel client_id system_id contact_id caller_name callback_number title details "
        "in_coverage grade grade_reason status group_id owner_id taken_by_id diagnosis cause solution "
        "confirmed_by confirmed_channel reported_at logged_at acknowledged_at diagnosed_at "
        "resolved_at closed_at next_due_at reopened_count version",
    ),
    ("tickets_entry", "id ticket_id kind at by_id text changes"),
    (
        "tickets_clock",
        "id ticket_id kind cycle grade limit near_percent round_the_clock started_at near_at due_at "
        "stopped_at near_marked_at breached_marked_at next_at failures",
    ),
    ("tickets_searchtext", "ticket_id grams"),
]


def _department() -> tuple[list[Group], list[User]]:
    groups = [
        Group.objects.create(code=f"g{n}", name=f"{WORDS['places'][n]}{WORDS['group']}", name_en=f"Group {n}")
        for n in range(4)
    ]
    people = [
        User(
            username=f"bench{n}",
            name=f"{WORDS['names'][n % 10]}{n}",
            email=f"bench{n}@example.test",
            role=Role.ENGINEER,
            group=groups[n % 4],
        )
        for n in range(36)
    ]
    supervisor = User(
        username="bench",
        name=WORDS["supervisor"],
        role=Role.SUPERVISOR,
        group=groups[0],
        management_level=ManagementLevel.SUPERVISOR,
    )
    User.objects.bulk_create([*people, supervisor])
    return groups, people


def _archive(count: int, groups: list[Group], people: list[User], dice: random.Random) -> None:
    kind, hours = ClientType.objects.first(), ServiceHours.objects.first()
    clients = Client.objects.bulk_create(
        [
            Client(
                code=f"c{n}",
                name=f"{dice.choice(WORDS['places'])}{dice.choice(WORDS['clients'])}{n}",
                type=kind,
                group=groups[n % 4],
                hours=hours,
            )
            for n in range(count)
        ],
        batch_size=5000,
    )
    System.objects.bulk_create(
        [
            System(client=client, name=name, maintainer=people[n % 36])
            for n, client in enumerate(clients)
            for name in dice.sample(WORDS["systems"], 2)
        ],
        batch_size=5000,
    )
    contacts = Contact.objects.bulk_create(
        [
            Contact(client=client, name=f"{dice.choice(WORDS['names'])}{WORDS['title']}")
            for client in clients
            for _ in range(5)
        ],
        batch_size=5000,
    )
    Phone.objects.bulk_create(
        [
            Phone(contact=contact, number=f"0755-{80000000 + n}", digits=f"86755{80000000 + n}")
            for n, contact in enumerate(contacts)
        ],
        batch_size=5000,
    )


def _records(
    count: int,
    now: datetime,
    systems: list[Row],
    contacts: dict[int, int],
    people: list[int],
    dice: random.Random,
) -> Iterator[tuple[list[Row], ...]]:
    """Yield for each record its rows in the tables, oldest record first."""
    first = Ticket.objects.count() + 10_001
    entry, clock = iter(range(1, count * 8)), iter(range(1, count * 5))
    for number in range(count):
        is_open = number >= count * (1 - OPEN_SHARE)
        share = number / count
        at = now - (SPAN * (1 - share) if not is_open else timedelta(hours=dice.random() * 100) + HOUR)
        system, client, group, maintainer, *names = dice.choice(systems)
        grade = dice.choices((1, 2, 3), (6, 22, 72))[0]
        status = (
            dice.choice((Status.LOGGED, Status.IN_PROGRESS, Status.RESOLVED)) if is_open else Status.CLOSED
        )
        begun, solved = status != Status.LOGGED, status in (Status.RESOLVED, Status.CLOSED)
        answered, finished = at + dice.random() * 20 * MINUTE, min(at + dice.random() * 14 * HOUR, now)
        owner = maintainer or dice.choice(people)
        limits = {
            ClockKind.RESPONSE: (at, 15 * MINUTE, answered if begun else None),
            ClockKind.DIAGNOSIS: (at, 4 * HOUR, finished if solved else None),
            ClockKind.RESOLUTION: (at, 12 * HOUR if grade == 1 else 72 * HOUR, finished if solved else None),
        }
        if status == Status.RESOLVED:
            limits[ClockKind.CONFIRMATION] = (finished, 240 * HOUR, None)
        pk = first + number
        due = min((start + limit for start, limit, stopped in limits.values() if not stopped), default=None)
        solution = dice.choice(WORDS["solutions"]) if solved else ""
        caller = f"{dice.choice(WORDS['names'])}{WORDS['title']}"
        what = f"{dice.choice(WORDS['faults'])}({number})"
        details = "".join(dice.sample(WORDS["details"], 2))
        known: Row = (pk, "fault", "phone", client, system, contacts[client], caller, "", what, details, True)
        graded: Row = (grade, "§5.4.1.1", status, group, owner, owner)
        ended: Row = ("", "software" if solved else "", solution)
        confirmed: Row = ("", "") if is_open else (caller, "phone")
        times: Row = (
            *(at, at, answered if begun else None),
            *((finished, finished) if solved else (None, None)),
            *((None, due) if is_open else (finished + HOUR, None)),
        )
        ticket = (*known, *graded, *ended, *confirmed, *times, 0, 5)
        steps = [("logged", at), ("graded", at), ("acknowledged", answered), ("note", answered)][
            : 4 if begun else 2
        ]
        steps += [("resolved", finished)] if solved else []
        steps += [("confirmed", finished + HOUR)] if not is_open else []
        said = [dice.choice(WORDS["details"]) for _step in steps]
        entries = [
            (next(entry), pk, kind, when, owner, text, "{}")
            for (kind, when), text in zip(steps, said, strict=True)
        ]
        keys = {key(piece) for piece in grams([f"t{pk}", str(number)])}
        for text in (what.partition("(")[0], *names, details, solution, caller, *said):
            keys |= _keys(text)
        clocks = []
        for kind, (start, limit, stopped) in limits.items():
            near, end, until = start + limit * 0.8, start + limit, min(stopped or now, now)
            marks = near if near < until else None, end if end < until else None
            row = (next(clock), pk, kind, 1, grade, limit, 80, True, start, near, end, stopped)
            clocks.append((*row, *marks, None, 0))
        yield [ticket], entries, clocks, [(pk, "{" + ",".join(map(str, sorted(keys))) + "}")]


@cache
def _keys(text: str) -> frozenset[int]:
    found = grams([text]) | (characters([text]) if text in WORDS["faults"] else set())
    return frozenset(key(piece) for piece in found)


def _drop_search_index() -> None:
    with connection.schema_editor() as editor:
        editor.remove_index(SearchText, SearchText._meta.indexes[0])


def _add_search_index(cursor: object) -> None:
    """Build it over all rows at once, which is several times faster than row by row."""
    cursor.execute("SET maintenance_work_mem = '512MB'")  # type: ignore[attr-defined]
    with connection.schema_editor() as editor:
        editor.add_index(SearchText, SearchText._meta.indexes[0])


def _copy(cursor: object, table: str, columns: str, rows: Iterator[Row]) -> None:
    buffer = io.StringIO()
    for row in rows:
        buffer.write("\t".join(_text(value) for value in row) + "\n")
    buffer.seek(0)
    names = ", ".join(f'"{name}"' for name in columns.split())
    cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", buffer)  # type: ignore[attr-defined]


def _text(value: object) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, timedelta):
        return f"{value.total_seconds()} seconds"
    return str(value)
