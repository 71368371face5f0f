"""Answers that people key: by phone, on site, from paper; never about one's own work (§4.1.2)."""

from __future__ import annotations

import io
from datetime import timedelta

import pypdf
import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.models import Channel
from opsdesk.testing import MONDAY, Cast
from staff.refused import Refused
from staff.tests.hostile import PDF, upload
from surveys import actions
from surveys.actions import AnswersRefused, Given, Source
from surveys.models import Answer, AnswerSheet, CampaignKind, Invitation, Outreach, SheetFile
from surveys.paper.setting import printed
from surveys.tests.surveys import (
    DAY,
    ELSE,
    HOUR,
    SATISFIED,
    SOLVED_LINE,
    closed,
    invited,
    links,
    reachable,
    running,
)
from surveys.tokens import token_of
from tickets.tests.test_views import signed_in

GOOD = Given({SATISFIED: 5, SOLVED_LINE: "yes"}, {}, False, False)
SCAN = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def phoned(now=MONDAY) -> Source:
    return Source(Channel.PHONE, now, "孙主任本人,0755-8888 8877")


def lettered(now=MONDAY, **more) -> Source:
    facts = {"evidence": "存档柜 3", "files": [upload("scan.pdf", PDF)]} | more
    return Source(Channel.LETTER, now, **facts)


@pytest.fixture
def invitation(cast: Cast) -> Invitation:
    return invited(cast)


@pytest.fixture
def about_a_record(cast: Cast) -> Invitation:
    """An open one about a record that 陈工 owns and solved."""
    reachable(cast)
    campaign = running(cast, CampaignKind.AFTER_TICKET, now=MONDAY - HOUR)
    closed(cast)
    actions.tend_surveys(now=MONDAY + DAY)
    return campaign.invitations.get()


def test_an_operator_keys_what_he_was_told_on_the_phone(cast, invitation):
    sheet = actions.key_answers(invitation, GOOD, phoned(), by=cast.li, now=MONDAY)
    invitation.refresh_from_db()
    assert invitation.state == "answered" and sheet.finished_at == MONDAY
    assert (sheet.channel, sheet.keyed_by, sheet.collected_by, sheet.score) == (
        "phone",
        cast.li,
        cast.li,
        100,
    )


def test_who_may_key(cast, invitation):
    for person in (cast.chen, cast.liu, cast.zhao, cast.outsider, cast.sun):
        with pytest.raises(Refused) as refused:
            actions.key_answers(invitation, GOOD, phoned(), by=person, now=MONDAY)
        assert refused.value.code == "forbidden"
    for person in (cast.li, cast.wang, cast.zhou, cast.admin):
        assert actions.may_key(invitation, person)


def test_nobody_keys_what_is_said_about_his_own_work(cast, about_a_record):
    cast.chen.role = "operator"  # he may be what he will
    cast.chen.save()
    with pytest.raises(Refused) as refused:
        actions.key_answers(about_a_record, GOOD, phoned(), by=cast.chen, now=MONDAY + DAY)
    assert refused.value.code == "forbidden" and not AnswerSheet.objects.exists()
    page = signed_in(cast.chen).post(reverse("surveys:key", args=[about_a_record.pk]), {"q1": "5"})
    assert page.status_code == 403


def test_nor_whoever_solved_it_before_it_was_given_to_another(cast, about_a_record):
    about_a_record.ticket.owner = cast.li
    about_a_record.ticket.save(update_fields=["owner"])
    Invitation.objects.update(engineer=None)
    found = Invitation.objects.get()
    assert actions.is_concerned(found, cast.chen) and actions.is_concerned(found, cast.li)
    assert not actions.is_concerned(found, cast.wang)


@pytest.mark.parametrize(
    ("source", "field"),
    [
        (Source(Channel.PHONE, MONDAY, " "), "evidence"),
        (Source(Channel.WEB, MONDAY, "x"), "channel"),
        (Source(Channel.API, MONDAY, "x"), "channel"),
        (Source(Channel.LETTER, MONDAY, "x"), "files"),
        (Source(Channel.FAX, MONDAY, "x"), "files"),
        (Source(Channel.PHONE, MONDAY + timedelta(minutes=1), "x"), "given_at"),
    ],
)
def test_each_says_how_it_came_in_and_what_proves_it(cast, invitation, source, field):
    with pytest.raises(Refused) as refused:
        actions.key_answers(invitation, GOOD, source, by=cast.li, now=MONDAY)
    assert refused.value.field == field and not AnswerSheet.objects.exists()


