"""When callbacks fall due, are placed and drawn: ten years of three hundred clients, and single sentences."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from visits.placing import Board, Person, Want
from visits.planning import (
    AHEAD,
    DAY,
    Every,
    Line,
    Rhythm,
    Share,
    Unit,
    covering,
    draw,
    end_of,
    first_slot,
    following,
    is_drawn,
    slots,
    workday,
)

TZ = ZoneInfo("Asia/Shanghai")
WEEKS, CLIENTS, PEOPLE = 520, 300, 8
START = date(2026, 1, 5)
MONTHLY, QUARTERLY = Every(1, Unit.MONTH), Every(3, Unit.MONTH)
TYPES = {  # by phone and on site, with the days two contacts are apart
    "A": (Rhythm(MONTHLY, 5), Rhythm(QUARTERLY, 15), 7),
    "B": (Rhythm(Every(2, Unit.MONTH), 5), Rhythm(Every(6, Unit.MONTH), 15), 7),
    "C": (Rhythm(QUARTERLY, 5), Rhythm(Every(12, Unit.MONTH), 15), 7),
}


def is_working(day: date) -> bool:
    """Weekends off, and three times a week and more without work: New Year, May, October."""
    holiday = (day.month, day.day)
    is_long = (1, 28) <= holiday <= (2, 4) or (5, 1) <= holiday <= (5, 5) or (10, 1) <= holiday <= (10, 8)
    return day.weekday() < 5 and not is_long


@dataclass(frozen=True)
class Habits:
    """Not before or after a time of day, not on a weekday, not in a span of every year."""

    not_before: time = time(0)
    not_after: time = time(23, 59)
    never_on: frozenset[int] = frozenset()
    busy: tuple[tuple[int, int], tuple[int, int]] | None = None

    def is_quiet(self, at: datetime) -> bool:
        local = at.astimezone(TZ)
        in_busy = bool(self.busy and self.busy[0] <= (local.month, local.day) <= self.busy[1])
        is_early_or_late = not self.not_before <= local.time() < self.not_after
        return is_early_or_late or local.weekday() in self.never_on or in_busy


def habits_of(client: int) -> Habits:
    match client % 10:
        case 0:
            return Habits(not_before=time(10))
        case 1:
            return Habits(not_after=time(11, 30))
        case 2:
            return Habits(never_on=frozenset({0, 4}))
        case 3:
            return Habits(busy=((12, 20), (12, 31)))  # a month's end of accounts
        case 4:
            return Habits(not_before=time(14, 30), never_on=frozenset({2}))
    return Habits()


@dataclass
class Row:
    client: int
    contact: int | None
    person: int
    at: datetime
    is_on_site: bool
    slot: date | None
    covered_by: int | None = None
    is_soon: bool = False

    @property
    def day(self) -> date:
        return self.at.astimezone(TZ).date()


class House:
    """What the planner does once a week, without a database: rows written four weeks ahead."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.dice = Random(2026)
        self.types = {client: "ABBCCCCCCC"[client % 10] for client in range(CLIENTS)}
        self.lines: dict[tuple[int, bool], Line] = {}
        for client, kind in self.types.items():
            for is_on_site in (False, True):
                rhythm = TYPES[kind][is_on_site]
                first = first_slot(client * 2 + is_on_site, rhythm.every, START)
                self.lines[client, is_on_site] = Line(rhythm, first)
        self.faults: dict[int, list[int]] = defaultdict(list)
        self.quiet = {
            (client, contact): habits_of(client)
            for client in range(CLIENTS)
            for contact in (client * 2, client * 2 + 1)
        }

    def board(self, today: date) -> Board:
        board = Board([Person(n) for n in range(PEOPLE)], is_working, TZ, quiet=self.quiet)
        for row in reversed(self.rows):
            if row.day < today - 70 * DAY:
                break
            if row.covered_by is None:
                board.take(row.at, row.person, row.client, row.contact, is_on_site=row.is_on_site)
        return board

    def week(self, today: date) -> None:
        board = self.board(today)
        now = datetime.combine(today, time(6), TZ)
        for _fault in range(3):
            self.after_fault(board, self.dice.randrange(CLIENTS), today, now)
        for key, line in self.lines.items():
            found, after = slots(line, today, today + AHEAD)
            assert after is not None
            self.lines[key] = replace(line, next_on=after)
            for slot in found:
                self.periodic(board, key, slot, line.rhythm, today, now)

    def after_fault(self, board: Board, client: int, today: date, now: datetime) -> None:
        latest = workday(today, 1, is_working)
        self.faults[client].append(len(self.rows))
        self.placed(board, client, today + DAY, latest, False, None, now)

    def periodic(
        self, board: Board, key: tuple[int, bool], slot: date, rhythm: Rhythm, today: date, now: datetime
    ) -> None:
        client, is_on_site = key
        others = [(place, self.rows[place].day) for place in self.faults[client]]
        cover = None if is_on_site else covering(slot, others, 7)
        if cover is not None:
            row = self.rows[cover]
            self.rows.append(replace(row, slot=slot, covered_by=cover))
            return
        earliest = max(slot, today)
        latest = workday(workday(earliest, 0, is_working), rhythm.within, is_working)
        self.placed(board, client, earliest, latest, is_on_site, slot, now)

    def placed(
        self,
        board: Board,
        client: int,
        earliest: date,
        latest: date,
        is_on_site: bool,
        slot: date | None,
        now: datetime,
    ) -> None:
        want = Want(
            client=client,
            earliest=earliest,
            latest=latest,
            is_on_site=is_on_site,
            contacts=(client * 2, client * 2 + 1),
            gap=TYPES[self.types[client]][2],
            prefer=(client % PEOPLE,),
        )
        found = board.place(want, now=now)
        assert found.person is not None
        self.rows.append(
            Row(client, found.contact, found.person, found.at, is_on_site, slot, is_soon=found.is_soon)
        )


