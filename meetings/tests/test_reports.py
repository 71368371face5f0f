"""What happens to weekly reports, to whom it is told, and who may do it."""

from __future__ import annotations

from datetime import date

import pytest

from duty.actions import edit_day
from duty.models import DayKind
from meetings.actions import reports as actions
from meetings.actions.reportsweep import tend_reports
from meetings.models import WeeklyReport, WeeklyReportRead
from meetings.reportagenda import reports_of_week
from meetings.reportfigures import rows_of
from meetings.reporting import Figure, ReportEventKind, Standing
from meetings.tests.reports import HOUR, WORDS, submitted, worked
from opsdesk.testing import MONDAY, Cast, at
from staff.models import Notice, User
from staff.refused import Refused
from tickets.lifecycle import Moved
from tickets.models import Ticket

FRIDAY = at("2026-11-20 16:00")
WEEK = date(2026, 11, 16)


@pytest.fixture(autouse=True)
def long_here(cast: Cast) -> None:
    """Everybody of the cast has been here for years: nobody owes a report of the time before he came."""
    User.objects.update(date_joined=at("2025-01-01 09:00"))


def told(kind: str = "weekly_report") -> list[tuple[str, str]]:
    rows = Notice.objects.filter(kind=kind).order_by("pk").select_related("recipient")
    return [(notice.recipient.username, notice.params.get("what", "")) for notice in rows]


def test_from_friday_to_the_supervisor_who_has_read_it(cast: Cast) -> None:
    solved, still = worked(cast, at("2026-11-18 11:00"))
    tend_reports(now=FRIDAY - HOUR)
    assert not WeeklyReport.objects.exists()
    tend_reports(now=FRIDAY)
    tend_reports(now=FRIDAY)
    report = WeeklyReport.objects.get()
    assert (report.person, report.first_on, report.due_at) == (cast.chen, WEEK, at("2026-11-23 12:00"))
    assert f"{solved.number} 市一医院: 磁盘告警" in report.done and still.number in report.plans
    assert told() == [("chen", "asked")]
    tend_reports(now=at("2026-11-23 09:00"))
    assert told() == [("chen", "asked"), ("chen", "reminded")]

    report = actions.submit_report(report, WORDS, by=cast.chen, now=at("2026-11-23 11:59"))
    assert report.standing(MONDAY + 9 * HOUR) == Standing.SUBMITTED
    assert report.figures[Figure.SOLVED] == {"n": 1, "rows": [solved.pk]}
    assert report.figures[Figure.OPEN] == {"n": 1, "rows": [still.pk]}
    assert report.figures[Figure.OWNED]["rows"] == [solved.pk, still.pk]
    assert report.figures[Figure.WORKED_ON]["rows"] == [solved.pk, still.pk]
    assert report.figures[Figure.TIME]["n"] == 90
    tend_reports(now=at("2026-11-23 12:00"))
    assert told("weekly_reports_late") == []

    read = actions.read_report(report, by=cast.wang, now=at("2026-11-23 13:00"))
    actions.read_report(read, by=cast.wang, now=at("2026-11-23 13:01"))
    assert WeeklyReportRead.objects.get().reader == cast.wang
    kinds = list(report.events.values_list("kind", flat=True))
    assert kinds == [ReportEventKind.DRAFTED, ReportEventKind.SUBMITTED, ReportEventKind.READ]


def test_who_is_late_is_told_and_his_supervisor_once(cast: Cast) -> None:
    tend_reports(now=FRIDAY)
    tend_reports(now=at("2026-11-23 12:00"))
    tend_reports(now=at("2026-11-23 12:01"))
    assert told("weekly_reports_late") == [("wang", "")]
    notice = Notice.objects.get(kind="weekly_reports_late")
    assert notice.params["names"] == ["陈工"] and "state=missing" in notice.url
    assert told()[-1] == ("chen", "late")
    late = actions.submit_report(
        WeeklyReport.objects.get(), {"done": "x"}, by=cast.chen, now=at("2026-11-23 15:00")
    )
    assert late.standing(at("2026-11-24 09:00")) == Standing.LATE


