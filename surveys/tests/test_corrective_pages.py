"""The pages of corrective actions and complaints: who sees and does what, and that nothing typed is lost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from surveys.models import ComplaintRuling, CorrectiveAction
from surveys.tests.correcting import DAY, effective, opened, planned, replied
from tickets.models import Kind

pytestmark = pytest.mark.django_db


def signed_in(cast: Cast, who: str, language: str = "en") -> Browser:
    person = getattr(cast, who)
    person.language = language
    person.save()
    browser = Browser()
    browser.force_login(person)
    return browser


def step(browser: Browser, action: CorrectiveAction, name: str, **data: object):  # type: ignore[no-untyped-def]
    data = {f"{name}-{field}": value for field, value in data.items()} | {"seen_state": action.state}
    return browser.post(reverse("satisfaction:corrective_step", args=[action.pk, name]), data)


def test_the_whole_way_on_the_page(cast: Cast) -> None:
    action = opened(cast, timezone.now() - DAY)
    wang, chen = signed_in(cast, "wang"), signed_in(cast, "chen")
    due_on = timezone.localdate() + DAY
    for browser, name, data in [
        (wang, "analyse", {"whys_0": "没人看", "whys_1": "没交接", "root_cause": "process"}),
        (wang, "plan", {"measure": "每小时看", "owner": cast.chen.pk, "due_on": due_on.isoformat()}),
        (chen, "reply", {"reply": "一小时内答复", "reply_how": "phone", "reply_to": "孙主任"}),
        (chen, "carry_out", {"result": "已执行"}),
        (wang, "verify", {"is_done": "yes", "verification": "看过"}),
        (wang, "check_effect", {"effect": "effective", "effect_note": "5 分"}),
        (wang, "close", {}),
    ]:
        action.refresh_from_db()
        assert step(browser, action, name, **data).status_code == 302, name
    action.refresh_from_db()
    assert (action.state, action.whys) == ("closed", ["没人看", "没交接"])
    page = wang.get(reverse("satisfaction:corrective", args=[action.pk])).content.decode()
    assert "没交接" in page and "一小时内答复" in page and "Closed" in page


def test_what_is_missing_is_named_at_its_part(cast: Cast) -> None:
    action = planned(cast, timezone.now())
    answer = step(signed_in(cast, "wang"), action, "close")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#part-reply"' in page and "The client has had no answer yet." in page
    assert 'href="#part-effect"' in page and 'href="#part-whys"' not in page


def test_nothing_typed_is_lost(cast: Cast) -> None:
    action = opened(cast, timezone.now())
    answer = step(signed_in(cast, "wang"), action, "analyse", whys_0="没人看", root_cause="")
    assert answer.status_code == 422 and "没人看" in answer.content.decode()
    answer = step(signed_in(cast, "wang"), action, "reply", reply="答复全文", reply_how="email")
    assert answer.status_code == 422 and "答复全文" in answer.content.decode()
    assert "No e-mail address" in answer.content.decode()


def test_a_faster_hand_is_named(cast: Cast) -> None:
    action = replied(cast, timezone.now())
    stale = CorrectiveAction.objects.get(pk=action.pk)
    assert step(signed_in(cast, "chen"), action, "carry_out", result="x").status_code == 302
    answer = step(signed_in(cast, "wang"), stale, "carry_out", result="我的字")
    assert answer.status_code == 409 and "我的字" in answer.content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [("wang", 200), ("chen", 200), ("zhou", 200), ("zhao", 200), ("outsider", 404), ("sun", 403)],
)
def test_who_sees_one(cast: Cast, who: str, status: int) -> None:
    action = opened(cast)
    browser = signed_in(cast, who)
    assert browser.get(reverse("satisfaction:corrective", args=[action.pk])).status_code == status
    listed = browser.get(reverse("satisfaction:correctives"))
    assert listed.status_code == (403 if who == "sun" else 200)
    assert (action.number in listed.content.decode()) == (status == 200)


@pytest.mark.parametrize("who", ["zhou", "zhao"])
def test_who_reads_is_offered_nothing(cast: Cast, who: str) -> None:
    action = opened(cast)
    browser = signed_in(cast, who)
    page = browser.get(reverse("satisfaction:corrective", args=[action.pk])).content.decode()
    assert "seen_state" not in page and "What now?" not in page
    assert step(browser, action, "drop", reason="x").status_code == 403
    assert browser.get(reverse("satisfaction:corrective_terms")).status_code == 403


def test_looking_changes_nothing(cast: Cast) -> None:
    action = opened(cast)
    browser = signed_in(cast, "wang")
    for name in ("analyse", "close", "drop"):
        address = reverse("satisfaction:corrective_step", args=[action.pk, name])
        assert browser.get(address).status_code == 405
    nonsense = reverse("satisfaction:corrective_step", args=[action.pk, "nonsense"])
    assert browser.post(nonsense).status_code == 404
    assert CorrectiveAction.objects.get().version == 1


def test_filters_of_the_list(cast: Cast) -> None:
    now = timezone.now()
    late, done = planned(cast, now - 10 * DAY), effective(cast, now - 30 * DAY)
    browser, address = signed_in(cast, "zhao"), reverse("satisfaction:correctives")
    for query, found in [
        ("state=overdue", {late}),
        ("state=verified", {done}),
        ("source=client", {late, done}),
        ("source=answer", set()),
        ("owner=chen&group=south", {late, done}),
        ("group=north", set()),
        ("client=hospital&state=all", {late, done}),
    ]:
        page = browser.get(f"{address}?{query}").content.decode()
        assert {one for one in (late, done) if one.number in page} == found, query
    assert browser.get(f"{address}?state=x").status_code == 404
    assert browser.get(f"{address}?source=x").status_code == 404


def test_the_list_costs_the_same_however_long(cast: Cast) -> None:
    browser, counts = signed_in(cast, "zhao"), []
    for _round in range(2):
        for _number in range(6):
            opened(cast)
        browser.get(reverse("satisfaction:correctives"))
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(reverse("satisfaction:correctives")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_opened_by_hand_from_a_record_and_from_a_client(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    browser = signed_in(cast, "chen")
    for kind, pk in [("record", ticket.pk), ("client", cast.hospital.pk)]:
        address = reverse("satisfaction:corrective_open", args=[kind, pk])
        assert browser.get(address).status_code == 200
        assert browser.post(address, {"title": " ", "words": "原话"}).status_code == 422
        assert browser.post(address, {"title": "太慢", "words": "原话"}).status_code == 302
        assert signed_in(cast, "zhao").get(address).status_code == 403
        assert signed_in(cast, "outsider").get(address).status_code == 404
    assert list(CorrectiveAction.objects.order_by("pk").values_list("source", flat=True)) == [
        "record",
        "client",
    ]
    record = browser.get(reverse("tickets:afterwards", args=[ticket.pk])).content.decode()
    client = browser.get(reverse("clients:standing", args=[cast.hospital.pk])).content.decode()
    for action in CorrectiveAction.objects.all():
        assert action.number in client
    assert CorrectiveAction.objects.get(source="record").number in record


def test_the_terms_are_said_to_be_ours(cast: Cast) -> None:
    browser, address = signed_in(cast, "admin"), reverse("satisfaction:corrective_terms")
    page = browser.get(address).content.decode()
    assert "our defaults, not from the process document" in page
    terms = dict.fromkeys(["analyse", "act", "reply", "verify", "effect"], 4)
    levels = {"supervisor": 1, "technical_lead": 2, "department_manager": 3}
    assert browser.post(address, terms | levels).status_code == 302
    assert browser.post(address, terms | levels | {"technical_lead": 9}).status_code == 422
    assert browser.post(address, terms | levels | {"analyse": 0}).status_code == 422


class TestComplaints:
    def test_the_register_and_the_ruling(self, cast: Cast) -> None:
        now = timezone.now()
        ticket = cast.ticket(now, kind=Kind.COMPLAINT, title="没人回电")
        wang = signed_in(cast, "wang")
        assert "没人回电" in wang.get(reverse("satisfaction:complaints")).content.decode()
        address = reverse("satisfaction:complaint", args=[ticket.pk])
        assert wang.post(address, {"verdict": "founded", "reason": ""}).status_code == 422
        assert wang.post(address, {"verdict": "founded", "reason": "确实"}).status_code == 302
        assert ComplaintRuling.objects.get().verdict == "founded"
        for queue, is_there in [("founded", True), ("unfounded", False), ("to_rule", False), ("open", True)]:
            page = wang.get(f"{reverse('satisfaction:complaints')}?queue={queue}").content.decode()
            assert ("没人回电" in page) == is_there, queue

    @pytest.mark.parametrize(
        ("who", "status"), [("chen", 200), ("zhou", 200), ("zhao", 200), ("outsider", 404), ("sun", 403)]
    )
    def test_who_reads_it_does_not_rule(self, cast: Cast, who: str, status: int) -> None:
        ticket = cast.ticket(timezone.now(), kind=Kind.COMPLAINT)
        browser, address = signed_in(cast, who), reverse("satisfaction:complaint", args=[ticket.pk])
        assert browser.get(address).status_code == status
        answer = browser.post(address, {"verdict": "founded", "reason": "x"})
        assert answer.status_code == (403 if status == 200 else status)

    def test_a_fault_is_no_complaint(self, cast: Cast) -> None:
        ticket = cast.ticket(timezone.now())
        browser = signed_in(cast, "wang")
        assert browser.get(reverse("satisfaction:complaint", args=[ticket.pk])).status_code == 404