def weeks() -> Iterator[date]:
    return (START + week * 7 * DAY for week in range(WEEKS))


@pytest.fixture(scope="module")
def house() -> House:
    built = House()
    for today in weeks():
        built.week(today)
    return built


def test_every_callback_due_by_its_type_is_planned_exactly_once(house: House) -> None:
    planned = Counter((row.client, row.is_on_site, row.slot) for row in house.rows if row.slot is not None)
    # What is due is reckoned by another hand: from the first slot on, step by step.
    end = START + (WEEKS - 1) * 7 * DAY + AHEAD
    wanted: Counter[tuple[int, bool, date | None]] = Counter()
    for client, kind in house.types.items():
        for is_on_site in (False, True):
            every = TYPES[kind][is_on_site].every
            slot = first_slot(client * 2 + is_on_site, every, START)
            while slot <= end:
                wanted[client, is_on_site, slot] += 1
                slot = following(slot, every)
    assert planned == wanted
    assert len(wanted) > 15_000


def test_none_is_on_a_day_off_or_in_quiet_hours(house: House) -> None:
    wrong = [row for row in house.rows if not is_working(row.day) or habits_of(row.client).is_quiet(row.at)]
    assert not wrong


def test_everybody_has_as_much_to_do_within_a_tenth(house: House) -> None:
    for since, until in ((START, date.max), (date(2028, 1, 1), date(2029, 1, 1))):
        loads = Counter(
            row.person for row in house.rows if row.covered_by is None and since <= row.day < until
        )
        even = sum(loads.values()) / PEOPLE
        assert all(abs(load - even) <= even / 10 for load in loads.values()), loads


def test_nobody_is_at_two_places_at_once(house: House) -> None:
    told = Counter((row.person, row.at) for row in house.rows if row.covered_by is None)
    assert max(told.values()) == 1


def test_two_contacts_with_one_person_are_a_week_apart(house: House) -> None:
    """Where a fault does not force it: of those planned sooner hardly one is periodic."""
    periodic = [row for row in house.rows if row.slot is not None and row.covered_by is None]
    assert sum(row.is_soon for row in periodic) <= len(periodic) / 200


def test_an_after_fault_callback_close_by_counts_as_the_periodic_one(house: House) -> None:
    covered = [row for row in house.rows if row.covered_by is not None]
    assert covered
    assert all(abs((row.day - row.slot).days) <= 7 for row in covered if row.slot)


