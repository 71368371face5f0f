"""The page behind a link: used once, looked at as often as one likes, and kind when it is over."""

from __future__ import annotations

import random
import string
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from opsdesk.logs import SECRET
from opsdesk.testing import Cast, build_cast
from surveys import actions
from surveys.models import Answer, AnswerSheet, Invitation, Knock, Token
from surveys.tests.surveys import (
    DAY,
    ELSE,
    SATISFIED,
    SCALE,
    SOLVED_LINE,
    invited,
    links,
    published,
    reachable,
    running,
)
from surveys.tokens import new_token

LANGUAGE = {"language": "en"}


@pytest.fixture
def link(cast: Cast) -> str:
    """A link that was just sent."""
    now = timezone.now()
    invited(cast, now)
    return links(now)[0]


def address(secret: str) -> str:
    return reverse("survey", args=[secret])


def said(**more: str) -> dict[str, str]:
    return {f"q{SATISFIED}": "5", f"q{SOLVED_LINE}": "yes", f"q{ELSE}": "", **LANGUAGE, "to": "on"} | more


def test_three_taps_open_a_point_send(link):
    browser = Browser()
    page = browser.get(address(link) + "?language=en")
    assert page.status_code == 200 and b"Satisfied?" in page.content
    answer = browser.post(address(link), {f"q{SATISFIED}": "5"} | LANGUAGE)
    assert answer.status_code == 302
    thanks = browser.get(answer["Location"])
    assert b"Thank you for your answer!" in thanks.content
    sheet = AnswerSheet.objects.get()
    assert (sheet.channel, sheet.score, sheet.is_bad) == ("web", 100, False)
    assert sheet.finished_at and Invitation.objects.get().state == "answered"


def test_a_mail_scanner_that_looks_twenty_times_spends_nothing(link):
    scanner = Browser()
    before = list(Invitation.objects.values())
    for _look in range(20):
        assert scanner.get(address(link)).status_code == 200
        assert scanner.head(address(link)).status_code == 200
        assert scanner.get(reverse("survey_no_more", args=[link])).status_code == 200
    assert list(Invitation.objects.values()) == before and not AnswerSheet.objects.exists()
    assert Browser().post(address(link), said()).status_code == 302
    assert AnswerSheet.objects.get().finished_at


def test_a_thousand_tampered_links_let_nobody_in(link):
    dice, letters = random.Random(7), string.ascii_letters + string.digits + "-_"
    browser = Browser()
    statuses = set()
    for number in range(1000):
        place = dice.randrange(32)
        wrong = link[:place] + dice.choice(letters.replace(link[place], "")) + link[place + 1 :]
        if number % 3 == 0:
            wrong = "".join(dice.choice(letters) for _n in range(32))
        if number % 7 == 0:
            wrong = link[: dice.randrange(1, 31)]
        statuses.add(browser.post(address(wrong), said()).status_code)
    assert statuses == {404, 429}
    assert not AnswerSheet.objects.exists()
    knocks = Knock.objects.all()  # two of them where ten minutes end in between
    assert sum(one.count for one in knocks) == 1000 and len({one.who for one in knocks}) == 1
    assert "127.0.0.1" not in knocks[0].who
    # Who has a link that is one gets in, were it from the same address.
    assert browser.get(address(link)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_send_one_link_at_once_one_is_kept():
    cast, now = build_cast(), timezone.now()
    invited(cast, now)
    [secret] = links(now)
    start, landed = threading.Barrier(50), []

    def send(number: int) -> None:
        try:
            start.wait(30)
            point = str(number % 5 + 1)
            answer = Browser().post(
                address(secret), said(**{f"q{SATISFIED}": point, f"q{ELSE}": str(number)})
            )
            landed.append((answer.status_code, answer.get("Location", "")))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=[number]) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(landed) == 50
    assert [status for status, _to in landed].count(302) == 1  # the others are told that it is answered
    assert [status for status, _to in landed].count(200) == 49
    assert AnswerSheet.objects.count() == 1 and Answer.objects.count() == 3
    kept = {one.question.line: one.value for one in Answer.objects.select_related("question")}
    assert int(kept[ELSE]) % 5 + 1 == kept[SATISFIED]  # all of it is of one and the same
    assert Invitation.objects.get().events.filter(kind="answered").count() == 1


