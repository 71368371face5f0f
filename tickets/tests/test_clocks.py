"""When a clock is near, due and reported up. The classes are the defects that service desks are known for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from duty.hours import ROUND_THE_CLOCK, Day, NeverOpen, Span, WorkingTime, is_open
from tickets.clocks import (
    ClockState,
    Interval,
    due_at,
    elapsed,
    has_passed,
    instant_at,
    near_at,
    remaining,
    state,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOTHING, MINUTE, HOUR, DAY = timedelta(0), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = timedelta.resolution

LUNCH = (Span(540, 720), Span(810, 1080))  # 09:00-12:00 and 13:30-18:00
NINE_TO_SIX = (Span(540, 1080),)
SPRING_AND_MAY = {date(2026, 2, day): Day.OFF for day in range(15, 24)}
SPRING_AND_MAY |= {date(2026, 5, day): Day.OFF for day in range(1, 6)}
SPRING_AND_MAY |= {date(2026, 2, 14): Day.MAKEUP, date(2026, 2, 28): Day.MAKEUP, date(2026, 5, 9): Day.MAKEUP}


def weekdays(spans, calendar=SPRING_AND_MAY):
    return WorkingTime((spans,) * 5 + ((), ()), calendar, SHANGHAI)


OFFICE, PLAIN = weekdays(LUNCH), weekdays(NINE_TO_SIX)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


def pause(start: str, end: str | None = None) -> Interval:
    return Interval(at(start), at(end) if end else None)


def pauses_of_11_march(text: str) -> list[Interval]:
    """Read "11:00/12:00, 17:00/03-12 10:00": a day is given where it is another one."""
    edges = [
        [f"03-11 {edge}"[-11:] for edge in written.split("/")] for written in text.split(", ") if written
    ]
    return [pause(*pair) for pair in edges]


def state_at(now, start, limit, hours, pauses, stopped_at=None):
    """What the record would show: the instants as stored at `now`, then the state."""
    known = [p for p in pauses if p.start <= now]
    return state(
        due_at=due_at(start, limit, hours, known),
        near_at=near_at(start, limit, 80, hours, known),
        stopped_at=stopped_at,
        paused=any(p.end is None or now < p.end for p in known),
        now=now,
    )


# March 2026 has no holiday: the 11th is a Wednesday, the 13th a Friday.
DUE = [
    ("without a pause", PLAIN, "03-11 10:00", 4, "", "03-11 14:00"),
    ("a pause inside hours", PLAIN, "03-11 10:00", 4, "11:00/12:00", "03-11 15:00"),
    ("pushed over the night", PLAIN, "03-11 10:00", 4, "11:00/16:00", "03-12 10:00"),
    ("only what is inside hours counts", PLAIN, "03-11 10:00", 4, "13:30/03-12 08:00", "03-12 09:30"),
    ("outside hours nothing is credited", PLAIN, "03-11 16:00", 4, "19:00/03-12 08:59", "03-12 11:00"),
    ("from Friday into Monday", PLAIN, "03-13 16:00", 4, "03-13 17:00/03-16 10:00", "03-16 13:00"),
    ("a weekend is not credited", PLAIN, "03-13 16:00", 4, "03-14 10:00/03-15 10:00", "03-16 11:00"),
    ("over May Day", PLAIN, "04-30 16:00", 4, "05-01 09:00/05-05 18:00", "05-06 11:00"),
    ("in the lunch break", OFFICE, "03-11 11:00", 2, "12:05/13:25", "03-11 14:30"),
    ("into the lunch break", OFFICE, "03-11 11:00", 2, "11:30/13:00", "03-11 15:00"),
    ("unsorted", PLAIN, "03-11 10:00", 4, "13:00/14:00, 11:00/12:00", "03-11 16:00"),
    ("overlapping", PLAIN, "03-11 10:00", 4, "11:00/12:30, 12:00/13:00", "03-11 16:00"),
    ("one inside another", PLAIN, "03-11 10:00", 4, "11:00/13:00, 12:00/12:30", "03-11 16:00"),
    ("touching", PLAIN, "03-11 10:00", 4, "11:00/12:00, 12:00/13:00", "03-11 16:00"),
    ("twice the same", PLAIN, "03-11 10:00", 4, "11:00/12:00, 11:00/12:00", "03-11 15:00"),
    ("wholly before the start", PLAIN, "03-11 10:00", 4, "09:00/09:30", "03-11 14:00"),
    ("from before the start", PLAIN, "03-11 10:00", 4, "09:00/11:00", "03-11 15:00"),
    ("after the deadline", PLAIN, "03-11 10:00", 4, "15:00/16:00", "03-11 14:00"),
    ("an empty pause", PLAIN, "03-11 10:00", 4, "11:00/11:00", "03-11 14:00"),
    ("an empty pause at a deadline at the close", PLAIN, "03-11 14:00", 4, "18:00/18:00", "03-11 18:00"),
    ("up to the start", PLAIN, "03-11 10:00", 4, "09:00/10:00", "03-11 14:00"),
    ("exactly at the deadline", PLAIN, "03-11 10:00", 4, "14:00/15:00", "03-11 15:00"),
    ("at a deadline at the close", PLAIN, "03-11 14:00", 4, "18:00/22:00", "03-12 09:00"),
    ("in the night after a deadline at the close", PLAIN, "03-11 14:00", 4, "19:00/22:00", "03-11 18:00"),
    ("on the wall clock", ROUND_THE_CLOCK, "05-01 22:00", 24, "05-02 00:00/05-03 00:00", "05-03 22:00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "start", "limit", "pauses", "expected"), [row[1:] for row in DUE], ids=[row[0] for row in DUE]
)
def test_the_deadline_with_pauses(hours, start, limit, pauses, expected):
    intervals = pauses_of_11_march(pauses)
    assert due_at(at(start), limit * HOUR, hours, intervals) == at(expected)
    assert elapsed(at(start), at(expected), hours, intervals) == limit * HOUR


def test_near_is_a_share_of_the_limit_and_not_of_the_calendar():
    start = at("03-13 17:00")
    assert near_at(start, 10 * HOUR, 80, PLAIN, []) == at("03-16 16:00")
    assert near_at(start, 10 * HOUR, 80, ROUND_THE_CLOCK, []) == at("03-14 01:00")
    assert near_at(start, 10 * HOUR, 100, PLAIN, []) == due_at(start, 10 * HOUR, PLAIN, [])


def test_time_left_is_negative_once_overdue_and_stands_still_outside_hours():
    start, limit = at("03-11 16:00"), 4 * HOUR
    assert remaining(start, limit, at("03-11 17:00"), PLAIN, []) == 3 * HOUR
    assert remaining(start, limit, at("03-11 23:00"), PLAIN, []) == 2 * HOUR
    assert remaining(start, limit, at("03-12 11:00"), PLAIN, []) == NOTHING
    assert remaining(start, limit, at("03-12 12:30"), PLAIN, []) == -1.5 * HOUR
    assert remaining(start, limit, at("03-12 12:30"), PLAIN, [pause("03-11 17:00")]) == 3 * HOUR


def test_nothing_has_elapsed_before_the_start():
    assert elapsed(at("03-11 16:00"), at("03-11 10:00"), PLAIN, [pause("03-11 09:00")]) == NOTHING


# States ----------------------------------------------------------------------------------------------------

NEAR_TIME, DUE_TIME = at("03-11 13:12"), at("03-11 14:00")

STATES = [
    ("before near", "03-11 13:00", None, ClockState.RUNNING),
    ("at near", "03-11 13:12", None, ClockState.RUNNING),
    ("after near", "03-11 13:12:00.000001", None, ClockState.NEAR),
    ("at the deadline", "03-11 14:00", None, ClockState.NEAR),
    ("after the deadline", "03-11 14:00:00.000001", None, ClockState.BREACHED),
    ("stopped before the deadline", "03-12 10:00", "03-11 13:59", ClockState.MET),
    ("stopped at the deadline", "03-12 10:00", "03-11 14:00", ClockState.MET),
    ("stopped after the deadline", "03-12 10:00", "03-11 14:00:00.000001", ClockState.MISSED),
]


@pytest.mark.parametrize(
    ("now", "stopped_at", "expected"), [r[1:] for r in STATES], ids=[r[0] for r in STATES]
)
def test_what_is_done_at_the_very_deadline_is_in_time(now, stopped_at, expected):
    stopped = at(stopped_at) if stopped_at else None
    assert (
        state(due_at=DUE_TIME, near_at=NEAR_TIME, stopped_at=stopped, paused=False, now=at(now)) is expected
    )


def test_a_paused_clock_is_paused_unless_it_was_overdue_before():
    now = at("03-12 10:00")
    assert state(due_at=None, near_at=None, stopped_at=None, paused=True, now=now) is ClockState.PAUSED
    assert state(due_at=None, near_at=NEAR_TIME, stopped_at=None, paused=True, now=now) is ClockState.PAUSED
    assert (
        state(due_at=DUE_TIME, near_at=NEAR_TIME, stopped_at=None, paused=True, now=now)
        is ClockState.BREACHED
    )
    assert state(due_at=None, near_at=None, stopped_at=now, paused=False, now=now) is ClockState.MET
    assert state(due_at=None, near_at=None, stopped_at=None, paused=False, now=now) is ClockState.PAUSED
    later = now + HOUR
    assert state(due_at=later, near_at=now, stopped_at=None, paused=True, now=now) is ClockState.PAUSED


def test_an_unknown_instant_has_not_passed():
    assert not has_passed(None, at("03-11 10:00"))
    assert not has_passed(DUE_TIME, DUE_TIME)
    assert has_passed(DUE_TIME, DUE_TIME + TICK)


# Refusals --------------------------------------------------------------------------------------------------


def test_a_pause_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="end before"):
        pause("03-11 12:00", "03-11 11:00")


def test_naive_times_are_refused():
    naive = datetime(2026, 3, 11, 9)  # noqa: DTZ001
    for ask in (
        lambda: Interval(naive),
        lambda: Interval(at("03-11 09:00"), naive),
        lambda: due_at(naive, HOUR, PLAIN, []),
        lambda: elapsed(naive, at("03-11 09:00"), PLAIN, []),
    ):
        with pytest.raises(ValueError, match="naive"):
            ask()


def test_a_negative_limit_is_refused():
    with pytest.raises(ValueError, match="taken back"):
        due_at(at("03-11 09:00"), -HOUR, PLAIN, [])


def test_hours_that_never_open_say_so():
    with pytest.raises(NeverOpen):
        due_at(at("03-11 09:00"), HOUR, WorkingTime(((),) * 7, {}, SHANGHAI), [])


# The defects that service desks are known for, by class ----------------------------------------------------


class TestPendingTimeLostWhenTheGradeChanges:
    START = at("03-11 09:00")
    WAITED = [pause("03-11 10:00", "03-11 12:00")]

    def test_a_new_limit_keeps_the_credited_pause(self):
        assert due_at(self.START, 8 * HOUR, PLAIN, self.WAITED) == at("03-12 10:00")
        assert due_at(self.START, 4 * HOUR, PLAIN, self.WAITED) == at("03-11 15:00")

    def test_a_regrade_forgives_no_elapsed_time(self):
        now = at("03-11 14:00")
        used = elapsed(self.START, now, PLAIN, self.WAITED)
        assert used == 3 * HOUR
        for limit in (4 * HOUR, 8 * HOUR, 24 * HOUR):
            assert remaining(self.START, limit, now, PLAIN, self.WAITED) == limit - used

    def test_a_regrade_to_the_wall_clock_counts_from_the_call(self):
        assert due_at(self.START, 12 * HOUR, ROUND_THE_CLOCK, self.WAITED) == at("03-11 23:00")

    def test_pauses_and_regrades_in_any_order_end_alike(self):
        begun, over, shorter, longer = (
            ("begin", "03-11 10:00"),
            ("end", "03-11 12:00"),
            ("limit", 4),
            ("limit", 8),
        )
        ends = set()
        for events in permutations([begun, over, shorter, longer]):
            if events.index(over) < events.index(begun):
                continue
            opened, pauses, due = None, [], None
            for what, value in [*events, ("limit", 6)]:
                if what == "begin":
                    opened = value
                elif what == "end":
                    pauses, opened = [*pauses, pause(opened, value)], None
                limit = value if what == "limit" else 6
                due = due_at(self.START, limit * HOUR, PLAIN, pauses + ([pause(opened)] if opened else []))
            ends.add(due)
        assert ends == {at("03-11 17:00")}


class TestBreachWhilePaused:
    START, LIMIT = at("03-11 10:00"), 4 * HOUR

    def test_while_a_pause_is_open_nothing_is_due(self):
        waiting = [pause("03-11 13:00")]
        assert due_at(self.START, self.LIMIT, PLAIN, waiting) is None
        assert near_at(self.START, self.LIMIT, 80, PLAIN, waiting) is None
        assert state_at(at("08-01 10:00"), self.START, self.LIMIT, PLAIN, waiting) is ClockState.PAUSED

    def test_what_had_passed_before_the_pause_stays(self):
        waiting = [pause("03-11 13:30")]
        assert near_at(self.START, self.LIMIT, 80, PLAIN, waiting) == at("03-11 13:12")
        assert due_at(self.START, self.LIMIT, PLAIN, waiting) is None
        late = [pause("03-11 15:00")]
        assert due_at(self.START, self.LIMIT, PLAIN, late) == at("03-11 14:00")
        assert state_at(at("03-11 16:00"), self.START, self.LIMIT, PLAIN, late) is ClockState.BREACHED

    def test_a_pause_that_begins_at_the_very_deadline_holds_it_up(self):
        waiting = [pause("03-11 14:00")]
        assert due_at(self.START, self.LIMIT, PLAIN, waiting) is None
        assert state_at(at("03-11 20:00"), self.START, self.LIMIT, PLAIN, waiting) is ClockState.PAUSED

    def test_a_second_pause_may_be_open_behind_a_closed_one(self):
        pauses = [pause("03-11 11:00", "03-11 12:00"), pause("03-11 13:00")]
        assert due_at(self.START, self.LIMIT, PLAIN, pauses) is None
        assert instant_at(self.START, 1.5 * HOUR, PLAIN, pauses) == at("03-11 12:30")

    def test_a_clock_started_in_an_open_pause_waits_for_its_end(self):
        assert instant_at(self.START, NOTHING, PLAIN, [pause("03-11 09:00")]) is None


class TestPauseAcrossAWeekend:
    START, LIMIT = at("03-13 16:00"), 4 * HOUR

    def test_the_weekend_is_credited_neither_twice_nor_at_all(self):
        """Friday 17:00 to Monday 10:00 takes two working hours away, not sixty-five."""
        waited = [pause("03-13 17:00", "03-16 10:00")]
        assert due_at(self.START, self.LIMIT, PLAIN, waited) == at("03-16 13:00")
        assert due_at(self.START, self.LIMIT, PLAIN, []) == at("03-16 11:00")

    @pytest.mark.parametrize("minutes", range(0, 600, 17))
    def test_the_deadline_never_lands_after_the_closing_hour(self, minutes):
        waited = [Interval(at("03-13 16:30"), at("03-13 16:30") + minutes * MINUTE)]
        due = due_at(self.START, self.LIMIT, PLAIN, waited)
        assert is_open(due - TICK, PLAIN)
        assert at("03-16 09:00") < due <= at("03-16 18:00")


class TestSolvedTimeAfterAReopening:
    def test_a_new_cycle_gets_no_credit_for_pauses_of_the_old_one(self):
        """It counts from the reopening; what was waited before is nothing to it."""
        old = [pause("03-09 10:00", "03-09 17:00"), pause("03-10 10:00", "03-11 09:30")]
        reopened = at("03-11 10:00")
        assert due_at(reopened, 4 * HOUR, PLAIN, old) == due_at(reopened, 4 * HOUR, PLAIN, [])

    def test_the_time_used_by_a_stopped_clock_is_fixed(self):
        start, stopped = at("03-11 10:00"), at("03-11 12:00")
        assert elapsed(start, stopped, PLAIN, [pause("03-11 11:00", "03-11 11:30")]) == 1.5 * HOUR
        later = [pause("03-11 11:00", "03-11 11:30"), pause("03-11 14:00", "03-11 15:00")]
        assert elapsed(start, stopped, PLAIN, later) == 1.5 * HOUR


class TestReportUpInstantWrongAlthoughTheDeadlineIsRight:
    START, LIMIT = at("02-13 16:30"), 8 * HOUR  # the last Friday before Spring Festival

    @pytest.mark.parametrize("hours", [OFFICE, PLAIN, ROUND_THE_CLOCK], ids=["lunch", "plain", "24x7"])
    @pytest.mark.parametrize("pauses", [[], [("02-14 10:00", "02-24 11:00")]], ids=["running", "paused"])
    def test_a_step_of_the_whole_limit_falls_on_the_deadline(self, hours, pauses):
        intervals = [pause(*edges) for edges in pauses]
        due = due_at(self.START, self.LIMIT, hours, intervals)
        assert instant_at(self.START, self.LIMIT, hours, intervals) == due
        assert near_at(self.START, self.LIMIT, 100, hours, intervals) == due

    def test_a_step_before_the_deadline_does_not_fire_at_midnight(self):
        assert instant_at(self.START, 2 * HOUR, OFFICE, []) == at("02-14 09:30")
        assert instant_at(self.START, 7.5 * HOUR, OFFICE, []) == at("02-14 16:30")


class TestLevelTwoNeverRuns:
    def test_every_step_of_a_ladder_has_its_instant_in_order(self):
        """A workday, three and five of them (§5.4, grade 3), over May Day and its make-up Saturday."""
        steps = [instant_at(at("04-29 09:00"), n * 7.5 * HOUR, OFFICE, []) for n in (1, 2, 3, 5)]
        assert steps == [at("04-29 18:00"), at("04-30 18:00"), at("05-06 18:00"), at("05-08 18:00")]
        assert instant_at(at("04-29 09:00"), 6 * 7.5 * HOUR, OFFICE, []) == at("05-09 18:00")

    def test_steps_beyond_the_deadline_exist_too(self):
        assert instant_at(at("03-11 10:00"), 2.5 * HOUR, ROUND_THE_CLOCK, []) == at("03-11 12:30")


class TestLunchBreaksAndSeveralSpansADay:
    def test_a_lunch_break_is_no_holiday_and_no_working_time(self):
        assert due_at(at("03-11 11:30"), HOUR, OFFICE, []) == at("03-11 14:00")
        assert due_at(at("03-11 12:30"), 4.5 * HOUR, OFFICE, []) == at("03-11 18:00")


class TestRemindersAtNightForOfficeHours:
    def test_an_office_hours_clock_started_at_night_rings_in_the_morning(self):
        assert instant_at(at("03-11 22:00"), NOTHING, OFFICE, []) == at("03-12 09:00")
        assert instant_at(at("05-01 10:00"), NOTHING, OFFICE, []) == at("05-06 09:00")
        assert near_at(at("03-11 22:00"), 4 * HOUR, 80, OFFICE, []) == at("03-12 13:42")

    def test_a_grade_one_clock_rings_whenever_it_is(self):
        assert instant_at(at("05-01 03:00"), NOTHING, ROUND_THE_CLOCK, []) == at("05-01 03:00")
        assert due_at(at("05-01 03:00"), timedelta(minutes=15), ROUND_THE_CLOCK, []) == at("05-01 03:15")


class TestCalendarEditedAndOpenRecordsRecomputed:
    START, LIMIT = at("03-12 10:00"), 12 * HOUR

    def test_a_holiday_announced_meanwhile_moves_the_deadline_back_and_keeps_the_time_used(self):
        announced = weekdays(NINE_TO_SIX, SPRING_AND_MAY | {date(2026, 3, 13): Day.OFF})
        now = at("03-12 17:00")
        assert due_at(self.START, self.LIMIT, PLAIN, []) == at("03-13 13:00")
        assert due_at(self.START, self.LIMIT, announced, []) == at("03-16 13:00")
        assert elapsed(self.START, now, announced, []) == elapsed(self.START, now, PLAIN, [])

    def test_computing_it_twice_gives_the_same(self):
        waited = (pause("03-12 11:00", "03-12 12:00"),)
        assert len({due_at(self.START, self.LIMIT, PLAIN, waited) for _ in range(3)}) == 1


class TestHolidayRuleInverted:
    def test_more_holidays_never_make_a_report_up_earlier(self):
        """Called on Wednesday, three working days: every further day off is one day more to wait."""
        start, limit = at("03-11 09:00"), 27 * HOUR
        seen = []
        for free in range(4):
            off = {date(2026, 3, 12) + n * DAY: Day.OFF for n in range(free)}
            seen.append(instant_at(start, limit, weekdays(NINE_TO_SIX, off), []))
        assert seen == [at("03-13 18:00"), at("03-16 18:00"), at("03-17 18:00"), at("03-17 18:00")]


class TestMakeUpWorkdays:
    def test_the_make_up_saturday_counts(self):
        assert due_at(at("05-08 15:00"), 9 * HOUR, PLAIN, []) == at("05-09 15:00")

    def test_a_pause_on_a_make_up_saturday_is_credited(self):
        waited = [pause("05-09 10:00", "05-09 12:00")]
        assert due_at(at("05-08 15:00"), 9 * HOUR, PLAIN, waited) == at("05-09 17:00")


# Properties ------------------------------------------------------------------------------------------------

thorough = settings(max_examples=100, derandomize=True, deadline=None, database=None)

BASE = at("02-11 00:00")  # ten days before and after are Spring Festival with its two make-up Saturdays
NIGHT = WorkingTime(((Span(0, 360), Span(1320, 1440)),) * 7, SPRING_AND_MAY, SHANGHAI)
SATURDAYS = WorkingTime((LUNCH,) * 5 + ((Span(600, 720),), ()), SPRING_AND_MAY, SHANGHAI)
BERLIN = WorkingTime((LUNCH,) * 6 + ((Span(60, 240),),), {}, ZoneInfo("Europe/Berlin"))

all_hours = st.sampled_from([OFFICE, PLAIN, NIGHT, SATURDAYS, BERLIN, ROUND_THE_CLOCK])
# Whole quarters of an hour meet the edges of spans and pauses; the odd times meet everything else.
moments = st.one_of(st.integers(0, 20 * 96).map(lambda n: n * 15 * MINUTE), st.timedeltas(NOTHING, 20 * DAY))
instants = moments.map(lambda offset: (BASE + offset).astimezone(UTC))
limits = st.one_of(st.integers(1, 300).map(lambda n: n * 15 * MINUTE), st.timedeltas(TICK, 72 * HOUR))
closed_pauses = st.lists(st.tuples(instants, instants).map(lambda pair: Interval(*sorted(pair))), max_size=4)


@thorough
@given(instants, limits, all_hours, closed_pauses)
def test_at_the_deadline_exactly_the_limit_has_elapsed(start, limit, hours, pauses):
    due = due_at(start, limit, hours, pauses)
    assert elapsed(start, due, hours, pauses) == limit
    assert remaining(start, limit, due, hours, pauses) == NOTHING


@thorough
@given(instants, limits, all_hours, closed_pauses)
def test_no_instant_lies_inside_a_pause_or_outside_hours(start, offset, hours, pauses):
    instant = instant_at(start, offset, hours, pauses)
    assert not any(p.start <= instant < p.end for p in pauses)
    assert is_open(instant, hours) or is_open(instant - TICK, hours)
    assert instant >= start


@thorough
@given(instants, limits, all_hours, closed_pauses, st.tuples(instants, instants))
def test_a_pause_never_shortens(start, limit, hours, pauses, edges):
    longer = [*pauses, Interval(*sorted(edges))]
    assert due_at(start, limit, hours, longer) >= due_at(start, limit, hours, pauses)
    now = max(edges)
    assert elapsed(start, now, hours, longer) <= elapsed(start, now, hours, pauses)


@thorough
@given(instants, limits, all_hours, closed_pauses, instants, moments)
def test_a_pause_never_breaches(start, limit, hours, pauses, pause_start, waited):
    """Who was in time when the pause began is in time all through it, and takes up where he left."""
    earlier = [p for p in pauses if p.end <= pause_start]
    assume(start <= pause_start)
    assume(state_at(pause_start, start, limit, hours, earlier) is not ClockState.BREACHED)
    now = pause_start + waited
    waiting = [*earlier, Interval(pause_start)]
    assert due_at(start, limit, hours, waiting) is None
    assert state_at(now, start, limit, hours, waiting) is ClockState.PAUSED
    assert elapsed(start, now, hours, waiting) == elapsed(start, pause_start, hours, earlier) <= limit
    resumed = [*earlier, Interval(pause_start, now)]
    assert state_at(now, start, limit, hours, resumed) is not ClockState.BREACHED
    assert elapsed(start, now, hours, resumed) == elapsed(start, now, hours, waiting)


@thorough
@given(instants, limits, all_hours, closed_pauses, instants)
def test_what_had_passed_before_a_pause_stays_where_it_was(start, limit, hours, pauses, pause_start):
    earlier = [p for p in pauses if p.end <= pause_start]
    due = due_at(start, limit, hours, earlier)
    expected = due if due < pause_start else None
    assert due_at(start, limit, hours, [*earlier, Interval(pause_start)]) == expected


@thorough
@given(instants, limits, limits, all_hours, closed_pauses)
def test_steps_come_in_the_order_of_their_offsets(start, one, other, hours, pauses):
    first, second = sorted((one, other))
    assert instant_at(start, first, hours, pauses) <= instant_at(start, second, hours, pauses)
    assert instant_at(start, NOTHING, hours, pauses) <= instant_at(start, first, hours, pauses)
    assert near_at(start, second, 80, hours, pauses) <= due_at(start, second, hours, pauses)


@thorough
@given(instants, limits, all_hours, closed_pauses, st.randoms(use_true_random=False), instants)
def test_the_order_and_the_cut_of_pauses_do_not_matter(start, limit, hours, pauses, random, cut):
    pieces = []
    for p in pauses:
        pieces += [Interval(p.start, cut), Interval(cut, p.end)] if p.start < cut < p.end else [p]
    random.shuffle(pieces)
    assert due_at(start, limit, hours, pieces) == due_at(start, limit, hours, pauses)
    assert elapsed(start, cut, hours, pieces) == elapsed(start, cut, hours, pauses)


@thorough
@given(instants, limits, all_hours, closed_pauses, st.integers(0, 20))
def test_a_holiday_never_makes_anything_earlier(start, limit, hours, pauses, day):
    off = {**hours.days, (BASE + day * DAY).date(): Day.OFF}
    with_holiday = WorkingTime(hours.weekly, off, hours.tz)
    assert due_at(start, limit, with_holiday, pauses) >= due_at(start, limit, hours, pauses)
    assert near_at(start, limit, 80, with_holiday, pauses) >= near_at(start, limit, 80, hours, pauses)


@thorough
@given(instants, all_hours, closed_pauses, st.lists(limits, min_size=1, max_size=4), instants)
def test_however_often_it_is_regraded_the_time_used_stays(start, hours, pauses, regrades, now):
    used = elapsed(start, now, hours, pauses)
    for limit in regrades:
        due = due_at(start, limit, hours, pauses)
        assert remaining(start, limit, now, hours, pauses) == limit - used
        assert (used > limit) <= has_passed(due, now)
        assert has_passed(due, now) <= (used >= limit)


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(
    st.integers(0, 6 * 24 * 60), st.integers(1, 900), all_hours,
    st.lists(st.tuples(st.integers(0, 9 * 24 * 60), st.integers(0, 1500)), max_size=3),
)  # fmt: skip
def test_counting_minute_by_minute_gives_the_same(start, limit, hours, pauses):
    """An oracle that knows only whether a minute is worked and not paused."""
    paused = [range(begin, begin + length) for begin, length in pauses]
    intervals = [Interval(BASE + r.start * MINUTE, BASE + r.stop * MINUTE) for r in paused]
    origin, minute, used = BASE.astimezone(UTC), start, 0
    while used < limit:
        if is_open(origin + minute * MINUTE, hours) and not any(minute in r for r in paused):
            used += 1
        minute += 1
    due = origin + minute * MINUTE
    if any(minute in r for r in paused):  # reached as a pause begins: held up, as the tables above say
        assert due_at(origin + start * MINUTE, limit * MINUTE, hours, intervals) > due
    else:
        assert due_at(origin + start * MINUTE, limit * MINUTE, hours, intervals) == due
    assert elapsed(origin + start * MINUTE, due, hours, intervals) == limit * MINUTE
