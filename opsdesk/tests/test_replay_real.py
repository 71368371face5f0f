"""The replay of the real log agrees with an independent count of the file, made with the csv module alone."""

import csv
import os
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings

from opsdesk.replay import replay
from opsdesk.testing import SHANGHAI, sunk
from tickets.models import Clock, Entry, EntryKind, Status, Ticket

LOG = Path(settings.BASE_DIR).parent / "shared" / "data" / "incident_event_log.csv"

pytestmark = pytest.mark.skipif(not LOG.exists(), reason=f"the real log is not here: {LOG}")
STATES = {"Resolved": Status.RESOLVED, "Closed": Status.CLOSED}


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%d-%m-%Y %H:%M").replace(tzinfo=SHANGHAI)


def incidents() -> dict[str, list[dict[str, str]]]:
    """The rows of each incident by time."""
    found = defaultdict(list)
    with LOG.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["number"]].append(row)
    return {
        number: sorted(rows, key=lambda row: instant(row["sys_updated_at"])) for number, rows in found.items()
    }


def changes(rows: list[dict[str, str]], *columns: str) -> int:
    """How often one of the columns changes from row to row."""
    values = [tuple(row[column] for column in columns) for row in rows]
    return sum(was != now for was, now in zip(values, values[1:], strict=False))


def solved(rows: list[dict[str, str]]) -> datetime:
    """When the log first says "Resolved" (else "Closed") after its last reopening."""
    cycle = [row for row in rows if row["reopen_count"] == rows[-1]["reopen_count"]]
    states = [row["incident_state"] for row in cycle]
    return instant(cycle[states.index("Resolved" if "Resolved" in states else "Closed")]["sys_updated_at"])


def assignments(ticket: Ticket, rows: list[dict[str, str]]) -> list[Entry]:
    """The record's hand-overs: its assignments without the first, where the log begins with one."""
    entries = list(ticket.entries.filter(kind=EntryKind.ASSIGNED))
    begins_assigned = (rows[0]["assignment_group"], rows[0]["assigned_to"]) != ("?", "?")
    return entries[1:] if begins_assigned else entries


@pytest.mark.django_db
def test_the_first_sixty_agree_with_an_independent_count() -> None:
    replay_agrees_with_the_count(60)


@pytest.mark.drill("log")
@pytest.mark.skipif("OPSDESK_DRILL" not in os.environ, reason="two minutes: a matter for script/drill")
@pytest.mark.django_db(transaction=True)  # one transaction an incident, as outside the tests
def test_all_six_hundred_agree_with_an_independent_count() -> None:
    replay_agrees_with_the_count(600)


def replay_agrees_with_the_count(limit: int) -> None:
    counted = dict(list(incidents().items())[:limit])
    summary = replay(LOG, limit=limit)

    assert Ticket.objects.count() == len(counted) == limit
    assert summary.log.lines == sum(map(len, incidents().values()))
    assert summary.rows == summary.rows_placed == sum(map(len, counted.values()))
    assert not summary.failed
    assert not summary.outcome.refused

    for ticket in Ticket.objects.select_related("group", "owner"):
        rows = counted[ticket.external_ref]
        first, last = rows[0], rows[-1]
        handed_over = assignments(ticket, rows)
        assert len(handed_over) == changes(rows, "assignment_group", "assigned_to"), ticket.external_ref
        to_groups = sum("group" in entry.changes for entry in handed_over)
        assert to_groups == changes(rows, "assignment_group"), ticket.external_ref
        assert ticket.reopened_count == int(last["reopen_count"]), ticket.external_ref
        assert ticket.status == STATES[last["incident_state"]], ticket.external_ref
        assert ticket.closed_at == instant(last["closed_at"]), ticket.external_ref
        opened, updated = instant(first["opened_at"]), instant(first["sys_updated_at"])
        assert ticket.reported_at == min(opened, updated), ticket.external_ref
        group = last["assignment_group"] if last["assignment_group"] != "?" else "Replayed log"
        assert ticket.group.name == group, ticket.external_ref
        if last["assigned_to"] != "?":
            assert ticket.owner.name == last["assigned_to"], ticket.external_ref
        assert ticket.resolved_at == solved(rows), ticket.external_ref

    last_rows = [rows[-1] for rows in counted.values()]
    by_the_log = sum(int(row["reassignment_count"]) for row in last_rows)
    unnamed = summary.outcome.noted.get("counted as reassigned, but group and person stay: a note", [])
    assert summary.outcome.steps["handed to another group"] + len(unnamed) == by_the_log
    assert summary.outcome.steps["reopened"] == sum(int(row["reopen_count"]) for row in last_rows)

    assert not Clock.objects.running().exists()
    assert sunk(instant("01-01-2017 00:00")) == []

    entries = Entry.objects.count()
    again = replay(LOG, limit=limit)
    assert list(again.lines()) == [f"{limit} already there, nothing changed"]
    assert Entry.objects.count() == entries
