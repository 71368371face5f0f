"""Working-time arithmetic: tables for what people can check on a wall calendar, properties for the rest."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from duty.hours import (
    ROUND_THE_CLOCK,
    Day,
    NeverOpen,
    Span,
    WorkingTime,
    add,
    elapsed,
    is_open,
    opening,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MORNING, AFTERNOON = Span(9 * 60, 12 * 60), Span(13 * 60 + 30, 18 * 60)
OFFICE_DAY = (MORNING, AFTERNOON)  # 7.5 hours with a lunch break

# The plan of 2026, typed from the announcement; `test_official` holds the libraries against it.
BREAKS = [
    ("2026-01-01", "2026-01-03"),
    ("2026-02-15", "2026-02-23"),
    ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"),
    ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
]
MAKE_UP_DAYS = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]


def calendar(breaks, make_up_days):
    edges = [
        (date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal())
        for first, last in breaks
    ]
    off = {date.fromordinal(n): Day.OFF for first, last in edges for n in range(first, last + 1)}
    return off | {date.fromisoformat(day): Day.MAKEUP for day in make_up_days}


CALENDAR_2026 = calendar(BREAKS, MAKE_UP_DAYS)


def week(*spans: Span, saturday: tuple[Span, ...] = (), sunday: tuple[Span, ...] = ()):
    return (spans,) * 5 + (saturday, sunday)


OFFICE = WorkingTime(week(*OFFICE_DAY), CALENDAR_2026, SHANGHAI)
NINE_TO_SIX = WorkingTime(week(Span(540, 1080)), CALENDAR_2026, SHANGHAI)
OPEN_ON_HOLIDAYS = WorkingTime(week(*OFFICE_DAY), CALENDAR_2026, SHANGHAI, open_on_holidays=True)
SIX_DAYS = WorkingTime(week(Span(540, 1080), saturday=(Span(540, 720),)), CALENDAR_2026, SHANGHAI)
NIGHT = WorkingTime(((Span(0, 360), Span(1320, 1440)),) * 7, {}, SHANGHAI)


def at(text: str, tz: ZoneInfo = SHANGHAI) -> datetime:
    """Read "05-09 13:30", in 2026 unless it says otherwise."""
    return datetime.fromisoformat(text if text.count("-") == 2 else f"2026-{text}").replace(tzinfo=tz)


def again(text: str, tz: ZoneInfo) -> datetime:
    """Read a time of the repeated hour, the second time round; in UTC, for elsewhere it equals nothing."""
    return at(text, tz).replace(fold=1).astimezone(UTC)


# Tables ----------------------------------------------------------------------------------------------------

ADDED = [
    # hours, start, amount in hours, expected
    ("inside the morning", OFFICE, "03-11 09:30", 1, "03-11 10:30"),
    ("over the lunch break", OFFICE, "03-11 11:00", 2, "03-11 14:30"),
    ("up to the lunch break, not beyond it", OFFICE, "03-11 09:00", 3, "03-11 12:00"),
    ("called in the lunch break", OFFICE, "03-11 12:30", 1, "03-11 14:30"),
    ("lands on the closing hour, not on the next opening", OFFICE, "03-11 13:30", 4.5, "03-11 18:00"),
    ("called at the closing hour", OFFICE, "03-11 18:00", 0.5, "03-12 09:30"),
    ("called before opening", OFFICE, "03-11 03:00", 1, "03-11 10:00"),
    ("over the night from Friday to Monday", OFFICE, "03-13 17:00", 2, "03-16 10:00"),
    ("called on a Saturday", OFFICE, "03-14 10:00", 1, "03-16 10:00"),
    ("a whole working day", OFFICE, "03-11 09:00", 7.5, "03-11 18:00"),
    ("a working day from the afternoon", OFFICE, "03-11 15:00", 7.5, "03-12 15:00"),
    ("the make-up Saturday of May works", OFFICE, "05-09 09:00", 1, "05-09 10:00"),
    ("from Friday into the make-up Saturday", OFFICE, "05-08 17:00", 2, "05-09 10:00"),
    ("the make-up Sunday of September works", OFFICE, "09-19 10:00", 1, "09-20 10:00"),
    ("over May Day", OFFICE, "04-30 17:30", 1, "05-06 09:30"),
    ("called on May Day", OFFICE, "05-01 10:00", 3, "05-06 12:00"),
    ("over nine days of Spring Festival, make-up Saturday before", OFFICE, "02-13 17:00", 2, "02-14 10:00"),
    ("over nine days of Spring Festival", OFFICE, "02-14 17:00", 2, "02-24 10:00"),
    ("72 working hours over Spring Festival", OFFICE, "02-13 09:00", 72, "03-04 15:00"),
    ("over National Day", OFFICE, "09-30 17:00", 1.5, "10-08 09:30"),
    ("open on holidays: May Day is a Friday like others", OPEN_ON_HOLIDAYS, "05-01 10:00", 1, "05-01 11:00"),
    ("open on holidays, not at weekends", OPEN_ON_HOLIDAYS, "05-01 17:30", 1, "05-04 09:30"),
    ("a client served on Saturdays", SIX_DAYS, "03-13 17:00", 2, "03-14 10:00"),
    ("a make-up Saturday keeps the Saturday's own spans", SIX_DAYS, "05-09 09:00", 4, "05-11 10:00"),
    ("a make-up Sunday follows Monday", SIX_DAYS, "09-20 09:00", 9, "09-20 18:00"),
    ("a Saturday inside a break is closed", SIX_DAYS, "06-20 09:00", 1, "06-22 10:00"),
    ("a night shift across midnight", NIGHT, "03-11 23:00", 2, "03-12 01:00"),
    ("a night shift called by day", NIGHT, "03-11 12:00", 3, "03-12 01:00"),
    ("ends with the day", NIGHT, "03-11 22:00", 2, "03-12 00:00"),
    ("round the clock over May Day", ROUND_THE_CLOCK, "04-30 23:00", 24, "05-01 23:00"),
    ("round the clock over New Year", ROUND_THE_CLOCK, "2026-12-31 23:59", 1, "2027-01-01 00:59"),
    ("round the clock, leap day", ROUND_THE_CLOCK, "2028-02-28 12:00", 48, "2028-03-01 12:00"),
]


@pytest.mark.parametrize(
    ("hours", "start", "amount", "expected"), [row[1:] for row in ADDED], ids=[r[0] for r in ADDED]
)
def test_adding_working_time(hours, start, amount, expected):
    assert add(at(start), amount * HOUR, hours) == at(expected)
    assert elapsed(at(start), at(expected), hours) == amount * HOUR


ELAPSED = [
    ("a lunch break is not worked", OFFICE, "03-11 11:00", "03-11 14:30", 2),
    ("a weekend is not worked", OFFICE, "03-13 18:00", "03-16 09:00", 0),
    ("a week has five days", OFFICE, "03-09 00:00", "03-16 00:00", 37.5),
    ("the week of May Day and the make-up Saturday after it", OFFICE, "05-01 00:00", "05-11 00:00", 4 * 7.5),
    ("Spring Festival with its make-up Saturdays", OFFICE, "02-14 00:00", "03-01 00:00", 6 * 7.5),
    ("February 2026 has 16 workdays", OFFICE, "02-01 00:00", "03-01 00:00", 16 * 7.5),
    ("the year 2026 has 248 workdays", OFFICE, "2026-01-01 00:00", "2027-01-01 00:00", 248 * 7.5),
    (
        "open on holidays: all weekdays and the make-up days",
        OPEN_ON_HOLIDAYS,
        "05-01 00:00",
        "05-11 00:00",
        7 * 7.5,
    ),
    ("nothing of nothing", OFFICE, "03-11 10:00", "03-11 10:00", 0),
    ("an end before the start counts nothing", OFFICE, "03-12 10:00", "03-11 10:00", 0),
    ("outside hours", OFFICE, "03-11 20:00", "03-11 23:00", 0),
    ("round the clock", ROUND_THE_CLOCK, "2026-01-01 00:00", "2027-01-01 00:00", 365 * 24),
]


@pytest.mark.parametrize(
    ("hours", "start", "end", "expected"), [row[1:] for row in ELAPSED], ids=[r[0] for r in ELAPSED]
)
def test_working_time_between_two_instants(hours, start, end, expected):
    assert elapsed(at(start), at(end), hours) == expected * HOUR


OPEN = [
    ("03-11 08:59:59.999999", OFFICE, False),
    ("03-11 09:00", OFFICE, True),
    ("03-11 11:59:59.999999", OFFICE, True),
    ("03-11 12:00", OFFICE, False),
    ("03-11 13:30", OFFICE, True),
    ("03-11 18:00", OFFICE, False),
    ("03-14 10:00", OFFICE, False),
    ("05-01 10:00", OFFICE, False),
    ("05-01 10:00", OPEN_ON_HOLIDAYS, True),
    ("05-09 10:00", OFFICE, True),
    ("05-09 10:00", OPEN_ON_HOLIDAYS, True),
    ("03-11 23:59:59", NIGHT, True),
    ("03-12 00:00", NIGHT, True),
    ("03-12 06:00", NIGHT, False),
    ("05-01 03:00", ROUND_THE_CLOCK, True),
]


@pytest.mark.parametrize(("instant", "hours", "expected"), OPEN)
def test_a_span_is_open_at_its_start_and_closed_at_its_end(instant, hours, expected):
    assert is_open(at(instant), hours) is expected


def test_a_grade_one_limit_of_24_hours_ends_next_day_even_on_may_day():
    assert add(at("05-01 08:00"), 24 * HOUR, ROUND_THE_CLOCK) == at("05-02 08:00")


def test_opening_is_now_where_it_is_open_and_the_next_opening_where_not():
    assert opening(at("03-11 10:00"), OFFICE) == at("03-11 10:00")
    assert opening(at("03-11 12:00"), OFFICE) == at("03-11 13:30")
    assert opening(at("04-30 18:00"), OFFICE) == at("05-06 09:00")


def test_results_are_in_utc_whatever_zone_asks():
    asked = at("03-11 09:30").astimezone(ZoneInfo("America/New_York"))
    assert add(asked, HOUR, OFFICE) == at("03-11 10:30")
    assert add(asked, HOUR, OFFICE).tzinfo is UTC
    assert add(asked, timedelta(0), OFFICE) == asked
    assert opening(asked, OFFICE).tzinfo is UTC


def test_a_microsecond_is_not_lost():
    start = at("03-11 11:59:59.999999")
    assert add(start, 2 * timedelta.resolution, OFFICE) == at("03-11 13:30:00.000001")
    assert elapsed(start, at("03-11 13:30:00.000001"), OFFICE) == 2 * timedelta.resolution


# Refusals --------------------------------------------------------------------------------------------------


def test_a_naive_datetime_is_refused():
    naive = datetime(2026, 3, 11, 9)  # noqa: DTZ001
    for ask in (
        lambda: add(naive, HOUR, OFFICE),
        lambda: elapsed(naive, at("03-11 10:00"), OFFICE),
        lambda: elapsed(at("03-11 10:00"), naive, OFFICE),
        lambda: is_open(naive, ROUND_THE_CLOCK),
        lambda: opening(naive, OFFICE),
    ):
        with pytest.raises(ValueError, match="naive"):
            ask()


def test_working_time_is_not_taken_back():
    with pytest.raises(ValueError, match="taken back"):
        add(at("03-11 10:00"), -MINUTE, OFFICE)


@pytest.mark.parametrize("span", [(540, 540), (720, 540), (-1, 60), (0, 1441), (1440, 1440)])
def test_a_span_that_is_no_span_of_a_day_is_refused(span):
    with pytest.raises(ValueError, match="Not a span"):
        Span(*span)


def test_a_week_of_six_days_is_refused():
    with pytest.raises(ValueError, match="seven days"):
        WorkingTime((OFFICE_DAY,) * 6, {}, SHANGHAI)


def test_an_exception_that_could_never_match_is_refused():
    with pytest.raises(ValueError, match="exception"):
        WorkingTime(week(*OFFICE_DAY), {at("05-01 00:00"): Day.OFF}, SHANGHAI)
    with pytest.raises(ValueError, match="exception"):
        WorkingTime(week(*OFFICE_DAY), {date(2026, 5, 1): "off"}, SHANGHAI)


@pytest.mark.parametrize("days", [{}, CALENDAR_2026])
def test_hours_that_never_open_say_so_instead_of_searching_for_ever(days):
    shut = WorkingTime(((),) * 7, days, SHANGHAI)
    assert elapsed(at("03-01 00:00"), at("04-01 00:00"), shut) == timedelta(0)
    assert not is_open(at("03-11 10:00"), shut)
    assert add(at("03-11 10:00"), timedelta(0), shut) == at("03-11 10:00")
    with pytest.raises(NeverOpen):
        add(at("03-11 10:00"), timedelta.resolution, shut)
    with pytest.raises(NeverOpen):
        opening(at("03-11 10:00"), shut)


def test_hours_that_are_hardly_ever_open_say_so_too():
    a_minute_a_week = WorkingTime((((Span(0, 1),),) + ((),) * 6), {}, SHANGHAI)
    assert (
        elapsed(at("03-02 00:00"), add(at("03-02 00:00"), 60 * MINUTE, a_minute_a_week), a_minute_a_week)
        == HOUR
    )
    with pytest.raises(NeverOpen):
        add(at("03-02 00:00"), 72 * HOUR, a_minute_a_week)


def test_the_calendar_handed_over_may_change_afterwards_without_effect():
    days = {date(2026, 3, 11): Day.OFF}
    hours = WorkingTime(week(*OFFICE_DAY), days, SHANGHAI)
    days.clear()
    assert not is_open(at("03-11 10:00"), hours)


# How hours are written does not matter ---------------------------------------------------------------------


def test_unsorted_touching_and_overlapping_spans_are_the_same_hours():
    written = [
        (Span(540, 720), Span(810, 1080)),
        (Span(810, 1080), Span(540, 720)),
        (Span(540, 600), Span(600, 720), Span(810, 1080)),
        (Span(540, 700), Span(600, 720), Span(810, 1080), Span(900, 910)),
    ]
    assert len({WorkingTime(week(*spans), {}, SHANGHAI) for spans in written}) == 1


# Clocks that are changed -----------------------------------------------------------------------------------


def test_a_working_day_has_one_hour_less_when_clocks_go_forward():
    whole_days = WorkingTime(((Span(0, 1440),),) * 7, {}, BERLIN)
    start = at("03-29 00:00", BERLIN)
    assert elapsed(start, at("03-30 00:00", BERLIN), whole_days) == 23 * HOUR
    assert add(start, 3 * HOUR, whole_days) == at("03-29 04:00", BERLIN)


def test_a_working_day_has_one_hour_more_when_clocks_go_back():
    whole_days = WorkingTime(((Span(0, 1440),),) * 7, {}, BERLIN)
    start = at("10-25 00:00", BERLIN)
    assert elapsed(start, at("10-26 00:00", BERLIN), whole_days) == 25 * HOUR
    assert add(start, 3 * HOUR, whole_days) == again("10-25 02:00", BERLIN)


def test_a_span_inside_the_skipped_hour_is_not_worked():
    hours = WorkingTime(((Span(130, 170),),) * 7, {}, BERLIN)
    assert elapsed(at("03-29 00:00", BERLIN), at("03-30 00:00", BERLIN), hours) == timedelta(0)
    assert add(at("03-29 00:00", BERLIN), 10 * MINUTE, hours) == at("03-30 02:20", BERLIN)


def test_a_span_inside_the_repeated_hour_is_worked_twice():
    hours = WorkingTime(((Span(130, 170),),) * 7, {}, BERLIN)
    start, second = at("10-25 00:00", BERLIN), again("10-25 02:20", BERLIN)
    assert elapsed(start, at("10-26 00:00", BERLIN), hours) == 80 * MINUTE
    assert add(start, 50 * MINUTE, hours) == second
    assert is_open(second, hours)


def test_office_hours_keep_to_the_wall_when_clocks_change():
    hours = WorkingTime(week(*OFFICE_DAY), {}, BERLIN)
    assert add(at("03-27 17:00", BERLIN), 2 * HOUR, hours) == at("03-30 10:00", BERLIN)
    assert add(at("10-23 17:00", BERLIN), 2 * HOUR, hours) == at("10-26 10:00", BERLIN)


def test_shanghai_changed_clocks_until_1991():
    whole_days = WorkingTime(((Span(0, 1440),),) * 7, {}, SHANGHAI)
    assert elapsed(at("1990-01-01 00:00"), at("1991-01-01 00:00"), whole_days) == 365 * 24 * HOUR
    assert elapsed(at("1990-04-15 00:00"), at("1990-04-16 00:00"), whole_days) == 23 * HOUR


# Speed -----------------------------------------------------------------------------------------------------


def best_of(ask, tries=30):
    def once():
        begun = time.perf_counter()
        ask()
        return time.perf_counter() - begun

    return min(once() for _ in range(tries))


def test_a_limit_of_72_working_hours_and_18_months_of_work_are_computed_at_once():
    assert best_of(lambda: add(at("02-13 09:00"), 72 * HOUR, OFFICE)) < 0.001
    assert best_of(lambda: elapsed(at("2025-05-01 00:00"), at("2026-11-01 00:00"), OFFICE)) < 0.001


# Properties ------------------------------------------------------------------------------------------------

thorough = settings(max_examples=100, derandomize=True, deadline=None, database=None)

# Around the change of clocks in Berlin and Spring Festival in Shanghai, so that short ranges meet both.
NEAR_SOMETHING = [at("02-12 00:00"), at("05-01 00:00"), at("03-27 00:00", BERLIN), at("10-23 00:00", BERLIN)]


@st.composite
def spans(draw, max_size=3):
    edges = sorted(draw(st.lists(st.integers(0, 1440), max_size=2 * max_size, unique=True)))
    return tuple(Span(*pair) for pair in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def calendars(draw, max_size=8):
    start = draw(st.sampled_from(NEAR_SOMETHING)).date()
    kinds = st.dictionaries(st.integers(0, 30), st.sampled_from(Day), max_size=max_size)
    return {start + n * DAY: kind for n, kind in draw(kinds).items()}


@st.composite
def working_times(draw):
    weekly = tuple(draw(spans()) for _day in range(7))
    tz = draw(
        st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")])
    )
    return WorkingTime(weekly, draw(calendars()), tz, open_on_holidays=draw(st.booleans()))


all_hours = st.one_of(working_times(), st.sampled_from([OFFICE, SIX_DAYS, NIGHT, ROUND_THE_CLOCK]))
instants = st.builds(
    lambda base, offset: base + offset,
    st.sampled_from(NEAR_SOMETHING),
    st.timedeltas(min_value=timedelta(0), max_value=12 * DAY),
)
amounts = st.one_of(
    st.timedeltas(min_value=timedelta(0), max_value=80 * HOUR), st.integers(0, 5000).map(lambda n: n * MINUTE)
)


def add_if_ever(start, amount, hours):
    try:
        return add(start, amount, hours)
    except NeverOpen:
        assume(False)


@thorough
@given(instants, amounts, all_hours)
@example(at("03-11 13:30"), 4.5 * HOUR, OFFICE)
def test_what_has_elapsed_at_the_end_is_what_was_added(start, amount, hours):
    assert elapsed(start, add_if_ever(start, amount, hours), hours) == amount


@thorough
@given(instants, amounts, all_hours)
def test_the_end_is_the_earliest_such_instant(start, amount, hours):
    assume(amount)
    end = add_if_ever(start, amount, hours)
    assert elapsed(start, end - timedelta.resolution, hours) == amount - timedelta.resolution


@thorough
@given(instants, amounts, amounts, all_hours)
def test_adding_twice_is_adding_the_sum(start, first, second, hours):
    assume(second)  # nothing more, from a closing hour, stays at the closing hour: covered above
    assert add_if_ever(add_if_ever(start, first, hours), second, hours) == add(start, first + second, hours)


@thorough
@given(instants, instants, instants, all_hours)
def test_elapsed_time_adds_up_and_never_exceeds_the_time_on_the_wall(first, second, third, hours):
    a, b, c = sorted((first, second, third))
    assert elapsed(a, b, hours) + elapsed(b, c, hours) == elapsed(a, c, hours)
    assert timedelta(0) <= elapsed(a, c, hours) <= c.astimezone(UTC) - a.astimezone(UTC)


@thorough
@given(instants, amounts, working_times(), st.integers(0, 30), st.sampled_from(NEAR_SOMETHING))
def test_a_holiday_never_makes_anything_earlier(start, amount, hours, day, base):
    """The class `holiday rule inverted`: a peer's rule fires earlier the more holidays there are."""
    off = WorkingTime(
        hours.weekly, {**hours.days, base.date() + day * DAY: Day.OFF}, hours.tz, hours.open_on_holidays
    )
    assert add_if_ever(start, amount, off) >= add(start, amount, hours)
    assert elapsed(start, start + 20 * DAY, off) <= elapsed(start, start + 20 * DAY, hours)


