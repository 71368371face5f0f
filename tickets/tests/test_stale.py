"""Two people at one record: the slower one loses nothing that he typed, and reads what the faster one did."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.utils import timezone

from opsdesk.testing import Cast
from staff.models import User
from tickets import actions
from tickets.models import Grade, Status, Ticket
from tickets.tests.test_views import act, detail, signed_in

TYPED = "换了一块硬盘,重建阵列,逐库校验"


def in_work(cast: Cast) -> Ticket:
    now = timezone.now()
    ticket = actions.grade(cast.ticket(now), Grade.TWO, reason="clause", by=cast.li, now=now)
    return actions.acknowledge(ticket, by=cast.chen, now=now)


def opened(user: User, ticket: Ticket) -> tuple[Browser, dict[str, object]]:
    """A browser that has the record's page open, and what that page's forms say they have seen."""
    browser = signed_in(user)
    page = browser.get(detail(ticket)).context
    seen = {
        "seen_status": page["ticket"].status,
        "seen_owner": page["ticket"].owner_id or "",
        "seen_entry": page["seen_entry"],
    }
    return browser, seen


def send(browser: Browser, ticket: Ticket, verb: str, seen: dict[str, object], **typed: object):
    fields = {f"{verb}-{name}": value for name, value in typed.items()}
    return browser.post(f"{detail(ticket)}{verb}/", fields | seen)


def test_solving_what_somebody_has_just_solved_keeps_the_text_and_shows_his(cast: Cast) -> None:
    ticket = in_work(cast)
    chen, seen = opened(cast.chen, ticket)
    actions.resolve(ticket, solution="重启即可", cause="software", by=cast.wang, now=timezone.now())
    answer = send(chen, ticket, "resolve", seen, solution=TYPED, cause="hardware")
    page = answer.content.decode()
    assert answer.status_code == 409 and "Somebody was faster" in page
    assert TYPED in page and '<option value="hardware" selected>' in page
    assert [entry.text for entry in answer.context["news"]] == ["重启即可"]
    assert answer.context["open_verb"] == "resolve" and answer.context["is_too_late"]
    ticket.refresh_from_db()
    assert ticket.solution == "重启即可"


def test_what_somebody_wrote_meanwhile_is_read_first_and_then_sent_again(cast: Cast) -> None:
    ticket = in_work(cast)
    chen, seen = opened(cast.chen, ticket)
    actions.diagnose(ticket, diagnosis="电源老化", cause="hardware", by=cast.wang, now=timezone.now())
    answer = send(chen, ticket, "diagnose", seen, diagnosis=TYPED, cause="hardware")
    assert answer.status_code == 409 and TYPED in answer.content.decode()
    assert [entry.text for entry in answer.context["news"]] == ["电源老化"]
    assert not answer.context["is_too_late"]
    again = send(
        chen,
        ticket,
        "diagnose",
        seen | {"seen_entry": answer.context["seen_entry"]},
        diagnosis=TYPED,
        cause="hardware",
    )
    assert again.status_code == 302
    ticket.refresh_from_db()
    assert ticket.diagnosis == TYPED


def test_handing_over_what_somebody_has_handed_over_says_so(cast: Cast) -> None:
    ticket = in_work(cast)
    li, seen = opened(cast.li, ticket)
    actions.assign(ticket, owner=cast.wang, by=cast.wang, now=timezone.now())
    answer = send(li, ticket, "assign", seen, owner=cast.liu.pk, text=TYPED)
    assert answer.status_code == 409 and TYPED in answer.content.decode()
    ticket.refresh_from_db()
    assert ticket.owner == cast.wang


def test_a_note_adds_and_so_never_waits_for_anybody(cast: Cast) -> None:
    ticket = in_work(cast)
    chen, seen = opened(cast.chen, ticket)
    actions.add_note(ticket, text="his", by=cast.wang, now=timezone.now())
    assert send(chen, ticket, "note", seen, text=TYPED).status_code == 302
    assert {"his", TYPED} <= set(ticket.entries.values_list("text", flat=True))


def test_ones_own_entries_and_the_engines_are_no_news(cast: Cast) -> None:
    ticket = in_work(cast)
    chen, seen = opened(cast.chen, ticket)
    act(chen, ticket, "diagnose", diagnosis="第一次", cause="hardware")
    assert send(chen, ticket, "diagnose", seen, diagnosis=TYPED, cause="hardware").status_code == 302


def test_taking_what_is_taken_shows_by_whom_and_offers_no_second_taking(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    chen, seen = opened(cast.chen, ticket)
    actions.acknowledge(ticket, by=cast.wang, now=timezone.now())
    answer = send(chen, ticket, "acknowledge", seen)
    assert answer.status_code == 409
    assert [entry.by for entry in answer.context["news"]] == [cast.wang]
    assert "acknowledge" not in answer.context["forms"]


@pytest.mark.parametrize("forged", ["", "x", "-1", "9" * 40])
def test_a_form_that_says_nothing_of_what_it_has_seen_still_works(cast: Cast, forged: str) -> None:
    ticket = in_work(cast)
    seen = {"seen_entry": forged}
    answer = send(signed_in(cast.chen), ticket, "diagnose", seen, diagnosis=TYPED, cause="hardware")
    assert answer.status_code == 302
    ticket.refresh_from_db()
    assert ticket.status == Status.IN_PROGRESS
