"""Dashboards: who reads them, that every figure leads to as many rows, that they cost little."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from reports.board.asked import board_of
from reports.board.parts import PARTS
from reports.board.tiles import headline
from reports.chosen import Chosen
from reports.kpis import KPIS
from reports.kpis.shapes import Computed
from reports.periods import period_of
from tickets.actions import acknowledge, grade, resolve
from tickets.actions.deadlines import enforce_deadlines
from tickets.models import Cause, Grade, Ticket

DASHBOARD, MINE, TABLE, ROWS, WHOSE, COURSE, REPORTED = (
    reverse(f"reports:{name}")
    for name in ("dashboard", "mine", "table", "rows", "whose", "course", "reported")
)
LIST = reverse("tickets:list")


def part(key: str) -> str:
    return reverse("reports:part", args=[key])


def ago(**span):
    return timezone.now() - timedelta(**span)


@pytest.fixture
def sign_in(cast, client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def history(cast):
    """Records of both groups: fresh and old, of each grade, answered, solved, or neither."""
    for days, of_grade in ((0.01, None), (1, Grade.ONE), (5, Grade.TWO), (20, Grade.THREE), (40, Grade.ONE)):
        ticket = cast.ticket(now=ago(days=days))
        if of_grade:
            acknowledge(ticket, by=cast.chen, now=ago(days=days) + timedelta(minutes=3))
            grade(ticket, of_grade, reason="x", by=cast.chen, now=ago(days=days) + timedelta(minutes=4))
        if of_grade in (Grade.TWO, Grade.THREE):
            resolve(ticket, solution="s", cause=Cause.NETWORK, by=cast.chen, now=ago(days=days - 1))
    cast.ticket(now=ago(days=2))
    theirs = cast.ticket(now=ago(days=3))
    Ticket.objects.filter(pk=theirs.pk).update(group=cast.north, owner=None, taken_by=cast.outsider)


# Who


MAY_READ = [
    ("zhao", "", 200),
    ("zhou", "?group=north", 200),
    ("admin", "?client=hospital", 200),
    ("wang", "", 200),
    ("wang", "?group=south&client=hospital", 200),
    ("wang", "?group=north", 404),
    ("wang", "?client=nobody", 404),
    ("wang", "?person=chen", 200),
    ("wang", "?person=outsider", 404),
    ("zhao", "?person=outsider", 200),
    ("zhou", "?person=chen", 404),
    ("liu", "?person=chen", 404),
    ("chen", "", 403),
    ("chen", "?person=chen", 200),
    ("chen", "?person=li", 404),
    ("li", "?group=south", 403),
    ("outsider", "", 403),
    ("sun", "", 403),
    ("sun", "?person=sun", 404),
]


def test_who_reads_whose_figures(cast, sign_in):
    export = reverse("reports:export", args=["csv"])
    for who, query, status in MAY_READ:
        browser = sign_in(getattr(cast, who))
        pages = (part("next"),) if status == 200 else (DASHBOARD, part("next"), TABLE, REPORTED, export)
        assert {browser.get(url + query).status_code for url in pages} == {status}, (who, query)


def test_a_supervisor_gets_his_own_group_and_no_other_groups_to_choose(cast, history, sign_in):
    page = sign_in(cast.wang).get(DASHBOARD).content.decode()
    assert "South" in page and "North" not in page


def test_everybody_of_the_house_reads_his_own_figures_and_nobody_elses_there(cast, history, sign_in):
    page = sign_in(cast.chen).get(MINE, {"period": str(period_of(timezone.localdate(), "month"))})
    assert page.status_code == 200 and "My figures" in page.content.decode()
    assert 'href="' + MINE in sign_in(cast.chen).get(reverse("home")).content.decode()
    assert DASHBOARD + '"' not in sign_in(cast.chen).get(reverse("home")).content.decode()
    chosen = sign_in(cast.chen).get(f"{MINE}?person=li&group=north").context["chosen"]
    assert (chosen.person, chosen.group) == (cast.chen, None)
    assert sign_in(cast.sun).get(MINE).status_code == 403


def test_strangers_are_sent_to_sign_in_and_pages_are_read_only(cast, client):
    pages = (DASHBOARD, MINE, TABLE, WHOSE, COURSE, REPORTED, part("hours"))
    assert all(client.get(url).url.startswith(reverse("login")) for url in pages)
    client.force_login(cast.admin)
    assert {client.post(url).status_code for url in pages} == {405}


def test_what_is_not_there_is_not_found(cast, sign_in):
    browser = sign_in(cast.zhao)
    for query in (
        "period=2026-13",
        "period=x",
        "period=2099-01",
        "period=1999",
        "group=nowhere",
        "client=%00x",
    ):
        assert browser.get(f"{part('next')}?{query}").status_code == 404, query


def test_a_part_or_figure_that_there_is_not_is_not_found(cast, sign_in):
    browser = sign_in(cast.zhao)
    assert browser.get(part("luck")).status_code == 404
    assert browser.get(COURSE, {"kpi": "luck"}).status_code == browser.get(COURSE).status_code == 404
    assert browser.get(REPORTED, {"day": "7"}).status_code == 404
    assert browser.get(reverse("reports:export", args=["doc"])).status_code == 404


# Figures


LINK = re.compile(r'<a href="([^"]+)"[^>]*>(?:<b>)?(\d+)(?:</b>)?(?: fell short| such)?</a>')


def counts_of(page) -> list[tuple[str, int]]:
    """Every (link, number) of the page that leads to rows."""
    found = [(unescape(url), int(number)) for url, number in LINK.findall(page.content.decode())]
    return [(url, number) for url, number in found if url.startswith((ROWS, LIST, REPORTED))]


@pytest.mark.parametrize("query", [{"group": "south"}, {"client": "hospital"}, {"person": "chen"}])
def test_every_figure_leads_to_as_many_rows(cast, history, sign_in, query):
    browser = sign_in(cast.zhao)
    figures = counts_of(browser.get(DASHBOARD, query | {"whole": "1"}))
    assert len(figures) > 20 and {url.partition("?")[0] for url, _n in figures} == {ROWS, LIST, REPORTED}
    # Every third, and of the map of the week every hour that has any: they are alike.
    for url, number in figures[::3]:
        page = browser.get(url)
        if url.startswith(LIST):
            assert len(set(re.findall(r"T-\d{5,}", page.content.decode()))) == number, url
        else:
            assert len(page.context["page"].rows) == number, url


def test_the_figures_of_all_are_those_of_the_groups_together(cast, history):
    now = timezone.now()
    month = period_of(timezone.localdate(ago(days=3)), "month")  # on the first nothing has fallen due yet

    def of(group):
        chosen = Chosen(cast.zhao, group)
        return {tile.kpi.key: tile.figure for tile in headline(board_of(chosen, {"period": str(month)}, now))}

    whole, south, north = of(None), of(cast.south), of(cast.north)
    assert whole["response"].denominator >= 3
    for key in ("response", "backlog"):
        assert whole[key].numerator == south[key].numerator + north[key].numerator


def test_an_empty_house_has_a_dashboard_without_numbers(cast, sign_in):
    page = sign_in(cast.zhao).get(DASHBOARD, {"whole": "1"})
    assert {tile.value for tile in page.context["tiles"] if tile.n is not None} == {"—"}
    text = page.content.decode()
    for words in ("nothing to count", "Nothing breaks next", "No record is open.", "No limit was missed"):
        assert words in text, words
    assert '<figure class="chart">' not in text and "small sample" not in text


def test_one_record_is_a_small_sample(cast, sign_in):
    ticket = cast.ticket(now=ago(hours=30))
    acknowledge(ticket, by=cast.chen, now=ago(hours=29, minutes=59))
    month = period_of(timezone.localdate(ago(hours=29)), "month")
    page = sign_in(cast.wang).get(DASHBOARD, {"period": str(month)})
    [tile] = [tile for tile in page.context["tiles"] if tile.kpi.key == "response"]
    assert (tile.value, tile.n, tile.is_small, tile.before) == ("100.0", 1, True, "—")
    assert "small sample" in page.content.decode() and tile.change is None


def test_a_rate_stands_beside_what_could_make_it_look_better(cast, history, sign_in):
    page = sign_in(cast.zhao).get(DASHBOARD)
    [tile] = [tile for tile in page.context["tiles"] if tile.kpi.key == "response"]
    assert [kpi.key for kpi, _figure, _address in tile.beside] == list(KPIS["response"].beside) != []
    assert str(KPIS["merged"].name) in unescape(page.content.decode())


def test_periods_lead_to_each_other(cast, sign_in):
    page = sign_in(cast.zhao).get(DASHBOARD, {"period": "2026-01", "client": "hospital"})
    text = unescape(page.content.decode())
    for period in ("2025-12", "2026-02", "2026-Q1", "2026", "2026-W05"):
        assert f'href="?client=hospital&period={period}"' in text, period
    this = period_of(timezone.localdate(), "month")
    assert 'rel="next"' not in sign_in(cast.zhao).get(DASHBOARD, {"period": str(this)}).content.decode()


def test_a_part_is_a_page_of_its_own_for_whoever_has_no_script(cast, history, sign_in):
    browser = sign_in(cast.wang)
    dashboard = unescape(browser.get(DASHBOARD).content.decode())
    for key in PARTS:
        assert f'href="{part(key)}?group=south' in dashboard
    alone = browser.get(part("volume")).content.decode()
    piece = browser.get(part("volume"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" in alone and "<html" not in piece and piece.startswith("<section")
    assert '<details class="chart-data" open>' in alone


# Limits missed


def test_who_answers_and_what_he_wrote_is_not_for_everybody(cast, sign_in):
    ticket = cast.ticket(now=ago(days=1))
    enforce_deadlines(now=timezone.now())
    ticket.overruns.update(
        person=cast.chen,
        explanation="路上堵车",
        explained_at=timezone.now(),
        proposed_cause="own",
        state="explained",
    )
    period = {"period": str(period_of(timezone.localdate(ago(days=1)), "month"))}
    shown = {
        who: sign_in(getattr(cast, who)).get(part("breaches"), period).content.decode()
        for who in ("wang", "zhao", "admin")
    }
    assert all("路上堵车" in text and ticket.number in text for text in shown.values())
    Ticket.objects.filter(pk=ticket.pk).update(owner=cast.li)
    own = sign_in(cast.li).get(part("breaches"), period | {"person": "li"}).content.decode()
    assert "路上堵车" not in own


def test_a_specialist_sees_that_a_limit_was_missed_and_no_more(cast, sign_in):
    ticket = cast.ticket(now=ago(days=1))
    enforce_deadlines(now=timezone.now())
    ticket.overruns.update(
        person=cast.chen,
        explanation="路上堵车",
        explained_at=timezone.now(),
        proposed_cause="own",
        state="explained",
    )
    cast.liu.management_level = 0
    cast.liu.save()
    period = {"period": str(period_of(timezone.localdate(ago(days=1)), "month"))}
    text = sign_in(cast.liu).get(part("breaches"), period).content.decode()
    assert ticket.number in text and "路上堵车" not in text and "not shown" in text


# Choosing, files, costs


def test_a_client_or_a_person_is_chosen_by_name(cast, sign_in):
    browser = sign_in(cast.wang)
    for typed in ("hospital", "市一", "First Hospital (hospital)"):
        answer = browser.get(WHOSE, {"go": "1", "client": typed, "period": "2026-Q1", "person": ""})
        assert answer.url == f"{DASHBOARD}?period=2026-Q1&client=hospital"
    answer = browser.get(WHOSE, {"go": "1", "person": "chen", "client": "", "group": "south"})
    assert answer.url == f"{DASHBOARD}?person=chen"
    wrong = browser.get(WHOSE, {"go": "1", "client": "no such", "person": "chen"})
    assert wrong.status_code == 422 and 'value="no such"' in wrong.content.decode()
    assert "outsider" not in browser.get(WHOSE).content.decode()
    assert "outsider" in sign_in(cast.zhao).get(WHOSE).content.decode()
    assert "whose-person" not in sign_in(cast.zhou).get(WHOSE).content.decode()
    assert sign_in(cast.chen).get(WHOSE).status_code == 403


def test_files_say_what_the_table_says(cast, history, sign_in):
    browser = sign_in(cast.wang)
    subjects = browser.get(TABLE).context["subjects"]
    shown = {tile.kpi.key: tile for _name, tiles in subjects for tile in tiles}
    text = b"".join(browser.get(reverse("reports:export", args=["csv"])).streaming_content).decode(
        "utf-8-sig"
    )
    head, *lines = csv.reader(io.StringIO(text))
    sheet = load_workbook(
        io.BytesIO(b"".join(browser.get(reverse("reports:export", args=["xlsx"])).streaming_content))
    ).active
    cells = [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert cells[0] == head and [row[0] for row in cells[1:]] == [line[0] for line in lines] == list(shown)
    for line, row in zip(lines, cells[1:], strict=True):
        figure = shown[line[0]].figure
        if isinstance(shown[line[0]].kpi, Computed):  # of time, which has gone on since
            continue
        assert [float(line[6]), line[7]] == [
            round(figure.numerator, 4),
            "" if figure.denominator is None else str(figure.denominator),
        ]
        assert (row[4] == "") == (figure.value is None) and (row[4] == "" or float(line[4]) == row[4])


def test_pages_cost_the_same_for_many_records(cast, history, sign_in, django_assert_max_num_queries):
    for _number in range(15):
        cast.ticket(now=timezone.now())
    browser = sign_in(cast.zhao)
    with django_assert_max_num_queries(15):
        browser.get(DASHBOARD)
    with django_assert_max_num_queries(15):
        browser.get(TABLE)
    for key in PARTS:
        with django_assert_max_num_queries(12):
            browser.get(part(key), headers={"HX-Request": "true"})
    with django_assert_max_num_queries(12):
        browser.get(REPORTED)