def test_a_link_that_has_run_out_says_so_kindly(link):
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for answer in (Browser().get(address(link) + "?language=en"), Browser().post(address(link), said())):
        assert answer.status_code == 410 and b"This link has run out" in answer.content
    assert not AnswerSheet.objects.exists()


def test_a_withdrawn_one_says_so_kindly(cast, link):
    actions.withdraw(Invitation.objects.get(), reason="x", by=cast.zhou, now=timezone.now())
    for answer in (Browser().get(address(link) + "?language=en"), Browser().post(address(link), said())):
        assert answer.status_code == 410 and b"not needed any more" in answer.content
    assert not AnswerSheet.objects.exists()


def test_what_is_answered_does_not_change(link):
    Browser().post(address(link), said())
    answer = Browser().post(address(link), said(**{f"q{SATISFIED}": "1"}))
    assert b"Thank you for your answer!" in answer.content
    assert Answer.objects.get(question__line=SATISFIED).value == 5


def test_nothing_on_the_page_or_in_the_address_says_who_it_is(cast, link):
    page = Browser().get(address(link)).content.decode()
    for secret in (cast.contact.name, cast.contact.email, cast.hospital.name, cast.hospital.code):
        assert secret not in page
    assert len(link) == 32


@pytest.mark.parametrize("path", ["", "no-more/"])
def test_no_other_site_and_no_search_engine_learns_the_address(link, path):
    for answer in (Browser().get(address(link) + path), Browser().get(address("x" * 32) + path)):
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]
        assert "no-store" in answer["Cache-Control"]


def test_a_browser_that_hides_where_it_comes_from_may_answer(link):
    """With no-referrer a browser sends `Origin: null`, which the check against forged forms would refuse."""
    browser = Browser(enforce_csrf_checks=True, headers={"origin": "null"})
    assert browser.post(address(link), said()).status_code == 302


