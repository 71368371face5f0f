"""The pages of the record library: parse, call one action, answer."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from tickets import actions
from tickets.models import Entry, EntryKind, Grade, Kind, Status, Ticket

HOUR = timedelta(hours=1)
CALL = {
    "client": "hospital",
    "caller_name": "孙主任",
    "title": "系统崩溃,无法登录",
    "kind": Kind.FAULT,
    "channel": "phone",
    "callback_number": "0755-8888 8877",
}


@pytest.fixture
def li(cast: Cast) -> Browser:
    return signed_in(cast.li)


def signed_in(user) -> Browser:
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def detail(ticket: Ticket) -> str:
    return reverse("tickets:detail", args=[ticket.pk])


def act(browser: Browser, ticket: Ticket, verb: str, **data: object):
    fields = {f"{verb}-{name}": value for name, value in data.items()}
    return browser.post(reverse("tickets:act", args=[ticket.pk, verb]), fields)


def test_a_call_is_logged_and_graded_in_one_save(cast: Cast, li: Browser) -> None:
    answer = li.post(reverse("tickets:create"), CALL | {"system_down": "on"})
    ticket = Ticket.objects.get()
    assert answer.url == reverse("tickets:logged", args=[ticket.pk])
    assert (ticket.grade, ticket.taken_by, ticket.client) == (Grade.ONE, cast.li, cast.hospital)
    assert "§5.4.1.1" in ticket.grade_reason
    assert ticket.number in li.get(answer.url).content.decode()


def test_another_grade_than_proposed_needs_a_sentence(cast: Cast, li: Browser) -> None:
    data = CALL | {"unstable": "on", "to": "1"}
    answer = li.post(reverse("tickets:create"), data)
    assert answer.status_code == 422
    assert "reason" in answer.context["form"].errors
    li.post(reverse("tickets:create"), data | {"reason": "the mayor is in the building"})
    assert Ticket.objects.get().grade_reason == "the mayor is in the building"


@pytest.mark.parametrize("missing", ["client", "caller_name", "title"])
def test_a_missing_field_is_named_and_nothing_typed_is_lost(cast: Cast, li: Browser, missing: str) -> None:
    answer = li.post(reverse("tickets:create"), CALL | {missing: "", "details": "整栋楼都停了"})
    assert answer.status_code == 422
    assert missing in answer.context["form"].errors
    assert "整栋楼都停了" in answer.content.decode()
    assert not Ticket.objects.exists()


def test_the_caller_is_known_by_any_spelling_of_his_number(cast: Cast, li: Browser) -> None:
    answer = li.get(reverse("tickets:caller"), {"callback_number": "+86 (755) 88888877"}).content.decode()
    assert "孙主任" in answer
    assert "(hospital)" in answer
    assert str(cast.his) in answer


def test_anyone_records_for_any_client_and_may_follow_what_he_recorded(cast: Cast) -> None:
    outsider = signed_in(cast.outsider)
    answer = outsider.post(reverse("tickets:create"), CALL)
    assert Ticket.objects.get().group == cast.south
    assert outsider.get(answer.url).status_code == 200


def test_a_foreign_record_is_not_found_whatever_one_tries(cast: Cast) -> None:
    ticket, outsider = cast.ticket(timezone.now()), signed_in(cast.outsider)
    assert outsider.get(detail(ticket)).status_code == 404
    for verb in ("acknowledge", "note", "grade", "assign"):
        assert act(outsider, ticket, verb, text="x").status_code == 404
    assert ticket.number not in outsider.get(reverse("tickets:list") + "?queue=all").content.decode()
    assert ticket.number not in outsider.get(reverse("home")).content.decode()


@pytest.mark.parametrize("name", ["home", "tickets:list", "tickets:create"])
def test_a_stranger_is_shown_the_sign_in_page(cast: Cast, name: str) -> None:
    answer = Browser().get(reverse(name))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("login"))


def test_nothing_is_changed_by_get(cast: Cast, li: Browser) -> None:
    ticket = cast.ticket(timezone.now())
    for verb in ("acknowledge", "resolve", "confirm", "reopen", "assign"):
        assert li.get(reverse("tickets:act", args=[ticket.pk, verb])).status_code == 405
    ticket.refresh_from_db()
    assert ticket.status == Status.LOGGED


def test_the_staff_reads_the_policy_and_a_contact_does_not(cast: Cast, li: Browser) -> None:
    page = li.get(reverse("tickets:policy")).content.decode()
    assert "service hours, near at 80 %" in page
    assert "General manager" in page
    assert reverse("tickets:new_policy") not in page
    assert signed_in(cast.sun).get(reverse("tickets:policy")).status_code == 403


def test_an_unknown_verb_is_not_found(cast: Cast, li: Browser) -> None:
    assert act(li, cast.ticket(timezone.now()), "delete").status_code == 404


def test_the_whole_path_through_the_pages(cast: Cast) -> None:
    chen = signed_in(cast.chen)
    ticket = cast.ticket(timezone.now())
    act(chen, ticket, "grade", unstable="on")
    act(chen, ticket, "acknowledge")
    act(chen, ticket, "diagnose", diagnosis="磁盘满", cause="hardware")
    until = timezone.localtime() + HOUR
    act(chen, ticket, "pause", reason="parts", text="等硬盘", until=until.strftime("%Y-%m-%dT%H:%M"))
    act(chen, ticket, "resume")
    act(chen, ticket, "resolve", solution="换硬盘", cause="hardware")
    act(chen, ticket, "confirm", confirmed_by="孙主任", channel="phone")
    act(chen, ticket, "reopen", reason="又坏了")
    kinds = [entry.kind for entry in Entry.objects.filter(ticket=ticket).exclude(by=None)]
    assert kinds == [
        EntryKind.LOGGED,
        EntryKind.GRADED,
        EntryKind.ACKNOWLEDGED,
        EntryKind.DIAGNOSED,
        EntryKind.PAUSED,
        EntryKind.RESUMED,
        EntryKind.RESOLVED,
        EntryKind.CONFIRMED,
        EntryKind.REOPENED,
    ]


def test_a_refused_verb_comes_back_with_what_was_typed(cast: Cast) -> None:
    chen, ticket = signed_in(cast.chen), cast.ticket(timezone.now())
    act(chen, ticket, "grade", slow_or_impaired="on")
    act(chen, ticket, "acknowledge")
    answer = act(chen, ticket, "pause", reason="parts", text="等一块很特别的硬盘", until="2020-01-01T00:00")
    assert answer.status_code == 422
    assert "等一块很特别的硬盘" in answer.content.decode()
    assert "until" in answer.context["forms"]["pause"].errors


def test_taking_what_somebody_has_just_taken_says_so(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    actions.acknowledge(ticket, by=cast.wang, now=timezone.now())
    chen = signed_in(cast.chen)
    data = {"seen_status": "logged", "seen_owner": cast.chen.pk}
    answer = chen.post(reverse("tickets:act", args=[ticket.pk, "acknowledge"]), data, follow=True)
    assert "Somebody was faster" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("queue=mine", False),
        ("queue=unacknowledged", True),
        ("queue=overdue", False),
        ("queue=all&q=崩溃", True),
        ("queue=all&q=别的", False),
        ("grade=none", True),
        ("grade=1", False),
        ("age=0-3", True),
        ("age=30%2B", False),
        ("client=hospital", True),
        ("channel=phone", True),
        ("channel=fax", False),
        ("channel=pigeon", True),
        ("group=north", False),
        ("group=%00&client=%00&q=%00崩溃", True),
        ("queue=nonsense&grade=9&status=x&cursor=forged", True),
    ],
)
def test_queues_and_filters(cast: Cast, li: Browser, query: str, finds: bool) -> None:
    ticket = cast.ticket(timezone.now())
    page = li.get(reverse("tickets:list") + "?" + query).content.decode()
    assert (f'href="{detail(ticket)}"' in page) is finds


def test_a_record_is_found_by_its_number_however_it_is_typed(cast: Cast, li: Browser) -> None:
    ticket = cast.ticket(timezone.now())
    for words in (ticket.number, ticket.number.lower(), str(ticket.pk), f"T- {ticket.pk}"):
        page = li.get(reverse("tickets:list"), {"queue": "all", "q": words}).content.decode()
        assert detail(ticket) in page, words


@pytest.mark.parametrize("name", ["home", "tickets:list"])
def test_a_page_costs_the_same_number_of_queries_however_many_records(
    cast: Cast, li: Browser, name: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert li.get(reverse(name)).status_code == 200
        return len(captured)

    now = timezone.now()
    cast.ticket(now)
    queries()
    few = queries()
    for _ in range(20):
        cast.ticket(now)
    assert queries() == few <= 15


def test_a_record_costs_the_same_number_of_queries_however_long_its_history(cast: Cast, li: Browser) -> None:
    ticket = cast.ticket(timezone.now())

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            li.get(detail(ticket))
        return len(captured)

    queries()
    few = queries()
    for number in range(15):
        actions.add_note(ticket, text=str(number), by=cast.li, now=timezone.now())
    assert queries() == few <= 12
