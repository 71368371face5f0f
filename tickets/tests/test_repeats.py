"""Which fault repeats which: the rule as tables, and what it writes (§3.2)."""

from datetime import timedelta

import pytest

from clients.models import System
from opsdesk.testing import MONDAY, Cast
from tickets import actions
from tickets.models import (
    Cause,
    EntryKind,
    Grade,
    Kind,
    Link,
    LinkKind,
    Ticket,
    Window,
    WindowKind,
    repeat_faults,
)
from tickets.repeats import NO_CAUSE, Fault, repeated, repeats

SEC, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
MONTH = 30 * DAY


def fault(number: int = 2, *, system: int | None = 1, cause: str = "software", reported=MONDAY, solved=None):
    return Fault(number, system, cause, reported, solved)


@pytest.mark.parametrize(
    ("later", "earlier", "expected"),
    [
        pytest.param({}, {"solved": MONDAY - DAY}, True, id="solved the day before"),
        pytest.param({}, {"solved": MONDAY - MONTH}, True, id="solved thirty days before, to the second"),
        pytest.param({}, {"solved": MONDAY - MONTH - SEC}, False, id="a second longer ago"),
        pytest.param({}, {"solved": MONDAY}, True, id="solved at the very instant"),
        pytest.param({}, {"solved": MONDAY + SEC}, False, id="solved after the report: the same fault"),
        pytest.param({}, {"solved": None}, False, id="not solved yet"),
        pytest.param({}, {"solved": MONDAY - DAY, "cause": "hardware"}, False, id="another cause"),
        pytest.param({}, {"solved": MONDAY - DAY, "system": 9}, False, id="another system"),
        pytest.param({}, {"solved": MONDAY - DAY, "number": 2}, False, id="itself"),
        pytest.param({"system": None}, {"solved": MONDAY - DAY, "system": None}, False, id="no system"),
        pytest.param({"cause": ""}, {"solved": MONDAY - DAY, "cause": ""}, False, id="cause not known"),
        pytest.param(
            {"cause": "other"}, {"solved": MONDAY - DAY, "cause": "other"}, False, id="no named one"
        ),
    ],
)
def test_same_system_same_cause_solved_within_the_window_before(later, earlier, expected) -> None:
    assert repeats(fault(**later), fault(**({"number": 1} | earlier)), MONTH) is expected


def test_of_several_the_one_solved_last_is_repeated() -> None:
    solved = {1: MONDAY - 3 * DAY, 4: MONDAY - DAY, 3: MONDAY - 2 * DAY, 5: MONDAY - 40 * DAY}
    candidates = [fault(number, solved=at) for number, at in solved.items()]
    assert repeated(fault(), candidates, MONTH).number == 4
    assert repeated(fault(), [], MONTH) is None


def test_the_window_is_the_windows_length() -> None:
    earlier = fault(1, solved=MONDAY - 8 * DAY)
    assert not repeats(fault(), earlier, 7 * DAY)
    assert repeats(fault(), earlier, 8 * DAY)


def test_causes_that_say_nothing_are_named_as_the_model_names_them() -> None:
    assert {"", Cause.OTHER.value} == NO_CAUSE


# What it writes


def taken(cast: Cast, now, **more) -> Ticket:
    ticket = actions.grade(cast.ticket(now, **more), Grade.THREE, reason="clause", by=cast.li, now=now)
    return actions.acknowledge(ticket, by=cast.chen, now=now)


def solved(cast: Cast, now, cause=Cause.DATABASE, **more) -> Ticket:
    return actions.resolve(taken(cast, now, **more), solution="重启", cause=cause, by=cast.chen, now=now)


def diagnosed(ticket: Ticket, cast: Cast, now, cause=Cause.DATABASE) -> Ticket:
    return actions.diagnose(ticket, diagnosis="归档满", cause=cause, by=cast.chen, now=now)


def repeat_of(ticket: Ticket) -> Ticket | None:
    link = ticket.links.filter(kind=LinkKind.REPEAT).first()
    return link.other if link else None


def test_with_its_diagnosis_a_fault_is_tied_to_the_one_that_it_repeats(cast: Cast) -> None:
    earlier, later = solved(cast, MONDAY), taken(cast, MONDAY + 20 * DAY)
    assert repeat_of(later) is None
    diagnosed(later, cast, MONDAY + 20 * DAY + HOUR)
    assert repeat_of(later) == earlier
    entry = later.entries.get(kind=EntryKind.LINKED)
    assert (entry.by, entry.changes) == (None, {"repeat_of": [None, earlier.number]})
    assert not earlier.entries.filter(kind=EntryKind.LINKED).exists()


