"""Checklists: attached by hand or by themselves, ticked once, and in the way of a solution while open."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import System
from opsdesk.testing import MONDAY, Cast
from opsdesk.tests.rest import caller, faults, with_checklist
from tickets import actions
from tickets.actions.templates import retire_template, save_template
from tickets.lifecycle import Moved, Refused
from tickets.models import (
    Cause,
    Checklist,
    ChecklistItem,
    ChecklistTemplate,
    EntryKind,
    Grade,
    Kind,
    Status,
    Ticket,
)
from tickets.tests.test_stale import in_work
from tickets.tests.test_views import act, detail, signed_in

ITEMS = [
    {"text": "备份完整", "text_en": "Backup is complete", "is_mandatory": True},
    {"text": "通知用户", "text_en": "", "is_mandatory": False},
]


def template(cast: Cast, **facts: object) -> ChecklistTemplate:
    facts = {"name": "一级故障处置"} | facts
    return save_template(ChecklistTemplate(**facts), ITEMS, by=cast.admin, now=MONDAY)


def graded(cast: Cast, grade: Grade = Grade.THREE, **more: object) -> Ticket:
    return actions.grade(
        cast.ticket(timezone.now(), **more), grade, reason="clause", by=cast.li, now=timezone.now()
    )


def lists(ticket: Ticket) -> list[str]:
    return [checklist.name for checklist in ticket.checklists.all()]


# Attaching


def test_a_rule_attaches_a_checklist_when_a_fault_of_its_grade_is_graded(cast: Cast) -> None:
    template(cast, grade=Grade.ONE, is_automatic=True)
    template(cast, name="按需", grade=Grade.ONE)
    assert lists(graded(cast, Grade.ONE)) == ["一级故障处置"]
    assert lists(graded(cast, Grade.TWO)) == []
    assert lists(cast.ticket(timezone.now())) == []  # not graded yet
    worse = graded(cast, Grade.THREE)
    worse = actions.grade(worse, Grade.ONE, reason="恶化", by=cast.li, now=timezone.now())
    assert lists(worse) == ["一级故障处置"]
    again = actions.grade(worse, Grade.TWO, reason="好转", by=cast.wang, now=timezone.now())
    actions.grade(again, Grade.ONE, reason="又恶化", by=cast.li, now=timezone.now())
    assert lists(worse) == ["一级故障处置"]  # once
    entry = worse.entries.get(kind=EntryKind.CHECKLIST)
    assert (entry.by, entry.text) == (None, "一级故障处置")


@pytest.mark.parametrize(
    ("facts", "attached"),
    [
        ({}, True),
        ({"kind": Kind.REQUEST}, True),
        ({"kind": Kind.FAULT}, False),
        ({"system_kind": "his"}, True),
        ({"system_kind": "PACS"}, False),
        ({"is_automatic": False}, False),
    ],
)
def test_a_rule_for_requests_and_for_kinds_of_systems(cast: Cast, facts: dict, attached: bool) -> None:
    System.objects.filter(pk=cast.his.pk).update(kind="HIS")
    cast.his.refresh_from_db()
    template(cast, **({"is_automatic": True} | facts))
    assert bool(lists(cast.ticket(timezone.now(), kind=Kind.REQUEST))) is attached


def test_another_groups_rule_does_not_reach_the_record(cast: Cast) -> None:
    template(cast, group=cast.north, is_automatic=True)
    assert lists(graded(cast)) == []


def test_the_copy_keeps_its_wording_when_the_template_is_edited(cast: Cast) -> None:
    first = template(cast)
    ticket = graded(cast)
    actions.attach_checklist(ticket, first, by=cast.li, now=timezone.now())
    first = ChecklistTemplate.objects.get()
    first.name = "新的名字"
    save_template(first, [ITEMS[1]], by=cast.admin, now=MONDAY)
    retire_template(first, by=cast.admin, now=MONDAY)
    checklist = ticket.checklists.get()
    assert (checklist.name, checklist.version) == ("一级故障处置", 1)
    assert [item.text for item in checklist.items.all()] == ["备份完整", "通知用户"]
    assert ChecklistTemplate.objects.get().version == 2


def test_by_hand_once_and_not_when_retired(cast: Cast) -> None:
    ticket, chosen = graded(cast), template(cast)
    actions.attach_checklist(ticket, chosen, by=cast.li, now=timezone.now())
    with pytest.raises(Refused) as refused:
        actions.attach_checklist(ticket, chosen, by=cast.li, now=timezone.now())
    assert refused.value.code == "taken"
    retire_template(chosen, by=cast.admin, now=MONDAY)
    with pytest.raises(Refused):
        actions.attach_checklist(
            graded(cast), ChecklistTemplate.objects.get(), by=cast.li, now=timezone.now()
        )


# Ticking


def test_a_tick_says_who_when_and_with_what_result_in_a_quiet_entry(cast: Cast) -> None:
    ticket, now = in_work(cast), timezone.now()
    item = with_checklist(ticket, cast)
    actions.tick(ticket, item, result="02:00 的备份", by=cast.chen, now=now)
    item.refresh_from_db()
    assert (item.ticked_by, item.ticked_at, item.result) == (cast.chen, now, "02:00 的备份")
    entry = ticket.entries.get(kind=EntryKind.TICKED)
    assert (entry.by, entry.text, entry.changes) == (cast.chen, "02:00 的备份", {"item": [None, "备份完整"]})
    page = signed_in(cast.li).get(detail(ticket)).content.decode()
    assert "entry-system" in page and "02:00 的备份" in page
    actions.untick(ticket, item, reason="看错了", by=cast.wang, now=now)
    item.refresh_from_db()
    assert not item.is_ticked and item.result == ""
    assert ticket.entries.get(kind=EntryKind.UNTICKED).text == "看错了"
    assert actions.untick(ticket, item, by=cast.wang, now=now) is None


def test_a_second_click_of_ones_own_changes_nothing_and_loses_no_result(cast: Cast) -> None:
    ticket = in_work(cast)
    item, who = with_checklist(ticket, cast), {"by": cast.chen, "now": timezone.now()}
    actions.tick(ticket, item, result="好", **who)
    assert actions.tick(ticket, item, result="好", **who) is None
    assert actions.tick(ticket, item, **who) is None
    with pytest.raises(Refused) as refused:
        actions.tick(ticket, item, result="其实不好", **who)
    assert refused.value.field == "result"
    assert ticket.entries.filter(kind=EntryKind.TICKED).count() == 1


def test_the_slower_of_two_is_told_by_whom_and_keeps_what_he_typed(cast: Cast) -> None:
    ticket = in_work(cast)
    item = with_checklist(ticket, cast)
    actions.tick(ticket, item, result="完整", by=cast.wang, now=timezone.now())
    with pytest.raises(Moved, match="王强"):
        actions.tick(ticket, item, result="x", by=cast.chen, now=timezone.now())
    url, chen = reverse("tickets:tick", args=[ticket.pk, item.pk]), signed_in(cast.chen)
    answer = chen.post(url, {"result": "我看到的是不完整"}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "王强 ticked" in page and "我看到的是不完整" in page
    plain = chen.post(url, {"result": "我看到的是不完整"}, follow=True).content.decode()
    assert "王强 ticked" in plain and "我看到的是不完整" in plain


def test_ticking_leaves_the_rest_of_the_page_alone(cast: Cast) -> None:
    ticket = in_work(cast)
    item, chen = with_checklist(ticket, cast), signed_in(cast.chen)
    url = reverse("tickets:tick", args=[ticket.pk, item.pk])
    page = chen.post(url, {"result": "好"}, headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith("<section") and 'hx-swap-oob="beforeend:#timeline"' in page
    assert "<html" not in page and "陈工" in page
    long = reverse("tickets:tick", args=[ticket.pk, item.pk + 1])
    answer = chen.post(long, {"result": "长" * 201}, headers={"HX-Request": "true"})
    assert answer.status_code == 422 and "长" * 201 in answer.content.decode()


# In the way


def test_a_record_is_not_resolved_while_something_mandatory_is_open(cast: Cast) -> None:
    ticket = in_work(cast)
    item = with_checklist(ticket, cast)
    chen = signed_in(cast.chen)
    answer = act(chen, ticket, "resolve", solution="换了硬盘", cause="hardware", minutes="1h30")
    page = answer.content.decode()
    assert answer.status_code == 422 and "Backup is complete" in page
    assert "换了硬盘" in page and "1h30" in page and "通知用户;" not in page
    ticket.refresh_from_db()
    assert ticket.status == Status.IN_PROGRESS
    actions.tick(ticket, item, by=cast.chen, now=timezone.now())
    assert act(chen, ticket, "resolve", solution="换了硬盘", cause="hardware").status_code == 302
    ticket.refresh_from_db()
    with pytest.raises(Refused) as refused:
        actions.untick(ticket, item, by=cast.chen, now=timezone.now())
    assert refused.value.code == "wrong_status"


def test_a_call_solved_on_the_phone_has_its_checklist_first(cast: Cast) -> None:
    template(cast, is_automatic=True)
    solved = actions.Solved("重启", Cause.SOFTWARE)
    with pytest.raises(Refused) as refused:
        actions.take_call(
            cast.call(), to=Grade.THREE, reason="x", solved=solved, by=cast.li, now=timezone.now()
        )
    assert (refused.value.field, refused.value.code) == ("solved", "checklist_open")
    assert not Ticket.objects.exists()


# Walls


def test_a_foreign_record_and_a_foreign_item_are_not_found(cast: Cast) -> None:
    ticket, other = in_work(cast), in_work(cast)
    item, others = with_checklist(ticket, cast), with_checklist(other, cast)
    tick = reverse("tickets:tick", args=[ticket.pk, item.pk])
    outsider = signed_in(cast.outsider)
    for name in ("tick", "untick"):
        assert outsider.post(reverse(f"tickets:{name}", args=[ticket.pk, item.pk])).status_code == 404
    for name in ("attach_checklist", "offered_checklists"):
        url = reverse(f"tickets:{name}", args=[ticket.pk])
        assert (outsider.get(url) if name.startswith("offered") else outsider.post(url)).status_code == 404
    assert signed_in(cast.li).post(reverse("tickets:tick", args=[ticket.pk, others.pk])).status_code == 404
    assert signed_in(cast.li).get(tick).status_code == 405
    assert signed_in(cast.sun).post(tick).status_code == 403
    assert "备份完整" not in signed_in(cast.sun).get(detail(ticket)).content.decode()
    auditor = signed_in(cast.zhou).post(tick, headers={"HX-Request": "true"})
    assert auditor.status_code == 422  # who only reads is told so
    item.refresh_from_db()
    assert not item.is_ticked


def test_templates_of_other_groups_are_not_offered_and_cannot_be_forged(cast: Cast) -> None:
    foreign = template(cast, name="华北专用", group=cast.north)
    fits = template(cast, name="通用")
    ticket, li = graded(cast), signed_in(cast.li)
    page = li.get(reverse("tickets:offered_checklists", args=[ticket.pk])).content.decode()
    assert "通用" in page and "华北专用" not in page
    url = reverse("tickets:attach_checklist", args=[ticket.pk])
    for forged in (foreign.pk, "x", "", "9" * 30):
        assert li.post(url, {"template": forged}, headers={"HX-Request": "true"}).status_code == 422
    assert not Checklist.objects.exists()
    assert li.post(url, {"template": fits.pk}).status_code == 302
    assert lists(ticket) == ["通用"]


# The editor

FORM = {
    "name": "上线检查",
    "items": "* 备份完整\n\n通知用户\n＊ 回退方案",
    "kind": "",
    "grade": "",
    "system_kind": "",
}


def test_a_supervisor_writes_his_groups_checklists_and_an_administrator_all(cast: Cast) -> None:
    wang = signed_in(cast.wang)
    assert wang.post(reverse("tickets:new_template"), FORM | {"group": cast.north.pk}).status_code == 302
    saved = ChecklistTemplate.objects.get()
    assert saved.group == cast.south
    assert [(item["text"], item["is_mandatory"]) for item in saved.items] == [
        ("备份完整", True),
        ("通知用户", False),
        ("回退方案", True),
    ]
    edit = reverse("tickets:edit_template", args=[saved.pk])
    assert "* 备份完整" in wang.get(edit).content.decode()
    assert wang.post(edit, FORM | {"items": "只有一条"}).status_code == 302
    saved.refresh_from_db()
    assert saved.version == 2 and len(saved.items) == 1
    assert signed_in(cast.admin).post(edit, FORM | {"group": ""}).status_code == 302
    assert wang.get(edit).status_code == 403  # the company's now
    assert signed_in(cast.outsider).get(reverse("tickets:new_template")).status_code == 403
    assert signed_in(cast.sun).get(reverse("tickets:templates")).status_code == 403
    assert wang.get(reverse("tickets:templates")).status_code == 200


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("items", {"items": " \n* \n"}),
        ("items", {"items": "一样\n* 一样"}),
        ("items", {"items": "长" * 201}),
        ("items", {"items": "\n".join(map(str, range(51)))}),
        ("items_en", {"items_en": "one line"}),
        ("name", {"name": " "}),
        ("grade", {"kind": "request", "grade": "1"}),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(
    cast: Cast, field: str, wrong: dict[str, str]
) -> None:
    answer = signed_in(cast.wang).post(reverse("tickets:new_template"), FORM | wrong)
    errors = answer.context["form"].errors
    assert answer.status_code == 422 and (field in errors or (field == "grade" and "__all__" in errors))
    assert (FORM | wrong)["items"][:150] in answer.content.decode() or not wrong.get("items", "x").strip()
    assert not ChecklistTemplate.objects.exists()


def test_a_name_is_given_once(cast: Cast) -> None:
    wang = signed_in(cast.wang)
    wang.post(reverse("tickets:new_template"), FORM)
    answer = wang.post(reverse("tickets:new_template"), FORM)
    assert answer.status_code == 422 and "name" in answer.context["form"].errors


# REST


def test_rest_lists_the_items_and_ticks_them(cast: Cast) -> None:
    ticket = in_work(cast)
    item, li = with_checklist(ticket, cast), caller(cast.li)
    path = f"/tickets/{ticket.number}"
    rows = li.get(f"{path}/checklist/").json()["results"]
    assert [(row["text"], row["is_mandatory"], row["ticked_at"]) for row in rows] == [
        ("备份完整", True, None),
        ("通知用户", False, None),
    ]
    refused = li.post(f"{path}/resolve/", {"solution": "x", "cause": "other"})
    assert (refused.status_code, refused.json()["code"]) == (422, "checklist_open")
    assert li.post(f"{path}/tick/", {"item": item.pk, "result": "好"}).status_code == 200
    moved = caller(cast.wang).post(f"{path}/tick/", {"item": item.pk})
    assert (moved.status_code, moved.json()["code"]) == (409, "moved") and "李敏" in moved.json()["detail"]
    assert li.get(f"{path}/checklist/").json()["results"][0]["ticked_by"]["id"] == "li"
    foreign = with_checklist(in_work(cast), cast)
    assert faults(li.post(f"{path}/tick/", {"item": foreign.pk})) == {"#/item": "does_not_exist"}
    assert caller(cast.outsider).get(f"{path}/checklist/").status_code == 404
    assert caller(cast.sun).get(f"{path}/checklist/").json()["results"] == []
    assert li.post(f"{path}/untick/", {"item": item.pk}).status_code == 200
    assert not ChecklistItem.objects.exclude(ticked_at=None).exists()
