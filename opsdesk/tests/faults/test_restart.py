"""PostgreSQL ended in the middle of everything: what was acknowledged is stored, what was due happens."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.db import Error, connection
from django.utils import timezone

from opsdesk.embedded import start_postgres
from opsdesk.testing import load_reference_rows
from opsdesk.tests.faults.conftest import DRILL, SECOND, House, counted, folder_of_its_own, furnished
from opsdesk.tests.faults.web import NO_ANSWER, Web
from opsdesk.tests.migrated import migrate
from tickets.models import Entry, EntryKind, Escalation, Ticket

CALLERS = 6


@pytest.fixture
def own_house(transactional_db: None) -> Iterator[House]:
    """A house with a PostgreSQL of its own, one that keeps what it has acknowledged."""
    with folder_of_its_own() as (folder, place):
        original = {name: connection.settings_dict[name] for name in ("NAME", "HOST", "USER")}
        postgres = start_postgres(place, log=folder / "postgres.log")
        migrate(place)
        connection.close()
        connection.settings_dict |= {"NAME": "opsdesk", "HOST": str(place.sockets), "USER": "opsdesk"}
        try:
            load_reference_rows()
            with furnished(folder, place, place.database_url) as house:
                house.processes["postgres"] = postgres
                yield house
        finally:
            connection.close()
            connection.settings_dict |= original


class Callers:
    """Clients who log calls one after another, each under its key until it is acknowledged."""

    def __init__(self, web: Web) -> None:
        self.web, self.going_on = web, True
        self.acknowledged: dict[str, int] = {}
        self.answers: Counter[int] = Counter()
        self.threads = [threading.Thread(target=self.call, args=[number]) for number in range(CALLERS)]
        for thread in self.threads:
            thread.start()

    def call(self, caller: int) -> None:
        number = 0
        while self.going_on:
            number, key = number + 1, f"{caller}-{number}"
            while key not in self.acknowledged:
                status, ticket = self.web.log_call_once(key)
                self.answers[status] += 1
                if status == 201:
                    self.acknowledged[key] = ticket
                else:
                    time.sleep(0.1)

    def end(self) -> None:
        self.going_on = False
        for thread in self.threads:
            thread.join(timeout=60)


@pytest.mark.drill("postgres")
def test_what_was_acknowledged_is_stored_though_postgres_is_ended_three_times(
    own_house: House, figures: Callable[..., None]
) -> None:
    house, pause, count = own_house, *((8, 600) if DRILL else (2, 60))
    web = Web(house)
    house.start_celery(workers=2)
    house.many(count, over=3 * pause, start=timezone.now() + SECOND)
    callers = Callers(web)
    for _time in range(3):
        time.sleep(pause)
        house.processes["postgres"].send_signal(signal.SIGQUIT)  # what pg_ctl calls "immediate"
        house.processes.pop("postgres").wait(timeout=30)
        connection.close()
        house.processes["postgres"] = start_postgres(house.place, log=house.folder / "postgres.log")
    time.sleep(pause)
    callers.end()
    house.wait("all report-ups", lambda: nothing_left(house), 90)
    steps = Escalation.objects.filter(ticket__in=Ticket.objects.order_by("pk")[:count])
    stored = set(Ticket.objects.values_list("pk", flat=True))
    figures(
        **counted(steps, due=3 * count),
        acknowledged=len(callers.acknowledged),
        stored=len(stored) - count,
        answers=dict(callers.answers),
    )
    assert len(callers.acknowledged) > CALLERS
    assert set(callers.acknowledged.values()) <= stored
    assert len(stored) == count + len(set(callers.acknowledged.values())) == count + len(callers.acknowledged)
    assert set(callers.answers) <= {201, 503, 409, NO_ANSWER}
    assert Entry.objects.filter(kind=EntryKind.REPORTED_UP).count() == 3 * count
    assert not Ticket.objects.filter(clocks=None).exists()


def nothing_left(house: House) -> bool:
    """The same question, which may itself meet a connection that the restart has cut."""
    house.supervise()
    try:
        return not Escalation.objects.filter(fired_at=None, due_at__lt=timezone.now()).exists()
    except Error:
        connection.close()
        return False