def test_a_second_diagnosis_and_the_solution_tie_nothing_twice(cast: Cast) -> None:
    earlier, later = solved(cast, MONDAY), taken(cast, MONDAY + DAY)
    for hours in (1, 2):
        diagnosed(later, cast, MONDAY + DAY + hours * HOUR)
    now = MONDAY + DAY + 3 * HOUR
    actions.resolve(later, solution="扩容", cause=Cause.DATABASE, by=cast.chen, now=now)
    assert repeat_of(later) == earlier
    assert later.entries.filter(kind=EntryKind.LINKED).count() == 1


def test_what_is_solved_without_a_diagnosis_is_tied_by_its_solution(cast: Cast) -> None:
    earlier, later = solved(cast, MONDAY), solved(cast, MONDAY + DAY)
    assert repeat_of(later) == earlier
    assert repeat_of(earlier) is None


def test_another_cause_takes_the_tie_away_and_says_so(cast: Cast) -> None:
    earlier, later = solved(cast, MONDAY), taken(cast, MONDAY + DAY)
    diagnosed(later, cast, MONDAY + DAY)
    diagnosed(later, cast, MONDAY + DAY + HOUR, Cause.HARDWARE)
    assert repeat_of(later) is None
    entry = later.entries.get(kind=EntryKind.UNLINKED)
    assert entry.changes == {"repeat_of": [earlier.number, None], "why": [None, "other_cause"]}


@pytest.mark.parametrize("what", ["other system", "other cause", "too long ago", "a request"])
def test_what_is_no_repeat_is_not_tied(cast: Cast, what: str) -> None:
    if what == "a request":
        request = cast.ticket(MONDAY, kind=Kind.REQUEST)
        request = actions.acknowledge(request, by=cast.chen, now=MONDAY)
        actions.resolve(request, solution="x", cause=Cause.DATABASE, by=cast.chen, now=MONDAY)
    else:
        solved(cast, MONDAY, Cause.NETWORK if what == "other cause" else Cause.DATABASE)
    system = System.objects.create(client=cast.hospital, name="PACS") if what == "other system" else cast.his
    later = MONDAY + (31 * DAY if what == "too long ago" else DAY)
    assert repeat_of(solved(cast, later, system=system)) is None


def test_whoever_says_that_it_repeats_nothing_has_the_last_word(cast: Cast) -> None:
    earlier, later = solved(cast, MONDAY), taken(cast, MONDAY + DAY)
    diagnosed(later, cast, MONDAY + DAY)
    actions.unlink(later, other=earlier, kind=LinkKind.REPEAT, by=cast.chen, now=MONDAY + DAY + HOUR)
    actions.resolve(later, solution="x", cause=Cause.DATABASE, by=cast.chen, now=MONDAY + DAY + 2 * HOUR)
    assert repeat_of(later) is None


def test_what_somebody_has_tied_by_hand_the_rule_leaves_alone(cast: Cast) -> None:
    first = solved(cast, MONDAY, Cause.HARDWARE)
    solved(cast, MONDAY + HOUR)
    later = taken(cast, MONDAY + DAY)
    actions.link(later, other=first, kind=LinkKind.REPEAT, reason="同一台机器", by=cast.li, now=MONDAY + DAY)
    diagnosed(later, cast, MONDAY + DAY + HOUR)
    assert repeat_of(later) == first


def test_the_window_is_a_row_and_without_it_the_rule_rests(cast: Cast) -> None:
    Window.objects.filter(kind=WindowKind.REPEAT_FAULT).update(span=DAY)
    solved(cast, MONDAY)
    assert repeat_of(solved(cast, MONDAY + DAY + HOUR)) is None
    assert repeat_of(solved(cast, MONDAY + DAY + 2 * HOUR)) is not None
    Window.objects.all().delete()
    assert repeat_of(solved(cast, MONDAY + DAY + 3 * HOUR)) is None


def test_the_rows_of_the_repeat_fault_rate(cast: Cast) -> None:
    solved(cast, MONDAY)
    later, merged = solved(cast, MONDAY + DAY), solved(cast, MONDAY + 2 * DAY)
    assert set(repeat_faults(Ticket.objects.all())) == {later, merged}
    actions.merge(merged, into=later, by=cast.li, now=MONDAY + 3 * DAY)
    assert set(repeat_faults(Ticket.objects.all())) == {later}
    assert not repeat_faults(Ticket.objects.filter(reported_at__lt=MONDAY + HOUR)).exists()


def test_a_merged_record_is_not_what_another_repeats(cast: Cast) -> None:
    first, second = solved(cast, MONDAY), solved(cast, MONDAY + HOUR)
    actions.merge(second, into=first, by=cast.li, now=MONDAY + 2 * HOUR)
    assert repeat_of(solved(cast, MONDAY + DAY)) == first
    assert Link.objects.filter(kind=LinkKind.REPEAT, other=second).count() == 0
