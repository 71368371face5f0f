"""The pages of changes: who sees and does what, that all that is missing is named, nothing typed lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from staff.tests.hostile import PDF
from tickets.changestanding import papers_of
from tickets.models import Change, WorkType
from tickets.tests.works import DAY, HOUR, approved, done, drafted, reviewed, scheduled, started, submitted

pytestmark = pytest.mark.django_db


def signed_in(cast: Cast, who: str, language: str = "en") -> Browser:
    person = getattr(cast, who)
    person.language = language
    person.save()
    browser = Browser()
    browser.force_login(person)
    return browser


def step(browser: Browser, change: Change, name: str, **data: object):  # type: ignore[no-untyped-def]
    change.refresh_from_db()
    data = {f"{name}-{field}": value for field, value in data.items()} | {"seen_state": change.state}
    return browser.post(reverse("changes:step", args=[change.pk, name]), data)


def local(at):  # type: ignore[no-untyped-def]
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"


def test_the_whole_way_on_the_page(cast: Cast) -> None:
    li, chen, wang = signed_in(cast, "li"), signed_in(cast, "chen"), signed_in(cast, "wang")
    address = reverse("changes:create")
    assert "First Hospital" in li.get(address).content.decode()
    address += f"?client={cast.hospital.pk}"
    assert li.get(address).status_code == 200
    facts = {"type": WorkType.objects.get(code="optimisation").pk, "title": "调整参数", "system": cast.his.pk}
    facts |= {"owner": cast.chen.pk, "plan": "步骤", "rollback": "", "risk": "low"}
    assert li.post(address, facts | {"title": ""}).status_code == 422
    assert li.post(address, facts).status_code == 302
    change = Change.objects.get()
    answer = step(li, change, "submit")
    assert answer.status_code == 422 and "The rollback plan is missing." in answer.content.decode()
    assert step(li, change, "plan", plan="步骤", rollback="恢复备份", risk="low").status_code == 302
    assert step(li, change, "submit").status_code == 302
    assert step(wang, change, "approve", note="可以").status_code == 302
    now = timezone.now()
    window = {"window_from": local(now - HOUR), "window_to": local(now + 3 * HOUR)}
    assert step(li, change, "schedule", **window).status_code == 302
    refused = step(chen, change, "start").content.decode()
    for paper in papers_of(change):
        assert (f'href="#part-paper-{paper.pk}"' in refused) == (paper.step in ("plan", "rollback"))
    for paper in papers_of(change):
        file = SimpleUploadedFile("方案.pdf", PDF, "application/pdf")
        assert step(li, change, "file", paper=paper.pk, file=file).status_code == 302
    assert step(chen, change, "start").status_code == 302
    assert step(chen, change, "finish", outcome="succeeded", result="完成").status_code == 302
    assert step(chen, change, "review", review="好").status_code == 403
    assert step(wang, change, "review", review="文档齐全").status_code == 302
    ticket = change.ticket
    confirm = {"confirm-confirmed_by": "孙主任", "confirm-channel": "phone"}
    answer = li.post(reverse("tickets:act", args=[ticket.pk, "confirm"]), confirm)
    change.refresh_from_db()
    assert change.state == "closed", answer.content.decode()[:2000]


def test_confirming_the_record_names_what_is_missing(cast: Cast) -> None:
    change = reviewed(cast, timezone.now())
    paper = papers_of(change)[0]
    type(paper).objects.filter(pk=paper.pk).update(file=None, by=None, at=None)
    address = reverse("tickets:act", args=[change.pk, "confirm"])
    typed = {"confirm-confirmed_by": "孙主任", "confirm-channel": "phone"}
    answer = signed_in(cast, "li").post(address, typed)
    page = answer.content.decode()
    assert "The document “Optimisation plan” is missing (Plan)." in page and "孙主任" in page


def test_a_plan_that_nobody_has_read_is_not_approved(cast: Cast) -> None:
    change = submitted(cast, timezone.now())
    address = reverse("changes:step", args=[change.pk, "approve"])
    seen = {"seen_state": "submitted", "seen_plan": "0" * 16, "approve-note": "我的字"}
    answer = signed_in(cast, "wang").post(address, seen)
    assert answer.status_code == 409 and "我的字" in answer.content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [("wang", 200), ("chen", 200), ("zhou", 200), ("zhao", 200), ("outsider", 404), ("sun", 403)],
)
def test_who_sees_one(cast: Cast, who: str, status: int) -> None:
    change = started(cast, timezone.now())
    browser = signed_in(cast, who)
    for name, args in [("change", []), ("paper", ["plan"]), ("paper", ["result"])]:
        assert browser.get(reverse(f"changes:{name}", args=[change.pk, *args])).status_code == status
    for name in ("list", "calendar"):
        listed = browser.get(reverse(f"changes:{name}"))
        assert listed.status_code == (403 if who == "sun" else 200)
        assert (change.number in listed.content.decode()) == (status == 200), name
    if who in ("zhou", "zhao"):
        assert step(browser, change, "finish", outcome="failed", result="x").status_code == 403
        page = browser.get(reverse("changes:change", args=[change.pk])).content.decode()
        assert "seen_state" not in page
        assert browser.get(reverse("changes:type_create")).status_code == 403


def test_looking_changes_nothing(cast: Cast) -> None:
    change = drafted(cast)
    browser = signed_in(cast, "wang")
    for name in ("submit", "withdraw", "start"):
        assert browser.get(reverse("changes:step", args=[change.pk, name])).status_code == 405
    assert browser.post(reverse("changes:step", args=[change.pk, "nonsense"])).status_code == 404
    for bad in ("?month=2026-13", "?month=1890-01", "?group=nowhere"):
        assert browser.get(reverse("changes:calendar") + bad).status_code == 404
    for bad in ("?state=x", "?week=x"):
        assert browser.get(reverse("changes:list") + bad).status_code == 404


def test_pages_cost_the_same_however_many_there_are(cast: Cast) -> None:
    """A change by itself is looked at from every side: what it conflicts with, its documents, its forms."""
    now, counts = timezone.now(), []
    browser = signed_in(cast, "zhao")
    for _round in range(2):
        for number in range(3):
            scheduled(cast, now, opens=DAY + number * HOUR)
        counts.append([])
        one = reverse("changes:change", args=[Change.objects.latest("pk").pk])
        for address in (reverse("changes:list"), reverse("changes:calendar"), one):
            browser.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(address).status_code == 200
            counts[-1].append(len(queries))
    assert counts[0] == counts[1] and max(counts[1][:2]) <= 12 and counts[1][2] <= 16, counts


def test_conflicts_stand_in_the_calendar(cast: Cast) -> None:
    now = timezone.now()
    first, second = scheduled(cast, now, opens=DAY), scheduled(cast, now, opens=DAY + HOUR)
    month = f"{timezone.localtime(first.window_from):%Y-%m}"
    page = signed_in(cast, "wang").get(reverse("changes:calendar"), {"month": month}).content.decode()
    page += signed_in(cast, "wang").get(reverse("changes:change", args=[first.pk])).content.decode()
    assert page.count("another window on the same system") >= 2
    assert f"T-{first.pk}" in page and f"T-{second.pk}" in page


def test_types_are_written_by_superiors(cast: Cast) -> None:
    wang = signed_in(cast, "wang")
    page = wang.get(reverse("changes:types")).content.decode()
    assert "Cutover / go-live" in page and "our defaults, not from the process document" in page
    kind = WorkType.objects.get(code="cutover")
    address = reverse("changes:type_edit", args=[kind.pk])
    typed = {
        "name": "割接",
        "lead_days": 10,
        "hours": "outside",
        "is_active": "on",
        "version": kind.version,
        "documents": "Plan: 方案 | Plan paper\nresult：报告",
    }
    assert "Emergency contacts" in wang.get(address).content.decode()
    answer = wang.post(address, typed | {"documents": "方案"})
    assert answer.status_code == 422 and "Line 1" in answer.content.decode()
    assert wang.post(address, typed).status_code == 302
    assert list(kind.documents.values_list("step", "name", "name_en")) == [
        ("plan", "方案", "Plan paper"),
        ("result", "报告", ""),
    ]
    assert wang.post(address, typed).status_code == 409
    new = {
        "code": "drill",
        "name": "演练",
        "lead_days": 1,
        "hours": "any",
        "documents": "",
        "is_active": "on",
    }
    assert wang.post(reverse("changes:type_create"), new).status_code == 302
    assert wang.post(reverse("changes:type_create"), new | {"lead_days": 999}).status_code == 422


def test_the_record_shows_its_change(cast: Cast) -> None:
    change = approved(cast, timezone.now())
    browser = signed_in(cast, "chen")
    page = browser.get(reverse("tickets:detail", args=[change.pk])).content.decode()
    assert "verb-resolve" not in page and "verb-pause" not in page
    below = browser.get(reverse("tickets:afterwards", args=[change.pk])).content.decode()
    assert reverse("changes:change", args=[change.pk]) in below and "Approved" in below
    other = browser.get(reverse("tickets:afterwards", args=[cast.ticket().pk])).content.decode()
    assert "changes/" not in other


def test_the_paper_says_what_the_page_says(cast: Cast) -> None:
    change = done(cast, timezone.now() - timedelta(minutes=5))
    browser = signed_in(cast, "chen", "zh-hans")
    page = browser.get(reverse("changes:paper", args=[change.pk, "result"])).content.decode()
    assert "按方案完成" in page and "恢复,预计 40 分钟" in page and "陈工" in page
    answer = browser.get(reverse("changes:paper_file", args=[change.pk, "plan", "pdf"]))
    assert answer.content.startswith(b"%PDF") and answer["Content-Type"] == "application/pdf"
    assert browser.get(reverse("changes:paper_file", args=[change.pk, "plan", "exe"])).status_code == 404
    assert browser.get(reverse("changes:paper", args=[drafted(cast).pk, "result"])).status_code == 404
