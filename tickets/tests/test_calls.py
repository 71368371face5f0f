"""The call form: the caller known at once, never asked twice, and nothing typed is ever lost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.actions import save_contact
from clients.models import Client, Contact
from duty.models import Shift
from opsdesk.testing import MONDAY, Cast, sunk
from staff.models import Notice, User
from tickets import actions
from tickets.callers import find_contacts, know
from tickets.lifecycle import Refused
from tickets.models import CallDraft, Cause, Entry, EntryKind, Grade, PauseReason, Status, Ticket
from tickets.tests.test_views import CALL, act, detail, signed_in

HOUR = timedelta(hours=1)
NEW = reverse("tickets:create")
SOLVED = CALL | {"to": "3", "solved": "on", "solution": "重启服务", "cause": "software"}


@pytest.fixture
def li(cast: Cast) -> Browser:
    return signed_in(cast.li)


def again(ticket: Ticket, cast: Cast, text: str = "还是不行", **more: object) -> Ticket:
    said = {"caller_name": "孙主任", "callback_number": "", "channel": "phone", "by": cast.li, "now": MONDAY}
    return actions.repeat_contact(ticket, text=text, **(said | more))


# Repeat contact ---------------------------------------------------------------------------------------------


def test_a_further_call_is_an_entry_of_its_own_kind_and_the_owner_is_told(cast: Cast) -> None:
    ticket = again(cast.ticket(), cast, callback_number="13800138000")
    entry = ticket.entries.repeat_contacts().get()
    assert (entry.text, entry.by) == ("还是不行", cast.li)
    assert entry.changes == {
        "caller_name": [None, "孙主任"],
        "callback_number": [None, "13800138000"],
        "channel": [None, "phone"],
    }
    assert Notice.objects.filter(recipient=cast.chen, kind="repeat_contact").count() == 1
    assert Ticket.objects.count() == 1
    assert sunk(MONDAY) == []


def test_who_owns_the_record_and_takes_the_further_call_is_not_told(cast: Cast) -> None:
    again(cast.ticket(), cast, by=cast.chen)
    assert not Notice.objects.filter(kind="repeat_contact").exists()


def test_a_further_call_may_only_ask_how_far_it_is_but_says_who_called(cast: Cast) -> None:
    ticket = again(cast.ticket(), cast, text="")
    assert ticket.entries.repeat_contacts().get().text == ""
    with pytest.raises(Refused) as refused:
        again(ticket, cast, caller_name=" ")
    assert refused.value.field == "caller_name"


def test_a_record_that_waits_for_the_client_waits_no_more_when_he_calls(cast: Cast) -> None:
    ticket = actions.grade(cast.ticket(), Grade.TWO, reason="x", by=cast.li, now=MONDAY)
    ticket = actions.acknowledge(ticket, by=cast.chen, now=MONDAY)
    ticket = actions.pause(
        ticket,
        reason=PauseReason.CLIENT,
        text="等回电",
        until=MONDAY + 5 * HOUR,
        by=cast.chen,
        now=MONDAY,
    )
    assert again(ticket, cast, now=MONDAY + HOUR).status == Status.IN_PROGRESS
    assert sunk(MONDAY + HOUR) == []


def test_a_closed_record_takes_no_further_call(cast: Cast) -> None:
    ticket = actions.take_call(
        cast.call(),
        to=Grade.THREE,
        reason="x",
        solved=actions.Solved("重启", Cause.SOFTWARE, is_confirmed=True),
        by=cast.li,
        now=MONDAY,
    )
    with pytest.raises(Refused):
        again(ticket, cast)


def test_a_contact_adds_notes_and_no_calls(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        again(cast.ticket(), cast, by=cast.sun)
    assert refused.value.code == "forbidden"


def test_the_call_is_added_with_what_is_typed_and_opens_no_second_record(cast: Cast, li: Browser) -> None:
    ticket = cast.ticket(timezone.now())
    li.post(reverse("tickets:draft"), CALL)
    answer = li.post(
        reverse("tickets:add_call", args=[ticket.pk]), CALL | {"title": "又断了", "details": "三楼"}
    )
    assert answer.url == reverse("tickets:logged", args=[ticket.pk]) + "?again=1"
    assert ticket.entries.repeat_contacts().get().text == "又断了\n三楼"
    assert Ticket.objects.count() == 1
    assert not CallDraft.objects.exists()
    assert ticket.number in li.get(answer.url).content.decode()


def test_the_client_called_again_is_a_verb_of_the_records_page_too(cast: Cast, li: Browser) -> None:
    ticket = cast.ticket(timezone.now())
    act(li, ticket, "repeat_contact", caller_name="孙主任", channel="phone", text="催问进度")
    assert "催问进度" in li.get(detail(ticket)).content.decode()


def test_nobody_adds_a_call_to_a_foreign_record_or_by_get(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    address = reverse("tickets:add_call", args=[ticket.pk])
    assert signed_in(cast.outsider).post(address, CALL).status_code == 404
    assert signed_in(cast.sun).post(address, CALL).status_code == 403
    assert signed_in(cast.zhou).post(address, CALL).status_code == 403
    assert signed_in(cast.li).get(address).status_code == 405
    assert signed_in(cast.outsider).get(reverse("tickets:logged", args=[ticket.pk])).status_code == 404
    assert not Entry.objects.repeat_contacts().exists()


# Solved on the phone ----------------------------------------------------------------------------------------


def test_solved_on_the_phone_is_one_save(cast: Cast, li: Browser) -> None:
    li.post(NEW, SOLVED)
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.owner, ticket.solution) == (Status.RESOLVED, cast.li, "重启服务")
    kinds = list(ticket.entries.values_list("kind", flat=True))
    assert kinds == [EntryKind.LOGGED, EntryKind.GRADED, EntryKind.ACKNOWLEDGED, EntryKind.RESOLVED]
    assert not Notice.objects.exists()  # nobody is told that it is his: it is done
    assert sunk(timezone.now()) == []


def test_a_client_who_is_satisfied_on_the_phone_closes_it_in_the_same_save(cast: Cast, li: Browser) -> None:
    li.post(NEW, SOLVED | {"is_confirmed": "on"})
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.confirmed_by, ticket.confirmed_channel) == (
        Status.CLOSED,
        "孙主任",
        "phone",
    )


@pytest.mark.parametrize(("missing", "field"), [("solution", "solution"), ("cause", "cause"), ("to", "to")])
def test_what_is_solved_has_its_solution_its_cause_and_its_grade(
    cast: Cast, li: Browser, missing: str, field: str
) -> None:
    answer = li.post(NEW, SOLVED | {missing: ""})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Ticket.objects.exists()


def test_a_request_is_solved_without_a_grade(cast: Cast, li: Browser) -> None:
    li.post(NEW, SOLVED | {"kind": "request", "to": ""})
    assert Ticket.objects.get().status == Status.RESOLVED


# Grade ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grade", Grade)
def test_a_grade_chosen_directly_takes_its_clause_as_the_reason(
    cast: Cast, li: Browser, grade: Grade
) -> None:
    li.post(NEW, CALL | {"to": str(int(grade))})
    ticket = Ticket.objects.get()
    assert ticket.grade == grade
    assert ticket.grade_reason.startswith(f"§5.4.1.1 Grade {int(grade)}")


def test_nothing_chosen_and_nothing_ticked_is_graded_later(cast: Cast, li: Browser) -> None:
    li.post(NEW, CALL)
    assert Ticket.objects.get().grade is None


def test_the_form_shows_each_grade_with_the_clocks_that_it_starts(cast: Cast, li: Browser) -> None:
    page = li.get(NEW).content.decode()
    assert "Response 15 min" in page
    assert "8 h of service" in page


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("system_down=on", "§5.4.1.1 Grade 1"),
        ("system_down=on&to=3", "say in a sentence why"),
        ("to=3", "Chosen directly"),
        ("", "Tick what the caller says"),
    ],
)
def test_the_proposal_says_what_the_answers_mean(cast: Cast, li: Browser, query: str, says: str) -> None:
    assert says in li.get(reverse("tickets:proposal") + "?" + query).content.decode()


# Who is calling ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling",
    [
        "0755-8888 8877",
        "+86 755 88888877",
        "0755/88888877",
        "(0755)88888877",
        "075588888877转12",
        "0755 8888 8877 ext. 3",
        "0755-88888877#3",
        "0086-755-8888-8877",
        "88888877",  # while typing, or inside the city
        "0755888",
        "8888 8",
        "075588888877",
    ],
)
def test_any_spelling_and_any_beginning_finds_the_caller(cast: Cast, spelling: str) -> None:
    assert find_contacts(spelling, cast.li) == [cast.contact]


@pytest.mark.parametrize("text", ["", "0755", "8888", "nobody", "13912345678", "\0", "9" * 200])
def test_too_little_or_another_number_finds_nobody(cast: Cast, text: str) -> None:
    assert find_contacts(text, cast.li) == []


def test_only_a_whole_number_finds_the_contact_of_another_groups_client(cast: Cast) -> None:
    assert find_contacts("0755-88888877", cast.outsider) == [cast.contact]
    assert find_contacts("0755888", cast.outsider) == []
    assert find_contacts("0755888", cast.zhao) == [cast.contact]


def test_the_caller_comes_with_his_habits_his_records_and_how_often_he_called(
    cast: Cast, li: Browser
) -> None:
    now = timezone.now()
    Contact.objects.update(
        job_title="信息科主任", preferred_channel="email", preferences="prefers WeChat, not before 9"
    )
    old = cast.ticket(now - timedelta(days=8), title="an old one")
    ticket = again(cast.ticket(now), cast, now=now)
    li.post(NEW, SOLVED | {"is_confirmed": "on", "title": "打印机卡纸"})
    page = li.get(reverse("tickets:caller"), {"callback_number": "075588888877"}).content.decode()
    for words in (
        "信息科主任",
        "prefers WeChat, not before 9",
        "E-mail</dd>",
        "Type A",
        "South",
        "call no. 3 in 7 days",
    ):
        assert words in page
    assert "under contract today" in page
    assert f"Add this call to {ticket.number}" in page
    assert f"Add this call to {old.number}" in page
    assert "打印机卡纸" in page
    assert "Software defect" in page


def test_a_client_without_a_contract_is_marked(cast: Cast) -> None:
    cast.hospital.contracts.update(ends_on="2026-01-01")
    assert not know(cast.hospital, cast.contact, cast.li, MONDAY).is_covered


def test_the_callers_own_records_come_first(cast: Cast) -> None:
    cast.ticket(contact=None, caller_name="别人")
    own = cast.ticket(MONDAY + HOUR)
    assert know(cast.hospital, cast.contact, cast.li, MONDAY + HOUR).open[0].ticket == own


def test_records_of_another_group_are_not_shown_beside_a_call(cast: Cast) -> None:
    cast.ticket()
    assert know(cast.hospital, cast.contact, cast.outsider, MONDAY).open == []


def test_who_shares_a_number_is_asked_for(cast: Cast, li: Browser) -> None:
    other = save_contact(Contact(client=cast.hospital, name="王医生"), ["0755-88888877 转 8"])
    ask = {"callback_number": "075588888877"}
    page = li.get(reverse("tickets:caller"), ask).content.decode()
    assert "王医生" in page
    assert "孙主任" in page
    page = li.get(reverse("tickets:caller"), ask | {"choose": other.pk}).content.decode()
    assert f'name="contact" id="id_contact" value="{other.pk}"' in page


def test_the_callers_fragment_costs_a_fixed_number_of_queries(cast: Cast, li: Browser) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            answer = li.get(reverse("tickets:caller"), {"callback_number": "075588888877"})
        assert "孙主任" in answer.content.decode()
        return len(captured)

    cast.ticket(timezone.now())
    queries()
    few = queries()
    for _ in range(8):
        cast.ticket(timezone.now())
    assert queries() == few <= 12


def test_a_contact_and_a_reader_are_not_told_who_calls(cast: Cast) -> None:
    for user in (cast.sun, cast.zhou):
        assert (
            signed_in(user).get(reverse("tickets:caller"), {"callback_number": "075588"}).status_code == 403
        )


# Unknown callers --------------------------------------------------------------------------------------------


def test_an_unknown_caller_of_a_known_client_is_saved_in_the_same_save(cast: Cast, li: Browser) -> None:
    li.post(NEW, CALL | {"caller_name": "王医生", "callback_number": "139 1234 5678", "save_contact": "on"})
    contact = Contact.objects.get(name="王医生")
    assert [phone.digits for phone in contact.phones.all()] == ["8613912345678"]
    assert Ticket.objects.get().contact == contact


@pytest.mark.parametrize("number", ["", "12", "no number"])
def test_a_new_contact_needs_a_number_and_without_it_nothing_is_saved(
    cast: Cast, li: Browser, number: str
) -> None:
    answer = li.post(NEW, CALL | {"caller_name": "王医生", "callback_number": number, "save_contact": "on"})
    assert answer.status_code == 422
    assert "callback_number" in answer.context["form"].errors
    assert not Ticket.objects.exists()
    assert not Contact.objects.filter(name="王医生").exists()


def test_only_the_clients_group_writes_down_its_contacts(cast: Cast) -> None:
    outsider = signed_in(cast.outsider)
    assert (
        "save_contact" not in outsider.get(reverse("tickets:caller"), {"client": "hospital"}).content.decode()
    )
    answer = outsider.post(NEW, CALL | {"caller_name": "王医生", "save_contact": "on"})
    assert answer.status_code == 422
    assert not Ticket.objects.exists()


def test_an_unknown_client_is_created_by_a_supervisor_and_said_so_to_the_others(
    cast: Cast, li: Browser
) -> None:
    ask = {"client": "some other hospital"}
    assert "A supervisor can create it" in li.get(reverse("tickets:caller"), ask).content.decode()
    page = signed_in(cast.wang).get(reverse("tickets:caller"), ask).content.decode()
    assert reverse("clients:create") in page


def test_the_only_system_of_a_client_is_chosen(cast: Cast, li: Browser) -> None:
    page = li.get(reverse("tickets:caller"), {"callback_number": "075588888877"}).content.decode()
    assert f'<option value="{cast.his.pk}" selected' in page


# On duty ----------------------------------------------------------------------------------------------------


def test_who_takes_a_call_reads_who_is_on_duty_and_his_number(cast: Cast, li: Browser) -> None:
    now = timezone.now()
    User.objects.filter(pk=cast.wang.pk).update(phone="139 0000 7090")
    for who, role in ((cast.chen, "backup"), (cast.wang, "primary")):
        Shift.objects.create(group=cast.south, user=who, role=role, starts_at=now - HOUR, ends_at=now + HOUR)
    Shift.objects.create(group=cast.south, user=cast.zhou, starts_at=now + HOUR, ends_at=now + 2 * HOUR)
    said = li.get(NEW).content.decode().partition('id="duty-now"')[2].partition("</section>")[0]
    assert said.index(cast.wang.label) < said.index(cast.chen.label)
    assert 'href="tel:139 0000 7090"' in said
    assert cast.zhou.label not in said


# Read out ---------------------------------------------------------------------------------------------------


def test_the_number_the_deadlines_and_who_was_told_are_there_to_read_out(cast: Cast, li: Browser) -> None:
    answer = li.post(NEW, CALL | {"to": "1", "system": cast.his.pk}, follow=True)
    page = answer.content.decode()
    ticket = Ticket.objects.get()
    assert ticket.number in page
    assert "Somebody answers by" in page
    assert "It is solved by" in page
    assert f"{cast.chen.label} was told." in page


def test_save_and_next_opens_an_empty_form_with_the_number_above_it(cast: Cast, li: Browser) -> None:
    answer = li.post(NEW, CALL | {"next": "1"}, follow=True)
    assert Ticket.objects.get().number in answer.content.decode()
    assert answer.context["form"].typed("title") == ""


def test_a_foreign_number_in_the_address_is_not_read_out(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    assert signed_in(cast.outsider).get(f"{NEW}?logged={ticket.pk}").status_code == 404


# Drafts -----------------------------------------------------------------------------------------------------


def test_a_draft_comes_back_whole_and_is_gone_when_it_is_saved(cast: Cast, li: Browser) -> None:
    typed = CALL | {"contact": cast.contact.pk, "to": "2", "system_down": "on", "details": "整栋楼\n都停了"}
    answer = li.post(reverse("tickets:draft"), typed)
    assert "Draft saved" in answer.content.decode()
    form = signed_in(cast.li).get(NEW).context["form"]  # another session: the old one ended
    assert {name: form.typed(name) for name in typed} == {name: str(value) for name, value in typed.items()}
    assert form.known_client == cast.hospital
    li.post(NEW, typed | {"reason": "x"})
    assert Ticket.objects.count() == 1
    assert li.get(NEW).context["draft"] is None


def test_the_call_goes_on_since_it_began(cast: Cast, li: Browser) -> None:
    begun = timezone.now() - HOUR
    li.post(reverse("tickets:draft"), {"title": "x", "started_at": begun.isoformat()})
    assert li.get(NEW).context["started_at"] == begun
    for forged in (
        "",
        "never",
        "2999-01-01T00:00:00+08:00",
        "2026-02-30T00:00:00+08:00",
        "2020-01-01T00:00:00",
    ):
        li.post(reverse("tickets:draft"), {"title": "x", "started_at": forged})
        assert timezone.now() - CallDraft.objects.get().started_at < HOUR


def test_a_mistake_keeps_the_draft_and_discarding_forgets_it(cast: Cast, li: Browser) -> None:
    li.post(reverse("tickets:draft"), CALL)
    assert li.post(NEW, CALL | {"title": ""}).status_code == 422
    assert CallDraft.objects.count() == 1
    assert li.post(reverse("tickets:discard_draft")).url == NEW
    assert not CallDraft.objects.exists()


def test_a_draft_is_ones_own(cast: Cast, li: Browser) -> None:
    li.post(reverse("tickets:draft"), CALL)
    assert signed_in(cast.wang).get(NEW).context["draft"] is None
    assert CALL["title"] not in signed_in(cast.wang).get(NEW).content.decode()


def test_an_empty_form_is_no_draft(cast: Cast, li: Browser) -> None:
    li.post(reverse("tickets:draft"), CALL)
    li.post(reverse("tickets:draft"), {"kind": "fault", "channel": "phone", "to": "", "title": ""})
    assert not CallDraft.objects.exists()


def test_a_draft_keeps_only_what_the_form_has(cast: Cast, li: Browser) -> None:
    li.post(reverse("tickets:draft"), {"title": "a\0b", "details": "x" * 20_000, "forged": "x", "csrf": "y"})
    fields = CallDraft.objects.get().fields
    assert fields == {"title": "ab", "details": "x" * 10_000}


def test_a_signed_out_page_is_told_so_and_a_reader_keeps_no_draft(cast: Cast) -> None:
    assert Browser().post(reverse("tickets:draft"), CALL).status_code == 302
    assert signed_in(cast.zhou).post(reverse("tickets:draft"), CALL).status_code == 403
    assert signed_in(cast.li).get(reverse("tickets:draft")).status_code == 405
    assert not CallDraft.objects.exists()


def test_an_old_draft_of_a_client_that_is_gone_opens_all_the_same(cast: Cast, li: Browser) -> None:
    li.post(
        reverse("tickets:draft"), CALL | {"system": "999999", "contact": "999999", "to": "7", "cause": "?"}
    )
    Client.objects.update(is_active=False)
    assert li.get(NEW).status_code == 200
