"""Without a session: who asks for a page is sent to sign in, who asks for a part of one is told where."""

import pytest
from django.urls import reverse

from reports.board.parts import PARTS

PART = reverse("reports:part", args=[next(iter(PARTS))])


def test_a_page_leads_to_the_sign_in_and_back(client, db):
    answer = client.get(PART)
    assert (answer.status_code, answer.url) == (302, f"/sign-in/?next={PART}")
    assert "HX-Redirect" not in answer.headers


@pytest.mark.parametrize(
    ("page", "back"),
    [
        (
            "http://testserver/reports/?period=2026-11&group=it",
            "/reports/%3Fperiod%3D2026-11%26group%3Dit",
        ),
        ("http://elsewhere.example/reports/", "/"),
        ("", "/"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_part_of_a_page_says_where_the_whole_page_goes(client, db, page, back, method):
    asked = {"HX-Request": "true", "HX-Current-URL": page}
    answer = getattr(client, method)(PART, headers=asked)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["HX-Redirect"] == f"/sign-in/?next={back}"


def test_who_has_signed_in_gets_the_part(client, cast):
    client.force_login(cast.zhao)
    answer = client.get(PART, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "HX-Redirect" not in answer.headers
