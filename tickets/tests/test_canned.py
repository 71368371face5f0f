"""Canned replies: who may use and change which, what they are filled with, and how they are chosen."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import MONDAY, Cast
from opsdesk.tests.rest import caller
from staff.models import User
from tickets.actions.canned import may_edit_reply, retire_reply, save_reply
from tickets.lifecycle import Refused
from tickets.models import CannedReply, Scope, TextKind, Ticket
from tickets.replies import filled
from tickets.tests.test_views import signed_in

BODY = "{client}{caller}您好,{number}({system})预计{due}前处理,{owner}负责。{me} {today}"


def reply(cast: Cast, by: User | None = None, scope: Scope = Scope.EVERYONE, **more: object) -> CannedReply:
    facts = {"title": "已受理", "body": BODY, "scope": scope} | more
    return save_reply(CannedReply(**facts), by=by or cast.admin, now=MONDAY)


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return cast.ticket(timezone.now())


def names(cast: Cast, who: str) -> set[str]:
    return set(CannedReply.objects.visible_to(getattr(cast, who)).values_list("title", flat=True))


def test_everyones_the_groups_and_ones_own_are_seen(cast: Cast) -> None:
    reply(cast, title="全体")
    reply(cast, cast.wang, Scope.GROUP, title="华南")
    reply(cast, cast.li, Scope.OWN, title="李敏的")
    assert names(cast, "li") == {"全体", "华南", "李敏的"}
    assert names(cast, "chen") == {"全体", "华南"}
    assert names(cast, "outsider") == names(cast, "zhou") == {"全体"}
    assert names(cast, "admin") == {"全体", "华南"}  # what is somebody's own is his alone
    assert names(cast, "sun") == set()


@pytest.mark.parametrize(
    ("who", "scope", "may"),
    [
        ("li", Scope.OWN, True),
        ("li", Scope.GROUP, False),
        ("li", Scope.EVERYONE, False),
        ("wang", Scope.GROUP, True),
        ("wang", Scope.EVERYONE, False),
        ("admin", Scope.EVERYONE, True),
        ("zhou", Scope.OWN, False),
        ("sun", Scope.OWN, False),
    ],
)
def test_who_may_write_for_whom(cast: Cast, who: str, scope: Scope, may: bool) -> None:
    if may:
        assert may_edit_reply(getattr(cast, who), reply(cast, getattr(cast, who), scope))
    else:
        with pytest.raises(Refused) as refused:
            reply(cast, getattr(cast, who), scope)
        assert refused.value.code == "forbidden"
        assert not CannedReply.objects.exists()


def test_another_groups_supervisor_neither_sees_nor_changes_it(cast: Cast) -> None:
    cast.outsider.role = "supervisor"
    cast.outsider.save()
    south = reply(cast, cast.wang, Scope.GROUP)
    assert not may_edit_reply(cast.outsider, south)
    with pytest.raises(Refused):
        save_reply(CannedReply.objects.get(pk=south.pk), by=cast.outsider, now=MONDAY)
    browser = signed_in(cast.outsider)
    assert browser.get(reverse("tickets:edit_reply", args=[south.pk])).status_code == 404
    assert browser.post(reverse("tickets:retire_reply", args=[south.pk])).status_code == 404
    assert signed_in(cast.li).get(reverse("tickets:edit_reply", args=[south.pk])).status_code == 403
    assert signed_in(cast.sun).get(reverse("tickets:replies")).status_code == 403


@pytest.mark.parametrize("field", ["body", "body_en"])
def test_an_unknown_variable_is_named_at_its_field(cast: Cast, field: str) -> None:
    data = {"title": "问候", "body": "您好", "body_en": "Hello", "kind": "any", "scope": "own"}
    data[field] = "{clinet} 您好 {me.password}"
    answer = signed_in(cast.li).post(reverse("tickets:new_reply"), data)
    assert answer.status_code == 422
    [said] = answer.context["form"].errors[field]
    assert "{clinet}, {me.password}" in said and "{client}" in said
    assert "{clinet} 您好 {me.password}" in answer.content.decode()  # nothing typed is lost
    assert not CannedReply.objects.exists()


def test_a_reply_is_written_edited_and_retired_on_its_pages(cast: Cast) -> None:
    browser = signed_in(cast.li)
    data = {"title": "问候", "body": "{client}您好", "body_en": "", "kind": "note", "scope": "own"}
    assert browser.post(reverse("tickets:new_reply"), data).url == reverse("tickets:replies")
    saved = CannedReply.objects.get()
    assert (saved.owner, saved.group, saved.saved_by) == (cast.li, None, cast.li)
    taken = browser.post(reverse("tickets:new_reply"), data)
    assert taken.status_code == 422 and "title" in taken.context["form"].errors
    edit = reverse("tickets:edit_reply", args=[saved.pk])
    assert browser.post(edit, data | {"body": "{caller}您好"}).status_code == 302
    saved.refresh_from_db()
    assert saved.body == "{caller}您好"
    assert "{caller}您好" in browser.get(reverse("tickets:replies")).content.decode()
    for _click in range(2):
        browser.post(reverse("tickets:retire_reply", args=[saved.pk]))
    assert not CannedReply.objects.in_use().exists()
    assert browser.post(reverse("tickets:new_reply"), data).status_code == 302  # the title is free again


def test_a_supervisor_writes_for_his_group_whatever_he_sends(cast: Cast) -> None:
    data = {"title": "问候", "body": "您好", "kind": "any", "scope": "group", "group": cast.north.pk}
    assert signed_in(cast.wang).post(reverse("tickets:new_reply"), data).status_code == 302
    assert CannedReply.objects.get().group == cast.south
    everyone = data | {"title": "全体", "scope": "everyone"}
    assert signed_in(cast.wang).post(reverse("tickets:new_reply"), everyone).status_code == 422
    no_group = data | {"title": "哪个组", "group": ""}
    answer = signed_in(cast.admin).post(reverse("tickets:new_reply"), no_group)
    assert answer.status_code == 422 and "group" in answer.context["form"].errors


def test_variables_are_filled_in_from_the_record(cast: Cast, ticket: Ticket) -> None:
    both = reply(cast, body_en="Dear {caller} of {client}: {system}, {owner}. {me}")
    now = timezone.now()
    chinese = filled(both, ticket, me=cast.li, language="zh-hans", now=now)
    assert chinese.startswith(f"市一医院孙主任您好,{ticket.number}(HIS 住院系统)预计")
    assert f"{timezone.localtime(ticket.next_due_at):%m-%d %H:%M}" in chinese
    assert chinese.endswith(f"陈工负责。李敏 {timezone.localdate()}")
    english = filled(both, ticket, me=cast.li, language="en", now=now)
    assert english == "Dear 孙主任 of First Hospital: HIS inpatient, 陈工. 李敏"


def test_what_the_record_does_not_say_is_a_gap_to_be_seen(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now(), system=None, caller_name="{owner}")
    text = filled(
        reply(cast, body="{system}/{owner}/{caller}"), ticket, me=cast.li, language="zh", now=timezone.now()
    )
    assert text == "____/____/{owner}"  # what a caller is called is never looked at again


def offered(cast: Cast, who: str, ticket: Ticket, **query: str) -> str:
    url = reverse("tickets:offered_replies", args=[ticket.pk])
    return signed_in(getattr(cast, who)).get(url, query).content.decode()


def test_those_for_the_text_at_hand_are_offered_filled_in(cast: Cast, ticket: Ticket) -> None:
    reply(cast, title="受理", kind=TextKind.ANY)
    reply(cast, title="重启", kind=TextKind.SOLUTION, body="已重启服务")
    reply(cast, title="内部", kind=TextKind.NOTE, body="转二线")
    retired = reply(cast, title="旧的")
    retire_reply(retired, by=cast.admin, now=MONDAY)
    note = offered(cast, "li", ticket, kind="note")
    assert "受理" in note and "内部" in note and "重启" not in note and "旧的" not in note
    assert "市一医院孙主任您好" in note
    assert "重启" in offered(cast, "li", ticket, kind="solution", q="服务")
    assert "受理" not in offered(cast, "li", ticket, kind="solution", q="服务")
    assert "内部" in offered(cast, "li", ticket, kind="forged\0", q="\0")


def test_inserting_answers_the_text_and_counts_and_a_get_counts_nothing(cast: Cast, ticket: Ticket) -> None:
    saved, browser = reply(cast, body_en="Dear {caller}"), signed_in(cast.li)
    url = reverse("tickets:insert_reply", args=[ticket.pk, saved.pk])
    assert browser.get(url).status_code == 405
    offered(cast, "li", ticket)
    saved.refresh_from_db()
    assert saved.uses == 0
    assert browser.post(url, {"language": "en"}).json() == {"text": "Dear 孙主任"}
    assert browser.post(url, {"language": "zh"}).json()["text"].startswith("市一医院")
    saved.refresh_from_db()
    assert saved.uses == 2


def test_what_is_foreign_is_not_found(cast: Cast, ticket: Ticket) -> None:
    shared = reply(cast)
    own = reply(cast, cast.chen, Scope.OWN, title="陈工的")
    insert = reverse("tickets:insert_reply", args=[ticket.pk, shared.pk])
    assert signed_in(cast.outsider).post(insert).status_code == 404
    assert signed_in(cast.sun).post(insert).status_code == 403
    foreign = reverse("tickets:insert_reply", args=[ticket.pk, own.pk])
    assert signed_in(cast.li).post(foreign).status_code == 404
    listing = reverse("tickets:offered_replies", args=[ticket.pk])
    assert signed_in(cast.outsider).get(listing).status_code == 404


def test_the_list_costs_four_queries_however_long_it_is(cast: Cast, ticket: Ticket) -> None:
    for number in range(20):
        reply(cast, title=f"第{number}条")
    browser = signed_in(cast.li)
    with CaptureQueriesContext(connection) as captured:
        browser.get(reverse("tickets:offered_replies", args=[ticket.pk]))
    assert len(captured) <= 5


def test_rest_lists_them_and_fills_them_in(cast: Cast, ticket: Ticket) -> None:
    saved = reply(cast, body_en="Dear {caller}", kind=TextKind.MESSAGE)
    reply(cast, cast.chen, Scope.OWN, title="陈工的")
    li = caller(cast.li)
    [row] = li.get("/replies/").json()["results"]
    assert (row["id"], row["kind"], row["scope"], row["body"]) == (saved.pk, "message", "everyone", BODY)
    [shown] = li.get(f"/tickets/{ticket.number}/replies/").json()["results"]
    assert shown["text"] == "Dear 孙主任"
    assert li.get("/replies/", {"kind": "note"}).json()["results"] == []
    assert caller(cast.outsider).get(f"/tickets/{ticket.number}/replies/").status_code == 404
    assert caller(cast.sun).get(f"/tickets/{ticket.number}/replies/").json()["results"] == []
    assert caller(cast.sun).get("/replies/").json()["results"] == []
    saved.refresh_from_db()
    assert saved.uses == 0
