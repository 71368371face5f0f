"""Changes, weekly reports, findings of audits and suggestions on the agenda."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.template.loader import render_to_string
from django.test import Client as Browser

from audits.tests.auditing import begun, raised
from audits.tests.processes import filed, loaded
from meetings.agenda import Line, Section, unmarked
from meetings.asked import asked_about, in_one
from meetings.sources import SOURCES
from meetings.sources.improving import closed_to
from meetings.tests.reports import submitted
from meetings.words import told
from opsdesk.testing import MONDAY, Cast
from tickets.tests.works import scheduled

DAY = timedelta(days=1)
WEEK = date(2026, 11, 23)
OURS = ("changes", "reports", "findings", "suggestions")


def drawn(cast: Cast, group: str, now: datetime = MONDAY) -> dict[str, list[Line]]:
    sources = {name: SOURCES[name] for name in OURS}
    asked = asked_about(getattr(cast, group), 0, WEEK, 1, now)
    return {name: list(one.lines) for name, one in in_one(sources, asked, 10).items()}


def test_what_is_planned_and_what_would_be_better_is_talked_about(cast: Cast) -> None:
    this, _later = scheduled(cast, opens=2 * DAY), scheduled(cast, opens=9 * DAY)
    report = submitted(cast, MONDAY - 3 * DAY, problems="备件不足", help_wanted="要一名 DBA")
    finding = raised(cast, begun(cast, MONDAY - 40 * DAY), MONDAY - 40 * DAY, kind="danger")
    loaded(MONDAY - 60 * DAY)
    suggestion = filed(cast, MONDAY - 40 * DAY)
    found = drawn(cast, "south")
    assert [line.key for line in found["changes"]] == [f"change-{this.pk}"]
    assert [line.key for line in found["reports"]] == [f"report-{report.pk}"]
    assert [line.key for line in found["findings"]] == [f"QF-{finding.pk}"]
    assert [line.key for line in found["suggestions"]] == [f"PS-{suggestion.pk}"]
    # Overdue, or somebody wants help: what is bad is said to be.
    assert [found[name][0].tone for name in OURS] == ["", "bad", "bad", "bad"]
    assert "要一名 DBA" in told(found["reports"][0]) and "备件不足" in told(found["reports"][0])
    browser = Browser()
    browser.force_login(cast.wang)
    for name in OURS:
        assert browser.get(found[name][0].url).status_code == 200, name


def test_a_finding_is_a_link_to_whom_may_open_it_alone(cast: Cast) -> None:
    finding = raised(cast, begun(cast, MONDAY - 40 * DAY), MONDAY - 40 * DAY)
    lines = drawn(cast, "south")["findings"]
    assert [closed_to(user, lines) for user in (cast.wang, finding.owner, cast.zhao)] == [set()] * 3
    assert closed_to(cast.li, lines) == {f"QF-{finding.pk}"}
    [section] = unmarked([Section("findings", 1, tuple(lines))])
    for closed, link in ((set(), True), (closed_to(cast.li, lines), False)):
        page = render_to_string("meetings/_lines.html", {"lines": section.shown, "closed": closed})
        assert finding.title in page and ("<a href" in page) is link


def test_another_group_hears_nothing_of_it(cast: Cast) -> None:
    scheduled(cast, opens=2 * DAY)
    submitted(cast, MONDAY - 3 * DAY, problems="x", help_wanted="x")
    raised(cast, begun(cast, MONDAY - 40 * DAY), MONDAY - 40 * DAY)
    assert drawn(cast, "north") == {name: [] for name in OURS}


def test_a_report_without_problems_is_no_matter_for_the_meeting(cast: Cast) -> None:
    submitted(cast, MONDAY - 3 * DAY, problems="", help_wanted="")
    assert drawn(cast, "south")["reports"] == []


def test_long_words_are_told_in_brief_and_read_whole_behind_their_line(cast: Cast) -> None:
    submitted(cast, MONDAY - 3 * DAY, problems="备件不足\n" * 200, help_wanted="")
    [line] = drawn(cast, "south")["reports"]
    assert len(told(line)) == 160 and told(line).endswith("…") and "\n" not in told(line)
