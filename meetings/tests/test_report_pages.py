"""The pages of weekly reports: what they show to whom, and that nothing typed is lost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from meetings.actions import reports as actions
from meetings.models import WeeklyReport
from meetings.tests.reportpages import report_pages
from meetings.tests.reports import WORDS, submitted
from opsdesk.testing import Cast

BACKEND = "django.contrib.auth.backends.ModelBackend"
MOST_QUERIES = 12


def browser(user) -> Browser:
    made = Browser(headers={"Accept-Language": "en"})
    made.force_login(user, backend=BACKEND)
    return made


@pytest.fixture
def draft(cast: Cast) -> WeeklyReport:
    now = timezone.now()
    return actions.draft_report(timezone.localdate(now), by=cast.chen, now=now)


def test_every_page_opens_with_few_questions(cast: Cast) -> None:
    for who, path in report_pages(cast):
        signed_in = browser(getattr(cast, who))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert signed_in.get(path).status_code == 200, (who, path)
        assert len(asked) <= MOST_QUERIES, (who, path, len(asked))


def test_a_clients_contact_and_another_group_see_nothing_of_it(cast: Cast) -> None:
    pages = report_pages(cast)
    sun, outsider = browser(cast.sun), browser(cast.outsider)
    for _who, path in pages:
        assert sun.get(path).status_code == 403, path
        if any(part.isdecimal() for part in path.split("/")):
            assert outsider.get(path).status_code == 404, path
    assert outsider.get(reverse("weekly_reports:weeks")).status_code == 403
    week = next(path for _who, path in pages if "/weeks/2" in path)
    assert outsider.get(f"{week.partition('?')[0]}?group=south").status_code == 404
    assert "陈工" not in outsider.get(week.partition("?")[0]).content.decode()


def test_a_colleague_reads_what_is_submitted_and_no_draft(cast: Cast, draft: WeeklyReport) -> None:
    li, address = browser(cast.li), reverse("weekly_reports:report", args=[draft.pk])
    assert li.get(address).status_code == 404
    actions.submit_report(draft, WORDS, by=cast.chen, now=timezone.now())
    page = li.get(address)
    assert WORDS["done"] in page.content.decode() and b"Reopen" not in page.content
    assert li.post(address, {"done": "x"}).status_code == 403
    assert (
        li.post(reverse("weekly_reports:step", args=[draft.pk, "reopen"]), {"reason": "x"}).status_code == 403
    )


def test_what_is_typed_is_kept_and_submitted(cast: Cast, draft: WeeklyReport) -> None:
    chen, address = browser(cast.chen), reverse("weekly_reports:report", args=[draft.pk])
    keep = reverse("weekly_reports:keep", args=[draft.pk])
    kept = chen.post(keep, {"done": "半句话", "seen_version": draft.version})
    assert b"Draft saved" in kept.content and b'value="2"' in kept.content
    assert "半句话" in chen.get(address).content.decode()
    stale = chen.post(keep, {"done": "另一窗口", "seen_version": 1})
    assert b"changed elsewhere" in stale.content and b'value="1"' in stale.content
    assert WeeklyReport.objects.get().done == "半句话"
    both = chen.post(address, {"done": "另一窗口", "seen_version": 1, "submit": "1"})
    text = both.content.decode()
    assert both.status_code == 409 and "另一窗口" in text and "半句话" in text
    empty = chen.post(address, {"done": "", "plans": "下周计划", "seen_version": 2, "submit": "1"})
    assert empty.status_code == 422 and "下周计划" in empty.content.decode()
    done = chen.post(address, {"done": "换盘", "seen_version": 2, "submit": "1"})
    assert done.status_code == 302 and WeeklyReport.objects.get().is_submitted
    assert b"This report is submitted" in chen.post(keep, {"done": "x", "seen_version": 3}).content


def test_nothing_happens_by_looking(cast: Cast) -> None:
    chen = browser(cast.chen)
    assert chen.get(reverse("weekly_reports:mine")).status_code == 200
    assert not WeeklyReport.objects.exists()
    answer = chen.post(reverse("weekly_reports:draft"), {"day": timezone.localdate().isoformat()})
    assert answer.status_code == 302 and WeeklyReport.objects.count() == 1
    assert chen.post(reverse("weekly_reports:draft"), {"day": "x"}).status_code == 404
    assert (
        browser(cast.li)
        .post(reverse("weekly_reports:draft"), {"day": timezone.localdate().isoformat()})
        .status_code
        == 403
    )
    for step in ("read", "comment", "reopen"):
        address = reverse("weekly_reports:step", args=[WeeklyReport.objects.get().pk, step])
        assert chen.get(address).status_code == 405


def test_the_supervisor_reads_comments_and_gives_it_back(cast: Cast) -> None:
    report = submitted(cast, timezone.now())
    wang, address = browser(cast.wang), reverse("weekly_reports:report", args=[report.pk])
    assert b"Mark as read" in wang.get(address).content

    def step(name: str, **sent: object):
        return wang.post(reverse("weekly_reports:step", args=[report.pk, name]), sent)

    assert step("read").status_code == 302
    assert b"Mark as read" not in wang.get(address).content
    assert step("comment", text="").status_code == 422
    assert step("comment", text="备件已订").status_code == 302
    refused = step("reopen", reason="", seen_version=report.version)
    assert refused.status_code == 422 and b"This field is required" in refused.content
    stale = step("reopen", reason="缺计划", seen_version=1)
    assert stale.status_code == 409 and "缺计划" in stale.content.decode()
    assert step("reopen", reason="缺计划", seen_version=report.version).status_code == 302
    page = wang.get(address).content.decode()
    assert "缺计划" in page and WORDS["done"] in page and "备件已订" in page
    assert step("shout").status_code == 404
