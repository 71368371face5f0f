"""A report from its draft to the leaders' acknowledgement, by page, task and REST."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils.html import escape

from opsdesk.tests.rest import caller
from reports.models import ClientEdition, MonthlyAdjustment, MonthlyEvent, MonthlyReport, MonthlyTerms
from reports.monthly import actions as monthly
from reports.monthly.adjusting import adjusted
from reports.monthly.kinds import LONGEST_LINE, Edition, ReportEventKind
from reports.tests.monthly.world import DRAFTED
from staff.models import Delivery, Notice
from tickets import actions

DAY = timedelta(days=1)


def kinds(report: MonthlyReport) -> list[str]:
    return list(report.events.values_list("kind", flat=True))


def test_drafted_once_of_everybody_who_gets_one(world):
    wanted = {"MR-2026-10-D", "MR-2026-10-G-north", "MR-2026-10-G-south"}
    wanted |= {"MR-2026-10-C-hospital", "MR-2026-10-C-port"}
    assert {one.reference for one in MonthlyReport.objects.with_names()} == wanted
    assert monthly.count_due(now=DRAFTED) == 5
    assert monthly.draft_months(now=DRAFTED) == monthly.count_due(now=DRAFTED) == 0  # two beats, one report
    assert str(world.report(Edition.GROUP).due_on) == "2026-11-06"
    told = Notice.objects.filter(kind="monthly_report_due")
    assert {notice.recipient for notice in told} == {world.cast.zhou, world.cast.wang}

    # A beat that was dead for a month makes it good; who wants none gets none, who has no contract neither.
    ClientEdition.objects.filter(client=world.other).update(is_wanted=False)
    monthly.set_terms(
        editors=[world.cast.liu],
        readers=[],
        client_types=[world.cast.hospital.type],
        headlines=["response"],
        due_working_day=3,
        version=MonthlyTerms.objects.get_or_create(pk=1)[0].version,
        by=world.cast.zhao,
        now=DRAFTED,
    )
    (event,) = MonthlyEvent.objects.filter(kind=ReportEventKind.TERMS)
    assert event.by == world.cast.zhao and event.changes["due_working_day"] == [5, 3]
    world.cast.hospital.contracts.update(ends_on="2026-11-30")
    late = DRAFTED + 62 * DAY
    monthly.tend_monthly(now=late)
    found = MonthlyReport.objects.filter(month__gt="2026-10-01").with_names()
    clients = {one.reference for one in found if one.edition == Edition.CLIENT}
    assert clients == {"MR-2026-11-C-hospital"}
    assert {str(one.period) for one in found} == {"2026-11", "2026-12"}
    # What is not published in time is told of, once.
    monthly.tend_monthly(now=late)
    assert kinds(world.report(Edition.GROUP)).count(ReportEventKind.REMINDED) == 1


def test_numbers_are_locked_and_nothing_that_is_typed_is_lost(world, client):
    report = world.report(Edition.GROUP)
    address, keep = (reverse(f"reports:monthly:{name}", args=[report.pk]) for name in ("report", "keep"))
    client.force_login(world.cast.wang)
    page = client.get(address)
    assert page.status_code == 200 and 'name="comment_faults"' in page.content.decode()

    typed = {"achievements": "一\n二", "comment_faults": "<b>说明</b>", "seen_version": report.words_version}
    kept = client.post(keep, typed)
    assert f'value="{report.words_version + 1}"' in kept.content.decode()
    assert world.report(Edition.GROUP).words == {"achievements": "一\n二", "comment_faults": "<b>说明</b>"}
    # Another window, older: its words come back beside what is kept, nothing is overwritten.
    lost = client.post(address, typed | {"comment_faults": "另一个窗口", "save": "1"})
    assert lost.status_code == 409
    assert "另一个窗口" in lost.content.decode() and escape("<b>说明</b>") in lost.content.decode()
    # Too much for the leader's page is refused at its field, and comes back.
    fresh = world.report(Edition.GROUP)
    for much in ("一\n" * 4, "字" * (LONGEST_LINE + 1)):
        refused = client.post(address, {"risks": much, "seen_version": fresh.words_version, "save": "1"})
        assert refused.status_code == 422 and much.strip() in refused.content.decode()
    # No number can be written: neither by page nor by REST.
    content = fresh.content
    client.post(address, {"figures": "100", "seen_version": fresh.words_version, "save": "1"})
    answer = caller(world.cast.wang).post(f"/monthly-reports/{report.pk}/write/", {"words": {"figures": "1"}})
    assert answer.status_code == 422
    assert world.report(Edition.GROUP).content == content

    for who in (world.cast.zhao, world.cast.zhou):  # they read it, they do not write it
        client.force_login(who)
        assert client.post(address, typed).status_code == 403
        assert client.get(address).status_code == 200


def test_published_told_acknowledged_commented_and_adjusted_later(world, client):
    cast, report = world.cast, world.report(Edition.GROUP)
    address = reverse("reports:monthly:report", args=[report.pk])
    client.force_login(cast.liu)
    client.post(reverse("reports:monthly:step", args=[report.pk, "subscribe"]), {"wanted": "yes"})

    # Whoever has read other numbers than those does not publish these.
    client.force_login(cast.wang)
    stale = {"publish": "1", "seen_version": report.words_version, "seen_count": "2026-11-01T01:00:00+08:00"}
    assert client.post(address, stale | {"risks": "人手"}).status_code == 409
    stale["seen_count"] = report.counted_at.isoformat()
    assert client.post(address, stale | {"risks": "人手"}).status_code == 302
    report = world.report(Edition.GROUP)
    assert report.is_published and "人手" in str(report.snapshot.content["en"])
    told = Notice.objects.filter(kind="monthly_report", params__what="published")
    assert {notice.recipient for notice in told} == {cast.zhao, cast.qian, cast.liu}
    assert Delivery.objects.filter(notice__in=told, channel="email").count() == 3
    assert client.post(address, stale).status_code == 422  # once

    client.force_login(cast.zhao)
    acknowledge = reverse("reports:monthly:step", args=[report.pk, "acknowledge"])
    assert client.get(acknowledge).status_code == 405
    for _time in range(2):
        assert client.post(acknowledge).status_code == 302
    assert [one.reader for one in report.acknowledgements.all()] == [cast.zhao]
    client.post(reverse("reports:monthly:step", args=[report.pk, "comment"]), {"text": "到场为什么晚"})
    assert Notice.objects.filter(recipient=cast.wang, params__what="commented").exists()
    client.force_login(cast.wang)
    assert client.post(acknowledge).status_code == 403

    # A record of that month is corrected: the report stays, and says what it comes to now.
    now = DRAFTED + 9 * DAY
    fault = world.faults[0]
    fault.refresh_from_db()
    actions.reopen(fault, reason="又坏了", by=cast.li, now=now)
    assert monthly.compare_published(now=now) > 0
    found = {one.key: one for one in adjusted(report)}
    assert found["mttr"].frozen != found["mttr"].counted
    shown = client.get(address).content.decode()
    assert escape(found["mttr"].frozen) in shown and escape(found["mttr"].counted) in shown
    number = MonthlyAdjustment.objects.count()
    assert monthly.compare_published(now=now + DAY) == 0 == MonthlyAdjustment.objects.count() - number


def test_a_clients_contacts_are_told_where_that_is_agreed(world):
    world.publish(Edition.CLIENT)
    (notice,) = Notice.objects.filter(kind="monthly_report", recipient=world.cast.sun)
    assert notice.url.startswith("/portal/monthly/")


def test_a_worker_that_dies_while_counting_is_followed_by_another(world):
    report = world.report(Edition.DEPARTMENT)
    now = DRAFTED + DAY
    monthly.ask_to_count(report, by=world.cast.zhou, now=now)
    MonthlyReport.objects.filter(pk=report.pk).update(begun_at=now, progress=40)
    report.refresh_from_db()
    assert not monthly.count_report(report, now=now + timedelta(minutes=4))
    assert monthly.count_report(report, now=now + timedelta(minutes=6))
    assert not world.report(Edition.DEPARTMENT).is_counting