@thorough
@given(instants, amounts, working_times(), st.integers(0, 30), st.sampled_from(NEAR_SOMETHING))
def test_a_make_up_day_never_makes_anything_later(start, amount, hours, day, base):
    """The class `Chinese make-up workdays not expressible`: the calendar can also say "open"."""
    made_up = WorkingTime(
        hours.weekly, {**hours.days, base.date() + day * DAY: Day.MAKEUP}, hours.tz, hours.open_on_holidays
    )
    assert add_if_ever(start, amount, made_up) <= add_if_ever(start, amount, hours)


@thorough
@given(instants, amounts, working_times(), st.integers(0, 1440))
def test_splitting_a_span_changes_nothing(start, amount, hours, cut):
    """The class `lunch breaks / several spans per day`."""

    def split(span):
        if span.start < cut < span.end:
            return (Span(cut, span.end), Span(span.start, cut))
        return (span,)

    pieces = tuple(tuple(piece for span in day for piece in split(span)) for day in hours.weekly)
    cut_up = WorkingTime(pieces, hours.days, hours.tz, hours.open_on_holidays)
    assert cut_up == hours
    assert add_if_ever(start, amount, cut_up) == add(start, amount, hours)


@thorough
@given(instants, all_hours)
def test_the_opening_is_open_and_nothing_is_worked_before_it(start, hours):
    try:
        opens = opening(start, hours)
    except NeverOpen:
        assume(False)
    assert opens >= start
    assert is_open(opens, hours)
    assert elapsed(start, opens, hours) == timedelta(0)