@pytest.mark.parametrize(
    ("slot", "every", "after"),
    [
        (date(2026, 1, 30), Every(1, Unit.MONTH), date(2026, 2, 28)),
        (date(2026, 11, 15), Every(3, Unit.MONTH), date(2027, 2, 15)),
        (date(2026, 12, 1), Every(1, Unit.MONTH), date(2027, 1, 1)),
        (date(2026, 12, 31), Every(12, Unit.MONTH), date(2027, 12, 31)),
        (date(2026, 12, 28), Every(2, Unit.WEEK), date(2027, 1, 11)),
    ],
)
def test_slots_follow_one_another(slot: date, every: Every, after: date) -> None:
    assert following(slot, every) == after


def test_the_share_of_drawn_faults_is_what_the_plan_says() -> None:
    numbers = [f"T-{10_000 + n}" for n in range(4_000)]
    for percent in (0, 10, 20, 50, 100):
        drawn = sum(is_drawn(number, Share(percent, 1)) for number in numbers)
        assert abs(drawn / 40 - percent) < 2.5
    assert draw("T-20931") == draw("T-20931")


def test_of_what_was_missed_while_nobody_planned_only_the_last_is_made() -> None:
    line = Line(Rhythm(Every(1, Unit.MONTH), 5), date(2026, 1, 10))
    found, after = slots(line, today=date(2026, 6, 20), until=date(2026, 7, 18))
    assert found == [date(2026, 6, 10), date(2026, 7, 10)]
    assert after == date(2026, 8, 10)


def test_a_line_ends_and_is_suspended() -> None:
    line = Line(Rhythm(Every(2, Unit.WEEK), 5), date(2026, 6, 1), ends_on=date(2026, 6, 20))
    assert slots(line, date(2026, 5, 30), date(2026, 6, 27)) == ([date(2026, 6, 1), date(2026, 6, 15)], None)
    resting = replace(line, ends_on=None, suspended=[(date(2026, 6, 10), date(2026, 6, 16))])
    assert slots(resting, date(2026, 5, 30), date(2026, 6, 27))[0] == [date(2026, 6, 1)]


def test_a_grade_one_solved_before_a_holiday_is_called_back_on_the_first_working_day() -> None:
    assert workday(date(2026, 9, 30), 1, is_working) == date(2026, 10, 9)
    assert end_of(date(2026, 10, 9), TZ).isoformat() == "2026-10-10T00:00:00+08:00"


def test_whoever_solved_it_does_not_ask_whether_it_is_solved() -> None:
    board = Board([Person(1), Person(2)], is_working, TZ)
    board.loads[2] = 5
    now = datetime(2026, 6, 1, 8, tzinfo=TZ)
    want = Want(client=1, earliest=date(2026, 6, 1), latest=date(2026, 6, 2), avoid={1})
    assert board.place(want, now=now).person == 2


def test_who_is_away_calls_nobody() -> None:
    day = date(2026, 6, 1)
    board = Board([Person(1, frozenset({day})), Person(2)], is_working, TZ)
    board.loads[2] = 5
    want = Want(client=1, earliest=day, latest=day)
    assert board.place(want, now=datetime(2026, 6, 1, 8, tzinfo=TZ)).person == 2


def test_a_client_who_is_quiet_until_the_limit_is_called_after_it() -> None:
    class Never:
        def is_quiet(self, at: datetime) -> bool:
            return at.astimezone(TZ).date() < date(2026, 6, 10)

    board = Board([Person(1)], is_working, TZ, quiet={(1, None): Never()})
    now = datetime(2026, 6, 1, 8, tzinfo=TZ)
    placed = board.place(Want(client=1, earliest=date(2026, 6, 1), latest=date(2026, 6, 2)), now=now)
    assert placed.at.astimezone(TZ).date() == date(2026, 6, 10)


def test_to_go_there_takes_half_a_day() -> None:
    board, now = Board([Person(1)], is_working, TZ), datetime(2026, 6, 1, 8, tzinfo=TZ)
    day = date(2026, 6, 1)
    first = board.place(Want(client=1, earliest=day, latest=day, is_on_site=True), now=now)
    second = board.place(Want(client=2, earliest=day, latest=day), now=now)
    assert (first.at.hour, second.at.hour) == (10, 14)
    assert first.at - second.at < timedelta(0)
