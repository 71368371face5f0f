"""The dashboard, and the rows behind its figures."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from reports.ageing import by_grade_and_age
from reports.kpi import KPIS, Rate
from reports.months import month_of
from tickets.actions import acknowledge, grade
from tickets.models import Clock, Grade, Ticket

DASHBOARD, ROWS, REPORTED = (reverse(f"reports:{name}") for name in ("dashboard", "rows", "reported"))
LIST = reverse("tickets:list")


@pytest.fixture
def sign_in(cast, client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


def ago(**span):
    return timezone.now() - timedelta(**span)


@pytest.fixture
def history(cast):
    """Records of both groups: fresh and old, of each grade, some of them answered, some not."""
    records = []
    for days, of_grade in ((0.01, None), (1, Grade.ONE), (5, Grade.TWO), (20, Grade.THREE), (40, Grade.ONE)):
        ticket = cast.ticket(now=ago(days=days))
        if of_grade:
            acknowledge(ticket, by=cast.chen, now=ago(days=days) + timedelta(minutes=3))
            grade(
                ticket, of_grade, reason="§5.4.1.1", by=cast.chen, now=ago(days=days) + timedelta(minutes=4)
            )
        records.append(ticket)
    records.append(cast.ticket(now=ago(days=2)))
    theirs = cast.ticket(now=ago(days=3))
    Ticket.objects.filter(pk=theirs.pk).update(group=cast.north, owner=None, taken_by=cast.outsider)
    return records


def figures_of(page, address: str) -> list[tuple[str, int]]:
    """Every (link, number) of the page that leads to this address."""
    pattern = rf'href="({re.escape(address)}[^"]*)"[^>]*>(?:<[^>]+>)*(\d+)<'
    return [(unescape(url), int(number)) for url, number in re.findall(pattern, page.content.decode())]


# Who


def test_a_supervisor_reads_his_own_group_and_those_above_all_groups(cast, history, sign_in):
    assert sign_in(cast.wang).get(DASHBOARD).context["counts"]["open"] == 6
    assert sign_in(cast.zhao).get(DASHBOARD).context["counts"]["open"] == 7
    assert sign_in(cast.zhou).get(DASHBOARD, {"group": "north"}).context["counts"]["open"] == 1


@pytest.mark.parametrize("who", ["li", "chen", "outsider", "sun"])
def test_others_may_not_read_it(cast, sign_in, who):
    browser = sign_in(getattr(cast, who))
    assert {browser.get(url).status_code for url in (DASHBOARD, ROWS, REPORTED)} == {403}


def test_a_foreign_group_is_a_404(cast, sign_in):
    for url in (DASHBOARD, f"{ROWS}?kpi=response", REPORTED):
        assert sign_in(cast.wang).get(url, {"group": "north", "kpi": "response"}).status_code == 404
        assert sign_in(cast.zhao).get(url, {"group": "nowhere", "kpi": "response"}).status_code == 404
    assert sign_in(cast.wang).get(DASHBOARD, {"group": "south"}).status_code == 200


def test_strangers_are_sent_to_sign_in_and_pages_are_read_only(cast, client):
    for url in (DASHBOARD, ROWS, REPORTED):
        assert client.get(url).url.startswith(reverse("login"))
    client.force_login(cast.admin)
    assert {client.post(url).status_code for url in (DASHBOARD, ROWS, REPORTED)} == {405}


# Figures


def test_the_matrix_counts_every_open_record_once(cast, history):
    rows = by_grade_and_age(cast.south.pk, timezone.now())
    assert {row.grade: dict(row.counts) for row in rows} == {
        1: {"0-3": 1, "4-7": 0, "8-30": 0, "30+": 1},
        2: {"0-3": 0, "4-7": 1, "8-30": 0, "30+": 0},
        3: {"0-3": 0, "4-7": 0, "8-30": 1, "30+": 0},
        None: {"0-3": 2, "4-7": 0, "8-30": 0, "30+": 0},
    }
    assert sum(row.total for row in rows) == 6


def test_the_matrix_is_one_query(cast, history, django_assert_num_queries):
    with django_assert_num_queries(1):
        by_grade_and_age(None, timezone.now())


@pytest.mark.parametrize("query", [{}, {"group": "south"}])
def test_every_count_leads_to_a_list_of_that_length(cast, history, sign_in, query):
    browser = sign_in(cast.zhao)
    figures = figures_of(browser.get(DASHBOARD, query), LIST)
    assert len(figures) >= 9
    for url, number in figures:
        listed = browser.get(url).content.decode()
        assert len(set(re.findall(r"T-\d{5,}", listed))) == number, url


def test_every_rate_leads_to_as_many_rows(cast, history, sign_in):
    browser = sign_in(cast.wang)
    for tile in browser.get(DASHBOARD).context["tiles"]:
        for address, number in (
            (tile.rows, tile.rate.denominator),
            (tile.rows_missed, tile.rate.missed),
            (tile.rows_before, tile.before.denominator),
        ):
            assert len(browser.get(f"{ROWS}?{address}").context["page"].rows) == number


def test_every_figure_of_the_chart_leads_to_as_many_records(cast, history, sign_in):
    browser = sign_in(cast.zhao)
    page = browser.get(DASHBOARD)
    figures = figures_of(page, REPORTED)
    assert figures
    for url, number in figures:
        assert len(browser.get(url).context["page"].rows) == number, url
    assert sum(row.total for row in page.context["months"]) == Ticket.objects.count()


def test_a_month_in_which_nothing_was_due_shows_a_dash(cast, sign_in):
    page = sign_in(cast.wang).get(DASHBOARD, {"month": "2020-01"})
    assert [str(tile.rate) for tile in page.context["tiles"]] == ["—"] * 3
    assert "nothing was due" in page.content.decode()


def test_an_empty_house_has_a_dashboard(cast, sign_in):
    page = sign_in(cast.zhao).get(DASHBOARD)
    assert page.context["counts"]["open"] == 0 and "nothing is late" in page.content.decode()


def test_what_breaks_next_is_not_overdue_and_comes_in_order(cast, history, sign_in):
    fresh = cast.ticket(now=timezone.now())
    rows = sign_in(cast.wang).get(DASHBOARD).context["breaking_next"]
    due = [ticket.next_due_at for ticket, _clock in rows]
    assert fresh in [ticket for ticket, _clock in rows]
    assert due == sorted(due) and due[0] > ago(minutes=1)
    assert all(clock.due_at == ticket.next_due_at for ticket, clock in rows)


def test_the_dashboard_costs_the_same_for_many_records(cast, history, sign_in, django_assert_max_num_queries):
    for _number in range(20):
        cast.ticket(now=timezone.now())
    browser = sign_in(cast.zhao)
    with django_assert_max_num_queries(22):
        browser.get(DASHBOARD)


# Rows


def test_missed_rows_are_those_that_stopped_late_or_run_still(cast, history, sign_in):
    month = month_of(timezone.localdate(ago(days=2)))
    found = sign_in(cast.wang).get(ROWS, {"kpi": "response", "month": month, "missed": "1"})
    rate = found.context["rate"]
    assert isinstance(rate, Rate) and rate.missed == len(found.context["page"].rows) >= 1
    assert all(
        not clock.stopped_at or clock.stopped_at > clock.due_at for clock in found.context["page"].rows
    )
    assert "runs still, " in found.content.decode()


def test_rows_of_another_group_are_not_listed(cast, history, sign_in):
    for kpi in KPIS:
        rows = sign_in(cast.wang).get(ROWS, {"kpi": kpi}).context["page"].rows
        assert {clock.ticket.group for clock in rows} <= {cast.south}
    reported = sign_in(cast.wang).get(REPORTED).context["page"].rows
    assert {ticket.group for ticket in reported} <= {cast.south}


@pytest.mark.parametrize(
    "nonsense",
    [{"kpi": "luck"}, {}, {"kpi": "response", "month": "2026-13"}, {"kpi": "response", "month": "2099-01"}],
)
def test_rows_of_no_figure_or_no_month_are_a_404(cast, sign_in, nonsense):
    assert sign_in(cast.wang).get(ROWS, nonsense).status_code == 404


@pytest.mark.parametrize("nonsense", [{"grade": "4"}, {"month": "x"}, {"month": "2099-01"}, {"month": "\0"}])
def test_reported_records_of_no_grade_or_month_are_a_404(cast, sign_in, nonsense):
    assert sign_in(cast.wang).get(REPORTED, nonsense).status_code == 404


def test_long_lists_of_rows_have_pages_and_a_fixed_cost(cast, sign_in, django_assert_max_num_queries):
    for _number in range(55):
        cast.ticket(now=ago(hours=50))
    Clock.objects.filter(kind="response").update(due_at=ago(minutes=1))
    browser = sign_in(cast.wang)
    for url in (f"{ROWS}?kpi=response", REPORTED):
        with django_assert_max_num_queries(12):
            page = browser.get(url)
        assert len(page.context["page"].rows) == 50 and page.context["page"].older_url