# An independent oracle -------------------------------------------------------------------------------------


def shown_open(instant: datetime, hours: WorkingTime) -> bool:
    """Look at the wall: is this minute open? Says nothing of days, stretches or offsets."""
    wall = instant.astimezone(hours.tz)
    kind = hours.days.get(wall.date())
    if kind is Day.OFF and not hours.open_on_holidays:
        return False
    spans_today = hours.weekly[wall.weekday()]
    if kind is Day.MAKEUP and not spans_today:
        spans_today = hours.weekly[0]
    return any(span.start <= wall.hour * 60 + wall.minute < span.end for span in spans_today)


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(instants, st.integers(0, 3000), working_times())
@example(at("10-25 01:00", BERLIN), 300, WorkingTime(((Span(130, 170),),) * 7, {}, BERLIN))
def test_counting_minute_by_minute_gives_the_same(start, minutes, hours):
    start = start.astimezone(UTC).replace(second=0, microsecond=0)
    counted = sum(shown_open(start + n * MINUTE, hours) for n in range(minutes))
    end = start + minutes * MINUTE
    assert elapsed(start, end, hours) == counted * MINUTE
    assert is_open(end, hours) is shown_open(end, hours)
    if counted:
        last = max(n for n in range(minutes) if shown_open(start + n * MINUTE, hours))
        assert add(start, counted * MINUTE, hours) == start + (last + 1) * MINUTE
