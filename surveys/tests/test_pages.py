"""The pages of surveys: who sees and does what, and that nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Contact
from opsdesk.testing import Cast
from surveys import actions
from surveys.models import Campaign, CampaignKind, Exclusion, Invitation, Outreach, Questionnaire
from surveys.tests.surveys import DAY, HOUR, closed, invited, published, reachable, running
from tickets.tests.test_views import signed_in

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def about_a_record(cast: Cast) -> Invitation:
    now = timezone.now()
    reachable(cast)
    campaign = running(cast, CampaignKind.AFTER_TICKET, now=now - 2 * DAY - HOUR)
    closed(cast, now - 2 * DAY)
    actions.tend_surveys(now=now)
    return campaign.invitations.get()


def pages(invitation: Invitation) -> list[str]:
    one, version = [invitation.pk], invitation.version
    return [
        reverse("surveys:campaigns"),
        reverse("surveys:campaign", args=[invitation.campaign_id]),
        reverse("surveys:exclusions", args=[invitation.campaign_id]),
        reverse("surveys:questionnaires"),
        reverse("surveys:questionnaire", args=[version.questionnaire_id]),
        reverse("surveys:preview", args=[version.questionnaire_id, version.number]),
        reverse("surveys:invitations"),
        reverse("surveys:invitation", args=one),
        reverse("surveys:tasks"),
        reverse("surveys:by_number"),
    ]


def test_who_sees_the_pages(cast, about_a_record):
    for person in (cast.li, cast.wang, cast.zhou, cast.zhao, cast.admin, cast.liu, cast.chen):
        browser = signed_in(person)
        for url in pages(about_a_record):
            assert browser.get(url).status_code == 200, (person, url)
    contact = signed_in(cast.sun)
    for url in [*pages(about_a_record), reverse("surveys:key", args=[about_a_record.pk])]:
        assert contact.get(url).status_code == 403, url


def test_another_group_sees_nothing_of_ones_answers(cast, about_a_record):
    stranger = signed_in(cast.outsider)
    assert stranger.get(reverse("surveys:invitation", args=[about_a_record.pk])).status_code == 404
    assert about_a_record.number not in stranger.get(reverse("surveys:invitations")).content.decode()
    assert stranger.post(reverse("surveys:paper", args=[about_a_record.pk])).status_code == 404


def test_an_engineer_sees_answers_about_his_own_records_only(cast, about_a_record):
    other = invited_by_campaign(cast)
    listed = signed_in(cast.chen).get(reverse("surveys:invitations")).content.decode()
    assert about_a_record.number in listed and other.number not in listed
    page = signed_in(cast.chen).get(reverse("surveys:invitation", args=[about_a_record.pk])).content.decode()
    assert "about your own work" in page and "Ask or key" not in page


def invited_by_campaign(cast: Cast) -> Invitation:
    Contact.objects.create(client=cast.hospital, name="王护士", email="w@hospital.test")
    campaign = running(cast, version=published(cast.zhou, name="b"), now=timezone.now())
    return campaign.invitations.get()


@pytest.mark.parametrize("person", ["li", "chen", "zhao", "liu"])
def test_who_does_not_run_surveys_may_not_by_the_address_either(cast, about_a_record, person):
    browser, one = signed_in(getattr(cast, person)), about_a_record.version.questionnaire_id
    campaign = about_a_record.campaign_id
    assert browser.get(reverse("surveys:campaign_create")).status_code == 403
    assert browser.get(reverse("surveys:questionnaire_create")).status_code == 403
    for name, args in (
        ("campaign_start", [campaign]),
        ("campaign_close", [campaign]),
        ("questionnaire_begin", [one]),
        ("questionnaire_retire", [one]),
    ):
        assert browser.post(reverse(f"surveys:{name}", args=args)).status_code == 403, name


def test_nothing_changes_by_looking(cast, about_a_record):
    browser, one = signed_in(cast.zhou), about_a_record.version.questionnaire_id
    for name, args in (
        ("campaign_start", [about_a_record.campaign_id]),
        ("questionnaire_publish", [one]),
        ("paper", [about_a_record.pk]),
        ("papers", []),
        ("invitation_step", [about_a_record.pk, "withdraw"]),
    ):
        assert browser.get(reverse(f"surveys:{name}", args=args)).status_code == 405, name


def test_a_questionnaire_is_written_tried_out_and_published(cast):
    browser = signed_in(cast.wang)
    answer = browser.post(reverse("surveys:questionnaire_create"), {"name": "季度", "name_en": "Quarterly"})
    one = Questionnaire.objects.get()
    assert answer["Location"] == reverse("surveys:questionnaire_edit", args=[one.pk])
    new = reverse("surveys:question_create", args=[one.pk])
    facts = {
        "kind": "scale",
        "dimension": "overall",
        "text": "满意吗?",
        "text_en": "Satisfied?",
        "weight": "2",
        "anchors": "很不满意 | very bad\n不满意\n一般\n满意\n很满意 | very good",
        "bad_at": "2",
        "why_at": "3",
        "options": "",
        "rows": "",
        "is_required": "on",
    }
    assert browser.post(new, facts).status_code == 302
    wrong = browser.post(new, facts | {"kind": "single", "options": "a"})
    assert (
        wrong.status_code == 422
        and b"at least two values" in wrong.content
        and b"Satisfied?" in wrong.content
    )
    assert (
        browser.post(
            new, facts | {"kind": "multi", "options": "\u7535\u8bdd | Phone\nb", "weight": "0"}
        ).status_code
        == 302
    )
    preview = reverse("surveys:preview", args=[one.pk, 1])
    assert "very good" in browser.get(preview, {"language": "en"}).content.decode()
    assert "很满意" in browser.get(preview, {"language": "zh-hans"}).content.decode()
    assert browser.post(preview + "?language=en", {"q1": ""}).status_code == 422
    assert b"Nothing was kept" in browser.post(preview + "?language=en", {"q1": "5", "q2": ["o1"]}).content
    move = reverse("surveys:question_move", args=[one.pk, 2])
    assert browser.post(move, {"to": "up"})["Location"].endswith("#question-2")
    browser.post(reverse("surveys:questionnaire_words", args=[one.pk]), {"intro": "您好", "asks_reply": "on"})
    browser.post(reverse("surveys:questionnaire_publish", args=[one.pk]))
    version = one.versions.get()
    assert version.published_by == cast.wang and version.intro == "您好" and not version.asks_complaint
    assert [question.kind for question in version.questions.all()] == ["multi", "scale"]
    assert browser.get(new).status_code == 404  # no version is being written


def test_a_campaign_is_prepared_changed_started_and_closed(cast):
    reachable(cast)
    version, browser = published(cast.zhou), signed_in(cast.zhou)
    page = browser.get(reverse("surveys:campaign_create")).content.decode()
    assert "not from the process document" in page
    facts = {
        "kind": "periodic",
        "name": "2026 下半年",
        "version": version.pk,
        "first": "email",
        "second": "phone",
        "reminder_days": "3, 7",
        "cooldown_days": "90",
        "delay_hours": "24",
        "next_way_days": "10",
        "close_days": "21",
        "token_days": "14",
        "rules": "",
    }
    wrong = browser.post(reverse("surveys:campaign_create"), facts | {"second": "email"})
    assert wrong.status_code == 422 and "2026 下半年" in wrong.content.decode()
    assert browser.post(reverse("surveys:campaign_create"), facts).status_code == 302
    campaign = Campaign.objects.get()
    change = reverse("surveys:campaign_edit", args=[campaign.pk])
    assert browser.post(change, facts | {"name": "b", "edition": "1"}).status_code == 302
    stale = browser.post(change, facts | {"name": "c", "edition": "1"})
    assert stale.status_code == 422 and b"Somebody else has changed this" in stale.content
    browser.post(reverse("surveys:campaign_start", args=[campaign.pk]))
    campaign.refresh_from_db()
    assert (campaign.state, campaign.name, campaign.channels) == ("running", "b", ["email", "phone"])
    assert campaign.invitations.count() == 1
    browser.post(reverse("surveys:campaign_close", args=[campaign.pk]))
    campaign.refresh_from_db()
    assert campaign.state == "closed"


def test_shares_are_written_as_lines(cast):
    version, browser = published(cast.zhou), signed_in(cast.zhou)
    facts = {
        "kind": "after_ticket",
        "name": "x",
        "version": version.pk,
        "first": "email",
        "cooldown_days": "30",
        "reminder_days": "",
        "delay_hours": "24",
        "next_way_days": "10",
        "close_days": "21",
        "token_days": "14",
    }
    wrong = browser.post(reverse("surveys:campaign_create"), facts | {"rules": "1 = 100\n7 = x"})
    assert b"Line 2 cannot be read" in wrong.content
    assert (
        browser.post(
            reverse("surveys:campaign_create"), facts | {"rules": "1 = 100\n3/A = 50 %\n- = 10"}
        ).status_code
        == 302
    )
    rules = Campaign.objects.get().rules.order_by("pk").values_list("grade", "type__code", "percent")
    assert list(rules) == [(1, None, 100), (3, "A", 50), (None, None, 10)]


def test_an_exception_is_approved_on_the_campaigns_page(cast):
    now = timezone.now()
    invited(cast, now - 10 * DAY)
    campaign = running(
        cast, CampaignKind.AFTER_TICKET, version=published(cast.zhou, name="b"), now=now - 2 * DAY
    )
    closed(cast, now - DAY, level=1)
    actions.tend_surveys(now=now)
    place = reverse("surveys:exclusion_approve", args=[Exclusion.objects.get().pk])
    assert (
        b"Ask nevertheless"
        in signed_in(cast.zhou).get(reverse("surveys:campaign", args=[campaign.pk])).content
    )
    signed_in(cast.li).post(place, {"reason": "x"})
    assert not campaign.invitations.exists()
    signed_in(cast.zhou).post(place, {"reason": "重大故障"})
    assert campaign.invitations.get().is_exception


def test_the_phone_screen_has_script_wishes_and_keys_the_answers(cast):
    now = timezone.now()
    reachable(cast, email="", preferences="下午三点以后", taboos="不要提价格")
    Contact.objects.filter(pk=cast.contact.pk).update(name="孙主任")
    campaign = running(cast, channels=["phone"], now=now)
    actions.tend_surveys(now=now)
    invitation, browser = campaign.invitations.get(), signed_in(cast.li)
    assert invitation.client.name_en in browser.get(reverse("surveys:tasks")).content.decode()
    place = reverse("surveys:key", args=[invitation.pk])
    page = browser.get(place).content.decode()
    assert "下午三点以后" in page and "不要提价格" in page and "0755-8888 8877" in page
    local = timezone.localtime(now).strftime("%Y-%m-%dT%H:%M")
    facts = {"q1": "2", "why1": "太慢", "q2": "yes", "q3": "", "channel": "phone", "given_at": local}
    wrong = browser.post(place, facts | {"evidence": "", "q1": ""})
    assert wrong.status_code == 422
    wrong = browser.post(place, facts | {"evidence": ""})
    assert wrong.status_code == 422 and "太慢" in wrong.content.decode()
    assert browser.post(place, facts | {"evidence": "本人"}).status_code == 302
    page = browser.get(reverse("surveys:invitation", args=[invitation.pk])).content.decode()
    assert "bad answer" in page and "太慢" in page
    assert not Outreach.objects.to_do().exists()


def test_what_a_page_fetches_later_is_for_those_who_see_the_page(cast, about_a_record):
    for name, pk in (
        ("tickets:afterwards", about_a_record.ticket_id),
        ("clients:standing", cast.hospital.pk),
    ):
        url = reverse(name, args=[pk])
        assert signed_in(cast.li).get(url).status_code == 200
        assert signed_in(cast.sun).get(url).status_code == 403
        assert signed_in(cast.outsider).get(url).status_code == 404


def test_records_and_clients_show_their_surveys(cast, about_a_record):
    record = reverse("tickets:afterwards", args=[about_a_record.ticket_id])
    assert about_a_record.number in signed_in(cast.li).get(record).content.decode()
    [sheet] = [
        actions.key_answers(
            about_a_record,
            actions.Given({1: 4}),
            actions.Source("phone", timezone.now(), "x"),
            by=cast.li,
            now=timezone.now(),
        )
    ]
    page = (
        signed_in(cast.li)
        .get(reverse("clients:standing", args=[cast.hospital.pk]), headers=ENGLISH)
        .content.decode()
    )
    assert "80.0 %" in page and sheet.score == 80
    assert re.search(r"Satisfaction in 90 days.{,80}>80<.{,100}>1 answer<", page)


@pytest.mark.parametrize("name", ["surveys:invitations", "surveys:tasks", "surveys:campaigns"])
def test_a_list_costs_the_same_however_long_it_is(cast, name):
    reachable(cast)
    running(cast, now=timezone.now(), channels=["letter"])
    browser = signed_in(cast.zhou)

    def cost() -> int:
        actions.tend_surveys(now=timezone.now())
        browser.get(reverse(name))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get(reverse(name)).status_code == 200
        return len(queries)

    one = cost()
    for number in range(6):
        Contact.objects.create(client=cast.hospital, name=str(number))
    running(cast, version=published(cast.zhou, name="b"), now=timezone.now(), channels=["letter"])
    assert cost() == one
