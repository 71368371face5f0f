"""Assessments on their pages and through the interface: steps, refusals at their fields, files, schemes."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from opsdesk.testing import Cast
from opsdesk.tests.rest import caller, faults
from reports.assessment.following import Step
from reports.assessment.schemeforms import SchemeForms
from reports.assessment.standing import month_of, standing_of
from reports.models import Assessment, SchemeVersion
from reports.periods import period_of
from reports.tests.assessing import OCTOBER, SENTINEL, appealed, drafted, of, shown
from staff.models import Role, User
from tickets.models import Ticket

TABLE = reverse("reports:assessment_table")


@pytest.fixture
def cast(october: Cast, db: None) -> Cast:
    return october


def browser_of(who: User) -> Browser:
    browser = Browser(headers={"Accept-Language": "en"})
    browser.force_login(who)
    return browser


def page_of(one: Assessment) -> str:
    return reverse("reports:assessment", args=[one.pk])


def step_of(one: Assessment, step: str) -> str:
    return reverse("reports:assessment_step", args=[one.pk, step])


def test_a_supervisor_checks_enters_and_shows_all_that_stood_on_his_page(
    cast: Cast, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    draft = drafted(cast)
    wang = browser_of(cast.wang)
    with django_assert_max_num_queries(16):
        text = wang.get(f"{TABLE}?month={OCTOBER}&sort=-score").content.decode()
    assert text.count('name="draft"') == 2 and "Show all" in text  # 李敏 and 陈工, not himself
    with django_assert_max_num_queries(18):
        text = wang.get(page_of(draft)).content.decode()
    assert "kpi=response" in text and "person=chen" in text  # each KPI leads to its rows
    add = reverse("reports:assessment_item", args=[draft.pk])
    record = Ticket.objects.earliest("pk")
    answer = wang.post(
        add, {"code": "praise", "reason": "感谢信", "record": "T-999999", "version": draft.version}
    )
    assert answer.status_code == 422 and "There is no such record" in answer.content.decode()
    assert "感谢信" in answer.content.decode()
    answer = wang.post(
        add, {"code": "praise", "reason": "x", "record": record.number, "version": draft.version}
    )
    assert answer.status_code == 302 and of(cast.chen).score == Decimal("94.3")
    item = draft.items.get()
    out = reverse("reports:assessment_take_out", args=[draft.pk, item.pk])
    answer = wang.post(out, {f"out{item.pk}-reason": "", "version": of(cast.chen).version})
    assert answer.status_code == 422
    old = [f"{of(cast.li).pk}:{of(cast.li).version}", f"{draft.pk}:{draft.version}"]
    facts = {"month": str(OCTOBER), "group": "south"}
    assert wang.post(reverse("reports:assessment_show_all"), facts | {"draft": old}).status_code == 302
    assert of(cast.li).is_draft and of(cast.chen).is_draft  # one of them was not as he saw it
    fresh = [f"{one.pk}:{one.version}" for one in (of(cast.li), of(cast.chen))]
    wang.post(reverse("reports:assessment_show_all"), facts | {"draft": fresh})
    assert (of(cast.li).state, of(cast.chen).state) == ("shown", "shown")


def test_an_appeal_on_the_page_keeps_what_was_typed_and_meets_a_faster_hand(cast: Cast) -> None:
    one = shown(cast)
    chen = browser_of(cast.chen)
    Assessment.objects.filter(pk=one.pk).update(appeal_until="2099-01-01T00:00:00Z")
    assert SENTINEL in chen.get(page_of(one)).content.decode()
    answer = chen.post(step_of(one, "appeal"), {"text": " ", "version": one.version})
    assert answer.status_code == 422
    answer = chen.post(step_of(one, "appeal"), {"text": "写好的申诉", "version": one.version - 1})
    assert answer.status_code == 409 and "写好的申诉" in answer.content.decode()
    answer = chen.post(step_of(one, "appeal"), {"text": "写好的申诉", "version": one.version})
    assert answer.status_code == 302 and of(cast.chen).state == "appealed"
    assert browser_of(cast.liu).get(reverse("reports:assessments")).content.decode().count(page_of(one)) == 1
    liu = browser_of(cast.liu)
    answer = liu.post(
        step_of(one, "rule"), {"outcome": "upheld", "reason": "x", "version": of(cast.chen).version}
    )
    assert answer.status_code == 422 and "Say what changes" in answer.content.decode()
    facts = {"outcome": "upheld", "reason": "对", "lines": ["0"], "version": of(cast.chen).version}
    assert liu.post(step_of(one, "rule"), facts).status_code == 302
    final = of(cast.chen)
    assert final.is_final and final.outcome == "upheld"
    assert "left out by the ruling" in chen.get(page_of(one)).content.decode()
    assert chen.post(step_of(one, "nonsense")).status_code == 404
    assert chen.get(step_of(one, "appeal")).status_code == 405


def test_what_was_typed_for_a_draft_stands_there_though_it_was_shown_meanwhile(cast: Cast) -> None:
    draft = drafted(cast)
    add = reverse("reports:assessment_item", args=[draft.pk])
    record = Ticket.objects.earliest("pk").number
    typed = {"code": "praise", "reason": "写好的表扬", "record": record, "version": draft.version}
    shown(cast)
    answer = browser_of(cast.wang).post(add, typed)
    text = answer.content.decode()
    assert answer.status_code == 409 and "Not possible while the assessment is" in text
    assert "写好的表扬" in text and "Written praise" in text and 'id="add-item"' not in text


def test_who_rules_second_keeps_his_ruling_and_reads_nothing_of_the_assessment(cast: Cast) -> None:
    lead: dict[str, Any] = {"role": Role.SPECIALIST, "management_level": 2, "name": "另一位技术负责人"}
    second = User.objects.create_user("second", "second@example.test", "x", **lead)
    one = appealed(cast)
    own = browser_of(second)
    waiting = own.get(reverse("reports:assessments")).content.decode()
    assert page_of(one) in waiting
    facts = {"outcome": "dismissed", "reason": "写好的裁定", "version": one.version}
    browser_of(cast.liu).post(step_of(one, "rule"), {"outcome": "dismissed", "reason": "x"} | facts)
    answer = own.post(step_of(one, "rule"), facts)
    text = answer.content.decode()
    assert answer.status_code == 409 and "Somebody was faster" in text and "写好的裁定" in text
    assert SENTINEL not in text and cast.chen.name not in text
    assert own.get(page_of(one)).status_code == 404
    assert own.post(step_of(one, "appeal"), facts).status_code == 404
    assert browser_of(cast.li).post(step_of(one, "rule"), facts).status_code == 404


def test_appeals_wait_for_those_alone_who_may_rule_on_them(cast: Cast) -> None:
    one = appealed(cast)
    leader = User.objects.create_user("board", "b@example.test", "x", name="董事", role=Role.LEADER)
    people = [cast.chen, cast.wang, cast.liu, cast.zhao, cast.qian, cast.admin, leader]
    for who in people:
        waits = Assessment.objects.to_rule(who).filter(pk=one.pk).exists()
        may = not standing_of(one, who, timezone.now()).refusal(Step.RULE)
        listed = page_of(one) in browser_of(who).get(reverse("reports:assessments")).content.decode()
        assert waits == may, who
        assert listed == (waits or who == cast.chen), who
    assert not Assessment.objects.to_rule(leader).exists()  # a leader without a level reads it, no more


def test_a_long_table_is_paged_and_its_file_whole(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.assessment.views.table.SIZE", 2)
    zhao = browser_of(cast.zhao)
    for sort in ("name", "score", "-score", "state"):
        seen, url = [], f"?month={OCTOBER}&sort={sort}"
        while url:
            answer = zhao.get(f"{TABLE}{url}")
            seen += [row.pk for row, _is_overdue in answer.context["rows"]]
            url = answer.context["page"].older_url
        assert len(seen) == 6 == len(set(seen)), sort
    answer = zhao.get(f"{reverse('reports:assessment_export')}?month={OCTOBER}")
    assert len(list(load_workbook(BytesIO(answer.content)).active.values)) == 1 + 6
    # Above the general manager there is nobody: he shows none, and is offered none.
    assert "Show all" in zhao.get(f"{TABLE}?month={OCTOBER}").content.decode()
    assert "Show all" not in browser_of(cast.qian).get(f"{TABLE}?month={OCTOBER}").content.decode()


def test_the_file_holds_what_the_table_shows(cast: Cast) -> None:
    shown(cast)
    answer = browser_of(cast.zhao).get(f"{reverse('reports:assessment_export')}?month={OCTOBER}&group=south")
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert len(rows) == 1 + 4
    [chen] = [row for row in rows if row[2] == cast.chen.name]
    assert chen[3] == 94.3 and chen[4] == "B" and chen[7] == 2


def post_of(draft: SchemeVersion, **changed: str) -> dict[str, str]:
    """What the page of a draft would send, with some of it changed."""
    forms = SchemeForms(draft.says, number=draft.number, title="第二版", why="")
    sent = {"edition": str(draft.edition)}
    for part in (
        forms.head,
        forms.lines.management_form,
        forms.items.management_form,
        forms.grades.management_form,
    ):
        sent |= {field.html_name: field.value() for field in part}
    for form in (*forms.lines, *forms.items, *forms.grades):
        sent |= {field.html_name: field.value() for field in form}
    plain = {name: str(value) for name, value in sent.items() if value is not None and value is not False}
    return plain | changed


def test_a_scheme_is_edited_on_one_page_and_every_fault_stands_at_its_field(cast: Cast) -> None:
    zhao = browser_of(cast.zhao)
    assert browser_of(cast.wang).post(reverse("reports:scheme_begin")).status_code == 403
    assert zhao.post(reverse("reports:scheme_begin")).status_code == 302
    draft = SchemeVersion.objects.get(number=2)
    edit = reverse("reports:scheme_edit", args=[2])
    assert zhao.get(edit).status_code == 200
    wrong = {
        "lines-0-weight": "0",
        "lines-1-target_0": "80",
        "grades-1-at_least": "95",
        "minimum_sample": "0",
    }
    answer = zhao.post(edit, post_of(draft, **wrong))
    text = answer.content.decode()
    assert answer.status_code == 422
    for said in (
        "A weight is above 0",
        "Floor and target are the same",
        "Each grade begins below",
        "From 1 to 1000",
    ):
        assert said in text, said
    assert zhao.post(edit, post_of(draft, **{"lines-0-name": ""})).status_code == 422
    draft.refresh_from_db()
    added = {
        "lines-10-name": "工单完结",
        "lines-10-weight": "5",
        "lines-10-kpi_0": "solved",
        "lines-10-floor_0": "80",
        "lines-10-target_0": "98",
        "lines-4-DELETE": "on",
        "items-9-name": "值班迟到",
        "items-9-effect": "penalty",
        "items-9-source": "hand",
        "items-9-points": "1",
    }
    answer = zhao.post(edit, post_of(draft, **added))
    assert answer.status_code == 302, answer.content.decode()
    draft.refresh_from_db()
    assert len(draft.says.lines) == 10 and draft.says.lines[-1].measures[0].kpi == "solved"
    assert draft.says.items[-1].code == "v2-1"
    stale = post_of(draft, edition="1")
    answer = zhao.post(edit, stale)
    assert answer.status_code == 422 and "Somebody was faster" in answer.content.decode()
    tried = zhao.get(reverse("reports:scheme_simulation", args=[2]) + "?group=south&months=1")
    assert tried.status_code == 200 and cast.chen.name in tried.content.decode()
    assert browser_of(cast.wang).get(reverse("reports:scheme", args=[2])).status_code == 404
    assert browser_of(cast.wang).get(reverse("reports:scheme_simulation", args=[1])).status_code == 403
    adopt = reverse("reports:scheme_adopt", args=[2])
    assert zhao.post(adopt, {"from_month": "2020-01-01", "edition": draft.edition}).status_code == 422
    month = period_of(month_of(timezone.now()), "month").plus(1).first
    assert zhao.post(adopt, {"from_month": f"{month}", "edition": draft.edition}).status_code == 302
    assert browser_of(cast.li).get(reverse("reports:scheme", args=[2])).status_code == 200


def test_the_interface_shows_rules_and_refuses_at_the_field(cast: Cast) -> None:
    one = shown(cast)
    Assessment.objects.filter(pk=one.pk).update(appeal_until="2099-01-01T00:00:00Z")
    chen = caller(cast.chen)
    [row] = chen.get("/assessments/").json()["results"]
    assert (row["month"], row["score"], row["grade"]) == ("2026-10", "94.3", "B")
    whole = chen.get(f"/assessments/{one.pk}/").json()
    assert whole["result"]["bonus"] == "2" and whole["items"][0]["code"] == "praise"
    answer = chen.post(f"/assessments/{one.pk}/appeal/", {})
    assert answer.status_code == 422 and faults(answer) == {"#/text": "required"}
    assert chen.post(f"/assessments/{one.pk}/appeal/", {"text": "x"}).status_code == 200
    answer = caller(cast.liu).post(f"/assessments/{one.pk}/rule/", {"outcome": "upheld", "reason": "x"})
    assert answer.status_code == 422 and faults(answer) == {"#/outcome": "nothing_changes"}
    assert (
        chen.post(f"/assessments/{one.pk}/rule/", {"outcome": "dismissed", "reason": "x"}).status_code == 403
    )
    assert caller(cast.li).get("/assessments/schemes/1/").json()["content"]["lines"][0]["weight"] == "15"
    assert caller(cast.zhao).get("/assessments/?group=south&month=2026-10&state=draft").json()["results"]