def test_what_is_missing_is_said_at_its_question_and_nothing_is_lost(link):
    answer = Browser().post(
        address(link), said(**{f"q{SATISFIED}": "", f"q{ELSE}": "很好", "wants_reply": "on"})
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Please answer this question." in page and "很好" in page
    assert page.count('name="wants_reply" value="on" checked') == 1
    assert Invitation.objects.get().state == "open"
    assert AnswerSheet.objects.get().finished_at is None


def test_a_long_one_is_kept_page_by_page_and_gone_on_with_later(cast):
    questions = [{**SCALE, "text": f"{n}", "is_required": n == 2} for n in range(1, 11)]
    now = timezone.now()
    reachable(cast)
    running(cast, version=published(cast.zhou, *questions), now=now)
    actions.tend_surveys(now=now)
    [secret] = links(now)
    first = Browser()
    answer = first.post(address(secret), {"q1": "4", "page": "1"} | LANGUAGE)  # the required one left out
    assert answer.status_code == 422
    answer = first.post(address(secret), {"q1": "4", "q2": "3", "page": "1"} | LANGUAGE)
    assert answer["Location"].endswith("page=2")
    later = Browser()
    assert 'name="q1" value="4" checked' in later.get(address(secret)).content.decode()
    later.post(address(secret), {"q5": "2", "page": "2", "to": "back"} | LANGUAGE)
    answer = later.post(address(secret), {"q9": "5", "page": "3", "wants_reply": "on"} | LANGUAGE)
    assert answer.status_code == 302
    kept = {one.question.line: one.value for one in Answer.objects.select_related("question")}
    assert kept == {1: 4, 2: 3, 5: 2, 9: 5}
    assert AnswerSheet.objects.get().wants_reply


def test_what_is_missing_on_an_earlier_page_leads_there(cast):
    questions = [{**SCALE, "text": f"{n}", "is_required": n == 2} for n in range(1, 11)]
    now = timezone.now()
    reachable(cast)
    running(cast, version=published(cast.zhou, *questions), now=now)
    actions.tend_surveys(now=now)
    [secret] = links(now)
    answer = Browser().post(address(secret), {"q9": "5", "page": "3"} | LANGUAGE)
    assert answer["Location"].endswith("page=1")
    assert Answer.objects.get().question.line == 9


def test_the_language_is_the_contacts_and_may_be_switched_without_losing_anything(cast, link):
    assert "总体满意吗?" in Browser().get(address(link)).content.decode()
    answer = Browser().post(address(link), said(language="zh-hans", to="en", **{f"q{ELSE}": "快"}))
    assert answer["Location"].endswith("?language=en&page=1")
    page = Browser().get(answer["Location"]).content.decode()
    assert "Satisfied?" in page and "快" in page
    assert Invitation.objects.get().state == "open"


def test_whoever_wants_no_more_says_so_by_a_button_not_by_looking(cast, link):
    where = reverse("survey_no_more", args=[link])
    Browser().get(where)
    cast.contact.refresh_from_db()
    assert not cast.contact.wants_no_surveys
    assert Browser().post(where, LANGUAGE).status_code == 200
    cast.contact.refresh_from_db()
    assert cast.contact.wants_no_surveys and cast.contact.no_surveys_by is None
    assert Invitation.objects.get().state == "withdrawn"
    assert Browser().post(where, LANGUAGE).status_code == 200


def test_thank_you_in_a_comment_means_nothing_bad(link):
    Browser().post(address(link), said(**{f"q{ELSE}": "Thank you! 谢谢!投诉?没有!"}))
    assert not AnswerSheet.objects.bad().exists() and not Answer.objects.filter(is_bad=True).exists()


@pytest.mark.parametrize(
    ("more", "bad"),
    [
        ({f"q{SATISFIED}": "2"}, [1]),
        ({f"q{SOLVED_LINE}": "no"}, [2]),
        ({"is_complaint": "on"}, []),
        ({f"q{SATISFIED}": "3"}, None),
    ],
)
def test_a_number_or_a_tick_makes_it_bad(link, more, bad):
    Browser().post(address(link), said(**more))
    assert AnswerSheet.objects.bad().exists() == (bad is not None)
    found = Answer.objects.filter(is_bad=True).values_list("question__line", flat=True)
    assert list(found) == (bad or [])


def test_why_is_kept_only_where_it_is_asked(link):
    Browser().post(address(link), said(**{f"q{SATISFIED}": "5", f"why{SATISFIED}": "x"}))
    assert Answer.objects.get(question__line=SATISFIED).why == ""


def test_why_is_kept_of_a_low_one(link):
    Browser().post(address(link), said(**{f"q{SATISFIED}": "3", f"why{SATISFIED}": " 太慢 "}))
    assert Answer.objects.get(question__line=SATISFIED).why == "太慢"


def test_a_flood_of_forms_by_one_link_is_held_up(link, monkeypatch):
    monkeypatch.setattr(actions, "MOST_SENT", 3)
    statuses = [Browser().post(address(link), said(to="back")).status_code for _n in range(5)]
    assert statuses == [302, 302, 302, 429, 429]


def test_two_links_of_one_invitation_are_spent_together(cast, link):
    now = timezone.now()
    other = new_token(Invitation.objects.get(), expires_at=now + DAY, now=now)
    Browser().post(address(link), said())
    assert b"Thank you" in Browser().get(address(other) + "?language=en").content


def test_a_link_never_stands_in_a_log(link):
    assert link not in SECRET.sub(r"\1…", f"Not Found: {address(link)}")
