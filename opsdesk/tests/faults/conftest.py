"""A house of its own for tests that break things: a database, a Valkey, and real processes that are killed.

Every process is ended by its recorded process group, never by name. `OPSDESK_DRILL=1` (script/drill) makes
the same tests longer.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from opsdesk.embedded import Place, settle, start_valkey
from opsdesk.processes import Process, end_group, hold, spawn, stop
from opsdesk.pytest_embedded import PREFIX, in_memory_if_roomy
from opsdesk.testing import Cast, build_cast
from tickets import actions
from tickets.models import (
    ClockKind,
    Entry,
    EntryKind,
    Escalation,
    EscalationRule,
    Grade,
    Heartbeat,
    Target,
    Ticket,
    TimeLimit,
)
from tickets.models.clock import EscalationQuerySet
from tickets.tests.mailserver import imap, mailbox  # noqa: F401  (fixtures)

DRILL = bool(os.environ.get("OPSDESK_DRILL"))
SECOND = timedelta(seconds=1)
# A grade-1 call in ten seconds instead of twelve hours; its report-ups by time 1,800 times as fast.
LIMITS = {ClockKind.RESPONSE: 4, ClockKind.DIAGNOSIS: 6, ClockKind.RESOLUTION: 10}
FASTER = 1800
TOLD = {
    Target.OWNER: "chen",
    Target.SUPERVISOR: "wang",
    Target.TECHNICAL_LEAD: "liu",
    Target.DEPARTMENT_MANAGER: "zhao",
    Target.GENERAL_MANAGER: "qian",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.django_db(transaction=True))


@dataclass
class House:
    """The cast, the records, and what is started to look after them."""

    cast: Cast
    folder: Path
    env: dict[str, str]
    place: Place
    processes: dict[str, Process] = field(default_factory=dict)
    ended_by_themselves: list[str] = field(default_factory=list)

    # Processes ---------------------------------------------------------------------------------------------

    def start(self, name: str, *words: str) -> Process:
        """Start a Python module as a process of this house, in a group of its own."""
        with hold(self.folder / f"{name}.lock") as held:
            command = [sys.executable, "-m", *words]
            log, root = self.folder / f"{name}.log", settings.BASE_DIR
            self.processes[name] = spawn(command, held=held, log=log, cwd=root, env=self.env)
        return self.processes[name]

    def start_worker(self, name: str) -> Process:
        words = ["celery", "-A", "opsdesk", "worker", "-Q", "deadlines,celery", "-c", "2", "-l", "warning"]
        return self.start(name, *words, "--without-gossip", "--without-mingle", "-n", f"{name}@%h")

    def start_beat(self, name: str) -> Process:
        return self.start(
            name, "celery", "-A", "opsdesk", "beat", "-s", str(self.folder / f"{name}-schedule")
        )

    def start_guard(self) -> Process:
        return self.start("guard", "manage", "guard")

    def start_witness(self) -> Path:
        """Start the witness of every e-mail that leaves; return its notes. Before what is to send to it."""
        notes, port = self.folder / "witness.txt", free_port()
        self.start("witness", "opsdesk.tests.faults.witness", str(port), str(notes))
        self.wait("the witness", lambda: answers(port), 20)
        self.env["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
        return notes

    def start_valkey(self) -> Process:
        log = self.folder / "valkey.log"
        self.processes["valkey"] = start_valkey(self.place, log=log, durable=False)
        return self.processes["valkey"]

    def start_celery(self, *, workers: int = 1, beats: int = 1) -> None:
        """Start Valkey, workers and beats, and wait until the first tick has come round."""
        self.start_valkey()
        begun = timezone.now()
        for number in range(workers):
            self.start_worker(f"worker{number}")
        for number in range(beats):
            self.start_beat(f"beat{number}")
        self.wait("the first tick", lambda: self.has_ticked_since(begun), 40)

    def kill(self, name: str) -> None:
        """Kill a process and its children with SIGKILL."""
        end_group(self.processes.pop(name))

    def supervise(self) -> None:
        """Start workers and beats again that ended by themselves, as the supervisor does."""
        for name, process in list(self.processes.items()):
            if name.startswith(("worker", "beat")) and process.poll() is not None:
                self.ended_by_themselves.append(name)
                end_group(process)
                (self.start_worker if name.startswith("worker") else self.start_beat)(name)

    def end(self) -> None:
        stop(dict.fromkeys(self.processes.values(), signal.SIGKILL), patience=1)

    def hang_up(self) -> int:
        """Make Postgres drop every connection but ours; return how many."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return cursor.fetchone()[0]

    # Looking -----------------------------------------------------------------------------------------------

    def wait(self, what: str, until: Callable[[], bool], patience: float) -> float:
        """Look until it is so; return the seconds that it took. Fails with the end of every log."""
        begun = time.monotonic()
        while not until():
            if time.monotonic() - begun > patience:
                logs = [f"== {log.name}\n{log.read_text()[-1500:]}" for log in self.folder.glob("*.log")]
                left = Escalation.objects.filter(fired_at=None).count()
                pytest.fail(f"{what}: not within {patience} s, {left} not fired\n" + "\n".join(logs))
            time.sleep(0.05)
        return time.monotonic() - begun

    def has_ticked_since(self, instant: datetime, name: str = "tick") -> bool:
        return Heartbeat.objects.filter(name=name, at__gt=instant).exists()

    def nothing_left(self) -> bool:
        return not Escalation.objects.filter(fired_at__isnull=True, clock__stopped_at__isnull=True).exists()

    # Records -----------------------------------------------------------------------------------------------

    def call(self, *, now: datetime | None = None) -> Ticket:
        """Log a grade-1 call which nobody touches from then on."""
        now = now or timezone.now()
        ticket = self.cast.ticket(now)
        return actions.grade(ticket, Grade.ONE, reason="clause", by=self.cast.li, now=now)

    @transaction.atomic
    def many(self, count: int, *, over: float, start: datetime) -> None:
        """Make so many records whose response is due one after another `over` seconds from `start`.

        Copies, row by row, of one that the actions have written: near, due, and three report-ups each.
        """
        tickets = [self.cast.ticket(start)]
        clocks = [tickets[0].clocks.get()]
        steps = list(clocks[0].escalations.all())
        own = len(steps)
        for _number in range(count - 1):
            tickets.append(copy(tickets[0]))
            clocks.append(copy(clocks[0], ticket=tickets[-1]))
            steps += [copy(step, ticket=tickets[-1], clock=clocks[-1]) for step in steps[:own]]
        for number, (ticket, clock) in enumerate(zip(tickets, clocks, strict=True)):
            clock.due_at = ticket.next_due_at = start + over * SECOND * number / count
            clock.near_at = clock.next_at = clock.due_at - SECOND / 2
        for step in steps:
            clock = clocks[0] if step.pk else step.clock
            step.due_at = clock.due_at if step.offset == clock.limit else clock.near_at
        for rows, first in ((tickets, 1), (clocks, 1), (steps, own)):
            for row in rows[:first]:
                row.save()
            type(rows[0]).objects.bulk_create(rows[first:])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def copy(row, **changes):
    fields = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
    made = type(row)(**fields)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def scale_policy() -> None:
    for kind, seconds in LIMITS.items():
        TimeLimit.objects.filter(kind=kind, grade=Grade.ONE).update(limit=seconds * SECOND)
    for rule in EscalationRule.objects.filter(grade=Grade.ONE, after__isnull=False):
        rule.after /= FASTER
        rule.save()
    # The meeting that a report-up convenes comes by a task of its own, and brings report-ups of its own.
    EscalationRule.objects.update(convenes=False)


