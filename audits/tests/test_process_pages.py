"""The pages of the process register: who may, what is refused, and that nothing typed is lost (§1.1)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audits.models import ProcessVersion, Suggestion
from audits.tests.processes import loaded, story
from opsdesk.testing import Cast

pytestmark = pytest.mark.django_db


def signed_in(cast: Cast, who: str, language: str = "en") -> Browser:
    person = getattr(cast, who)
    person.language = language
    person.save()
    browser = Browser()
    browser.force_login(person)
    return browser


PAGES = (
    "current",
    "versions",
    "suggestions",
    ("version", 1),
    ("version", 2),
    ("clause", "3.2"),
    ("clause_of", 2, "3.2"),
    ("diff", 2),
)
ANSWERERS = ("draft", "clause_new", "terms", ("clause_edit", 1))


def url(page: object) -> str:
    name, *args = page if isinstance(page, tuple) else (page,)
    return reverse(f"process:{name}", args=args)


@pytest.mark.parametrize("who", ["li", "zhou", "sun"])
def test_all_staff_read_and_contacts_do_not(cast: Cast, who: str) -> None:
    waiting = story(cast)
    browser = signed_in(cast, who)
    for page in [*PAGES, ("suggestion", waiting.pk)]:
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(url(page))
        assert answer.status_code == (403 if who == "sun" else 200), page
        assert len(queries) <= 14, (page, len(queries))  # with session, person and frame
    for page in [*ANSWERERS, ("readings", 1)]:
        assert browser.get(url(page)).status_code == (200 if who == "zhou" else 403), page


def test_who_may_not_is_refused_in_html(cast: Cast) -> None:
    waiting = story(cast)
    for who in ("li", "wang", "sun"):
        browser = signed_in(cast, who)
        for page in ["begin", "publish", ("clause_remove", 1), ("clause_edit", 1), "terms"]:
            assert browser.post(url(page), {"number": "1", "title": "x"}).status_code == 403, (who, page)
        answer = browser.post(url(("suggestion_step", waiting.pk, "decline")), {"decline-answer": "nein"})
        assert answer.status_code == 403
        assert who == "sun" or "nein" in answer.content.decode()  # nothing typed is lost
    assert signed_in(cast, "sun").post(url(("clause", "3.2")), {"text": "x"}).status_code == 403
    assert signed_in(cast, "zhou").get(url("begin")).status_code == 405
    assert not ProcessVersion.objects.filter(number=3).exists()
    assert Suggestion.objects.filter(state="declined").count() == 0


def test_from_a_suggestion_to_a_new_version(cast: Cast) -> None:
    loaded()
    li, zhou = signed_in(cast, "li"), signed_in(cast, "zhou")
    empty = li.post(url(("clause", "3.2")), {"text": " ", "wording": "kept"})
    assert empty.status_code == 422 and "kept" in empty.content.decode()
    assert li.post(url(("clause", "3.2")), {"text": "夜里由谁跟进?"}).status_code == 302
    one = Suggestion.objects.get()
    step = url(("suggestion_step", one.pk, "adopt"))
    assert zhou.post(step, {"adopt-answer": "写进下一版"}).status_code == 302
    assert zhou.post(step, {"adopt-answer": "again"}).status_code == 409
    draft = ProcessVersion.objects.get(number=2)
    assert "its clause is not changed yet" in zhou.get(url("draft")).content.decode()
    facts = {"number": "3.2", "title": "标准", "title_en": "Standard", "text": "夜里由值班人员跟进。"}
    edit = url(("clause_edit", draft.clauses.get(number="3.2").line))
    stale = zhou.post(edit, facts | {"edition": draft.edition + 5})
    assert stale.status_code == 422 and "夜里由值班人员跟进" in stale.content.decode()
    assert zhou.post(edit, facts | {"edition": draft.edition}).status_code == 302
    publish = {"in_force_on": timezone.localdate().isoformat(), "note": "夜间责任"}
    seen = {"edition": draft.edition + 1}
    assert zhou.post(url("publish"), publish | seen | {"note": ""}).status_code == 422
    for unseen in ({}, {"edition": draft.edition}):  # a colleague has written since
        assert zhou.post(url("publish"), publish | unseen).status_code == 422
    assert zhou.post(url("publish"), publish | seen).status_code == 302
    page = li.get(url(("diff", 2))).content.decode()
    assert "<ins>" in page and "<del>" in page and one.number in page
    assert li.post(url(("confirm", 2))).status_code == 302
    assert "You have confirmed reading it." in li.get(url("current")).content.decode()


def test_a_clause_in_a_lead_is_a_link_for_staff(cast: Cast) -> None:
    page = reverse("tickets:coordination")
    li = signed_in(cast, "li")
    assert "clause-link" not in li.get(page).content.decode()  # no text in force yet
    loaded(timezone.now())
    with CaptureQueriesContext(connection) as queries:
        shown = li.get(page).content.decode()
    assert '<a class="clause-link" href="/process/clause/5.4.1.2/"' in shown
    assert sum("audits_clause" in query["sql"] for query in queries) == 1
    assert "clause-link" in li.get(url("suggestions")).content.decode()


def test_a_number_that_is_not_there_leads_to_the_clause_above(cast: Cast) -> None:
    li = signed_in(cast, "li")
    assert li.get(url(("clause", "5.4.1.2"))).status_code == 404
    loaded(timezone.now())
    assert li.get(url(("clause", "5.4.1.2.7"))).headers["Location"] == url(("clause", "5.4.1.2"))
    assert li.get(url(("clause", "99"))).status_code == 404
    assert li.get(url("suggestions") + "?state=nonsense").status_code == 404
    assert li.get(url("suggestions") + "?clause=1.0").status_code == 404
