"""The rows behind a figure: as many as it says, of those whom they concern, on a page and in files."""

from io import BytesIO

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from opsdesk.testing import at
from reports.addresses import rows_address
from reports.chosen import Chosen
from reports.kpis import KPIS
from reports.kpis.definition import Duration, Mean, Share, Total
from reports.kpis.shapes import PerHead
from reports.sources import SOURCES
from reports.tests import making_others as make
from reports.tests.making import NOVEMBER, clock, closed, entry, figure, record
from reports.views.rowfiles import MOST
from tickets.models import (
    ClockKind,
    Dispatch,
    EntryKind,
    Escalation,
    EscalationRule,
    InspectionRecord,
    Link,
    Pause,
    TimeSpent,
)

NOW = at("2026-11-23 12:00")
pytestmark = pytest.mark.django_db


def signed_in(person) -> Browser:
    person.language = "en"
    person.save()
    browser = Browser()
    browser.force_login(person)
    return browser


def build_everything(cast) -> None:
    """Of each source something that is counted and something that is not."""
    first = closed(cast, grade=1, grade_reason="§")
    other = closed(cast, "2026-11-12 10:00", reopened_count=1, system=None)
    later = record(cast, kind="complaint", acknowledged="2026-11-03 09:00")
    merged = record(cast, status="merged", next_due_at=None)
    for kind in (ClockKind.RESPONSE, ClockKind.ARRIVAL, ClockKind.DIAGNOSIS, ClockKind.RESOLUTION):
        clock(first, "2026-11-10 10:00", "2026-11-10 09:00", kind=kind)
        clock(later, "2026-11-10 10:00", kind=kind)
    in_time = record(cast, kind="complaint")
    clock(in_time, "2026-11-10 10:00", "2026-11-10 09:00")
    running, rule = first.clocks.first(), EscalationRule.objects.first()
    for turn, fired in enumerate((at("2026-11-10 10:00"), None)):
        facts = {"turn": turn, "due_at": at("2026-11-10 10:00"), "fired_at": fired, "offset": "01:00:00"}
        Escalation.objects.create(ticket=first, clock=running, rule=rule, target=rule.target, **facts)
    for ticket in (first, other):
        entry(ticket, EntryKind.RESOLVED, "2026-11-10 10:00", by=cast.chen)
    entry(other, EntryKind.REOPENED, "2026-11-11 10:00", by=cast.li)
    entry(other, EntryKind.REPEAT_CONTACT, "2026-11-11 10:00", by=cast.li, channel=[None, "phone"])
    Link.objects.create(record=other, other=first, kind="repeat", at=at("2026-11-10 10:00"))
    Link.objects.create(record=merged, other=first, kind="duplicate", at=at("2026-11-03 10:00"), by=cast.li)
    waits = {"reason": "client", "text": "?", "until": at("2026-11-30 09:00")}
    Pause.objects.create(ticket=first, **waits, started_at=NOW.replace(day=3), ended_at=NOW.replace(day=4))
    Pause.objects.create(ticket=later, **waits, started_at=NOW.replace(day=3))
    note = entry(first, EntryKind.NOTE, "2026-11-04 10:00", by=cast.chen)
    TimeSpent.objects.create(ticket=first, entry=note, person=cast.chen, minutes=90, on="2026-11-04")
    for ticket, outcome in ((first, "solved"), (other, "not_solved")):
        times = dict.fromkeys(("ordered_at", "departed_at", "arrived_at", "left_at"), at("2026-11-05 10:00"))
        where = {"address": "深圳", "contact_name": "孙主任", "reason": "缺件"}
        Dispatch.objects.create(ticket=ticket, engineer=cast.chen, outcome=outcome, **where, **times)
    off = {"called_off_at": at("2026-11-05 11:00"), "called_off_by": cast.wang, "called_off_reason": "好了"}
    where = {"address": "深圳", "contact_name": "孙主任", "ordered_at": at("2026-11-05 10:00")}
    Dispatch.objects.create(ticket=later, engineer=cast.li, **where, **off)
    make.session(cast, "2026-11-05 12:00", ended="2026-11-05 12:00")
    make.session(cast, "2026-11-05 12:00")
    make.change(cast, "2026-11-05 12:00")
    make.change(cast, "2026-11-05 12:00", "failed")
    seen = make.inspection(cast, "2026-11-05 09:00", "2026-11-05 10:00")
    make.inspection(cast, "2026-11-06 09:00")
    make.abnormal(cast, seen)
    for ticket in (first, later):
        answer = make.abnormal(cast, seen, recorded="2026-11-05 10:00")
        InspectionRecord.objects.create(ticket=ticket, answer=answer)
    make.shift(cast, cast.li, "2026-11-02 08:00")
    make.shift(cast, cast.chen, "2026-11-02 20:00")
    make.handover(cast, "2026-11-02 20:00", "2026-11-02 20:10")
    make.shift(cast, cast.li, "2026-11-03 08:00")
    make.empty_shift(cast, "2026-11-04 08:00")
    make.callback(cast, "2026-11-05", "2026-11-05 10:00")
    make.callback(cast, "2026-11-05", state="unreached", tried_at=at("2026-11-05 10:00"))
    make.callback(cast, "2026-11-05", state="withdrawn")
    make.sheet(cast, 5, "2026-11-05 10:00")
    make.sheet(cast, 2, "2026-11-05 10:00")
    verified = {"verified_at": at("2026-11-05 10:00"), "verified_by": cast.wang, "verification": "好"}
    make.corrective(cast, "2026-11-05", carried_out_at=at("2026-11-04 10:00"), **verified)
    make.corrective(cast, "2026-11-05")
    over = {"due_at": None, "over_at": at("2026-11-09 09:00")}
    make.corrective(cast, "2026-11-05", state="dropped", dropped_because="误会", **over)
    make.finding(cast, "2026-11-05", "2026-11-05 10:00", kind="danger")
    make.finding(cast, "2026-11-05")
    make.finding(cast, "2026-11-05", state="withdrawn", withdrawn_because="误判", **over)
    make.check(cast, "conforms", "2026-11-05 10:00")
    make.check(cast, "deviates", "2026-11-05 10:00")
    make.decision(cast, "2026-11-05", "2026-11-05 10:00")
    make.decision(cast, "2026-11-05")
    make.decision(cast, "2026-11-05", "2026-11-05 10:00", state="dropped")
    make.weekly_report(cast, "2026-10-26", "2026-11-02 14:00", "2026-11-02 13:00")
    make.weekly_report(cast, "2026-11-02", "2026-11-09 14:00")
    make.phone(cast, "2026-11-05", 10, 9)
    # What of another group's is there for the sentinel: none of it may reach the south's supervisor.
    clock(record(cast, group=cast.north, owner=cast.outsider, title="北方机密"), "2026-11-10 10:00")
    make.outage(cast, "2026-11-20 09:00", "2026-11-20 10:00", group=cast.north, title="北方机密")
    record(cast, reported="2026-09-02 09:00")
    record(cast, reported="2026-11-18 09:00")
    record(cast, reported="2026-11-22 09:00")


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    """The pages look at the clock of that Monday, whenever the tests run."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def everything(cast):
    build_everything(cast)
    return cast


def behind(kpi, part, chosen):
    span = NOVEMBER.span(timezone.get_default_timezone())
    return kpi.part(part, chosen.scope, *span, now=NOW)


def test_every_figure_has_as_many_rows_as_it_says(everything):
    """For every KPI and each of its parts; and every source lists its rows with a cell for each column."""
    chosen, listed = Chosen(everything.zhao), set()
    for key, kpi in KPIS.items():
        found = figure(key)
        rows = {part: list(SOURCES[kpi.source].listed(behind(kpi, part, chosen))) for part in kpi.parts}
        assert rows[""], f"{key} has no rows: the test shows nothing of it"
        if isinstance(kpi, Share):
            numbers = {part: len(found) for part, found in rows.items()}
            assert numbers["counted"] and numbers["others"], f"{key}: {numbers}"
            assert numbers[""] == found.denominator and numbers["counted"] == found.numerator
            assert set(rows[""]) == set(rows["counted"]) | set(rows["others"])
            assert numbers[""] == numbers["counted"] + numbers["others"]
        elif isinstance(kpi, Mean | Duration):
            assert len(rows[""]) == found.denominator
        elif isinstance(kpi, PerHead) or (isinstance(kpi, Total) and kpi.of is None):
            assert len(rows[""]) == found.numerator
        source = SOURCES[kpi.source]
        for row in rows[""]:
            assert len(source.cells(row, NOW)) == len(source.heads) and source.url(row).startswith("/")
        listed.add(kpi.source)
    assert listed == set(SOURCES)


def test_each_page_opens_and_each_file_has_the_same_rows(everything, django_assert_max_num_queries):
    leader = signed_in(everything.zhao)
    by_source = {kpi.source: kpi for kpi in KPIS.values()}
    for kpi in by_source.values():
        address = rows_address(kpi.key, Chosen(everything.zhao), NOVEMBER)
        with django_assert_max_num_queries(12):
            page = leader.get(address)
        assert page.status_code == 200
        number = len(page.context["lines"])
        assert number == behind(kpi, "", Chosen(everything.zhao)).count() > 0, kpi.key
        name, _sign, query = address.partition("?")
        files = {
            form: leader.get(f"{reverse('reports:rows_export', args=[form])}?{query}")
            for form in ("csv", "xlsx")
        }
        lines = b"".join(files["csv"].streaming_content).decode("utf-8-sig").splitlines()
        assert len(lines) == number + 1
        book = load_workbook(BytesIO(b"".join(files["xlsx"].streaming_content)))
        assert book.active.max_row == number + 1


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("csv", "More than 1 rows: choose a shorter period, or a group."),
        ("xlsx", "More than 1 rows: choose a shorter period, or take CSV with up to 1."),
    ],
)
def test_a_file_of_too_many_rows_is_refused_in_words(everything, monkeypatch, form, said):
    leader = signed_in(everything.zhao)
    address = rows_address("reported", Chosen(everything.zhao), NOVEMBER)
    file = f"{reverse('reports:rows_export', args=[form])}?{address.partition('?')[2]}"
    number = behind(KPIS["reported"], "", Chosen(everything.zhao)).count()
    monkeypatch.setitem(MOST, form, number)
    assert leader.get(file).status_code == 200
    for name in MOST:
        monkeypatch.setitem(MOST, name, 1)
    page = leader.get(file, follow=True)
    assert page.redirect_chain == [(address, 302)]
    assert [str(message) for message in page.context["messages"]] == [said]


def test_parts_and_periods_are_chosen_in_the_address(everything):
    leader, chosen = signed_in(everything.zhao), Chosen(everything.zhao)
    page = leader.get(rows_address("response", chosen, NOVEMBER, "others"))
    assert [line[1][-1] for line in page.context["lines"]] == ["overdue", "overdue"]
    assert [(name, n) for name, _url, n, _here in page.context["parts"]] == [
        ("All", 4),
        ("Counted", 2),
        ("The others", 2),
    ]
    assert rows_address("response", chosen, NOVEMBER.plus(-1), "others") in page.content.decode().replace(
        "&amp;", "&"
    )
    for query in ("", "kpi=none", "kpi=response&part=x", "kpi=response&period=x", "kpi=mttr&part=others"):
        assert leader.get(f"{reverse('reports:rows')}?{query}").status_code == 404


def test_a_supervisor_reads_his_group_and_nothing_of_another(everything):
    supervisor = signed_in(everything.wang)
    for key in KPIS:
        page = supervisor.get(f"{reverse('reports:rows')}?kpi={key}&period=2026-11")
        assert page.status_code == 200, key
        assert "北方机密" not in page.content.decode(), key
        found = figure(key, scope=page.context["chosen"].scope)
        assert page.context["figure"] == found
    assert supervisor.get(f"{reverse('reports:rows')}?kpi=response&group=north").status_code == 404
    # An outage of his client's system counts though the record is another group's: said as a number.
    page = supervisor.get(f"{reverse('reports:rows')}?kpi=availability&period=2026-11")
    assert page.context["hidden"] == 1 and "1 more row counts" in page.content.decode()


@pytest.mark.parametrize(
    ("who", "query", "status"),
    [
        ("chen", "", 403),
        ("chen", "person=chen", 200),
        ("chen", "person=li", 404),
        ("sun", "person=sun", 404),
        ("sun", "", 403),
        ("wang", "person=chen", 200),
        ("outsider", "person=chen", 404),
        ("zhao", "client=hospital", 200),
        ("wang", "client=hospital", 200),
        ("zhao", "person=sun", 404),
    ],
)
def test_whose_rows_may_be_read(cast, who, query, status):
    browser = signed_in(getattr(cast, who))
    assert browser.get(f"{reverse('reports:rows')}?kpi=response&period=2026-11&{query}").status_code == status


def test_of_one_person_nothing_is_said_below_five_answers(everything):
    page = signed_in(everything.wang).get(
        f"{reverse('reports:rows')}?kpi=satisfied&period=2026-11&person=chen"
    )
    assert page.context["lines"] == [] and "below five answers" in page.content.decode()


def test_a_list_is_paged_and_nothing_is_lost(cast):
    for number in range(53):
        clock(record(cast), f"2026-11-10 10:{number:02}")
    leader = signed_in(cast.zhao)
    first = leader.get(rows_address("response", Chosen(cast.zhao), NOVEMBER))
    second = leader.get(reverse("reports:rows") + first.context["page"].older_url)
    numbers = [line[0] for page in (first, second) for line in page.context["lines"]]
    assert len(numbers) == len(set(numbers)) == 53
