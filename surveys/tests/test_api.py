"""Surveys through the REST interface (§4.1.2)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from opsdesk.testing import Cast
from opsdesk.tests.rest import caller, faults
from surveys import actions
from surveys.models import AnswerSheet, CampaignKind, Invitation
from surveys.tests.surveys import DAY, HOUR, closed, invited, reachable, running


@pytest.fixture
def invitation(cast: Cast) -> Invitation:
    return invited(cast, timezone.now())


def body(**more: object) -> dict[str, object]:
    facts = {
        "channel": "phone",
        "given_at": timezone.now().isoformat(),
        "evidence": "孙主任",
        "answers": [{"question": 1, "value": 2, "why": "太慢"}, {"question": 2, "value": True}],
    }
    return facts | more


def test_an_answer_is_keyed_read_and_listed_as_bad(cast, invitation):
    li = caller(cast.li)
    found = li.get(f"/surveys/invitations/{invitation.number}/").json()
    assert [one["line"] for one in found["questions"]] == [1, 2, 3] and found["answer"] is None
    answer = li.post(f"/surveys/invitations/{invitation.number}/key/", body())
    assert answer.status_code == 200, answer.json()
    assert answer.json()["state"] == "answered" and answer.json()["answer"]["is_bad"]
    [listed] = li.get("/surveys/answers/", {"bad": "true"}).json()["results"]
    assert listed["invitation"] == invitation.number
    assert [(one["value"], one["why"], one["is_bad"]) for one in listed["answers"]] == [
        (2, "太慢", True),
        ("yes", "", False),
    ]
    assert li.get("/surveys/answers/", {"bad": "false"}).json()["results"] == []


def test_the_same_request_twice_keys_once(cast, invitation):
    li, path, said = caller(cast.li), f"/surveys/invitations/{invitation.number}/key/", body()
    first, again = (li.post(path, said, key="k1") for _n in range(2))
    assert first.status_code == again.status_code == 200
    other = li.post(path, said)
    assert (other.status_code, other.json()["code"]) == (409, "wrong_status")
    assert AnswerSheet.objects.count() == 1


def test_each_fault_is_named_by_its_place(cast, invitation):
    path = f"/surveys/invitations/{invitation.number}/key/"
    wrong = caller(cast.li).post(
        path, body(answers=[{"question": 2, "value": "x"}, {"question": 1, "value": 9}])
    )
    assert wrong.status_code == 422
    assert faults(wrong) == {"#/answers/0/value": "not_an_option", "#/answers/1/value": "not_a_point"}
    wrong = caller(cast.li).post(path, body(answers=[{"question": 77, "value": 1}]))
    assert faults(wrong) == {"#/answers/0/question": "does_not_exist"}
    wrong = caller(cast.li).post(path, body(channel="letter"))
    assert faults(wrong) == {"#/files": "required"} or wrong.status_code == 422
    assert not AnswerSheet.objects.exists()


def test_whoever_the_answers_are_about_does_not_key_them(cast):
    now = timezone.now()
    reachable(cast)
    campaign = running(cast, CampaignKind.AFTER_TICKET, now=now - 2 * DAY - HOUR)
    closed(cast, now - 2 * DAY)
    actions.tend_surveys(now=now)
    path = f"/surveys/invitations/{campaign.invitations.get().number}/"
    assert caller(cast.chen).get(path).status_code == 200  # he reads what is said about his records
    answer = caller(cast.chen).post(f"{path}key/", body())
    assert answer.status_code == 403 and not AnswerSheet.objects.exists()


def test_contacts_and_other_groups_see_nothing(cast, invitation):
    path = f"/surveys/invitations/{invitation.number}/"
    for person in (cast.sun, cast.outsider):
        assert caller(person).get(path).status_code == 404
        assert caller(person).get("/surveys/invitations/").json()["results"] == []
        assert caller(person).get("/surveys/answers/").json()["results"] == []
    assert caller(cast.sun).get("/surveys/questionnaires/").json()["results"] == []
    assert caller(cast.sun).get("/surveys/campaigns/").json()["results"] == []


def test_a_slip_in_the_number_is_nobodys(cast, invitation):
    number = invitation.number
    wrong = f"{number[:-1]}{(int(number[-1]) + 1) % 10}"
    assert caller(cast.li).get(f"/surveys/invitations/{wrong}/").status_code == 404


def test_a_mail_gateway_notes_what_came_back(cast, invitation):
    answer = caller(cast.li).post(f"/surveys/invitations/{invitation.number}/returned/", {"note": "550"})
    assert answer.status_code == 200 and answer.json()["channel"] == "phone"


def test_campaigns_say_how_many_stand_where(cast, invitation):
    [listed] = caller(cast.zhou).get("/surveys/campaigns/", {"state": "running"}).json()["results"]
    found = caller(cast.zhou).get(f"/surveys/campaigns/{listed['id']}/").json()
    assert found["states"] == [{"name": "open", "number": 1}] and found["left_out"] == []
    one = caller(cast.zhou).get(f"/surveys/questionnaires/{listed['questionnaire']}/").json()
    assert [question["kind"] for question in one["in_force"]["questions"]] == ["scale", "yes_no", "text"]
