"""People and groups change after a report was drafted: nobody is told what is no longer his."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from clients.models import Client, Contract
from reports import tasks
from reports.models import ClientEdition, MonthlyEvent, MonthlyReport, MonthlyTerms
from reports.monthly import actions as monthly
from reports.monthly.actions import sweep
from reports.monthly.actions.common import editors_of
from reports.monthly.actions.publishing import contacts_told
from reports.monthly.gathering import counted
from reports.monthly.kinds import Edition
from reports.monthly.papers.workbook import NUMBER
from reports.monthly.reading import terms
from reports.tests.monthly.world import DRAFTED, build, fault
from staff.models import Group, Notice
from staff.refused import Refused
from tickets.models import Grade

DAY = timedelta(days=1)


def test_after_its_day_a_month_has_no_new_reports(world):
    Group.objects.create(code="west", name="西北运维组")
    assert monthly.draft_months(now=DRAFTED + DAY) == 1
    Group.objects.create(code="east", name="华东运维组")
    assert monthly.draft_months(now=DRAFTED + 20 * DAY) == 0
    assert monthly.draft_months(now=DRAFTED + 30 * DAY + timedelta(hours=1)) > 1  # the next month has its own
    assert MonthlyReport.objects.filter(group__code="east").count() == 1


def test_a_contact_who_went_to_another_client_is_told_nothing(world, cast):
    assert contacts_told(cast.hospital.pk) == [cast.sun]
    cast.contact.client = world.other
    cast.contact.save()
    assert contacts_told(cast.hospital.pk) == []


def test_who_moved_to_another_group_hears_of_no_comment_more(world, cast):
    report = world.publish(Edition.CLIENT)
    monthly.comment_report(report, text="请核对", by=cast.chen, now=DRAFTED + 3 * DAY)
    cast.chen.group = cast.north
    cast.chen.save()
    monthly.comment_report(world.report(Edition.CLIENT), text="已核对", by=cast.zhao, now=DRAFTED + 4 * DAY)
    told = Notice.objects.filter(kind="monthly_report", created_at=DRAFTED + 4 * DAY)
    assert set(told.values_list("recipient__username", flat=True)) == {"wang"}


def test_editors_who_have_left_are_no_editors(world, cast):
    department = world.report(Edition.DEPARTMENT)
    terms, _new = MonthlyTerms.objects.get_or_create(pk=1)
    terms.editors.add(cast.liu)
    assert editors_of(department) == [cast.liu]
    cast.liu.is_active = False
    cast.liu.save()
    assert editors_of(department) == [cast.zhou]


def test_drafting_and_reminding_of_many_costs_no_statement_each(world, cast, django_assert_max_num_queries):
    """A thousand clients' reports are drafted in as many statements as one."""
    for number in range(12):
        client = Client.objects.create(
            code=f"c{number}",
            name=f"客户{number}",
            type=cast.hospital.type,
            group=cast.south,
            hours=cast.hospital.hours,
        )
        Contract.objects.create(
            client=client, number=f"HT-c{number}", starts_on="2025-01-01", ends_on="2027-12-31"
        )
        ClientEdition.objects.create(client=client)
    with django_assert_max_num_queries(25):
        assert monthly.draft_months(now=DRAFTED + 31 * DAY) == 17
    assert MonthlyEvent.objects.filter(kind="drafted", report__month="2026-11-01").count() == 17


def test_what_is_due_is_counted_before_what_is_out_is_compared(world, monkeypatch):
    """With no time left all the same one is compared, and one that cannot be holds up no other."""
    order = []
    monkeypatch.setattr(tasks, "monotonic", iter([0.0, 1.0, 2.0, 99.0, 99.0, 99.0]).__next__)
    monkeypatch.setattr(tasks.monthly, "tend_monthly", lambda now: None)
    monkeypatch.setattr(tasks.monthly, "count_due", lambda now, most: order.append("count") or 1)
    monkeypatch.setattr(tasks.monthly, "compare_next", lambda now: order.append("compare") or 0)
    tasks.tend_monthly()
    assert order == ["count", "count", "compare"]