def test_a_dead_beat_loses_none_and_owes_nothing_of_the_time_before(cast: Cast) -> None:
    tend_reports(now=at("2026-11-23 10:00"))
    assert list(WeeklyReport.objects.values_list("first_on", flat=True)) == [WEEK]
    tend_reports(now=at("2026-12-07 18:00"))
    firsts = list(WeeklyReport.objects.order_by("first_on").values_list("first_on", flat=True))
    assert firsts == [WEEK, date(2026, 11, 23), date(2026, 11, 30)]


def test_the_deadline_follows_the_calendar(cast: Cast) -> None:
    tend_reports(now=FRIDAY)
    edit_day(date(2026, 11, 23), kind=DayKind.DAY_IN_LIEU, name="停电", name_en="", by=cast.wang, now=FRIDAY)
    tend_reports(now=FRIDAY + HOUR)
    report = WeeklyReport.objects.get()
    assert report.due_at == at("2026-11-24 12:00")
    assert report.events.filter(kind=ReportEventKind.MOVED).count() == 1


def test_whoever_has_left_is_asked_for_nothing(cast: Cast) -> None:
    tend_reports(now=FRIDAY)
    cast.chen.is_active = False
    cast.chen.save()
    tend_reports(now=at("2026-11-23 12:00"))
    assert told("weekly_reports_late") == [] and ("chen", "late") not in told()


def test_submitted_it_stays_until_the_supervisor_gives_it_back(cast: Cast) -> None:
    solved, _still = worked(cast, at("2026-11-18 11:00"))
    report = submitted(cast, FRIDAY)
    Ticket.objects.filter(pk=solved.pk).update(owner=cast.li)
    report.refresh_from_db()
    assert report.figures[Figure.SOLVED]["rows"] == [solved.pk]
    for verb in (actions.write_report, actions.submit_report):
        with pytest.raises(Refused) as refused:
            verb(report, {"done": "anders"}, by=cast.chen, now=MONDAY)
        assert refused.value.code == "wrong_status"
    for nobody in (cast.chen, cast.li, cast.zhou, cast.zhao):
        with pytest.raises(Refused) as refused:
            actions.reopen_report(report, reason="x", by=nobody, now=MONDAY)
        assert refused.value.code == "forbidden"
    with pytest.raises(Refused) as refused:
        actions.reopen_report(report, reason=" ", by=cast.wang, now=MONDAY)
    assert refused.value.field == "reason"
    actions.read_report(report, by=cast.wang, now=MONDAY)
    report.refresh_from_db()
    reopened = actions.reopen_report(report, reason="缺少计划", by=cast.wang, now=MONDAY)
    assert (reopened.edition, reopened.is_submitted, reopened.figures) == (2, False, {})
    entry = report.events.get(kind=ReportEventKind.REOPENED)
    assert entry.text == "缺少计划" and entry.changes["done"] == WORDS["done"]
    assert told()[-1] == ("chen", "reopened")
    again = actions.submit_report(reopened, {"plans": "补充"}, by=cast.chen, now=MONDAY + 9 * HOUR)
    assert again.standing(MONDAY + 10 * HOUR) == Standing.SUBMITTED  # it was in time
    assert not again.reads.filter(edition=2).exists()  # a new edition is to be read anew


def test_what_is_typed_twice_is_not_lost(cast: Cast) -> None:
    report = actions.draft_report(WEEK, by=cast.chen, now=MONDAY)
    stale = WeeklyReport.objects.get(pk=report.pk)
    actions.write_report(report, {"done": "这里"}, by=cast.chen, now=MONDAY)
    with pytest.raises(Moved):
        actions.write_report(stale, {"done": "那里"}, by=cast.chen, now=MONDAY)
    assert WeeklyReport.objects.get().done == "这里"
    with pytest.raises(Refused) as refused:
        fresh = WeeklyReport.objects.get()
        actions.submit_report(fresh, {"done": "  "}, by=cast.chen, now=MONDAY)
    assert refused.value.field == "done"


