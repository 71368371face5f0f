"""E-mail that waits: somebody decides, once; and what mail does to a record that is there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Channel
from opsdesk.testing import MONDAY, Cast
from staff.models import Notice, User
from tickets import actions
from tickets.lifecycle import Moved, Refused
from tickets.mailing import Outcome, Reason, read
from tickets.models import (
    Attachment,
    CallDraft,
    Cause,
    Entry,
    EntryKind,
    Grade,
    Heartbeat,
    IntakeMail,
    IntakeState,
    PauseReason,
    ReceivedMail,
    Status,
    Ticket,
)
from tickets.tests.test_mailbox import PNG, SUN, letter, with_address
from tickets.tests.test_views import signed_in

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STRANGER = "new@clinic.test"


@pytest.fixture
def reachable(cast: Cast) -> Cast:
    return with_address(cast)


def take(message, now=None) -> ReceivedMail:
    now, raw = now or timezone.now(), bytes(message)
    mail = actions.take_mail(read(raw), raw, arrived_at=now, now=now)
    assert mail is not None
    return mail


def waiting(now=None, sender: str = STRANGER) -> IntakeMail:
    message = letter("我们是新医院", subject="系统打不开", sender=f"王主任 <{sender}>")
    message.add_attachment(PNG, maintype="image", subtype="png", filename="a.png")
    return take(message, now).intake


def address(name: str, intake: IntakeMail) -> str:
    return reverse(f"tickets:{name}", args=[intake.pk])


# What mail does to a record


def test_an_answer_ends_the_wait_for_the_client_and_is_no_second_call(reachable: Cast) -> None:
    ticket = actions.acknowledge(reachable.ticket(), by=reachable.chen, now=MONDAY)
    actions.grade(ticket, Grade.TWO, reason="unstable", by=reachable.chen, now=MONDAY)
    actions.write_to_client(ticket, text="哪台?", by=reachable.chen, now=MONDAY)
    actions.pause(
        ticket, reason=PauseReason.CLIENT, text="which", until=MONDAY + DAY, by=reachable.chen, now=MONDAY
    )
    key = ticket.entries.get(kind=EntryKind.MESSAGE).outgoing_mail.message_id
    take(letter("三号楼", subject="no number", References=key), MONDAY + HOUR)
    ticket.refresh_from_db()
    assert ticket.status == Status.IN_PROGRESS
    assert not Entry.objects.repeat_contacts().exists()
    assert Notice.objects.filter(recipient=reachable.chen, kind="client_mail").count() == 1


def test_an_e_mail_that_nobody_asked_for_is_a_second_call(reachable: Cast) -> None:
    ticket = reachable.ticket()
    take(letter("还是不行", subject=f"Re: [{ticket.number}]"), MONDAY + HOUR)
    entry = Entry.objects.repeat_contacts().get()
    assert (entry.kind, entry.by, entry.changes["sender"]) == (EntryKind.MAIL, None, [None, SUN])
    ticket.refresh_from_db()
    assert ticket.status == Status.LOGGED  # nobody of the house has answered yet


def test_a_second_e_mail_of_the_clients_finds_the_record_of_the_first(reachable: Cast) -> None:
    take(letter(Message_ID="<1@h.test>"), MONDAY)
    take(letter("more", subject="another subject", In_Reply_To="<1@h.test>"), MONDAY + HOUR)
    assert Ticket.objects.get().entries.filter(kind=EntryKind.MAIL).count() == 1


def test_whoever_takes_up_what_came_by_e_mail_has_received_it_first(reachable: Cast) -> None:
    take(letter(), MONDAY)
    ticket = actions.acknowledge(Ticket.objects.get(), by=reachable.li, now=MONDAY + HOUR)
    assert ticket.taken_by == reachable.li
    again = actions.acknowledge(reachable.ticket(), by=reachable.chen, now=MONDAY + HOUR)
    assert again.taken_by == reachable.li  # who answered the phone


def test_a_closed_record_takes_the_thanks_and_stays_closed(reachable: Cast) -> None:
    ticket = closed(reachable)
    take(letter("谢谢", subject=f"Re: [{ticket.number}]"), MONDAY + DAY)
    ticket.refresh_from_db()
    assert ticket.status == Status.CLOSED
    assert ticket.entries.filter(kind=EntryKind.REPLY).exists()
    assert Notice.objects.filter(recipient=reachable.chen, kind="client_mail").exists()
    late = take(letter("又坏了", subject=f"Re: [{ticket.number}]"), MONDAY + 40 * DAY)
    assert late.reason == Reason.LONG_CLOSED
    User.objects.filter(pk=reachable.chen.pk).update(is_active=False)
    nobodys = take(letter("又坏了!", subject=f"Re: [{ticket.number}]"), MONDAY + 2 * DAY)
    assert nobodys.reason == Reason.LONG_CLOSED  # told to nobody, it would sink


def closed(cast: Cast) -> Ticket:
    ticket = actions.acknowledge(cast.ticket(), by=cast.chen, now=MONDAY)
    ticket = actions.grade(ticket, Grade.THREE, reason="slow", by=cast.chen, now=MONDAY)
    ticket = actions.resolve(ticket, solution="restarted", cause=Cause.OTHER, by=cast.chen, now=MONDAY)
    return actions.confirm(ticket, confirmed_by="孙主任", channel=Channel.PHONE, by=cast.li, now=MONDAY)


# What waits


def test_what_waits_is_told_to_who_is_on_duty_or_else_the_administrators_once_an_hour(cast: Cast) -> None:
    for number in range(4):
        waiting(MONDAY + timedelta(minutes=number), sender=f"s{number}@x.test")
    assert Notice.objects.filter(kind="intake").count() == 1
    assert Notice.objects.get(kind="intake").recipient == cast.admin


def test_a_record_is_made_of_it_from_when_it_came_with_its_files(cast: Cast) -> None:
    arrived = timezone.now() - timedelta(minutes=5)
    intake, li = waiting(arrived), signed_in(cast.li)
    page = li.get(address("intake_record", intake)).content.decode()
    assert "系统打不开" in page and "王主任" in page and "我们是新医院" in page
    fields = {"client": "hospital", "caller_name": "王主任", "title": "系统打不开", "kind": "fault"}
    answer = li.post(address("intake_record", intake), fields | {"channel": "email", "system_down": "on"})
    ticket = Ticket.objects.get()
    assert answer.url == reverse("tickets:detail", args=[ticket.pk])
    assert (ticket.grade, ticket.taken_by, ticket.channel) == (Grade.ONE, cast.li, Channel.EMAIL)
    assert ticket.reported_at == intake.mail.received_at == arrived
    assert Attachment.objects.get().ticket == ticket
    intake.refresh_from_db()
    assert (intake.state, intake.decided_by, bytes(intake.raw)) == (IntakeState.RECORDED, cast.li, b"")
    assert ticket.number in li.get(address("intake_mail", intake)).content.decode()
    li.post(address("intake_record", intake), fields | {"channel": "email"})
    assert Ticket.objects.count() == 1  # the second click


def test_nothing_typed_is_lost_where_a_field_is_missing(cast: Cast) -> None:
    intake, li = waiting(), signed_in(cast.li)
    answer = li.post(
        address("intake_record", intake), {"title": "typed", "details": "整栋楼", "kind": "fault"}
    )
    assert answer.status_code == 422
    assert "client" in answer.context["form"].errors
    assert "整栋楼" in answer.content.decode()
    intake.refresh_from_db()
    assert intake.state == IntakeState.WAITING


def test_making_a_record_leaves_the_draft_of_a_call_alone(cast: Cast) -> None:
    now = timezone.now()
    actions.save_draft({"title": "a call"}, started_at=now, by=cast.li, now=now)
    fields = {"client": "hospital", "caller_name": "x", "title": "y", "kind": "fault", "channel": "email"}
    signed_in(cast.li).post(address("intake_record", waiting()), fields)
    assert Ticket.objects.count() == 1
    assert CallDraft.objects.get(user=cast.li).fields == {"title": "a call"}


def test_it_is_added_to_a_record_that_one_may_see(cast: Cast) -> None:
    now = timezone.now()
    ticket, intake, li = cast.ticket(now), waiting(now), signed_in(cast.li)
    assert (
        signed_in(cast.outsider).post(address("intake_add", intake), {"number": ticket.number}).status_code
        == 422
    )
    assert li.post(address("intake_add", intake), {"number": "T-99999"}).status_code == 422
    assert li.post(address("intake_add", intake), {"number": "nonsense"}).status_code == 422
    assert li.post(address("intake_add", intake), {"number": ticket.number.lower()}).status_code == 302
    entry = ticket.entries.get(kind=EntryKind.NOTE)
    assert (entry.text, entry.by) == ("我们是新医院", cast.li)
    assert entry.attachments.count() == 1
    assert STRANGER in entry.changes["sender"][1]
    assert not Entry.objects.visible_to(cast.sun).filter(pk=entry.pk).exists()  # not from his house


def test_what_a_contact_of_the_client_wrote_is_his_to_read_when_it_is_added(reachable: Cast) -> None:
    now = timezone.now()
    ticket = reachable.ticket(now)
    message = letter("word")
    for number in range(51):
        message.add_attachment(b"x", maintype="text", subtype="plain", filename=f"{number}.txt")
    intake = take(message, now).intake
    assert intake.mail.reason == Reason.TOO_MANY_FILES
    actions.add_mail(intake, read(bytes(intake.raw)), ticket, by=reachable.li, now=now)
    entry = ticket.entries.get(kind=EntryKind.MAIL)
    assert Entry.objects.visible_to(reachable.sun).filter(pk=entry.pk).exists()
    assert entry.attachments.count() == 51


def test_it_is_discarded_with_a_reason(cast: Cast) -> None:
    intake, li = waiting(), signed_in(cast.li)
    assert li.post(address("intake_discard", intake), {"reason": " "}).status_code == 422
    assert li.post(address("intake_discard", intake), {"reason": "advertising"}).status_code == 302
    intake.refresh_from_db()
    assert (intake.state, intake.note) == (IntakeState.DISCARDED, "advertising")
    assert intake.mail.text
    assert "advertising" in li.get(reverse("tickets:intake")).content.decode()


def test_each_is_decided_once(cast: Cast) -> None:
    now = timezone.now()
    intake, ticket = waiting(now), cast.ticket(now)
    actions.discard_mail(intake, reason="x", by=cast.li, now=now)
    with pytest.raises(Moved):
        actions.add_mail(intake, read(b""), ticket, by=cast.chen, now=now)
    with pytest.raises(Moved):
        actions.record_mail(intake, read(b""), cast.call(), by=cast.chen, now=now)
    assert Ticket.objects.count() == 1
    late = signed_in(cast.chen).post(address("intake_discard", intake), {"reason": "y"}, follow=True)
    assert "Somebody was faster" in late.content.decode()


def test_who_only_reads_decides_nothing_and_a_contact_sees_nothing(cast: Cast) -> None:
    intake = waiting()
    zhou, sun = signed_in(cast.zhou), signed_in(cast.sun)
    assert "我们是新医院" in zhou.get(address("intake_mail", intake)).content.decode()
    assert zhou.get(address("intake_record", intake)).status_code == 403
    assert zhou.post(address("intake_discard", intake), {"reason": "x"}).status_code == 422
    with pytest.raises(Refused):
        actions.discard_mail(intake, reason="x", by=cast.zhou, now=timezone.now())
    for name in ("intake_mail", "intake_record", "intake_original"):
        assert sun.get(address(name, intake)).status_code == 403
    assert sun.get(reverse("tickets:intake")).status_code == 403
    assert Browser().get(reverse("tickets:intake")).status_code == 302
    assert signed_in(cast.li).get(reverse("tickets:intake_mail", args=[999])).status_code == 404


def test_nothing_is_decided_by_opening_an_address(cast: Cast) -> None:
    intake, li = waiting(), signed_in(cast.li)
    for name in ("intake_add", "intake_discard"):
        assert li.get(address(name, intake)).status_code == 405
    li.get(address("intake_record", intake))
    intake.refresh_from_db()
    assert intake.state == IntakeState.WAITING


def test_the_original_is_handed_out_as_a_file_that_no_browser_shows(cast: Cast) -> None:
    answer = signed_in(cast.li).get(address("intake_original", waiting()))
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert b"new@clinic.test" in answer.content


def test_what_an_e_mail_says_is_shown_as_text(cast: Cast) -> None:
    message = letter("<script>alert(1)</script>", subject="<b>x</b>", sender=f'"<i>n</i>" <{STRANGER}>')
    intake = take(message).intake
    page = signed_in(cast.li).get(address("intake_mail", intake)).content.decode()
    assert "<script>alert" not in page and "<b>x" not in page and "<i>n" not in page


def test_what_could_not_be_read_can_still_be_decided(cast: Cast) -> None:
    now = timezone.now()
    mail = actions.queue_unread(b"x" * 9, key="k", size=10_000, error="RecursionError: deep", now=now)
    assert mail is not None
    li = signed_in(cast.li)
    page = li.get(address("intake_mail", mail.intake)).content.decode()
    assert "RecursionError" in page and "Only its beginning is here" in page
    ticket = cast.ticket(now)
    assert li.post(address("intake_add", mail.intake), {"number": ticket.number}).status_code == 302


def test_the_whole_e_mail_is_read_by_those_of_the_house_who_see_its_record(reachable: Cast) -> None:
    ticket = reachable.ticket(timezone.now())
    mail = take(letter("新的\n\n在 2026年,李敏 写道:\n> 旧的", subject=f"Re: [{ticket.number}]"))
    whole = reverse("tickets:mail", args=[mail.pk])
    page = signed_in(reachable.li).get(reverse("tickets:detail", args=[ticket.pk])).content.decode()
    assert whole in page and "旧的" not in page
    assert "旧的" in signed_in(reachable.li).get(whole).content.decode()
    assert signed_in(reachable.outsider).get(whole).status_code == 404
    assert signed_in(reachable.sun).get(whole).status_code == 403


def test_the_page_of_what_waits_asks_a_fixed_number_of_questions(cast: Cast) -> None:
    li = signed_in(cast.li)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert li.get(reverse("tickets:intake")).status_code == 200
        return len(captured)

    waiting()
    first = asked()
    for number in range(12):
        waiting(sender=f"s{number}@x.test")
        take(letter("x", Auto_Submitted="auto-replied", subject=str(number)))
    assert asked() == first <= 12


def test_the_page_says_when_the_mailbox_is_not_read(cast: Cast, settings) -> None:
    li, page = signed_in(cast.li), reverse("tickets:intake")
    assert "No mailbox is set up" in li.get(page).content.decode()
    settings.MAIL_IN_URL = "imaps://a:secret-word@b/INBOX"
    assert "never been read" in li.get(page).content.decode()
    Heartbeat.objects.create(name="mail", at=timezone.now() - HOUR, note="timeout")
    shown = li.get(page).content.decode()
    assert "not being read" in shown and "timeout" in shown and "secret-word" not in shown
    Heartbeat.objects.update(at=timezone.now())
    assert "not being read" not in li.get(page).content.decode()


def test_what_was_ignored_is_shown_with_the_reason(cast: Cast) -> None:
    mail = take(letter("away", Auto_Submitted="auto-replied"))
    assert mail.outcome == Outcome.IGNORED
    assert "A machine answers" in signed_in(cast.li).get(reverse("tickets:intake")).content.decode()
