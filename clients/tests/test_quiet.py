"""When somebody may be disturbed, and how that is typed (§4.3)."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.utils import translation

from clients.doubles import likeness, similar
from clients.phases import is_new, new_until
from clients.quiet import Hours, Period, Wish, combined, faults, is_allowed, is_quiet, next_allowed
from clients.wishtext import Unreadable, hours_text, periods_text, read_hours, read_periods
from opsdesk.testing import SHANGHAI, at

MORNINGS = Wish([Hours(day, time(9), time(11, 30)) for day in range(5)])
CLOSING = Period(date(2000, 12, 25), date(2001, 1, 5), every_year=True, reason="closing")


def test_inside_the_hours_is_at_once_and_outside_is_when_they_begin_next():
    assert next_allowed(MORNINGS, at("2026-11-23 09:00"), SHANGHAI) == at("2026-11-23 09:00")
    assert next_allowed(MORNINGS, at("2026-11-23 11:30"), SHANGHAI) == at("2026-11-24 09:00")
    assert next_allowed(MORNINGS, at("2026-11-23 08:59"), SHANGHAI) == at("2026-11-23 09:00")
    assert next_allowed(MORNINGS, at("2026-11-27 15:00"), SHANGHAI) == at("2026-11-30 09:00")
    assert is_allowed(Wish(), at("2026-11-28 03:00"), SHANGHAI)


def test_midnight_ends_a_day():
    evening = Wish([Hours(0, time(20), time(0))])
    assert is_allowed(evening, at("2026-11-23 23:59"), SHANGHAI)
    assert not is_allowed(evening, at("2026-11-24 00:00"), SHANGHAI)


def test_a_quiet_period_comes_again_every_year_over_new_year_too():
    wish = Wish(periods=[CLOSING])
    for day in (date(2026, 12, 25), date(2026, 12, 31), date(2027, 1, 5), date(2031, 1, 1)):
        assert is_quiet(wish, day)
    for day in (date(2026, 12, 24), date(2027, 1, 6), date(2026, 7, 1)):
        assert not is_quiet(wish, day)
    assert next_allowed(wish, at("2026-12-28 10:00"), SHANGHAI) == at("2027-01-06 00:00")


def test_a_contacts_hours_come_first_and_the_quiet_periods_of_both_hold():
    own = Wish([Hours(1, time(14), time(16))], [Period(date(2026, 12, 1), date(2026, 12, 1))])
    both = combined(Wish(MORNINGS.hours, [CLOSING]), own)
    assert (
        both.hours == own.hours and is_quiet(both, date(2026, 12, 29)) and is_quiet(both, date(2026, 12, 1))
    )
    assert combined(Wish(MORNINGS.hours), Wish()).hours == MORNINGS.hours
    assert combined(MORNINGS, None) == MORNINGS


def test_who_is_always_quiet_is_never_called():
    always = Wish(periods=[Period(date(2000, 1, 1), date(2999, 1, 1))])
    assert next_allowed(always, at("2026-11-23 09:00"), SHANGHAI) is None


@pytest.mark.parametrize(
    "text",
    [
        "Mon-Fri 09:00-11:30, 14:00-17:00",
        "mon to fri 9:00 - 11:30, 14:00~17:00",
        "\u5468\u4e00\u81f3\u5468\u4e94 09:00-11:30\uff0c14:00-17:00",
        "\u661f\u671f\u4e00\u5230\u661f\u671f\u4e94 9:00\u201311:30, 14:00\u201317:00",
    ],
)
def test_hours_are_understood_as_people_type_them(text):
    found = read_hours(text)
    assert len(found) == 10 and found[1] == Hours(0, time(14), time(17))
    with translation.override("en"):
        assert hours_text(found) == "Mon-Fri 09:00-11:30, 14:00-17:00"
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert read_hours(hours_text(found)) == found


@pytest.mark.parametrize(
    "text",
    ["Mon", "Someday 9:00-10:00", "Mon 25:00-26:00", "Mon 12:00-11:00", "Mon 9:00-11:00, 10:00-12:00"],
)
def test_what_is_no_hours_is_refused_with_its_line(text):
    with pytest.raises(Unreadable) as error:
        read_hours(text)
    assert error.value.message.startswith(text[:5])


def test_periods_are_typed_with_a_year_or_for_every_year():
    once, yearly, day = read_periods("2026-12-25..2027-01-05 closing\n12-25..01-05\n2026/11/30")
    assert once == Period(date(2026, 12, 25), date(2027, 1, 5), False, "closing")
    assert yearly.every_year and Wish(periods=[yearly]) and yearly.holds(date(2028, 1, 2))
    assert (day.starts_on, day.ends_on) == (date(2026, 11, 30), date(2026, 11, 30))
    assert read_periods(periods_text([once, yearly, day])) == [once, yearly, day]
    for wrong in ("tomorrow", "2026-13-01", "2026-12-25..01-05", "2026-12-25..2026-12-01", "02-30"):
        with pytest.raises(Unreadable):
            read_periods(wrong)


def test_overlapping_spans_are_named():
    assert faults(
        [Hours(0, time(9), time(12)), Hours(0, time(11), time(13)), Hours(1, time(9), time(9))]
    ) == [1, 2]


def test_a_system_is_new_for_three_months():
    assert new_until(date(2026, 11, 30)) == date(2027, 2, 28)
    assert is_new(date(2026, 9, 1), date(2026, 11, 30)) and not is_new(date(2026, 9, 1), date(2026, 12, 1))
    assert not is_new(None, date(2026, 1, 1)) and not is_new(date(2026, 9, 2), date(2026, 9, 1))


def test_names_alike_are_found_whatever_form_the_company_has():
    first = "\u6df1\u5733\u8fc8\u5fb7\u533b\u7597\u79d1\u6280\u6709\u9650\u516c\u53f8"
    assert likeness(first, first[:8]) == 1.0
    pairs = similar({1: [first], 2: [first[:8]], 3: ["Harbour Group"], 4: ["HARBOUR"], 5: ["Bank"]})
    assert [(pair.first, pair.second) for pair in pairs] == [(1, 2), (3, 4)]
