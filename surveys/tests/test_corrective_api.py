"""Corrective actions, complaints and figures through the REST interface, as documented."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from opsdesk.testing import Cast
from opsdesk.tests.rest import caller
from opsdesk.tests.test_schema import assert_as_documented, examples
from opsdesk.tests.test_schema import schema as schema_of
from surveys.models import CorrectiveAction
from surveys.tests.correcting import answered, corrective_for, opened, planned, questionnaire
from tickets.models import Kind

pytestmark = pytest.mark.django_db
schema = schema_of
STEPS = (
    "analyse",
    "plan",
    "carry_out",
    "reply",
    "verify",
    "ask_again",
    "check_effect",
    "close",
    "drop",
)


@pytest.mark.parametrize("step", STEPS)
def test_the_example_of_a_step_runs_and_answers_as_documented(
    cast: Cast,
    schema: Any,
    step: str,
) -> None:
    path = f"/corrective-actions/{{action}}/{step}/"
    [example] = examples(schema, path)
    action, who = corrective_for(step, cast)
    answer = caller(who).post(path.replace("{action}", str(action.pk)), example)
    assert answer.status_code == 200, answer.json()
    assert_as_documented(answer, "post", path, schema)
    for reader in (cast.zhou, cast.zhao):
        found = caller(reader).get(f"/corrective-actions/{action.pk}/")
        assert_as_documented(found, "get", "/corrective-actions/{action}/", schema)
        listed = caller(reader).get("/corrective-actions/", {"state": "all"})
        assert listed.json()["results"]
        assert_as_documented(listed, "get", "/corrective-actions/", schema)
        assert caller(reader).post(path.replace("{action}", str(action.pk)), example).status_code == 403


def test_opened_once_under_one_key(cast: Cast, schema: Any) -> None:
    [example] = examples(schema, "/corrective-actions/")
    chen = caller(cast.chen)
    for _twice in range(2):
        answer = chen.post("/corrective-actions/", example, key="one")
        assert answer.status_code == 201, answer.json()
        assert_as_documented(answer, "post", "/corrective-actions/", schema)
    assert CorrectiveAction.objects.count() == 1
    assert caller(cast.outsider).post("/corrective-actions/", example).status_code == 422
    assert caller(cast.sun).post("/corrective-actions/", example).status_code == 403


def test_what_is_missing_is_named_field_by_field(cast: Cast) -> None:
    action = planned(cast, timezone.now())
    answer = caller(cast.wang).post(f"/corrective-actions/{action.pk}/close/", {})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "#/result",
        "#/reply",
        "#/verification",
        "#/effect",
    ]


@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("sun", 403), ("chen", 200)])
def test_who_reads_one(cast: Cast, who: str, status: int) -> None:
    action = opened(cast)
    assert caller(getattr(cast, who)).get(f"/corrective-actions/{action.pk}/").status_code == status


def test_complaints_are_listed_and_ruled_on(cast: Cast, schema: Any) -> None:
    ticket = cast.ticket(timezone.now(), kind=Kind.COMPLAINT)
    path = "/complaints/{record}/rule/"
    [example] = examples(schema, path)
    address = path.replace("{record}", ticket.number)
    assert caller(cast.chen).post(address, example).status_code == 403
    answer = caller(cast.wang).post(address, example)
    assert answer.status_code == 200 and answer.json()["ruling"]["verdict"] == "founded"
    assert_as_documented(answer, "post", path, schema)
    for found, documented in [
        (caller(cast.zhou).get("/complaints/"), "/complaints/"),
        (caller(cast.zhou).get(f"/complaints/{ticket.number}/"), "/complaints/{record}/"),
    ]:
        assert found.status_code == 200
        assert_as_documented(found, "get", documented, schema)
    assert caller(cast.sun).get("/complaints/").status_code == 403


def test_figures_stand_with_their_n(cast: Cast, schema: Any) -> None:
    answered(cast, questionnaire(cast), 2, now=timezone.now(), sent_at=timezone.now())
    found = caller(cast.zhao).get("/satisfaction/")
    assert found.status_code == 200, found.json()
    assert_as_documented(found, "get", "/satisfaction/", schema)
    assert all("n" in figure for figure in found.json()["figures"])
    assert caller(cast.sun).get("/satisfaction/").status_code == 403
    assert caller(cast.li).get("/satisfaction/").json()["is_own"] is True
