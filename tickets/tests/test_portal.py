"""The portal: a client's contact follows his own reports in plain words, and nothing of the house's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client as Browser
from django.urls import get_resolver, reverse
from django.utils import timezone

from clients.models import Client, Contact, System
from opsdesk.testing import Cast
from staff.models import Notice, Role, User
from staff.notices import render
from tickets import actions
from tickets.models import CallDraft, Cause, Grade, Hotline, Kind, PauseReason, Status, Ticket
from tickets.tests.test_views import signed_in

HOUR = timedelta(hours=1)
REPORTS, NEW = reverse("portal:reports"), reverse("portal:new")


def address(ticket: Ticket) -> str:
    return reverse("portal:report", args=[ticket.pk])


def say(browser: Browser, ticket: Ticket, saying: str, **typed: str):
    data = {f"{saying}-{name}": text for name, text in typed.items() if not name.startswith("seen")}
    seen = {name: text for name, text in typed.items() if name.startswith("seen")}
    return browser.post(reverse("portal:say", args=[ticket.pk, saying]), data | seen)


def text_of(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def sun(cast: Cast) -> Browser:
    return signed_in(cast.sun)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def colleague(cast: Cast) -> Ticket:
    """A report of another contact of the same hospital."""
    user = User.objects.create_user("zheng", name="郑主任", role=Role.CONTACT)
    contact = Contact.objects.create(client=cast.hospital, name="郑主任", user=user)
    return cast.ticket(timezone.now(), contact=contact, title="郑主任的报修")


def in_work(cast: Cast, now: datetime, grade: Grade = Grade.THREE) -> Ticket:
    ticket = actions.grade(cast.ticket(now), grade, reason="clause", by=cast.li, now=now)
    return actions.acknowledge(ticket, by=cast.chen, now=now)


def solved(cast: Cast, now: datetime) -> Ticket:
    ticket = in_work(cast, now)
    return actions.resolve(ticket, solution="重启了服务", cause=Cause.SOFTWARE, by=cast.chen, now=now)


def waiting(cast: Cast, now: datetime, reason: PauseReason = PauseReason.CLIENT) -> Ticket:
    ticket = in_work(cast, now)
    return actions.pause(ticket, reason=reason, text="请提供截图", until=now + HOUR, by=cast.chen, now=now)


# His reports ------------------------------------------------------------------------------------------------


def test_open_reports_come_first_each_with_its_state_in_words(
    cast: Cast, sun: Browser, now: datetime
) -> None:
    done = solved(cast, now)
    actions.confirm(done, confirmed_by="孙主任", channel="phone", by=cast.li, now=now)
    to_confirm, asked, working, fresh = (
        solved(cast, now),
        waiting(cast, now),
        in_work(cast, now),
        cast.ticket(now),
    )
    page = text_of(sun.get(REPORTS))
    day = "today" if timezone.localdate(fresh.next_due_at) == timezone.localdate(now) else "tomorrow"
    order = [
        re.search(rf"/portal/{ticket.pk}/", page) for ticket in (fresh, working, asked, to_confirm, done)
    ]
    assert [match.start() for match in order] == sorted(match.start() for match in order)
    for words in (
        "We have your report",
        "We are working on it",
        "Waiting for you: we need something",
        "Waiting for you: please confirm",
        "Done, and you were satisfied",
        f"Somebody answers you by {day}",
    ):
        assert words in page


def test_a_report_tells_what_happened_who_takes_care_and_what_is_promised(
    cast: Cast, sun: Browser, now: datetime
) -> None:
    page = text_of(sun.get(address(in_work(cast, now))))
    for words in (
        "系统崩溃",
        "You reported it (Phone); 李敏 wrote it down.",
        "We decided how serious it is. Limited: a part does not work",
        "陈工 has started to work on it.",
        "Somebody answered you: today",
        "It is solved by",
        "陈工</dd>",
    ):
        assert words in page


def test_a_late_promise_is_admitted(cast: Cast, sun: Browser, now: datetime) -> None:
    ticket = cast.ticket(now - 5 * HOUR)
    assert "Somebody should have answered you by" in text_of(sun.get(address(ticket)))


def test_what_we_need_of_him_is_said_and_what_else_we_wait_for_is_not(
    cast: Cast, sun: Browser, now: datetime
) -> None:
    assert "请提供截图" in text_of(sun.get(address(waiting(cast, now))))
    page = text_of(sun.get(address(waiting(cast, now, PauseReason.PARTS))))
    assert "Waiting for a part" in page and "请提供截图" not in page


def test_no_word_of_the_house_is_on_his_pages(cast: Cast, sun: Browser, now: datetime) -> None:
    cast.chen.phone = "13800001111"
    cast.chen.save()
    fresh, ticket = cast.ticket(now - 9 * HOUR), solved(cast, now)
    actions.add_note(ticket, text="internal-sentinel", by=cast.li, now=now)
    actions.enforce_deadlines(now=now)
    paths = (REPORTS, NEW, address(fresh), address(ticket))
    pages = [text_of(sun.get(path)).partition("<body")[2].partition("<script")[0] for path in paths]
    for word in (
        "internal-sentinel",
        "13800001111",
        "Software defect",
        "§5",
        "clock",
        "escalat",
        "report-up",
        "Grade",
        "Assigned",
        "coverage",
        "/records/",
        "/clients/",
        "/duty/",
    ):
        found = [page[max(0, page.find(word) - 80) : page.find(word) + 40] for page in pages if word in page]
        assert not found, (word, found)


def test_the_hotline_of_his_clients_group_is_on_every_page(cast: Cast, sun: Browser) -> None:
    Hotline.objects.create(group=cast.south, number="0755-8600 1234", note="全天", note_en="day and night")
    Hotline.objects.create(group=cast.north, number="010-8600 1234")
    for path in (REPORTS, NEW, reverse("staff:settings")):
        page = text_of(sun.get(path))
        assert 'href="tel:+8675586001234"' in page and "day and night" in page and "010-8600" not in page


def test_he_finds_his_reports_by_what_he_may_read(cast: Cast, sun: Browser, now: datetime) -> None:
    own, other = cast.ticket(now), cast.ticket(now, title="打印机不动")
    actions.add_note(own, text="供应商", by=cast.li, now=now)
    page = text_of(sun.get(REPORTS, {"q": "打印"}))
    assert f"/portal/{other.pk}/" in page and f"/portal/{own.pk}/" not in page
    assert "None of your reports" in text_of(sun.get(REPORTS, {"q": "供应商"}))
    assert f"/portal/{own.pk}/" in text_of(sun.get(REPORTS, {"q": own.number}))


def test_many_reports_come_in_pages_and_cost_as_many_queries_as_few(
    cast: Cast, sun: Browser, now: datetime, django_assert_max_num_queries
) -> None:
    tickets = [cast.ticket(now) for _ in range(35)]
    with django_assert_max_num_queries(12):
        page = text_of(sun.get(REPORTS))
    assert f"/portal/{tickets[34].pk}/" in page and f"/portal/{tickets[0].pk}/" not in page
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older and f"/portal/{tickets[0].pk}/" in text_of(sun.get(REPORTS + older[1].replace("&amp;", "&")))
    with django_assert_max_num_queries(12):
        sun.get(address(tickets[0]))
    with django_assert_max_num_queries(12):
        sun.get(NEW)


# What he says -----------------------------------------------------------------------------------------------


def test_what_he_adds_tells_the_owner_and_ends_a_wait_for_him(
    cast: Cast, sun: Browser, now: datetime
) -> None:
    ticket = waiting(cast, now)
    assert say(sun, ticket, "add", text="截图已发邮箱").status_code == 302
    ticket.refresh_from_db()
    assert ticket.status == Status.IN_PROGRESS
    assert Notice.objects.filter(recipient=cast.chen, kind="client_note").count() == 1
    page = text_of(sun.get(address(ticket)))
    assert "截图已发邮箱" in page and "With your answer we go on." in page


def test_what_he_adds_is_read_though_nobody_owns_it_yet(cast: Cast, sun: Browser, now: datetime) -> None:
    ticket = cast.ticket(now, system=None)
    assert ticket.owner is None
    say(sun, ticket, "add", text="还有二楼")
    assert Notice.objects.filter(recipient=cast.wang, kind="client_note").count() == 1


def test_a_wait_for_something_else_goes_on(cast: Cast, sun: Browser, now: datetime) -> None:
    ticket = waiting(cast, now, PauseReason.PARTS)
    say(sun, ticket, "add", text="还没到吗")
    ticket.refresh_from_db()
    assert ticket.status == Status.WAITING


def test_he_confirms_in_his_own_name(cast: Cast, sun: Browser, now: datetime) -> None:
    ticket = solved(cast, now)
    assert say(sun, ticket, "satisfied", text="辛苦了").status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.confirmed_by, ticket.confirmed_channel) == (Status.CLOSED, "孙主任", "web")


@pytest.mark.parametrize("was_closed", [False, True])
def test_not_solved_takes_it_up_again_and_tells_the_owner(
    cast: Cast, sun: Browser, now: datetime, was_closed: bool
) -> None:
    ticket = solved(cast, now)
    if was_closed:
        actions.confirm(ticket, confirmed_by="孙主任", channel="phone", by=cast.li, now=now)
    assert say(sun, ticket, "not-solved", reason="三楼还是不行").status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.reopened_count) == (Status.IN_PROGRESS, 1)
    notice = Notice.objects.filter(recipient=cast.chen).latest("pk")
    assert render(notice)[0].startswith(f"The client says that {ticket.number} is not solved")


@pytest.mark.parametrize(("saying", "field"), [("add", "text"), ("not-solved", "reason")])
@pytest.mark.parametrize("typed", ["", "   ", "x" * 10_001])
def test_bad_input_is_named_at_its_field_and_nothing_happens(
    cast: Cast, sun: Browser, now: datetime, saying: str, field: str, typed: str
) -> None:
    ticket = solved(cast, now)
    answer = say(sun, ticket, saying, **{field: typed})
    assert answer.status_code == 422
    page = text_of(answer)
    assert "is-invalid" in page and (typed.strip() in page)
    assert Ticket.objects.get().version == ticket.version


def test_a_faster_hand_is_told_and_what_was_typed_comes_back(cast: Cast, sun: Browser, now: datetime) -> None:
    ticket = solved(cast, now)
    seen = str(ticket.entries.latest("pk").pk)
    actions.confirm(ticket, confirmed_by="孙主任", channel="phone", by=cast.li, now=now)
    answer = say(sun, ticket, "satisfied", text="辛苦了", seen_status="resolved", seen_entry=seen)
    page = text_of(answer)
    assert answer.status_code == 409 and "Something has changed" in page and "辛苦了" in page


def test_he_does_not_confirm_a_solution_that_he_has_not_read(cast: Cast, sun: Browser, now: datetime) -> None:
    ticket = solved(cast, now)
    seen = str(ticket.entries.latest("pk").pk)
    ticket = actions.reopen(ticket, reason="又坏了", by=cast.li, now=now)
    ticket = actions.resolve(ticket, solution="换了硬盘", cause=Cause.HARDWARE, by=cast.chen, now=now)
    answer = say(sun, ticket, "satisfied", seen_status="resolved", seen_entry=seen)
    assert answer.status_code == 409 and "换了硬盘" in text_of(answer)
    assert Ticket.objects.get().status == Status.RESOLVED


@pytest.mark.parametrize("saying", ["add", "satisfied", "not-solved"])
def test_a_form_that_names_a_status_which_there_is_not_is_refused(
    cast: Cast, sun: Browser, now: datetime, saying: str
) -> None:
    ticket = solved(cast, now)
    field = "reason" if saying == "not-solved" else "text"
    answer = say(sun, ticket, saying, seen_status="nonsense", **{field: "还是打不开"})
    page = text_of(answer)
    assert answer.status_code == 422 and "Open the page anew" in page and "还是打不开" in page
    assert Ticket.objects.get().version == ticket.version


def test_a_second_click_closes_nothing_twice(cast: Cast, sun: Browser, now: datetime) -> None:
    ticket = solved(cast, now)
    seen = {"seen_status": "resolved", "seen_entry": str(ticket.entries.latest("pk").pk)}
    assert say(sun, ticket, "satisfied", **seen).status_code == 302
    assert say(sun, ticket, "satisfied", **seen).status_code == 409
    assert ticket.entries.filter(kind="confirmed").count() == 1


def test_what_is_not_possible_now_is_said_with_what_was_typed(
    cast: Cast, sun: Browser, now: datetime
) -> None:
    ticket = in_work(cast, now)
    answer = say(sun, ticket, "not-solved", reason="还没好")
    assert answer.status_code == 422 and "还没好" in text_of(answer)
    assert say(sun, ticket, "grade", to="1").status_code == 404


# A new report -----------------------------------------------------------------------------------------------


def test_he_reports_with_one_line_and_gets_a_number(cast: Cast, sun: Browser) -> None:
    CallDraft.objects.create(
        user=cast.sun, fields={"title": "x"}, started_at=timezone.now(), saved_at=timezone.now()
    )
    data = {"title": "打印不了", "kind": Kind.REQUEST, "client": "forged", "to": "1", "solved": "on"}
    answer = sun.post(NEW, data, follow=True)
    ticket = Ticket.objects.get()
    assert (ticket.contact, ticket.client, ticket.channel, ticket.kind) == (
        cast.contact,
        cast.hospital,
        "web",
        Kind.REQUEST,
    )
    assert (ticket.grade, ticket.taken_by, ticket.caller_name) == (None, cast.sun, "孙主任")
    assert ticket.number in text_of(answer) and not CallDraft.objects.exists()


def test_only_systems_of_his_own_client_can_be_chosen(cast: Cast, sun: Browser) -> None:
    school = Client.objects.create(
        code="school", name="一中", type=cast.hospital.type, group=cast.south, hours=cast.hospital.hours
    )
    foreign = System.objects.create(client=school, name="选课系统")
    page = text_of(sun.get(NEW))
    assert cast.his.label in page and foreign.label not in page
    answer = sun.post(NEW, {"title": "坏了", "kind": "fault", "system": foreign.pk, "details": "二楼"})
    assert answer.status_code == 422 and "system" in answer.context["form"].errors
    assert "二楼" in text_of(answer) and not Ticket.objects.exists()


def test_a_report_without_a_word_is_refused_at_its_field(cast: Cast, sun: Browser) -> None:
    answer = sun.post(NEW, {"title": " ", "kind": "fault", "details": "二楼护士站"})
    assert answer.status_code == 422 and "title" in answer.context["form"].errors
    assert "二楼护士站" in text_of(answer)


def test_a_draft_is_kept_brought_back_and_discarded(cast: Cast, sun: Browser) -> None:
    sun.post(reverse("portal:draft"), {"title": "打印不了", "kind": "fault"})
    page = text_of(sun.get(NEW))
    assert "打印不了" in page and "Your draft is back" in page
    assert sun.post(reverse("portal:discard")).url == NEW
    assert not CallDraft.objects.exists()


def test_whom_no_client_names_any_more_can_report_nothing(cast: Cast, sun: Browser) -> None:
    Contact.objects.filter(pk=cast.contact.pk).update(is_active=False)
    for answer in (sun.get(NEW), sun.post(NEW, {"title": "x", "kind": "fault"})):
        assert answer.status_code == 403 and "No client names you" in text_of(answer)
    Contact.objects.filter(pk=cast.contact.pk).update(user=None)
    assert sun.get(REPORTS).status_code == 200


# Doors ------------------------------------------------------------------------------------------------------


def test_another_contacts_report_is_not_found_whatever_he_tries(
    cast: Cast, sun: Browser, colleague: Ticket
) -> None:
    assert sun.get(address(colleague)).status_code == 404
    for saying in ("add", "satisfied", "not-solved"):
        assert say(sun, colleague, saying, text="x", reason="x").status_code == 404
    page = text_of(sun.get(REPORTS)) + text_of(sun.get(REPORTS, {"q": "郑主任"}))
    assert colleague.number not in page and "郑主任的报修" not in page
    assert colleague.version == Ticket.objects.get().version


def test_links_to_the_staffs_pages_lead_him_to_his_own(cast: Cast, sun: Browser, colleague: Ticket) -> None:
    own = cast.ticket(timezone.now())
    led = {
        reverse("home"): REPORTS,
        reverse("tickets:list") + "?queue=all": REPORTS,
        reverse("tickets:create"): NEW,
        reverse("tickets:detail", args=[own.pk]): address(own),
        reverse("tickets:logged", args=[own.pk]): address(own),
    }
    for path, to in led.items():
        assert sun.get(path).url == to
    answer = sun.get(reverse("tickets:detail", args=[colleague.pk]), follow=True)
    assert answer.status_code == 404


def test_what_he_sends_to_the_staffs_addresses_is_refused(cast: Cast, sun: Browser) -> None:
    own = cast.ticket(timezone.now())
    for name, args in (
        ("tickets:create", []),
        ("tickets:act", [own.pk, "note"]),
        ("tickets:act", [own.pk, "acknowledge"]),
        ("tickets:draft", []),
        ("tickets:discard_draft", []),
        ("tickets:presence", [own.pk]),
        ("tickets:add_call", [own.pk]),
        ("tickets:bulk", []),
    ):
        assert sun.post(reverse(name, args=args), {"note-text": "x"}).status_code == 403, name
    for path in ("/records/live/", "/records/live/desk/", "/frame/", "/palette/", "/records/export.csv"):
        assert sun.get(path).status_code == 403, path
    for name in ("clients:list", "duty:now", "reports:dashboard", "tickets:policy", "staff:people"):
        assert sun.get(reverse(name)).status_code in (403, 404), name
    own.refresh_from_db()
    assert own.version == 1


def addresses(patterns: list, before: str = "") -> Iterator[str]:
    """Every address of the house, with something in place of what it asks for."""
    given = {"year": "2026", "month": "11", "day": "23", "verb": "note", "saying": "add", "code": "south"}
    for pattern in patterns:
        asks = str(pattern.pattern)
        path = before + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: given.get(found[1], "1"), asks)
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern.url_patterns, path)
        else:
            yield "/" + path


def test_no_page_of_the_house_opens_for_him(cast: Cast, sun: Browser) -> None:
    cast.ticket(timezone.now())
    open_to_all = (
        "/healthz/",
        "/api/v1/",
        "/portal/",
        "/sign-in/",
        "/sign-out/",
        "/language/",
        "/favicon.ico",
    )
    his_own = ("/staff/settings/", "/staff/password/", "/staff/inbox/", "/staff/tokens/")
    patterns = [each for each in get_resolver().url_patterns if not str(each.pattern).startswith("admin")]
    found = [path for path in addresses(patterns) if not path.startswith((*open_to_all, *his_own))]
    assert len(found) > 40
    for path in found:
        answer = sun.get(path)
        led = answer.status_code == 302 and answer.url.startswith("/portal/")
        assert led or answer.status_code in (403, 404, 405), (path, answer.status_code)
    for path in his_own:
        answer = sun.get(path)
        if answer.status_code == 200:
            assert "portal-head" in text_of(answer) and "topbar" not in text_of(answer), path
    assert sun.get("/admin/").status_code == 302


def test_the_staff_are_led_to_their_own_pages(cast: Cast) -> None:
    ticket, li = cast.ticket(timezone.now()), signed_in(cast.li)
    assert li.get(REPORTS).url == reverse("tickets:list")
    assert li.get(address(ticket)).url == reverse("tickets:detail", args=[ticket.pk])
    assert say(li, ticket, "add", text="x").status_code == 403
    assert li.post(reverse("portal:draft"), {"title": "x"}).status_code == 403
    assert Browser().get(REPORTS).status_code == 302


def test_nothing_is_changed_by_get(cast: Cast, sun: Browser, now: datetime) -> None:
    ticket = solved(cast, now)
    for saying in ("add", "satisfied", "not-solved"):
        assert sun.get(reverse("portal:say", args=[ticket.pk, saying])).status_code == 405
    for name in ("portal:draft", "portal:discard"):
        assert sun.get(reverse(name)).status_code == 405


def test_his_settings_have_no_switches_for_what_the_portal_has_not(cast: Cast, sun: Browser) -> None:
    page = text_of(sun.get(reverse("staff:settings")))
    assert "portal-head" in page and "id_theme" in page
    assert "id_single_keys" not in page and "id_density" not in page
    sun.post(reverse("staff:settings"), {"language": "zh-hans", "theme": "dark", "time_format": "24"})
    cast.sun.refresh_from_db()
    assert (cast.sun.language, cast.sun.theme, cast.sun.single_keys) == ("zh-hans", "dark", True)
