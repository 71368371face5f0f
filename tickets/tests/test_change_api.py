"""Changes through the REST interface, as documented."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from opsdesk.testing import Cast
from opsdesk.tests.rest import caller
from opsdesk.tests.test_schema import assert_as_documented, examples
from opsdesk.tests.test_schema import schema as schema_of
from tickets.models import Change
from tickets.tests.works import DAY, HOUR, approved, change_for, drafted, scheduled

pytestmark = pytest.mark.django_db
schema = schema_of
STEPS = (
    *("plan", "submit", "approve", "reject", "client", "schedule"),
    *("start", "finish", "review", "withdraw", "file", "waive"),
)


@pytest.mark.parametrize("step", STEPS)
def test_the_example_of_a_step_runs_and_answers_as_documented(cast: Cast, schema: Any, step: str) -> None:
    path = f"/changes/{{change}}/{step}/"
    [example] = examples(schema, path)
    change, who, ids = change_for(step, cast)
    example |= {name: pk for name, pk in ids.items() if name in example}
    for name in {"window_from", "window_to"} & set(example):
        example[name] = example[name].replace("2099", str(timezone.now().year + 1))
    address = path.replace("{change}", str(change.pk))
    for reader in (cast.zhou, cast.zhao):
        assert caller(reader).post(address, example).status_code == 403
    answer = caller(who).post(address, example)
    assert answer.status_code == 200, answer.json()
    assert_as_documented(answer, "post", path, schema)
    found = caller(cast.zhou).get(f"/changes/{change.pk}/")
    assert_as_documented(found, "get", "/changes/{change}/", schema)
    listed = caller(cast.zhou).get("/changes/", {"state": "all"})
    assert listed.json()["results"]
    assert_as_documented(listed, "get", "/changes/", schema)


def test_planned_once_under_one_key(cast: Cast, schema: Any) -> None:
    [example] = examples(schema, "/changes/")
    li = caller(cast.li)
    for _twice in range(2):
        answer = li.post("/changes/", example, key="one")
        assert answer.status_code == 201, answer.json()
        assert_as_documented(answer, "post", "/changes/", schema)
    assert Change.objects.count() == 1
    assert caller(cast.outsider).post("/changes/", example).status_code in (403, 422)
    assert caller(cast.sun).post("/changes/", example).status_code == 403
    assert li.post("/changes/", example | {"type": "nothing"}).status_code == 422


def test_all_that_is_missing_is_named(cast: Cast) -> None:
    change = approved(cast, timezone.now(), code="requirement")
    answer = caller(cast.chen).post(f"/changes/{change.pk}/start/", {})
    assert answer.status_code == 422
    named = [error["pointer"] for error in answer.json()["errors"]]
    assert named[:2] == ["#/client", "#/window"] and len(named) == 5
    confirmed = caller(cast.li).post(
        f"/tickets/{change.number}/resolve/", {"solution": "x", "cause": "other"}
    )
    assert confirmed.status_code in (409, 422)


@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("sun", 403), ("chen", 200)])
def test_who_reads_one(cast: Cast, who: str, status: int) -> None:
    change = drafted(cast)
    assert caller(getattr(cast, who)).get(f"/changes/{change.pk}/").status_code == status


def test_filters_conflicts_and_types(cast: Cast, schema: Any) -> None:
    now = timezone.now()
    noon = timezone.localtime(now + DAY).replace(hour=12)  # both in one week
    first = scheduled(cast, now, opens=noon - now)
    second = scheduled(cast, now, opens=noon + HOUR - now)
    wang = caller(cast.wang)
    week = noon.date().isoformat()
    rows = wang.get("/changes/", {"state": "scheduled", "week": week, "type": "optimisation"}).json()[
        "results"
    ]
    assert {row["id"] for row in rows} == {first.pk, second.pk}
    assert {one["other"] for row in rows for one in row["conflicts"] if one["kind"] == "same_system"} == {
        first.number,
        second.number,
    }
    types = wang.get("/work-types/")
    assert_as_documented(types, "get", "/work-types/", schema)
    assert {row["code"] for row in types.json()["results"]} >= {"requirement", "cutover", "ha-switch"}
    assert caller(cast.sun).get("/work-types/").status_code == 403
