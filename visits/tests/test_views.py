"""The pages of callbacks: what they show to whom, what they keep, and that one press is one callback."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from staff.tests.hostile import picture
from tickets.models import Ticket
from visits import actions
from visits.actions import NeedSaid, OpinionSaid, PromiseSaid, Said
from visits.kinds import FileKind, Kind, Method, NeedState, PromiseState, State
from visits.models import Callback, CallbackDraft, CallbackFile, CallbackPlan, CallbackScript, Need
from visits.planning import DAY
from visits.tests.callbacks import WORDS, arranged, planned, solved
from visits.tests.pages import callback_pages

BACKEND = "django.contrib.auth.backends.ModelBackend"


def browser(user) -> Browser:
    made = Browser(headers={"Accept-Language": "en"})
    made.force_login(user, backend=BACKEND)
    return made


@pytest.fixture
def li(cast) -> Browser:
    return browser(cast.li)


def due_now(cast: Cast, **more) -> Callback:
    return arranged(cast, timezone.now(), **more)


def after_fault_now(cast: Cast) -> Callback:
    now = timezone.now()
    planned(now - 40 * DAY)
    ticket = solved(cast, now - 2 * DAY)
    actions.draw_faults(now=now - 2 * DAY)
    return Callback.objects.get(ticket=ticket)


def said(callback: Callback, **more) -> dict[str, object]:
    return {"spoke_with": "孙主任", "seen_version": callback.version, **more}


def test_every_page_opens(cast: Cast) -> None:
    for who, path in callback_pages(cast):
        assert browser(getattr(cast, who)).get(path).status_code == 200, (who, path)


def test_a_clients_contact_sees_nothing_of_it(cast: Cast) -> None:
    sun = browser(cast.sun)
    for _who, path in callback_pages(cast):
        if path.startswith("/callbacks/"):
            assert sun.get(path).status_code == 403, path
    callback = Callback.objects.first()
    for name in ("reached", "draft", "discard_draft", "attach"):
        assert sun.post(reverse(f"visits:{name}", args=[callback.pk])).status_code == 403
    assert sun.post(reverse("visits:step", args=[callback.pk, "move"])).status_code == 403
    page = sun.get(reverse("portal:reports"))
    assert b"/callbacks/" not in page.content


def test_another_group_sees_nothing_of_it(cast: Cast) -> None:
    callback = due_now(cast)
    need = actions.raise_need(cast.hospital, NeedSaid("增加报表"), by=cast.li, now=timezone.now())
    actions.add_opinion(cast.hospital, OpinionSaid("机密意见"), by=cast.li, now=timezone.now())
    outsider = browser(cast.outsider)
    assert outsider.get(reverse("visits:callback", args=[callback.pk])).status_code == 404
    assert outsider.get(reverse("visits:need", args=[need.pk])).status_code == 404
    assert outsider.post(reverse("visits:reached", args=[callback.pk]), said(callback)).status_code == 404
    assert outsider.get(reverse("visits:arrange") + "?client=hospital").status_code == 404
    for name in ("today", "needs", "opinions", "promises"):
        page = outsider.get(reverse(f"visits:{name}") + "?list=all&state=all").content.decode()
        assert not any(word in page for word in ("First Hospital", "市一医院", "机密意见", "增加报表"))


@pytest.mark.parametrize("who", ["zhou", "zhao"])
def test_auditors_and_leaders_read_and_change_nothing(cast: Cast, who: str) -> None:
    planned(timezone.now())
    callback = due_now(cast)
    reader = browser(getattr(cast, who))
    page = reader.get(reverse("visits:callback", args=[callback.pk]))
    assert page.status_code == 200
    assert b'<form class="form' not in page.content
    assert reader.post(reverse("visits:reached", args=[callback.pk]), said(callback)).status_code == 422
    assert reader.get(reverse("visits:plan", args=["A"])).status_code == 403
    assert reader.get(reverse("visits:attendance", args=[callback.pk])).status_code == 403
    assert reader.post(reverse("visits:draft", args=[callback.pk]), said(callback)).status_code == 403
    callback.refresh_from_db()
    assert callback.state == State.PLANNED


def test_the_call_is_written_down_in_one_save(cast: Cast, li: Browser) -> None:
    callback = due_now(cast)
    body = said(
        callback,
        summary="运行正常",
        satisfaction="4",
        problems_0_title="打印机卡纸",
        problems_0_kind="fault",
        needs_1_title="增加报表",
        needs_1_owner=cast.chen.pk,
        opinions_0_text="态度很好",
        opinions_0_tone="praise",
        promises_2_text="发方案",
        promises_2_due_on=timezone.localdate().isoformat(),
    )
    address = reverse("visits:reached", args=[callback.pk])
    answer = li.post(address, body)
    assert answer.status_code == 302
    callback.refresh_from_db()
    assert (callback.state, callback.satisfaction) == (State.DONE, "4")
    assert callback.needs.get().owner == cast.chen
    assert callback.promises.get().person == cast.li
    # The second press of the same button, with the same page.
    assert li.post(address, body).status_code == 302
    assert Ticket.objects.count() == callback.problems.count() == 1
    page = li.get(reverse("visits:callback", args=[callback.pk])).content.decode()
    assert "打印机卡纸" in page
    ticket = callback.problems.get().ticket
    assert callback.number in li.get(reverse("tickets:detail", args=[ticket.pk])).content.decode()


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(cast: Cast, li: Browser) -> None:
    callback = after_fault_now(cast)
    address = reverse("visits:reached", args=[callback.pk])
    answer = li.post(address, said(callback, summary=WORDS, promises_1_text="发方案"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert WORDS in page
    assert "发方案" in page
    form = answer.context["form"]
    assert "is_solved" in form.errors or "promises_1_due_on" in form.errors
    answer = li.post(address, said(callback, is_solved="yes", promises_1_text="发方案"))
    assert "promises_1_due_on" in answer.context["form"].errors
    answer = li.post(address, said(callback, is_solved="yes", needs_0_details="只有细节"))
    assert "needs_0_title" in answer.context["form"].errors
    answer = li.post(address, {"spoke_with": "", "seen_version": "x" * 20})
    assert answer.status_code == 422
    assert Callback.objects.get(pk=callback.pk).state == State.PLANNED


def test_whoever_was_overtaken_is_told_and_keeps_what_he_typed(cast: Cast, li: Browser) -> None:
    callback = due_now(cast)
    stale = said(callback, summary=WORDS)
    actions.move(callback, timezone.now() + 20 * DAY, reason="x", by=cast.wang, now=timezone.now())
    answer = li.post(reverse("visits:reached", args=[callback.pk]), stale)
    assert answer.status_code == 409
    assert WORDS in answer.content.decode()
    assert "Somebody was faster" in answer.content.decode()


def test_what_was_typed_is_there_though_a_colleague_has_finished_it(cast: Cast, li: Browser) -> None:
    callback = due_now(cast)
    stale = said(callback, summary=WORDS)
    actions.record_refused(callback, by=cast.chen, now=timezone.now())
    answer = li.post(reverse("visits:reached", args=[callback.pk]), stale)
    assert answer.status_code == 409
    assert WORDS in answer.content.decode()
    assert Callback.objects.get(pk=callback.pk).state == State.REFUSED


def test_the_story_through_the_pages(cast: Cast, li: Browser) -> None:
    callback = after_fault_now(cast)
    answer = li.post(
        reverse("visits:reached", args=[callback.pk]), said(callback, is_solved="no", summary=WORDS)
    )
    assert answer.status_code == 302
    callback.ticket.refresh_from_db()
    assert callback.ticket.reopened_count == 1
    page = li.get(reverse("tickets:afterwards", args=[callback.ticket_id])).content.decode()
    assert reverse("visits:callback", args=[callback.pk]) in page


@pytest.mark.parametrize(
    ("step", "who", "values", "state"),
    [
        ("not-reached", "li", {"note": "占线"}, State.PLANNED),
        ("refused", "li", {}, State.REFUSED),
        ("move", "wang", {"due_at": "2036-01-01T10:00", "reason": "x"}, None),
        ("hand-over", "li", {"person": ""}, None),
        ("skip", "li", {"reason": "x"}, None),
        ("skip", "wang", {"reason": "停业"}, State.SKIPPED),
        ("decide", "wang", {"method": "on_site", "on": "", "reason": ""}, None),
    ],
)
def test_steps_are_taken_or_come_back_with_what_is_wrong(
    cast: Cast, step: str, who: str, values: dict[str, str], state: State | None
) -> None:
    callback = due_now(cast)
    address = reverse("visits:step", args=[callback.pk, step])
    answer = browser(getattr(cast, who)).post(address, {"seen_version": callback.version, **values})
    callback.refresh_from_db()
    if state is None:
        assert answer.status_code == 422
        assert callback.state == State.PLANNED
    else:
        assert answer.status_code == 302
        assert callback.state == state


def test_reading_changes_nothing(cast: Cast, li: Browser) -> None:
    callback = due_now(cast)
    for name in ("reached", "draft", "attach", "discard_draft"):
        assert li.get(reverse(f"visits:{name}", args=[callback.pk])).status_code == 405
    assert li.get(reverse("visits:step", args=[callback.pk, "refused"])).status_code == 405
    assert li.post(reverse("visits:step", args=[callback.pk, "no-such"])).status_code == 404


def test_a_draft_is_kept_restored_and_gone_when_it_is_saved(cast: Cast, li: Browser) -> None:
    callback = due_now(cast)
    address = reverse("visits:draft", args=[callback.pk])
    assert li.post(address, {"summary": WORDS, "needs_0_title": "报\0表", "no_field": "x"}).status_code == 200
    assert CallbackDraft.objects.get().fields == {"summary": WORDS, "needs_0_title": "报表"}
    page = li.get(reverse("visits:callback", args=[callback.pk])).content.decode()
    assert WORDS in page
    assert "Your draft is back" in page
    assert (
        WORDS not in browser(cast.chen).get(reverse("visits:callback", args=[callback.pk])).content.decode()
    )
    li.post(reverse("visits:reached", args=[callback.pk]), said(callback, summary=WORDS))
    assert not CallbackDraft.objects.exists()


def test_lists_take_as_many_queries_for_many_as_for_few(
    cast: Cast, li: Browser, django_assert_max_num_queries
) -> None:
    for _n in range(3):
        due_now(cast)
    address = reverse("visits:today") + "?list=all"
    with django_assert_max_num_queries(16):
        li.get(address)
    for _n in range(30):
        due_now(cast)
    with django_assert_max_num_queries(16):
        page = li.get(address)
    assert page.content.count(b"check-line-name") == 33


def test_the_list_is_paged_and_filtered(cast: Cast, li: Browser) -> None:
    for number in range(60):
        due_now(cast, note=f"第{number}件")
    answer = li.get(reverse("visits:today") + "?list=coming&whose=mine")
    assert len(answer.context["page"].rows) == 50
    older = li.get(reverse("visits:today") + answer.context["page"].older_url)
    assert len(older.context["page"].rows) == 10
    assert answer.context["counts"]["coming"] == 60
    none = li.get(reverse("visits:today") + "?list=coming&kind=after_fault&person=chen&group=north")
    assert none.context["page"].rows == []
    assert li.get(reverse("visits:today") + "?list=no&kind=no\0&cursor=x").status_code == 200


def test_a_callback_is_planned_by_hand(cast: Cast, li: Browser) -> None:
    address = reverse("visits:arrange") + "?client=hospital"
    answer = li.post(address, {"method": "phone", "on": "2020-01-01", "note": "x"})
    assert "on" in answer.context["form"].errors
    on = (timezone.localdate() + 5 * DAY).isoformat()
    answer = li.post(address, {"method": "on_site", "on": on, "note": "看机房", "contact": cast.contact.pk})
    assert answer.status_code == 302
    assert Callback.objects.get().person == cast.chen


def test_an_attendance_sheet_with_signature_and_scan(cast: Cast, li: Browser) -> None:
    callback = due_now(cast, method=Method.ON_SITE)
    address = reverse("visits:attendance", args=[callback.pk])
    body = {"place": "三楼", "began_at": "2026-11-23T10:00", "ended_at": "2026-11-23T09:00", "others": ""}
    answer = li.post(address, body | {"ours": [cast.chen.pk], "theirs": [cast.contact.pk]})
    assert "ended_at" in answer.context["form"].errors
    answer = li.post(address, body | {"ended_at": "2026-11-23T11:00", "ours": [cast.chen.pk]})
    assert "theirs" in answer.context["form"].errors
    files = {
        "signature": SimpleUploadedFile("signature.png", picture()),
        "scan": SimpleUploadedFile("scan.png", picture()),
    }
    whole = (
        body | {"ended_at": "2026-11-23T11:00", "ours": [cast.chen.pk], "others": "刘护士，护理部"} | files
    )
    assert li.post(address, whole).status_code == 302
    sheet = callback.attendance
    assert [(one.name, one.job_title) for one in sheet.people.filter(side="theirs")] == [("刘护士", "护理部")]
    kinds = set(CallbackFile.objects.values_list("kind", flat=True))
    assert kinds == {FileKind.SIGNATURE, FileKind.SHEET}
    file = callback.files.first()
    shown = li.get(reverse("visits:file", args=[callback.pk, file.pk]))
    assert shown.headers["Content-Security-Policy"].startswith("sandbox")
    assert browser(cast.outsider).get(reverse("visits:file", args=[callback.pk, file.pk])).status_code == 404
    paper = li.get(reverse("visits:sheet", args=[callback.pk])).content.decode()
    assert "三楼" in paper
    assert "刘护士" in paper


def test_files_are_attached_and_what_is_no_file_is_refused(cast: Cast, li: Browser) -> None:
    callback = due_now(cast)
    address = reverse("visits:attach", args=[callback.pk])
    li.post(address, {"kind": "photo", "files": SimpleUploadedFile("a.png", picture())})
    li.post(address, {"kind": "photo", "files": SimpleUploadedFile("a.exe", b"MZ" + bytes(99))})
    li.post(address, {"kind": "photo"})
    assert callback.files.count() == 1


def test_plans_and_guides_are_edited_by_supervisors(cast: Cast) -> None:
    planned(timezone.now())
    wang = browser(cast.wang)
    plan = CallbackPlan.objects.get(type__code="A")
    address = reverse("visits:plan", args=["A"])
    form = wang.get(address).context["form"]
    body = {name: form[name].value() for name in form.fields} | {"seen_version": plan.version}
    assert wang.post(address, body | {"share_three": 130}).status_code == 422
    assert wang.post(address, body | {"phone_every": 2, "share_three": 30}).status_code == 302
    plan.refresh_from_db()
    assert (plan.phone_every, plan.share_three, plan.is_default, plan.version) == (2, 30, False, 2)
    answer = wang.post(address, body | {"phone_every": 3})
    assert "Somebody has changed this plan" in answer.content.decode()
    assert "2 → 30" not in answer.content.decode()
    guide = reverse("visits:script", args=["periodic"])
    assert wang.post(guide, {"questions": ""}).status_code == 422
    assert wang.post(guide, {"questions": "一切正常吗？", "questions_en": "Is all well?"}).status_code == 302
    script = CallbackScript.objects.get(kind=Kind.PERIODIC)
    assert (script.questions, script.is_default) == ("一切正常吗？", False)
    callback = due_now(cast)
    Callback.objects.filter(pk=callback.pk).update(kind=Kind.PERIODIC)
    page = browser(cast.li).get(reverse("visits:callback", args=[callback.pk])).content.decode()
    assert "Is all well?" in page
    assert browser(cast.li).get(address).status_code == 403
    assert wang.get(reverse("visits:plan", args=["no-such"])).status_code == 404


def test_a_type_without_a_plan_gets_one(cast: Cast) -> None:
    wang = browser(cast.wang)
    page = wang.get(reverse("visits:plans")).content.decode()
    assert "no plan: nobody of this type is called back" in page
    address = reverse("visits:plan", args=["B"])
    form = wang.get(address).context["form"]
    assert wang.post(address, {name: form[name].value() for name in form.fields}).status_code == 302
    assert CallbackPlan.objects.get().type.code == "B"


def test_a_need_is_carried_on_to_its_answer(cast: Cast, li: Browser) -> None:
    li.post(reverse("visits:need_create") + "?client=hospital", {"title": "增加报表", "owner": cast.chen.pk})
    need = Need.objects.get()
    address = reverse("visits:need", args=[need.pk])
    body = {"owner": cast.chen.pk, "seen_version": need.version}
    answer = li.post(address, body | {"state": "done", "note": "好"})
    assert "answer" in answer.context["form"].errors
    settled = {"state": "done", "answer": "已加", "answer_channel": "phone"}
    assert li.post(address, body | settled).status_code == 302
    assert li.post(address, body | settled).status_code in (409, 422)
    need.refresh_from_db()
    assert (need.state, need.answer) == (NeedState.DONE, "已加")
    assert "已加" in li.get(address).content.decode()


def test_a_promise_is_kept_on_its_list(cast: Cast, li: Browser) -> None:
    now = timezone.now()
    promise = actions.make_promise(cast.hospital, PromiseSaid("x", timezone.localdate()), by=cast.li, now=now)
    address = reverse("visits:promise_close", args=[promise.pk])
    assert li.post(address, {"state": "kept", "note": ""}).status_code == 422
    assert browser(cast.zhao).post(address, {"state": "kept", "note": "x"}).status_code == 403
    assert li.post(address, {"state": "kept", "note": "已发"}).status_code == 302
    promise.refresh_from_db()
    assert (promise.state, promise.closed_by) == (PromiseState.KEPT, cast.li)


def test_opinions_are_found_by_words(cast: Cast, li: Browser) -> None:
    now = timezone.now()
    for text in ("态度很好", "等得太久"):
        actions.add_opinion(cast.hospital, OpinionSaid(text), by=cast.li, now=now)
    page = li.get(reverse("visits:opinions"), {"q": "太久"}).content.decode()
    assert "等得太久" in page
    assert "态度很好" not in page
    assert li.get(reverse("visits:opinions"), {"q": "First Hosp"}).content.decode().count("card-list") == 1


def test_the_clients_page_shows_the_last_the_next_and_what_is_open(cast: Cast, li: Browser) -> None:
    now = timezone.now()
    actions.record_reached(due_now(cast), Said("孙主任", summary="上次聊过"), by=cast.li, now=now)
    due_now(cast)
    actions.raise_need(cast.hospital, NeedSaid("增加报表"), by=cast.li, now=now)
    actions.make_promise(cast.hospital, PromiseSaid("发方案", timezone.localdate()), by=cast.li, now=now)
    page = li.get(reverse("clients:standing", args=[cast.hospital.pk])).content.decode()
    assert all(word in page for word in ("上次聊过", "增加报表", "发方案", "Plan a callback"))
    assert (
        "Plan a callback"
        not in browser(cast.zhao).get(reverse("clients:standing", args=[cast.hospital.pk])).content.decode()
    )