def test_what_is_no_answer_names_its_question(cast, invitation):
    with pytest.raises(AnswersRefused) as refused:
        actions.key_answers(
            invitation, Given({SATISFIED: 9, SOLVED_LINE: "x"}), phoned(), by=cast.li, now=MONDAY
        )
    assert {line: fault.value for line, fault in refused.value.faults.items()} == {
        SATISFIED: "not_a_point",
        SOLVED_LINE: "not_an_option",
    }
    assert not AnswerSheet.objects.exists()


def test_what_was_answered_by_the_link_is_not_keyed_and_the_other_way_round(cast, invitation):
    [secret] = links()
    actions.key_answers(invitation, GOOD, phoned(), by=cast.li, now=MONDAY)
    assert actions.door(token_of(secret), MONDAY) == actions.Door.ANSWERED
    with pytest.raises(Refused) as refused:
        actions.key_answers(invitation, GOOD, phoned(), by=cast.wang, now=MONDAY)
    assert refused.value.code == "wrong_status"


def test_what_was_begun_by_the_link_gives_way_to_what_is_said_on_the_phone(cast, invitation):
    [secret] = links()
    questions = list(invitation.version.questions.all())
    actions.save_page(
        token_of(secret), questions, Given({SATISFIED: 1, ELSE: "x"}), language="en", now=MONDAY
    )
    actions.key_answers(invitation, GOOD, phoned(), by=cast.li, now=MONDAY)
    assert {one.question.line: one.value for one in Answer.objects.select_related("question")} == {
        SATISFIED: 5,
        SOLVED_LINE: "yes",
    }


def test_paper_that_comes_late_is_keyed_still(cast, invitation):
    actions.tend_surveys(now=MONDAY + 10 * DAY)
    actions.tend_surveys(now=MONDAY + 30 * DAY)
    invitation.refresh_from_db()
    assert invitation.state == "no_response"
    actions.key_answers(invitation, GOOD, lettered(), by=cast.li, now=MONDAY + 40 * DAY)
    invitation.refresh_from_db()
    assert invitation.state == "answered"


# Paper


def test_a_printed_questionnaire_is_keyed_back_by_its_number_with_its_scan(cast):
    reachable(cast, email="")
    campaign = running(cast, channels=[Channel.LETTER])
    actions.tend_surveys(now=MONDAY)
    task = Outreach.objects.get()
    browser = signed_in(cast.li)
    page = browser.post(reverse("surveys:paper", args=[task.invitation_id]))
    assert page["Content-Type"] == "application/pdf"
    text = pypdf.PdfReader(io.BytesIO(page.content)).pages[0].extract_text()
    number = campaign.invitations.get().number
    assert number in text and "总体满意吗?" in text and "市一医院" in text
    browser.post(reverse("surveys:task_step", args=[task.pk, "posted"]))
    task.refresh_from_db()
    assert (task.state, task.done_by) == ("done", cast.li)
    answer = browser.get(reverse("surveys:by_number"), {"number": f" {number.lower()} "})
    assert answer["Location"] == f"{reverse('surveys:key', args=[task.invitation_id])}?way=letter"
    assert browser.get(answer["Location"]).status_code == 200
    facts = {
        "q1": "4",
        "q2": "yes",
        "q3": "谢谢",
        "channel": "letter",
        "given_at": "2026-11-23T09:00",
        "evidence": "",
    }
    scan = io.BytesIO(SCAN)
    scan.name = "scan.pdf"
    answer = browser.post(answer["Location"], facts | {"files": [scan]})
    assert answer.status_code == 302, answer.content.decode()
    sheet = AnswerSheet.objects.get()
    assert sheet.finished_at and sheet.channel == "letter" and not sheet.is_bad
    assert SheetFile.objects.get().name == "scan.pdf"
    shown = browser.get(reverse("surveys:sheet_file", args=[task.invitation_id, SheetFile.objects.get().pk]))
    assert shown.status_code == 200
    assert (
        signed_in(cast.outsider)
        .get(reverse("surveys:sheet_file", args=[task.invitation_id, SheetFile.objects.get().pk]))
        .status_code
        == 404
    )


