"""The REST interface of monthly reports answers as documented, and its examples run."""

from __future__ import annotations

import pytest

from opsdesk.apidocs import schema_in
from opsdesk.tests.rest import caller
from opsdesk.tests.test_schema import assert_as_documented, examples
from reports.monthly.kinds import Edition

ROOT = "/monthly-reports/{report}/"


@pytest.fixture(scope="module")
def schema():
    return schema_in("en")


def test_every_example_runs_and_every_answer_is_as_documented(world, schema):
    wang, zhao = caller(world.cast.wang), caller(world.cast.zhao)
    pk = world.report(Edition.GROUP).pk
    unseen = wang.post(f"/monthly-reports/{pk}/publish/", {"words": {}})
    assert unseen.status_code == 422 and "counted_at" in str(unseen.json())
    steps = [
        ("write", wang),
        ("publish", wang),
        ("comment", zhao),
        ("subscribe", zhao),
        ("acknowledge", zhao),
    ]
    for verb, who in steps:
        for example in examples(schema, f"{ROOT}{verb}/"):
            answer = who.post(f"/monthly-reports/{pk}/{verb}/", example)
            assert answer.status_code == 200, (verb, answer.content)
            assert_as_documented(answer, "post", f"{ROOT}{verb}/", schema)
    department = world.report(Edition.DEPARTMENT).pk
    answer = caller(world.cast.zhou).post(f"/monthly-reports/{department}/count/", {})
    assert answer.status_code == 200 and answer.json()["progress"] == 0

    listed = zhao.get("/monthly-reports/", {"month": "2026-10", "edition": "group", "group": "south"})
    assert [one["id"] for one in listed.json()["results"]] == [pk]
    assert_as_documented(listed, "get", "/monthly-reports/", schema)
    whole = zhao.get(f"/monthly-reports/{pk}/")
    assert_as_documented(whole, "get", ROOT, schema)
    found = whole.json()
    assert found["digest"] and found["figures"]["month"]["response"]["denominator"] == 4
    file = zhao.get(f"/monthly-reports/{pk}/files/en/xlsx/")
    assert file.status_code == 200 and file.content[:2] == b"PK"
    assert zhao.get(f"/monthly-reports/{pk}/files/fr/pdf/").status_code == 404
    stale = wang.post(f"/monthly-reports/{department}/write/", {"words": {}})
    assert stale.status_code == 404  # the department's report is none of a supervisor's
