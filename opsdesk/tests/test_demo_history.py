"""History is written in bulk, and nobody can tell: the actions perform it too, and the rows are compared."""

import random
from datetime import timedelta

import pytest
from django.forms.models import model_to_dict

from opsdesk.demo import calls, history
from opsdesk.demo.clients import sign_up
from opsdesk.demo.lookup import Lookup
from opsdesk.demo.people import hire
from opsdesk.demo.story import Story, perform
from opsdesk.testing import at, load_reference_rows, sunk
from tickets.models import Link, LinkKind, Ticket

NOW = at("2026-11-23 14:20")
PASSWORD = "maple-river-teapot-27"


@pytest.fixture
def told(db) -> tuple[Lookup, list[Story]]:
    """Two hundred stories that are over, of a house with nothing in it yet."""
    load_reference_rows()
    rng = random.Random(7)
    staff = hire(rng, password=PASSWORD, now=NOW)
    served = sign_up(rng, staff, password=PASSWORD, now=NOW)
    since, until = NOW - timedelta(days=500), NOW - timedelta(days=90)
    lookup = Lookup(since=since)
    return lookup, list(calls.stories(rng, lookup, staff, served, count=200, since=since, until=until))


def test_bulk_history_is_field_by_field_what_the_actions_write(told) -> None:
    lookup, stories = told
    chosen = _varied(stories)
    written = history.write(chosen, lookup)
    for story, bulk in zip(chosen, written, strict=True):
        acted = perform(story, now=NOW)
        bulk.refresh_from_db()
        assert _rows(bulk) == _rows(acted), story.call.title
    assert sunk(NOW) == []


def _varied(stories: list[Story]) -> list[Story]:
    """Every kind and grade, and all that were held up, handed over, reopened or late, some forty in all."""
    rare = {"pause", "assign", "reopen", "decide"}
    special = [story for story in stories if rare & {step.verb for step in story.steps}]
    rest = [story for story in stories if story not in special]
    return sorted(special[:25] + rest[:25], key=lambda story: story.reported_at)


def _rows(ticket: Ticket) -> dict[str, object]:
    """Everything that is stored about a record, without ids and in an order that does not hang on them."""
    plain = model_to_dict(ticket, exclude=["id"])
    clocks = [
        model_to_dict(clock, exclude=["id", "ticket"]) for clock in ticket.clocks.order_by("started_at", "id")
    ]
    steps = [
        {
            **model_to_dict(step, exclude=["id", "ticket", "clock", "told"]),
            "clock": (step.clock.kind, step.clock.cycle, step.clock.grade),
            "told": sorted(step.told.values_list("username", flat=True)),
        }
        for step in ticket.escalations.select_related("clock").order_by("fired_at", "rule")
    ]
    return {
        "ticket": plain,
        "entries": [
            model_to_dict(e, exclude=["id", "ticket", "changes"]) | {"changes": _without_numbers(e.changes)}
            for e in ticket.entries.order_by("at", "id")
        ],
        "repeats": [
            (tie.other.title, tie.other.reported_at, tie.at, tie.by)
            for tie in ticket.links.select_related("other")
        ],
        "overruns": [
            model_to_dict(case, exclude=["id", "ticket", "clock"]) | {"clock": case.clock.cycle}
            for case in ticket.overruns.select_related("clock").order_by("due_at", "kind", "id")
        ],
        "clocks": sorted(clocks, key=lambda c: (c["kind"], c["cycle"], str(c["superseded_at"]))),
        "escalations": sorted(steps, key=lambda s: (s["clock"][:2], s["rule"])),
        "time": [
            (row.entry.at, row.entry.kind, row.person_id, row.minutes, row.on)
            for row in ticket.time_spent.select_related("entry").order_by("entry__at", "entry__kind")
        ],
        "meetings": [
            model_to_dict(meeting, exclude=["id", "ticket", "invited"])
            | {"invited": sorted(meeting.invited.values_list("username", flat=True))}
            for meeting in ticket.meetings.all()
        ],
        "verdicts": [
            model_to_dict(verdict, exclude=["id", "meeting"])
            for meeting in ticket.meetings.all()
            for verdict in meeting.verdicts.all()
        ],
        "steps": [model_to_dict(step, exclude=["id", "ticket"]) for step in ticket.steps.all()],
        "pauses": [model_to_dict(pause, exclude=["id", "ticket"]) for pause in ticket.pauses.all()],
    }


def _without_numbers(changes: dict[str, object]) -> dict[str, object]:
    """What one performance names is its own earlier record; the other's has another number."""
    return changes | {name: "a fault" for name in ("repeat_of",) if name in changes}


def test_some_faults_of_history_repeat_an_earlier_one(told) -> None:
    lookup, stories = told
    assert Link.objects.filter(record__in=history.write(stories, lookup), kind=LinkKind.REPEAT).exists()


def test_the_stories_compared_contain_every_verb_of_history(told) -> None:
    _lookup, stories = told
    verbs = {step.verb for story in _varied(stories) for step in story.steps}
    assert verbs == {
        *("grade", "assign", "acknowledge", "diagnose", "add_note"),
        *("pause", "resume", "resolve", "confirm", "reopen"),
        *("convene", "decide", "tell_client"),
    }