def test_a_number_with_a_slip_finds_nobody_elses_sheet(cast, invitation):
    number = invitation.number
    wrong = f"{number[:-1]}{(int(number[-1]) + 1) % 10}"
    page = signed_in(cast.li).get(reverse("surveys:by_number"), {"number": wrong})
    assert page.status_code == 404 and wrong in page.content.decode()
    assert signed_in(cast.outsider).get(reverse("surveys:by_number"), {"number": number}).status_code == 404


def test_the_printed_code_leads_to_the_same_survey(cast, invitation):
    content = printed([invitation], now=MONDAY)
    assert content.startswith(b"%PDF")
    assert invitation.tokens.count() == 1
    assert Browser().get(reverse("survey", args=["x" * 32])).status_code == 404


# Keyed twice


@pytest.fixture
def keyed_once(cast: Cast) -> AnswerSheet:
    reachable(cast, email="")
    campaign = running(cast, channels=[Channel.LETTER], is_double_keyed=True)
    actions.tend_surveys(now=MONDAY)
    given = Given({SATISFIED: 4, SOLVED_LINE: "yes", ELSE: "很好"}, {}, False, True)
    return actions.key_answers(campaign.invitations.get(), given, lettered(), by=cast.li, now=MONDAY)


def test_paper_that_is_keyed_twice_counts_after_the_second_time(cast, keyed_once):
    assert not AnswerSheet.objects.finished().exists()
    with pytest.raises(Refused):
        actions.key_again(keyed_once, actions.kept(keyed_once), by=cast.li, now=MONDAY)  # the same person
    second = actions.key_again(keyed_once, actions.kept(keyed_once), by=cast.wang, now=MONDAY + HOUR)
    assert second.differences == []
    assert AnswerSheet.objects.finished().get().score == 80


def test_a_difference_asks_and_is_settled_with_the_paper_in_hand(cast, keyed_once):
    other = Given({SATISFIED: 2, SOLVED_LINE: "yes", ELSE: "很好"}, {}, True, True)
    second = actions.key_again(keyed_once, other, by=cast.wang, now=MONDAY + HOUR)
    assert second.differences == [str(SATISFIED), "is_complaint"]
    assert not AnswerSheet.objects.finished().exists()
    place = reverse("surveys:settle", args=[keyed_once.invitation_id])
    page = signed_in(cast.wang).get(place).content.decode()
    assert "Keyed differently:" in page and "is-different" in page
    facts = {"q1": "2", "q2": "yes", "q3": "很好", "is_complaint": "on", "wants_reply": "on"}
    assert signed_in(cast.wang).post(place, facts).status_code == 302
    sheet = AnswerSheet.objects.finished().get()
    assert sheet.is_bad and sheet.is_complaint and sheet.second.settled_by == cast.wang
    assert sheet.answers.get(question__line=SATISFIED).is_bad
    with pytest.raises(Refused):
        actions.settle(sheet, other, by=cast.wang, now=MONDAY)


def test_a_telephone_call_is_not_keyed_twice(cast):
    reachable(cast)
    campaign = running(cast, is_double_keyed=True)
    actions.tend_surveys(now=MONDAY)
    sheet = actions.key_answers(campaign.invitations.get(), GOOD, phoned(), by=cast.li, now=MONDAY)
    assert sheet.finished_at


def test_what_was_keyed_for_the_wrong_number_is_thrown_away_before_it_counts(cast, keyed_once):
    with pytest.raises(Refused):
        actions.discard_keying(keyed_once, reason="x", by=cast.li, now=MONDAY)
    actions.discard_keying(keyed_once, reason="号码看错", by=cast.zhou, now=MONDAY)
    assert not AnswerSheet.objects.exists() and Invitation.objects.get().is_open
