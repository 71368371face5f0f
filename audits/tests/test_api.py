"""Audits through the REST interface: every example runs, refusals say what is missing (§4.1.1)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audits.tests.auditing import begun, raised
from opsdesk.testing import Cast
from opsdesk.tests.rest import caller, faults

pytestmark = pytest.mark.django_db


def test_a_stale_version_is_refused_and_nothing_is_done(cast: Cast) -> None:
    finding = raised(cast, begun(cast), kind="suggestion")
    wang, path = caller(cast.wang), f"/quality/findings/{finding.pk}/"
    read = wang.get(path)
    assert read["ETag"] == f'"{read.json()["version"]}"'
    stale = wang.post(f"{path}answer/", {"answer": "x"}, If_Match='"0"')
    assert stale.status_code == 412
    assert wang.post(f"{path}answer/", {"answer": "x"}, If_Match=read["ETag"]).status_code == 200
    assert caller(cast.zhou).post(f"{path}answer/", {"answer": "x"}).status_code == 403


def test_each_reads_what_he_may_and_a_contact_nothing(cast: Cast) -> None:
    audit = begun(cast)
    finding = raised(cast, audit)
    for who, audits, findings in (
        (cast.zhao, 200, 200),
        (cast.wang, 200, 200),
        (cast.chen, 404, 200),
        (cast.li, 404, 404),
        (cast.outsider, 404, 404),
        (cast.sun, 403, 403),
    ):
        ask = caller(who)
        assert ask.get(f"/quality/audits/{audit.pk}/").status_code == audits, who
        assert ask.get(f"/quality/findings/{finding.pk}/").status_code == findings, who


def test_what_is_missing_is_named_at_its_field(cast: Cast) -> None:
    audit = begun(cast)
    zhou = caller(cast.zhou)
    for path, body, pointer in (
        (f"/quality/audits/{audit.pk}/report/", {"conclusion": "x"}, "#/conclusion"),
        (
            f"/quality/audits/{audit.pk}/draw/",
            {"since": "2026-01-02", "until": "2026-01-01", "size": 1},
            "#/until",
        ),
        ("/quality/plan/", {"kind": "software", "planned_on": "2099-12-01"}, "#/system"),
        ("/quality/audits/", {"kind": "process"}, "#/group"),
        (f"/quality/audits/{audit.pk}/look/", {"checks": [{"check": 1, "result": "conforms"}]}, "#/checks"),
    ):
        answer = zhou.post(path, body)
        assert answer.status_code == 422 and pointer in faults(answer), (path, answer.content)
    danger = raised(cast, audit, client=None)
    answer = zhou.post(f"/quality/findings/{danger.pk}/open_record/", {})
    assert faults(answer) == {"#/client": "required"}


def test_the_list_of_findings_filters_and_counts_queries(cast: Cast, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    now = timezone.now()
    audit = begun(cast, now)
    for number in range(12):
        audit.refresh_from_db()
        raised(cast, audit, now, kind=("danger", "suggestion")[number % 2])
    zhou = caller(cast.zhou)
    with django_assert_max_num_queries(12):
        found = zhou.get("/quality/findings/", {"kind": "danger", "group": "south"}).json()["results"]
    assert len(found) == 6
    assert zhou.get("/quality/findings/", {"state": "overdue"}).json()["results"] == []
    assert zhou.get("/quality/findings/", {"state": "nonsense"}).status_code == 422
