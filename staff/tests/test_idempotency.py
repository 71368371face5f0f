"""One key, one deed: whatever is repeated, at once or later, and however it went the first time."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from opsdesk.tests.rest import at_once, caller, faults
from staff.idempotency import forget_keys
from staff.models import IdempotencyKey
from tickets.models import Entry, Ticket

CALL = {"client": "hospital", "caller_name": "孙主任", "title": "打印很慢"}


def test_a_call_needs_a_key(cast):
    answer = caller(cast.li).post("/tickets/", CALL, key=None)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "a\tb", "\xe9", "é"])
def test_a_key_has_1_to_255_visible_ascii_characters(cast, key):
    answer = caller(cast.li).post("/tickets/", CALL, key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


def test_the_longest_key_is_taken(cast):
    assert caller(cast.li).post("/tickets/", CALL, key="k" * 255).status_code == 201


def test_a_repetition_gets_the_first_answer_and_does_nothing(cast):
    who = caller(cast.li)
    first, again = who.post("/tickets/", CALL, key="k1"), who.post("/tickets/", CALL, key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert (again["Location"], again["ETag"]) == (first["Location"], first["ETag"])
    assert "Idempotent-Replayed" not in first and again["Idempotent-Replayed"] == "true"
    assert Ticket.objects.count() == 1


def test_spaces_and_order_of_the_body_do_not_matter(cast):
    who = caller(cast.li)
    who.post("/tickets/", CALL, key="k1")
    other_way_round = json.dumps(dict(reversed(CALL.items())), indent=2)
    assert who.post("/tickets/", other_way_round, key="k1")["Idempotent-Replayed"] == "true"


def test_the_same_key_with_another_body_is_refused(cast):
    who = caller(cast.li)
    who.post("/tickets/", CALL, key="k1")
    answer = who.post("/tickets/", CALL | {"title": "another"}, key="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Ticket.objects.count() == 1


def test_the_same_key_at_another_address_is_refused(cast):
    who, one, two = caller(cast.li), cast.ticket(), cast.ticket()
    assert who.post(f"/tickets/{one.number}/acknowledge/", key="k1").status_code == 200
    assert who.post(f"/tickets/{two.number}/acknowledge/", key="k1").status_code == 422


def test_another_persons_key_is_another_key(cast):
    assert caller(cast.li).post("/tickets/", CALL, key="k1").status_code == 201
    assert caller(cast.chen).post("/tickets/", CALL, key="k1").status_code == 201
    assert Ticket.objects.count() == 2


def test_nothing_is_kept_of_what_failed(cast):
    who = caller(cast.li)
    assert faults(who.post("/tickets/", CALL | {"title": ""}, key="k1")) == {"#/title": "blank"}
    assert not IdempotencyKey.objects.exists()
    assert who.post("/tickets/", CALL, key="k1").status_code == 201


def test_a_verb_with_a_key_is_done_once(cast):
    who, ticket = caller(cast.li), cast.ticket()
    answers = [who.post(f"/tickets/{ticket.number}/notes/", {"text": "x"}, key="n1") for _time in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert Entry.objects.filter(ticket=ticket, kind="note").count() == 1


def test_a_verb_without_a_key_is_done_each_time(cast):
    who, ticket = caller(cast.li), cast.ticket()
    for _time in range(2):
        who.post(f"/tickets/{ticket.number}/notes/", {"text": "x"}, key=None)
    assert Entry.objects.filter(ticket=ticket, kind="note").count() == 2


def test_a_retry_gets_its_answer_even_when_the_record_is_no_longer_ones_own(cast):
    who, ticket = caller(cast.wang), cast.ticket()
    path = f"/tickets/{ticket.number}/assign/"
    assert who.post(path, {"group": "north"}, key="k1").status_code == 200
    assert who.post(path, {"group": "north"}, key="k1")["Idempotent-Replayed"] == "true"
    assert who.get(f"/tickets/{ticket.number}/").status_code == 404


def test_keys_are_kept_for_24_hours(cast):
    who, now = caller(cast.li), timezone.now()
    who.post("/tickets/", CALL, key="k1")
    assert forget_keys(now=now + timedelta(hours=24)) == 0
    assert forget_keys(now=now + timedelta(hours=24, seconds=5)) == 1
    assert forget_keys(now=now + timedelta(hours=24, seconds=5)) == 0


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_calls_with_one_key_make_one_record(cast):
    who = caller(cast.li)
    answers = at_once(*[lambda: who.post("/tickets/", CALL, key="k1")] * 20)
    assert [answer.status_code for answer in answers] == [201] * 20
    assert sorted("Idempotent-Replayed" in answer for answer in answers) == [False] + [True] * 19
    assert len({answer.content for answer in answers}) == 1
    assert Ticket.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_calls_with_two_keys_make_two_records(cast):
    who = caller(cast.li)
    at_once(*[lambda key=key: who.post("/tickets/", CALL, key=key) for key in ("k1", "k2") * 5])
    assert Ticket.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_twin_that_waits_too_long_is_told_to_come_back(cast, monkeypatch):
    monkeypatch.setattr("staff.idempotency.PATIENCE", "100ms")
    who, endpoint = caller(cast.li), "POST /api/v1/tickets/"
    answers = []
    with transaction.atomic():
        IdempotencyKey.objects.create(
            user=cast.li, key="k1", endpoint=endpoint, body_digest="x", created_at=timezone.now()
        )
        thread = threading.Thread(
            target=lambda: (answers.append(who.post("/tickets/", CALL, key="k1")), connections.close_all())
        )
        thread.start()
        thread.join(30)
        transaction.set_rollback(True)
    assert (answers[0].status_code, answers[0].json()["code"]) == (409, "in_flight")
    assert answers[0]["Retry-After"] == "1"
    assert who.post("/tickets/", CALL, key="k1").status_code == 201


def test_waiting_for_the_key_limits_no_other_wait(cast, django_capture_on_commit_callbacks):
    caller(cast.li).post("/tickets/", CALL, key="k1")
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
