"""People and groups change after a report was drafted: nobody is told what is no longer his."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reports.models import MonthlyReport, MonthlyTerms
from reports.monthly import actions as monthly
from reports.monthly.actions.common import editors_of
from reports.monthly.actions.publishing import contacts_told
from reports.monthly.kinds import Edition
from reports.monthly.papers.workbook import NUMBER
from reports.tests.monthly.world import DRAFTED
from staff.models import Group, Notice
from staff.refused import Refused

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
