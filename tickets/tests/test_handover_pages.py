"""The pages and REST addresses of handovers: what each person finds there, and that nothing typed is lost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from opsdesk.tests.rest import caller, faults
from tickets import actions
from tickets.models import Grade, Handover, HandoverTerms, Ticket
from tickets.tests.handovers import on_duty_now

LIST = reverse("handovers:list")
NOTE = "凌晨两点清理了归档,之后一切正常"
TYPED = {"note": NOTE, "to_do": "回电孙主任", "done": ["see"], "seen_version": "1"}
HOUR = timedelta(hours=1)


@pytest.fixture
def change(cast: Cast):
    """In ten minutes 李敏 follows 陈工."""
    return on_duty_now(cast)


def address(cast: Cast, change, step: str = "") -> str:
    stamp = timezone.localtime(change).strftime("%Y-%m-%d-%H%M%S")
    name = "draft" if step == "draft" else "step" if step else "one"
    args = [cast.south.code, stamp, *([step] if name == "step" else [])]
    return reverse(f"handovers:{name}", args=args)


def page(client, user, path: str, **more) -> str:
    client.force_login(user)
    answer = client.get(path, more or None, headers={"Accept-Language": "en"})
    assert answer.status_code == 200, path
    return answer.content.decode()


def send(client, user, path: str, **typed):
    client.force_login(user)
    return client.post(path, typed, headers={"Accept-Language": "en"})


def grave(cast: Cast) -> Ticket:
    now = timezone.now()
    return actions.grade(cast.ticket(now), Grade.ONE, reason="clause", by=cast.li, now=now)


def waiting(cast: Cast, change) -> Handover:
    now = timezone.now()
    begun = actions.open_handover(cast.south, change, by=cast.chen, now=now)
    return actions.hand_over(begun, note=NOTE, to_do="", done=[], by=cast.chen, now=now)


def test_the_way_of_both_people_on_the_pages(client, cast: Cast, change) -> None:
    now = timezone.now()
    mine = actions.acknowledge(cast.ticket(now), by=cast.chen, now=now)
    text = page(client, cast.chen, address(cast, change))
    assert "until" in text.lower() and "answers for the duty" in text and mine.number in text
    assert "Write it" in page(client, cast.chen, reverse("duty:mine"))
    assert "not written yet" in page(client, cast.li, reverse("duty:now"))
    answer = send(client, cast.chen, address(cast, change, "hand_over"), **TYPED)
    assert answer.status_code == 302, answer.content.decode()
    assert "Read and sign" in page(client, cast.li, reverse("duty:mine"))
    text = page(client, cast.li, address(cast, change))
    assert NOTE in text and "not done" in text and 'id="step-sign"' in text
    typed = {"take": [str(mine.pk)], "seen_version": "2"}
    answer = send(client, cast.li, address(cast, change, "sign"), **typed)
    assert answer.status_code == 302, answer.content.decode()
    assert "1 record is yours now." in page(client, cast.li, address(cast, change))
    text = page(client, cast.chen, address(cast, change))
    assert "It is signed. Until the shift changes" in text
    assert 'id="step-' not in text and mine.number in text
    mine.refresh_from_db()
    assert mine.owner == cast.li
    assert Handover.objects.get().signed_at is not None


def test_what_is_refused_comes_back_with_what_was_typed(client, cast: Cast, change) -> None:
    fault = grave(cast)
    answer = send(client, cast.chen, address(cast, change, "hand_over"), **TYPED)
    assert answer.status_code == 422
    assert NOTE in answer.content.decode() and fault.number in answer.content.decode()
    answer = send(client, cast.wang, address(cast, change, "overrule"), reason="已值守十六小时")
    assert answer.status_code == 302, answer.content.decode()
    text = page(client, cast.li, address(cast, change))
    assert "has allowed it in spite of" in text and "已值守十六小时" in text
    assert send(client, cast.chen, address(cast, change, "hand_over"), **TYPED).status_code == 302
    answer = send(client, cast.chen, address(cast, change, "hand_over"), **TYPED | {"note": NOTE * 2})
    assert answer.status_code == 409
    assert NOTE * 2 in answer.content.decode() and "Somebody was faster" in answer.content.decode()


def test_a_draft_is_kept_and_is_the_writers_alone(client, cast: Cast, change) -> None:
    answer = send(client, cast.chen, address(cast, change, "draft"), note=NOTE)
    assert answer.status_code == 200 and "Draft saved" in answer.content.decode()
    assert NOTE in page(client, cast.chen, address(cast, change))
    assert NOTE not in page(client, cast.li, address(cast, change))
    assert send(client, cast.li, address(cast, change, "draft"), note="x").status_code == 403
    waiting(cast, change)
    assert send(client, cast.chen, address(cast, change, "draft"), note="x").status_code == 409


def test_who_finds_what(client, cast: Cast, change) -> None:
    waiting(cast, change)
    one, now = address(cast, change), reverse("handovers:now", args=["south"])
    for user, codes in (
        (cast.zhou, (200, 200, 302)),
        (cast.outsider, (404, 200, 404)),
        (cast.sun, (403, 403, 403)),
    ):
        client.force_login(user)
        assert tuple(client.get(path).status_code for path in (one, LIST, now)) == codes, user
        for step in ("hand_over", "sign", "send_back", "overrule"):
            asked = client.post(address(cast, change, step), {"note": "x", "remark": "x", "reason": "x"})
            assert asked.status_code in (403, 404, 422), step
    assert cast.chen.name not in page(client, cast.outsider, LIST)
    assert Handover.objects.get().state == "waiting"
    for path in (address(cast, change + HOUR), one.replace("20", "x", 1), f"{one}nonsense/"):
        client.force_login(cast.chen)
        assert client.get(path).status_code in (404, 405), path
    assert client.get(address(cast, change, "sign")).status_code == 405
    assert client.post(address(cast, change, "nonsense")).status_code == 404


def test_the_list_is_filtered_and_asks_the_same_however_long(client, cast: Cast, change) -> None:
    waiting(cast, change)
    with CaptureQueriesContext(connection) as short:
        page(client, cast.zhao, LIST)
    row = 'aria-label="Handovers"><table'
    for query, is_there in {
        **dict.fromkeys(["", "group=south", "person=chen", "person=li", "state=waiting", "state=%00"], True),
        **dict.fromkeys(["group=north", "person=wang", "state=signed", "state=x"], False),
    }.items():
        client.force_login(cast.zhao)
        text = client.get(f"{LIST}?{query}", headers={"Accept-Language": "en"}).content.decode()
        assert (row in text) == is_there, query
    Handover.objects.bulk_create(
        Handover(
            group=cast.south,
            outgoing=cast.li,
            incoming=cast.wang,
            changes_at=change - number * HOUR,
            state="signed",
            note="x",
            handed_over_at=change - number * HOUR,
            handed_over_by=cast.li,
            signed_at=change - number * HOUR,
        )
        for number in range(1, 61)
    )
    with CaptureQueriesContext(connection) as long:
        text = page(client, cast.zhao, LIST)
    assert "cursor=" in text
    assert len(long) == len(short)


def test_a_supervisor_sets_how_the_group_hands_over(client, cast: Cast, change) -> None:
    path = reverse("handovers:terms", args=["south"])
    assert "Seen together" in page(client, cast.wang, path)
    client.force_login(cast.li)
    assert client.get(path).status_code == 403
    assert send(client, cast.wang, path, opens_before="2", points="电源").status_code == 422
    typed = {"opens_before": "5", "sign_within": "", "points": "电源\n空调"}
    assert send(client, cast.wang, path, **typed).status_code == 302
    assert HandoverTerms.objects.get().own_points == ["电源", "空调"]
    text = page(client, cast.chen, address(cast, change))
    assert "空调" in text and "Seen together" not in text and "may be handed over from" in text


def test_nobody_follows_anybody(client, cast: Cast) -> None:
    assert "Nobody follows anybody" in page(client, cast.li, reverse("handovers:now", args=["south"]))


def test_through_rest(cast: Cast, change) -> None:
    chen, li, wang = caller(cast.chen), caller(cast.li), caller(cast.wang)
    now = timezone.now()
    ticket = actions.acknowledge(cast.ticket(now), by=cast.chen, now=now)
    begun = chen.post("/handovers/", {"group": "south"})
    assert begun.status_code == 200, begun.json()
    one = f"/handovers/{begun.json()['id']}"
    assert li.post("/handovers/", {"group": "south", "at": change.isoformat()}).json() == begun.json()
    assert (begun.json()["state"], begun.json()["answers_now"]["id"]) == ("written", "chen")
    assert li.post(f"{one}/hand_over/", {"note": "x"}).status_code == 403
    assert faults(chen.post(f"{one}/hand_over/", {"nope": 1})) == {
        "#/nope": "unknown_field",
        "#/note": "required",
    }
    fault = grave(cast)
    refused = chen.post(f"{one}/hand_over/", {"note": NOTE})
    assert (refused.status_code, refused.json()["code"]) == (422, "major_fault")
    assert fault.number in refused.json()["detail"]
    assert chen.post(f"{one}/overrule/", {"reason": "x"}).status_code == 403
    assert wang.post(f"{one}/overrule/", {"reason": "已值守十六小时"}).status_code == 200
    given = chen.post(f"{one}/hand_over/", {"note": NOTE, "done": ["see"]}).json()
    assert [point["name"] for point in given["points"] if point["is_done"]] == ["see"]
    assert {row["record"] for row in given["open_matters"]["records"]} == {ticket.number, fault.number}
    assert [event["kind"] for event in given["history"]] == ["overruled", "handed_over"]
    assert li.post(f"{one}/sign/", {"version": 1}).json()["code"] == "moved"
    back = li.post(f"{one}/send_back/", {"remark": "谁联系运营商?"})
    assert back.json()["state"] == "returned"
    version = chen.post(f"{one}/hand_over/", {"note": NOTE}).json()["version"]
    body = {"version": version, "take": [ticket.number, "T-999999"]}
    signed = li.post(f"{one}/sign/", body, key="once")
    assert signed.status_code == 200, signed.json()
    assert [(row["record"], bool(row["refusal"])) for row in signed.json()["taken"]] == [
        (ticket.number, False),
        ("T-999999", True),
    ]
    again = li.post(f"{one}/sign/", body, key="once")
    assert again.json() == signed.json() and again["Idempotent-Replayed"] == "true"
    assert li.post(f"{one}/sign/", body).json()["code"] == "moved"
    assert li.get(one + "/").json()["handed_over_by"]["id"] == "chen"


def test_who_reads_what_through_rest(cast: Cast, change) -> None:
    handover = waiting(cast, change)
    one = f"/handovers/{handover.pk}/"
    for user, seen in ((cast.li, 1), (cast.zhou, 1), (cast.outsider, 0), (cast.sun, 0)):
        found = caller(user).get("/handovers/").json()["results"]
        assert len(found) == seen, user
        assert caller(user).get(one).status_code == (200 if seen else 404)
        if not seen:
            assert caller(user).post(one + "sign/", {"version": 2}).status_code == 404
            assert caller(user).post("/handovers/", {"group": "south"}).status_code == 404
    reader = caller(cast.li, may_write=False)
    assert reader.post(one + "sign/", {"version": 2}).json()["code"] == "read_only_token"
    ask = caller(cast.zhao)
    for query, number in (
        ({"group": "south"}, 1),
        ({"group": "north"}, 0),
        ({"person": "li"}, 1),
        ({"person": "wang"}, 0),
        ({"state": "signed"}, 0),
    ):
        assert len(ask.get("/handovers/", query).json()["results"]) == number, query
    assert ask.get("/handovers/", {"nope": "1"}).status_code in (400, 422)
    assert caller(cast.wang).post("/handovers/", {"group": "south", "at": "2020-01-01T00:00:00Z"}).json()[
        "code"
    ] == ("no_change")
