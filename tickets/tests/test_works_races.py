"""Two people begin the same change at the same instant: one does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from opsdesk.testing import MONDAY, build_cast
from tickets import actions
from tickets.lifecycle import Moved
from tickets.models import Change, Entry
from tickets.tests.works import DAY, HOUR, scheduled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_two_starts_at_once_are_one(transactional_db: None) -> None:
    cast = build_cast()
    change = scheduled(cast, MONDAY - DAY - HOUR)
    barrier = Barrier(2)

    def start(person: Any) -> str:
        seen = Change.objects.select_related("ticket").get(pk=change.pk)
        barrier.wait()
        try:
            return actions.start_change(seen, by=person, now=MONDAY).state
        except Moved:
            return "moved"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(start, [cast.chen, cast.li])) == ["moved", "started"]
    assert Entry.objects.filter(ticket=change.ticket, changes__change_state__1="started").count() == 1
