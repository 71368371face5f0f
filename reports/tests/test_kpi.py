"""What counts in an in-time rate, and what does not: the cohort rule as tables."""

from datetime import timedelta

import pytest
from django.utils import timezone

from opsdesk.testing import at
from reports.kpi import DIAGNOSIS, KPIS, RESOLUTION, RESPONSE, Rate
from reports.months import Month
from tickets.actions import acknowledge, grade
from tickets.models import Clock, ClockKind, Grade, Ticket

NOVEMBER = (at("2026-11-01 00:00"), at("2026-12-01 00:00"))
NOW = at("2026-11-23 12:00")


@pytest.fixture
def clock(cast):
    """Make a clock on a record of its own."""

    def make(due: str | None, stopped: str | None = None, *, kind=ClockKind.RESPONSE, **more) -> Clock:
        began = at("2026-10-01 00:00")
        ticket = Ticket.objects.create(
            client=cast.hospital,
            group=cast.south,
            taken_by=cast.li,
            caller_name="孙主任",
            title="慢",
            reported_at=began,
            logged_at=began,
            next_due_at=began,
        )
        return Clock.objects.create(
            ticket=ticket,
            kind=kind,
            limit=timedelta(hours=1),
            round_the_clock=True,
            started_at=began,
            due_at=due and at(due),
            stopped_at=stopped and at(stopped),
            **more,
        )

    return make


def measured(kpi=RESPONSE, span=NOVEMBER, now=NOW) -> tuple[int, int]:
    rate = kpi.measure(Clock.objects.all(), *span, now=now)
    assert kpi.numerator(Clock.objects.all(), *span, now=now).count() == rate.numerator
    assert kpi.denominator(Clock.objects.all(), *span, now=now).count() == rate.denominator
    assert kpi.missed(Clock.objects.all(), *span, now=now).count() == rate.missed
    return rate.numerator, rate.denominator


@pytest.mark.parametrize(
    ("due", "stopped", "expected"),
    [
        pytest.param("2026-11-10 10:00", "2026-11-10 09:00", (1, 1), id="stopped before its deadline: kept"),
        pytest.param("2026-11-10 10:00", "2026-11-10 10:00", (1, 1), id="stopped on the deadline: kept"),
        pytest.param("2026-11-10 10:00", "2026-11-10 10:01", (0, 1), id="stopped a minute late: failed"),
        pytest.param("2026-11-10 10:00", None, (0, 1), id="runs past its deadline: failed"),
        pytest.param("2026-11-23 12:30", None, (0, 0), id="not yet due: not counted"),
        pytest.param(
            "2026-11-23 12:30", "2026-11-23 11:00", (0, 0), id="done early, not yet due: not counted"
        ),
        pytest.param(None, None, (0, 0), id="stands still: not counted"),
        pytest.param(
            "2026-11-01 00:00", "2026-10-31 23:00", (1, 1), id="due on the first instant of the month"
        ),
        pytest.param(
            "2026-10-31 23:59", "2026-11-02 00:00", (0, 0), id="due in October, stopped in November"
        ),
        pytest.param(
            "2026-12-01 00:00", "2026-11-02 00:00", (0, 0), id="due on the first instant of December"
        ),
    ],
)
def test_the_month_of_the_deadline_counts(clock, due, stopped, expected):
    clock(due, stopped)
    assert measured() == expected


def test_the_month_begins_at_midnight_in_shanghai(clock):
    clock("2026-11-01 00:30", "2026-11-01 00:10")  # still October in UTC
    assert Month(2026, 11).span(timezone.get_default_timezone()) == NOVEMBER
    assert measured() == (1, 1)


def test_a_clock_that_a_regrade_replaced_does_not_count(clock):
    clock("2026-11-10 10:00", superseded_at=at("2026-11-10 09:00"))
    clock("2026-11-10 10:00", "2026-11-10 09:30")
    assert measured() == (1, 1)


