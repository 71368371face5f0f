"""The process register through the REST interface, as documented; who may not is refused (§1.1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from audits.tests.processes import story
from opsdesk.testing import Cast
from opsdesk.tests.rest import caller
from opsdesk.tests.test_schema import assert_as_documented
from opsdesk.tests.test_schema import schema as schema_of

pytestmark = pytest.mark.django_db
schema = schema_of
BASE = "/process"


def test_read_as_documented_and_not_by_contacts(cast: Cast, schema: Any) -> None:
    waiting = story(cast)
    li, sun = caller(cast.li), caller(cast.sun)
    for path, pattern in [
        ("/versions/", "/versions/"),
        ("/versions/2/", "/versions/{version}/"),
        ("/clauses/3.2/", "/clauses/{clause}/"),
        ("/suggestions/", "/suggestions/"),
        (f"/suggestions/{waiting.pk}/", "/suggestions/{suggestion}/"),
    ]:
        found = li.get(f"{BASE}{path}")
        assert found.status_code == 200, found.json()
        assert_as_documented(found, "get", f"{BASE}{pattern}", schema)
        assert sun.get(f"{BASE}{path}").status_code == 403
    assert [row["version"] for row in li.get(f"{BASE}/versions/").json()["results"]] == [2, 1]
    whole = li.get(f"{BASE}/versions/2/").json()
    assert whole["adopted"] and not whole["is_read"] and whole["clauses"][0]["number"] == "1"
    for path in ("/clauses/9.9/", "/versions/9/", "/suggestions/999999/"):
        assert li.get(f"{BASE}{path}").status_code == 404
    assert li.get(f"{BASE}/suggestions/", {"state": "nonsense"}).status_code == 422


def test_filed_and_answered(cast: Cast, schema: Any) -> None:
    waiting = story(cast)
    li, zhou = caller(cast.li), caller(cast.zhou)
    for _twice in range(2):
        made = li.post(f"{BASE}/suggestions/", {"clause": "3.1", "text": "x"}, key="one")
        assert made.status_code == 201, made.json()
    assert_as_documented(made, "post", f"{BASE}/suggestions/", schema)
    assert len(li.get(f"{BASE}/suggestions/", {"whose": "mine"}).json()["results"]) == 1
    unknown = li.post(f"{BASE}/suggestions/", {"clause": "9.9", "text": "x"}, key="two")
    assert unknown.status_code == 422
    assert caller(cast.sun).post(f"{BASE}/suggestions/", {"clause": "3.1", "text": "x"}).status_code == 403
    step = f"{BASE}/suggestions/{waiting.pk}"
    for who in (cast.li, cast.wang, cast.liu):
        assert caller(who).post(f"{step}/decline/", {"answer": "x"}).status_code == 403
    assert zhou.post(f"{step}/withdraw/", {}).status_code == 403
    assert zhou.post(f"{step}/review/", {}).json()["state"] == "review"
    declined = zhou.post(f"{step}/decline/", {"answer": "x"})
    assert declined.json()["state"] == "declined"
    assert_as_documented(declined, "post", f"{BASE}/suggestions/{{suggestion}}/decline/", schema)
    assert zhou.post(f"{step}/adopt/", {"answer": "x"}).status_code == 409
    mine = f"{BASE}/suggestions/{made.json()['id']}/withdraw/"
    assert li.post(mine, {}).json()["state"] == "withdrawn"


def test_written_published_and_read(cast: Cast, schema: Any) -> None:
    story(cast)
    li, zhou = caller(cast.li), caller(cast.zhou)
    draft, today = f"{BASE}/versions/2", timezone.localdate().isoformat()
    for path, body in [
        ("publish/", {"in_force_on": today, "note": "x"}),
        ("clauses/", {"number": "9", "title": "x"}),
    ]:
        assert li.post(f"{draft}/{path}", body).status_code == 403
    assert li.post(f"{BASE}/versions/", {}).status_code == 403
    assert zhou.post(f"{BASE}/versions/", {}).json()["version"] == 2  # the draft that there is
    assert zhou.post(f"{draft}/clauses/", {"number": "1.0", "title": "x"}).status_code == 422
    assert zhou.post(f"{draft}/clauses/", {"number": "9", "title": "x", "edition": 99}).status_code == 409
    edition = li.get(f"{draft}/").json()["edition"]
    written = zhou.post(f"{draft}/clauses/", {"number": "9", "title": "x", "edition": edition})
    assert_as_documented(written, "post", f"{BASE}/versions/{{version}}/clauses/", schema)
    done = zhou.post(f"{draft}/publish/", {"in_force_on": today, "note": "x"})
    assert done.json()["state"] == "published"
    assert_as_documented(done, "post", f"{BASE}/versions/{{version}}/publish/", schema)
    again = zhou.post(f"{draft}/clauses/", {"number": "10", "title": "x"})
    assert (again.status_code, again.json()["code"]) == (422, "published")
    assert li.post(f"{draft}/confirm/", {}).json()["is_read"]
    assert li.get(f"{draft}/readings/").status_code == 403
    readings = zhou.get(f"{draft}/readings/")
    assert_as_documented(readings, "get", f"{BASE}/versions/{{version}}/readings/", schema)
    assert {row["person"]["id"] for row in readings.json()["results"] if row["has_read"]} == {"li"}