def lateness(steps) -> list[float]:
    """Seconds from the instant of each report-up to when it was written, sorted; from the rows alone."""
    return sorted((step.fired_at - step.due_at).total_seconds() for step in steps)


def counted(steps: EscalationQuerySet, *, due: int) -> dict[str, object]:
    """What became of so many report-ups that came due, from the rows alone."""
    late = lateness(steps.fired())
    entries = Entry.objects.filter(kind=EntryKind.REPORTED_UP, ticket__escalations__in=steps).distinct()
    return {
        "due": due,
        "lost": due - len(late),
        "duplicated": entries.count() - len(late),
        "late_p99_s": round(late[len(late) * 99 // 100], 3) if late else None,
    }


def assert_all_happened_once(ticket: Ticket) -> list[Escalation]:
    """Every mark and every report-up of a grade-1 call is there once, in order, with the right people."""
    steps = list(ticket.escalations.filter(clock__superseded_at__isnull=True).order_by("due_at", "id"))
    entries = list(ticket.entries.filter(by=None).order_by("pk"))
    kinds = [entry.kind for entry in entries]
    assert kinds.count(EntryKind.NEAR) == kinds.count(EntryKind.BREACHED) == len(LIMITS)
    assert kinds.count(EntryKind.REPORTED_UP) == len(steps) == len(kinds) - 2 * len(LIMITS)
    instants = [entry.changes["due_at"] for entry in entries]
    assert instants == sorted(instants)
    assert {step.target for step in steps} == set(TOLD)
    for step in steps:
        assert step.fired_at is not None
        people = [person.username for person in step.told.all()]
        assert people == [TOLD[Target(step.target)]]
        inbox = step.told.get().notices.filter(key=f"escalation:{step.pk}")
        assert inbox.count() == 1
    return steps


@pytest.fixture
def own_database(transactional_db: None) -> Iterator[str]:
    """A copy of the tests' database which other processes may see; its URL."""
    with copied_database() as url:
        yield url


@contextmanager
def copied_database() -> Iterator[str]:
    """Copy the database that the ORM uses now, and let it use the copy meanwhile; yield the copy's URL."""
    original = connection.settings_dict["NAME"]
    name = f"{original}_{os.getpid()}"
    with apart() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        # A thread of an earlier test may hold its connection still: nobody may, while it is copied.
        hang_up = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        cursor.execute(hang_up, [original])
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
    connection.settings_dict["NAME"] = name
    try:
        yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    finally:
        connection.settings_dict["NAME"] = original
        with apart() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def apart() -> Iterator:
    """A cursor outside the tests' database, to which nobody is connected meanwhile."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        yield cursor


@pytest.fixture
def house(own_database: str, undisturbed: None) -> Iterator[House]:
    """A database with the cast in it and fast limits, and a folder for everything that is started."""
    with folder_of_its_own() as (folder, place), furnished(folder, place, own_database) as house:
        yield house


@contextmanager
def folder_of_its_own() -> Iterator[tuple[Path, Place]]:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=in_memory_if_roomy()))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    with hold(folder / "in-use"):
        yield folder, settle(folder)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def furnished(folder: Path, place: Place, database_url: str) -> Iterator[House]:
    """The cast and fast limits in the database that the ORM uses; what was started is ended."""
    env = os.environ | {
        "OPSDESK_ENV": "test",
        "DATABASE_URL": database_url,
        "REDIS_URL": place.redis_url,
        "OPSDESK_DATA": str(folder),
        "LOG_LEVEL": "WARNING",
    }
    house = House(build_cast(), folder, env, place)
    scale_policy()
    try:
        yield house
    finally:
        house.end()


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Say what was counted: on the terminal, and for `script/drill --json`."""

    def say(**facts: object) -> None:
        for name, value in facts.items():
            record_property(name, value)
        print(", ".join(f"{name} {value}" for name, value in facts.items()))  # noqa: T201

    return say


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    """Chance, with its seed printed: OPSDESK_SEED repeats a run."""
    seed = int(os.environ.get("OPSDESK_SEED") or random.randrange(10**6))
    print(f"{request.node.name}: OPSDESK_SEED={seed}")  # noqa: T201
    return random.Random(seed)
