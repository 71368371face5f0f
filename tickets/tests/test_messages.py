"""A word to the client: in the record for him to read, and in his mailbox where the house knows it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Contact
from opsdesk.testing import MONDAY, Cast
from staff.models import DeliveryState
from tickets import actions
from tickets.lifecycle import Refused
from tickets.models import Entry, EntryKind, OutgoingMail, Ticket
from tickets.post import post

MIN = timedelta(minutes=1)


@pytest.fixture
def reachable(cast: Cast) -> Cast:
    Contact.objects.filter(pk=cast.contact.pk).update(email="sun@hospital.test")
    cast.contact.refresh_from_db()
    return cast


def written(ticket: Ticket) -> Entry:
    return ticket.entries.get(kind=EntryKind.MESSAGE)


def signed_in(user) -> Browser:
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def test_a_message_leaves_by_mail_and_stays_in_the_record(reachable: Cast, settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "OpsDesk <opsdesk@localhost>"
    ticket = reachable.ticket()
    actions.write_to_client(ticket, text="备件明早到。", by=reachable.li, now=MONDAY)
    assert post(now=MONDAY) == 1
    assert post(now=MONDAY + 10 * MIN) == 0
    (message,) = mail.outbox
    assert message.to == ["sun@hospital.test"]
    assert message.subject == f"[{ticket.number}] 系统崩溃,无法登录"
    assert message.body.startswith("备件明早到。")
    assert written(ticket).text == "备件明早到。"
    assert written(ticket).changes == {"sent_to": [None, "sun@hospital.test"]}
    assert Entry.objects.visible_to(reachable.sun).filter(kind=EntryKind.MESSAGE).exists()


def test_the_second_message_stands_in_the_thread_of_the_first(reachable: Cast) -> None:
    ticket = reachable.ticket()
    for text in ("one", "two"):
        actions.write_to_client(ticket, text=text, by=reachable.li, now=MONDAY)
        post(now=MONDAY)
    first, second = (message.message() for message in mail.outbox)
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert first["In-Reply-To"] is None
    assert first["Message-ID"] != second["Message-ID"]


def test_where_no_address_is_known_the_entry_says_that_he_is_told_otherwise(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.write_to_client(ticket, text="备件明早到。", by=cast.li, now=MONDAY)
    assert written(ticket).changes == {"why": [None, "no_address"]}
    assert not OutgoingMail.objects.exists()
    assert Entry.objects.visible_to(cast.sun).filter(kind=EntryKind.MESSAGE).exists()


def test_a_contact_who_has_left_gets_no_mail(reachable: Cast) -> None:
    Contact.objects.update(is_active=False)
    actions.write_to_client(reachable.ticket(), text="word", by=reachable.li, now=MONDAY)
    assert not OutgoingMail.objects.exists()


def test_a_title_of_several_lines_makes_one_line_of_subject(reachable: Cast) -> None:
    ticket = reachable.ticket(title="broken\r\nBcc: everybody@example.test")
    actions.write_to_client(ticket, text="word", by=reachable.li, now=MONDAY)
    assert post(now=MONDAY) == 1
    assert mail.outbox[0].message()["Bcc"] is None


def test_only_who_works_on_records_writes_to_clients(reachable: Cast) -> None:
    ticket = reachable.ticket()
    for person in (reachable.zhou, reachable.sun):
        with pytest.raises(Refused):
            actions.write_to_client(ticket, text="word", by=person, now=MONDAY)
    with pytest.raises(Refused) as refused:
        actions.write_to_client(ticket, text="  ", by=reachable.li, now=MONDAY)
    assert refused.value.field == "text"
    assert not OutgoingMail.objects.exists()


def test_a_mail_server_that_refuses_loses_nothing(reachable: Cast, settings) -> None:
    actions.write_to_client(reachable.ticket(), text="word", by=reachable.li, now=MONDAY)
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1
    assert post(now=MONDAY) == 0
    left = OutgoingMail.objects.get()
    assert (left.state, left.attempts) == (DeliveryState.WAITING, 1)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert post(now=left.next_try_at) == 1


def test_answers_go_where_clients_write_to(reachable: Cast, settings) -> None:
    settings.DEFAULT_FROM_EMAIL, settings.MAIL_ADDRESS = "OpsDesk <no@house.test>", "desk@house.test"
    actions.write_to_client(reachable.ticket(), text="word", by=reachable.li, now=MONDAY)
    post(now=MONDAY)
    assert mail.outbox[0].reply_to == ["desk@house.test"]


def test_the_page_says_where_the_message_goes_and_sends_it(reachable: Cast) -> None:
    ticket = reachable.ticket(timezone.now())
    li, page = signed_in(reachable.li), reverse("tickets:detail", args=[ticket.pk])
    assert "Goes to sun@hospital.test by e-mail" in li.get(page, {"do": "message"}).content.decode()
    address = reverse("tickets:act", args=[ticket.pk, "message"])
    assert li.post(address, {"message-text": ""}).status_code == 422
    assert li.post(address, {"message-text": "A disk is on its way"}).status_code == 302
    shown = signed_in(reachable.sun).get(reverse("portal:report", args=[ticket.pk])).content.decode()
    assert "A disk is on its way" in shown
    assert "wrote to you" in shown


def test_the_page_says_that_no_address_is_known(cast: Cast) -> None:
    address = reverse("tickets:verb_form", args=[cast.ticket(timezone.now()).pk, "message"])
    assert "tell him by phone" in signed_in(cast.li).get(address).content.decode()


def test_a_contact_cannot_write_to_himself(reachable: Cast) -> None:
    ticket, sun = reachable.ticket(timezone.now()), signed_in(reachable.sun)
    answer = sun.post(reverse("tickets:act", args=[ticket.pk, "message"]), {"message-text": "x"})
    assert answer.status_code == 403