def test_each_kind_of_clock_has_its_own_rate(clock):
    clock("2026-11-10 10:00", "2026-11-10 09:00")
    clock("2026-11-10 10:00", "2026-11-11 09:00", kind=ClockKind.DIAGNOSIS)
    clock("2026-11-10 10:00", kind=ClockKind.RESOLUTION)
    clock("2026-11-10 10:00", kind=ClockKind.NEXT_STEP)
    assert [measured(kpi) for kpi in KPIS.values()] == [(1, 1), (0, 1), (0, 1)]


def test_a_reopened_record_is_measured_in_each_cycle(clock):
    first = clock("2026-11-10 10:00", "2026-11-10 09:00", kind=ClockKind.RESOLUTION)
    first.pk, first.cycle, first.due_at, first.stopped_at = None, 2, at("2026-11-12 10:00"), None
    first.save()
    assert measured(RESOLUTION) == (1, 2)


def test_a_finished_month_does_not_depend_on_now(clock):
    clock("2026-11-10 10:00", "2026-11-10 09:00")
    clock("2026-11-11 10:00")
    assert measured(now=at("2026-12-05 00:00")) == measured(now=at("2028-01-01 00:00")) == (1, 2)


def test_a_rate_is_one_query(clock, django_assert_num_queries):
    clock("2026-11-10 10:00")
    with django_assert_num_queries(1):
        RESPONSE.measure(Clock.objects.all(), *NOVEMBER, now=NOW)


def test_the_figures_agree_with_what_the_actions_wrote(cast):
    ticket = cast.ticket(now=at("2026-11-10 09:30"))
    acknowledge(ticket, by=cast.chen, now=at("2026-11-10 09:35"))
    grade(ticket, Grade.ONE, reason="§5.4.1.1", by=cast.chen, now=at("2026-11-10 09:36"))
    late = cast.ticket(now=at("2026-11-10 10:30"))
    acknowledge(late, by=cast.chen, now=at("2026-11-12 10:30"))
    assert measured(RESPONSE) == (1, 2)
    assert measured(DIAGNOSIS) == (0, 1)
    assert measured(RESOLUTION) == (0, 1)


# Rates and trends, without a database


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (Rate(0, 0), "—"),
        (Rate(0, 4), "0.0"),
        (Rate(4, 4), "100.0"),
        (Rate(2, 3), "66.7"),
        (Rate(3999, 4000), "99.9"),
        (Rate(1, 4000), "0.1"),
    ],
    ids=[
        "nothing due: neither 0 nor 100",
        "none",
        "all",
        "some",
        "one missed is not all",
        "one kept is not none",
    ],
)
def test_a_rate_in_words(rate, text):
    assert str(rate) == text


@pytest.mark.parametrize(
    ("rate", "before", "expected"),
    [
        (Rate(9, 10), Rate(8, 10), ("better", "+10.0")),
        (Rate(8, 10), Rate(9, 10), ("worse", "−10.0")),
        (Rate(9, 10), Rate(18, 20), ("same", "0.0")),
        (Rate(0, 0), Rate(8, 10), None),
        (Rate(9, 10), Rate(0, 0), None),
    ],
)
def test_a_trend_needs_two_rates(rate, before, expected):
    trend = RESPONSE.trend(rate, before)
    assert (trend and (trend.kind, str(trend))) == expected


def test_a_target_is_reached_missed_or_not_to_be_judged():
    assert RESPONSE.reaches_target(Rate(95, 100)) is True
    assert RESPONSE.reaches_target(Rate(94, 100)) is False
    assert RESPONSE.reaches_target(Rate(0, 0)) is None


def test_every_figure_has_a_name_a_clause_a_formula_and_a_target():
    for key, kpi in KPIS.items():
        assert (
            kpi.key == key
            and kpi.name
            and kpi.formula
            and kpi.clause.startswith("§")
            and 0 < kpi.target <= 100
        )