def test_a_report_that_cannot_be_compared_holds_up_no_other(world, monkeypatch):
    world.publish(Edition.DEPARTMENT)
    world.publish(Edition.GROUP)
    now, asked = DRAFTED + 9 * DAY, []

    def fails(kpis, scope, *rest, **more):
        asked.append(scope)
        raise RuntimeError

    monkeypatch.setattr(sweep, "figures", fails)
    for _run in range(2):
        with pytest.raises(RuntimeError):
            monthly.compare_next(now=now)
    assert len(set(asked)) == 2 and monthly.compare_next(now=now) is None


def test_two_who_settle_a_clients_report_do_not_overwrite_each_other(world, cast, client):
    address = reverse("reports:monthly:client", args=["hospital"])
    client.force_login(cast.wang)
    sent = {"is_wanted": "on", "seen_version": ClientEdition.objects.get(client=cast.hospital).version}
    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent | {"told": [cast.contact.pk]}).status_code == 409
    assert not ClientEdition.objects.get(client=cast.hospital).told.exists()
    # Who may not settle it is shown no link to it.
    report = world.publish(Edition.CLIENT)
    page = reverse("reports:monthly:report", args=[report.pk])
    for person, may in ((cast.wang, True), (cast.zhao, True), (cast.li, False), (cast.zhou, False)):
        client.force_login(person)
        assert (address in client.get(page).content.decode()) == may, person
        assert (client.get(address).status_code == 200) == may


def test_a_published_row_is_locked_and_counting_raises_the_version_but_not_that_of_words(world, cast):
    draft = world.report(Edition.GROUP)
    before = draft.version, draft.words_version
    monthly.ask_to_count(draft, by=cast.wang, now=DRAFTED + DAY)
    monthly.count_report(draft, now=DRAFTED + 2 * DAY)
    draft = world.report(Edition.GROUP)
    assert draft.version == before[0] + 2 and draft.words_version == before[1]
    pk = world.publish(Edition.GROUP).pk
    rows = MonthlyReport.objects.filter(pk=pk)
    for changed in ({"content": {}}, {"figures": {}}, {"words": {"risks": "?"}}, {"state": "draft"}):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(**changed, **({"published_at": None} if "state" in changed else {}))
    assert rows.update(compared_at=DRAFTED + 4 * DAY) == 1


@pytest.mark.django_db(transaction=True)
def test_all_sections_see_the_same_records_while_others_write(cast):
    """A fault that comes while a report is being counted is in all of its sections or in none."""
    made = build(cast)
    report = MonthlyReport.objects.with_names().get(edition=Edition.DEPARTMENT)
    seen = []

    def meanwhile(done: int) -> None:
        if not seen:
            fault(cast, cast.hospital, cast.his, "LATE-SENTINEL", Grade.ONE, late=False)
        seen.append(done)

    content, figures = counted(report, terms(), now=DRAFTED, told=meanwhile)
    assert len(seen) > 10 and "LATE-SENTINEL" not in str(content)
    assert figures["month"]["reported"]["numerator"] == len(made.faults) + 1
    content, figures = counted(report, terms(), now=DRAFTED, told=seen.append)
    assert "LATE-SENTINEL" in str(content)


@pytest.mark.parametrize("mark", ["\u2028", "\x0b", "\n", "\r\n"])
def test_a_line_of_the_first_page_is_one_however_it_is_broken(world, cast, mark):
    report = world.report(Edition.GROUP)
    with pytest.raises(Refused) as refused:
        monthly.publish_report(
            report,
            {"risks": mark.join("一二三四五六")},
            counted_at=report.counted_at,
            by=cast.wang,
            now=DRAFTED + DAY,
        )
    assert refused.value.field == "risks"


@pytest.mark.parametrize(
    ("cell", "is_number"),
    [
        *(("0", True), ("-12.50 %", True), ("3 h", True), ("123456789012345", True)),
        *(("00123", False), ("202610150012345678", False), ("01", False), ("1.2.3", False)),
    ],
)
def test_only_what_excel_holds_exactly_is_a_number(cell, is_number):
    assert bool(NUMBER.fullmatch(cell)) == is_number
