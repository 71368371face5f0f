"""Passwords in custody: off without keys, seen once by who proves himself, destroyed, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import PASSWORD, Cast, build_cast
from opsdesk.tests.rest import at_once, record_for, with_authorisation
from staff.files import Upload
from staff.models import Notice, User
from staff.refused import Refused
from tickets import actions, vault
from tickets.models import (
    Attachment,
    Custody,
    EntryKind,
    Grade,
    HowGiven,
    PurgeReason,
    RemoteAuthorisation,
    Reveal,
    Ticket,
)
from tickets.tests.test_views import signed_in

SECRET = "Tr0ub4dor-und-3"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOW = timezone.now


@pytest.fixture
def keys(settings) -> list[str]:
    settings.CUSTODY_KEYS = [Fernet.generate_key().decode()]
    return settings.CUSTODY_KEYS


@pytest.fixture
def access(cast: Cast, keys: list[str]) -> RemoteAuthorisation:
    """An authorisation under which 陈工 is logged in."""
    found = with_authorisation(record_for("pause", cast), cast)
    actions.open_remote(found, by=cast.chen, now=NOW())
    return found


@pytest.fixture
def custody(cast: Cast, access: RemoteAuthorisation) -> Custody:
    return kept(cast, access)


def kept(cast: Cast, access: RemoteAuthorisation, account: str = "oracle") -> Custody:
    return actions.deposit_password(access, account=account, password=SECRET, by=cast.li, now=NOW())


def look(custody: Custody, by: User, now: datetime | None = None) -> str:
    return actions.reveal_password(custody, reason="登录数据库", by=by, now=now or NOW())


def refusal(deed: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        deed()
    assert SECRET not in str(refused.value)
    return refused.value.code


def address(custody: Custody, name: str = "reveal_password", *more: str) -> str:
    access = custody.authorisation
    return reverse(f"tickets:{name}", args=[access.ticket_id, access.pk, custody.pk, *more])


# Off --------------------------------------------------------------------------------------------------------


def test_without_keys_nothing_is_stored_and_the_pages_say_so(cast: Cast, settings) -> None:
    assert settings.CUSTODY_KEYS == []  # the default
    access = with_authorisation(record_for("pause", cast), cast)
    assert refusal(lambda: kept(cast, access)) == "custody_off"
    li, args = signed_in(cast.li), [access.ticket_id, access.pk]
    page = li.get(reverse("tickets:remote_access", args=args)).content.decode()
    assert "Passwords are not stored here" in page and "Take into custody" not in page
    form = reverse("tickets:deposit_password", args=args)
    assert "Passwords are not stored here" in li.get(form).content.decode()
    assert li.post(form, {"account": "root", "password": SECRET}).status_code == 422
    assert not Custody.objects.exists()


def test_a_key_that_is_none_stops_the_start(monkeypatch) -> None:
    import importlib

    from opsdesk import settings

    monkeypatch.setenv("OPSDESK_CUSTODY_KEYS", "not-a-key")
    with pytest.raises(ImproperlyConfigured) as wrong:
        importlib.reload(settings)
    assert "not-a-key" not in str(wrong.value)
    monkeypatch.delenv("OPSDESK_CUSTODY_KEYS")
    importlib.reload(settings)


# Once -------------------------------------------------------------------------------------------------------


def test_it_is_encrypted_shown_once_and_each_step_is_in_the_history(cast: Cast, custody: Custody) -> None:
    assert SECRET not in custody.ciphertext and custody.key_id == vault.newest_key_id()
    assert look(custody, cast.chen) == SECRET
    assert refusal(lambda: look(custody, cast.chen)) == "wrong_status"
    assert refusal(lambda: look(custody, cast.wang)) == "wrong_status"
    ticket = custody.authorisation.ticket
    deposited = ticket.entries.get(kind=EntryKind.DEPOSITED)
    revealed = ticket.entries.get(kind=EntryKind.REVEALED)
    assert (deposited.by, deposited.changes) == (cast.li, {"account": [None, "oracle"]})
    assert (revealed.by, revealed.text) == (cast.chen, "登录数据库")
    assert (Reveal.objects.get().by, Reveal.objects.get().reason) == (cast.chen, "登录数据库")


def test_only_who_has_a_session_open_may_look_and_only_with_a_reason(cast: Cast, custody: Custody) -> None:
    assert refusal(lambda: look(custody, cast.wang)) == "no_session"
    nothing = lambda: actions.reveal_password(custody, reason=" ", by=cast.chen, now=NOW())  # noqa: E731
    assert refusal(nothing) == "required"
    assert refusal(lambda: look(custody, cast.zhou)) == "forbidden"
    assert refusal(lambda: look(custody, cast.sun)) == "forbidden"
    late = custody.authorisation.window_to
    assert refusal(lambda: look(custody, cast.chen, late)) == "too_late"
    assert not Reveal.objects.exists()


def test_nobody_looks_where_no_session_could_begin_any_more(cast: Cast, custody: Custody) -> None:
    """His session runs, but the fax was withdrawn; that all sessions have been used is no matter."""
    access = custody.authorisation
    RemoteAuthorisation.objects.filter(pk=access.pk).update(max_sessions=1)
    evidence = Attachment.objects.get(pk=access.evidence_id)
    actions.withdraw(evidence, reason="传错了文件", by=cast.admin, now=NOW())
    assert refusal(lambda: look(custody, cast.chen)) == "no_evidence"
    assert not Reveal.objects.exists()
    page = signed_in(cast.chen)
    answer = page.post(address(custody), {"reason": "登录数据库", "password": PASSWORD})
    assert answer.status_code == 422 and "The evidence is missing" in answer.content.decode()
    with_paper = actions.attach(access.ticket, [Upload("授权书.txt", BytesIO(b"x"))], by=cast.li, now=NOW())
    actions.add_evidence(access, with_paper.attachments.get(), by=cast.li, now=NOW())
    assert look(custody, cast.chen) == SECRET


def test_a_word_by_phone_is_enough_for_a_look_while_the_fault_is_of_grade_one(
    cast: Cast, keys: list[str]
) -> None:
    ticket = record_for("convene", cast)  # of grade 1
    by_phone = {"how": HowGiven.PHONE, "callback_number": "0755-8888 8877"}
    access = with_authorisation(ticket, cast, has_paper=False, **by_phone)
    actions.open_remote(access, by=cast.chen, now=NOW())
    custody = kept(cast, access)
    actions.grade(ticket, Grade.TWO, reason="可用了", by=cast.wang, now=NOW())
    assert refusal(lambda: look(custody, cast.chen)) == "not_grade_one"
    actions.grade(ticket, Grade.ONE, reason="又停了", by=cast.wang, now=NOW())
    actions.approve_reveal(custody, by=cast.wang, now=NOW())
    assert look(custody, cast.chen) == SECRET


def test_on_a_grade_one_fault_a_second_person_approves_within_the_hour(cast: Cast, custody: Custody) -> None:
    now = NOW()
    Ticket.objects.update(grade=Grade.ONE)
    assert refusal(lambda: look(custody, cast.chen, now)) == "second_person"
    assert refusal(lambda: actions.approve_reveal(custody, by=cast.li, now=now)) == "forbidden"
    actions.approve_reveal(custody, by=cast.wang, now=now)
    assert refusal(lambda: look(custody, cast.chen, now + HOUR + MINUTE)) == "second_person"
    assert look(custody, cast.chen, now + HOUR) == SECRET
    entry = custody.authorisation.ticket.entries.get(kind=EntryKind.REVEALED)
    assert entry.changes["approved_by"] == [None, "王强"]


def test_nobody_is_his_own_second_person(cast: Cast, custody: Custody) -> None:
    Ticket.objects.update(grade=Grade.ONE)
    actions.open_remote(custody.authorisation, by=cast.wang, now=NOW())
    actions.approve_reveal(custody, by=cast.wang, now=NOW())
    assert refusal(lambda: look(custody, cast.wang)) == "second_person"
    actions.approve_reveal(custody, by=cast.liu, now=NOW())
    assert look(custody, cast.wang) == SECRET


def test_the_page_wants_ones_own_password_and_shows_the_secret_once(cast: Cast, custody: Custody) -> None:
    chen, typed = signed_in(cast.chen), {"reason": "登录数据库", "password": "wrong"}
    asked = chen.get(address(custody))
    assert asked.status_code == 200 and SECRET not in asked.content.decode()
    wrong = chen.post(address(custody), typed)
    assert wrong.status_code == 422 and SECRET not in wrong.content.decode()
    assert "登录数据库" in wrong.content.decode() and 'value="wrong"' not in wrong.content.decode()
    assert not Reveal.objects.exists()
    shown = chen.post(address(custody), typed | {"password": PASSWORD})
    assert f'value="{SECRET}"' in shown.content.decode()
    assert "no-store" in shown["Cache-Control"] and "private" in shown["Cache-Control"]
    again = chen.post(address(custody), typed | {"password": PASSWORD})
    assert again.status_code == 422 and SECRET not in again.content.decode()


def test_guessing_at_the_own_password_is_stopped_as_it_is_at_the_sign_in(
    cast: Cast, custody: Custody, settings
) -> None:
    chen = signed_in(cast.chen)
    for number in range(settings.AXES_FAILURE_LIMIT):
        answer = chen.post(address(custody), {"reason": "x", "password": f"guess-{number}-xyz"})
    assert answer.status_code == 429
    right = chen.post(address(custody), {"reason": "x", "password": PASSWORD})
    assert right.status_code == 429 and SECRET not in right.content.decode()
    assert not Reveal.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM axes_accessattempt t WHERE t::text LIKE '%guess-_-xyz%'")
        assert cursor.fetchone() == (0,)  # a wrong one is nearly the right one


def test_a_foreign_custody_is_not_found(cast: Cast, custody: Custody) -> None:
    other = with_authorisation(record_for("pause", cast), cast)
    outsider, access = signed_in(cast.outsider), custody.authorisation
    for path in (
        address(custody),
        reverse("tickets:deposit_password", args=[access.ticket_id, access.pk]),
        reverse("tickets:remote_access", args=[access.ticket_id, access.pk]),
    ):
        assert outsider.get(path).status_code == 404 and outsider.post(path).status_code in (404, 405)
        assert signed_in(cast.sun).get(path).status_code == 403
    crossed = reverse("tickets:reveal_password", args=[other.ticket_id, other.pk, custody.pk])
    assert signed_in(cast.chen).get(crossed).status_code == 404
    assert signed_in(cast.chen).get(address(custody, "act_on_password", "destroy")).status_code == 405
    assert signed_in(cast.zhou).get(address(custody)).status_code == 403


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"account": "", "password": SECRET}, "account"),
        ({"account": "root", "password": ""}, "password"),
        ({"account": f"root/{SECRET}", "password": SECRET}, "account"),
        ({"account": "root", "password": "x" * 201}, "password"),
    ],
)
def test_a_form_that_is_refused_comes_back_without_the_password(
    cast: Cast, access: RemoteAuthorisation, fields: dict, at: str
) -> None:
    path = reverse("tickets:deposit_password", args=[access.ticket_id, access.pk])
    answer = signed_in(cast.li).post(path, fields)
    assert answer.status_code == 422 and at in answer.context["form"].errors
    assert 'type="password"' in answer.content.decode()
    assert f'value="{SECRET}"' not in answer.content.decode() and "no-store" in answer["Cache-Control"]
    assert not Custody.objects.exists()


# Keys -------------------------------------------------------------------------------------------------------


def test_a_new_key_locks_and_the_old_one_still_unlocks(cast: Cast, custody: Custody, settings) -> None:
    old = settings.CUSTODY_KEYS[0]
    settings.CUSTODY_KEYS = [Fernet.generate_key().decode(), old]
    newer = kept(cast, custody.authorisation, "root")
    assert newer.key_id != custody.key_id
    assert (look(custody, cast.chen), look(newer, cast.chen)) == (SECRET, SECRET)


def test_without_its_key_a_look_is_refused_and_not_spent(cast: Cast, custody: Custody, settings) -> None:
    old, settings.CUSTODY_KEYS = settings.CUSTODY_KEYS, [Fernet.generate_key().decode()]
    assert refusal(lambda: look(custody, cast.chen)) == "unreadable"
    assert not Reveal.objects.exists()
    settings.CUSTODY_KEYS = old
    assert look(custody, cast.chen) == SECRET


def test_what_was_tampered_with_is_not_decrypted_and_the_look_is_written_down(
    cast: Cast, custody: Custody
) -> None:
    Custody.objects.update(ciphertext=Fernet(Fernet.generate_key()).encrypt(b"other").decode())
    assert refusal(lambda: look(custody, cast.chen)) == "unreadable"
    assert Reveal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_look_is_committed_before_it_is_decrypted_and_of_two_at_once_one_gets_it(
    monkeypatch, settings
) -> None:
    settings.CUSTODY_KEYS = [Fernet.generate_key().decode()]
    cast = build_cast()
    access = with_authorisation(record_for("pause", cast), cast)
    for person in (cast.chen, cast.wang):
        actions.open_remote(access, by=person, now=NOW())
    first, second = kept(cast, access), kept(cast, access, "root")
    unlock, seen = vault.unlocked, []

    def dying(ciphertext: str, key_id: str) -> str:
        seen.append((connection.in_atomic_block, Reveal.objects.filter(custody=first).exists()))
        raise KeyboardInterrupt  # the machine goes down here

    monkeypatch.setattr(vault, "unlocked", dying)
    with pytest.raises(KeyboardInterrupt):
        look(first, cast.chen)
    assert seen == [(False, True)]
    assert access.ticket.entries.filter(kind=EntryKind.REVEALED).count() == 1
    monkeypatch.setattr(vault, "unlocked", unlock)

    def attempt(person: User) -> str:
        try:
            return look(second, person)
        except Refused as refused:
            return refused.code

    results = at_once(lambda: attempt(cast.chen), lambda: attempt(cast.wang))
    assert sorted(results) == sorted([SECRET, "wrong_status"])


# Destroyed --------------------------------------------------------------------------------------------------


def assert_destroyed(custody: Custody, because: PurgeReason) -> None:
    custody.refresh_from_db()
    assert (custody.ciphertext, custody.purged_because) == ("", because)
    [entry] = custody.authorisation.ticket.entries.filter(kind=EntryKind.PURGED)
    assert entry.changes["purged_because"] == [None, because]
    assert Notice.objects.filter(kind="remote_change_password", key=f"custody:{custody.pk}").exists()


def test_it_is_destroyed_when_the_window_is_over_and_not_before(cast: Cast, custody: Custody) -> None:
    end = custody.authorisation.window_to
    assert actions.purge_passwords(now=end - MINUTE) == 0
    custody.refresh_from_db()
    assert custody.is_held
    assert actions.purge_passwords(now=end) == 1 and actions.purge_passwords(now=end) == 0
    assert_destroyed(custody, PurgeReason.WINDOW_END)
    assert refusal(lambda: look(custody, cast.chen, end - MINUTE)) == "wrong_status"


def test_it_is_destroyed_in_the_transaction_in_which_the_client_withdraws(
    cast: Cast, custody: Custody
) -> None:
    actions.revoke_remote(custody.authorisation, reason="x", by=cast.sun, now=NOW())
    assert_destroyed(custody, PurgeReason.REVOKED)


def test_it_is_destroyed_when_the_record_is_closed(cast: Cast, custody: Custody) -> None:
    ticket = actions.resolve(
        custody.authorisation.ticket, solution="x", cause="other", by=cast.chen, now=NOW()
    )
    actions.confirm(ticket, confirmed_by="孙主任", channel="phone", by=cast.li, now=NOW())
    assert_destroyed(custody, PurgeReason.CLOSED)


def test_it_is_destroyed_after_the_record_was_merged(cast: Cast, custody: Custody) -> None:
    actions.merge(custody.authorisation.ticket, into=cast.ticket(NOW()), by=cast.li, now=NOW())
    assert actions.watch_windows(now=NOW()) == 1
    assert_destroyed(custody, PurgeReason.CLOSED)


def test_the_guard_destroys_it_where_no_worker_does(cast: Cast, custody: Custody) -> None:
    actions.merge(custody.authorisation.ticket, into=cast.ticket(NOW()), by=cast.li, now=NOW())
    call_command("guard", once=True)
    assert_destroyed(custody, PurgeReason.CLOSED)


def test_then_the_client_is_told_to_change_it_which_is_ticked_once(cast: Cast, custody: Custody) -> None:
    told = lambda: actions.tell_client_to_change(custody, by=cast.li, now=NOW())  # noqa: E731
    assert refusal(told) == "wrong_status"
    li = signed_in(cast.li)
    li.post(address(custody, "act_on_password", "destroy"))
    assert_destroyed(custody, PurgeReason.BY_HAND)
    overview = reverse("tickets:remote")
    assert "Clients to be told to change a password" in li.get(overview).content.decode()
    li.post(address(custody, "act_on_password", "told"))
    custody.refresh_from_db()
    assert (custody.told_by, custody.told_client_to_change_at is not None) == (cast.li, True)
    assert "Clients to be told to change a password" not in li.get(overview).content.decode()
    assert refusal(told) == "wrong_status"


@pytest.mark.parametrize(
    "facts",
    [
        {"ciphertext": ""},
        {"purged_at": NOW(), "purged_because": "revoked"},
        {"told_client_to_change_at": NOW(), "told_by": 1},
        {"approved_at": NOW()},
    ],
)
def test_the_database_refuses_what_cannot_be(cast: Cast, custody: Custody, facts: dict) -> None:
    facts = facts | ({"told_by": cast.li} if "told_by" in facts else {})
    with pytest.raises(IntegrityError), transaction.atomic():
        Custody.objects.filter(pk=custody.pk).update(**facts)


def test_there_is_no_password_to_be_looked_at_without_signing_in(custody: Custody) -> None:
    assert Browser().post(address(custody), {"reason": "x", "password": PASSWORD}).status_code == 302