def test_only_engineers_write_and_only_their_own(cast: Cast) -> None:
    for other in (cast.li, cast.wang, cast.liu, cast.zhao):
        with pytest.raises(Refused) as refused:
            actions.draft_report(WEEK, by=other, now=MONDAY)
        assert refused.value.code == "forbidden"
    for day in (date(2026, 11, 24), date(2026, 9, 1)):
        with pytest.raises(Refused) as refused:
            actions.draft_report(day, by=cast.chen, now=MONDAY)
        assert refused.value.field == "day"
    report = actions.draft_report(WEEK, by=cast.chen, now=MONDAY)
    for other in (cast.wang, cast.admin):
        with pytest.raises(Refused) as refused:
            actions.write_report(report, {"done": "x"}, by=other, now=MONDAY)
        assert refused.value.code == "forbidden"
    with pytest.raises(Refused) as refused:
        actions.read_report(report, by=cast.wang, now=MONDAY)
    assert refused.value.code == "wrong_status"


def test_who_sees_a_draft_and_who_a_submitted_one(cast: Cast) -> None:
    report = actions.draft_report(WEEK, by=cast.chen, now=MONDAY)

    def seers() -> set[str]:
        people = (cast.chen, cast.li, cast.wang, cast.liu, cast.zhou, cast.zhao, cast.admin, cast.outsider)
        return {
            one.username
            for one in (*people, cast.sun)
            if WeeklyReport.objects.visible_to(one).filter(pk=report.pk)
        }

    assert seers() == {"chen", "wang", "liu", "zhou", "zhao", "admin"}
    actions.submit_report(report, WORDS, by=cast.chen, now=MONDAY)
    assert seers() == {"chen", "li", "wang", "liu", "zhou", "zhao", "admin"}
    with pytest.raises(Refused) as refused:
        actions.comment_report(report, text="x", by=cast.outsider, now=MONDAY)
    assert refused.value.code == "forbidden"


def test_a_comment_goes_to_the_writer_and_his_answer_back(cast: Cast) -> None:
    report = submitted(cast, FRIDAY)
    actions.comment_report(report, text="备件已订", by=cast.wang, now=MONDAY)
    actions.comment_report(report, text="谢谢", by=cast.chen, now=MONDAY + HOUR)
    assert told() == [("chen", "commented"), ("wang", "answered")]


def test_the_agenda_counts_what_its_reader_sees(cast: Cast) -> None:
    report = submitted(cast, FRIDAY)

    def counts(viewer: object) -> dict[str, int]:
        lines = reports_of_week(cast.south, WEEK, viewer, now=MONDAY + 9 * HOUR)
        return {line.key: line.number for line in lines}

    assert counts(cast.wang) == {
        "all": 1,
        "submitted": 1,
        "late": 0,
        "draft": 0,
        "missing": 0,
        "unread": 1,
        "problems": 1,
        "help": 1,
    }
    actions.read_report(report, by=cast.wang, now=MONDAY)
    assert counts(cast.wang)["unread"] == 0
    assert set(counts(cast.outsider).values()) == {0}


def test_rows_that_somebody_may_not_see_are_not_shown(cast: Cast) -> None:
    worked(cast, at("2026-11-18 11:00"))
    report = submitted(cast, FRIDAY)
    pks = report.figures[Figure.WORKED_ON]["rows"]
    assert len(rows_of(Figure.WORKED_ON, pks, cast.wang)) == 2
    assert rows_of(Figure.WORKED_ON, pks, cast.outsider) == []
    spent = report.figures[Figure.TIME]["rows"]
    assert [row.minutes for row in rows_of(Figure.TIME, spent, cast.wang)] == [90]


def test_one_report_a_week_however_often_it_is_drafted(cast: Cast) -> None:
    first = actions.draft_report(WEEK, by=cast.chen, now=MONDAY)
    second = actions.draft_report(date(2026, 11, 20), by=cast.chen, now=MONDAY)
    assert first.pk == second.pk
    assert first.events.count() == 1
