"""Campaigns, invitations and what becomes of them (§4.1.2)."""

from __future__ import annotations

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from clients.models import ArchiveEntry, Channel, Contact
from opsdesk.testing import MONDAY, at
from staff.models import DeliveryState
from staff.refused import Refused
from surveys import actions
from surveys.models import (
    Campaign,
    CampaignKind,
    Exclusion,
    Invitation,
    InvitationState,
    Outreach,
    OutreachState,
    Questionnaire,
    SurveyEvent,
    SurveyMail,
    Token,
)
from surveys.tests.surveys import (
    DAY,
    HOUR,
    SCALE,
    close,
    closed,
    invited,
    links,
    published,
    reachable,
    running,
    terms,
)
from surveys.tokens import token_of
from tickets.actions import merge, reopen
from tickets.models import Grade

AFTER = CampaignKind.AFTER_TICKET


def state(invitation: Invitation) -> str:
    return Invitation.objects.get(pk=invitation.pk).state


def reasons(campaign: Campaign) -> list[str]:
    return sorted(campaign.exclusions.values_list("reason", flat=True))


# Questionnaires


def test_a_published_version_never_changes_and_answers_keep_theirs(cast):
    first = published(cast.wang)
    with pytest.raises(Refused):
        actions.save_question(first, SCALE, line=1, by=cast.wang)
    draft = actions.draft_version(first.questionnaire, by=cast.wang)
    actions.save_question(draft, {**SCALE, "text": "新的"}, line=1, by=cast.wang)
    actions.publish_version(draft, by=cast.wang, now=MONDAY)
    assert first.questions.get(line=1).text == "总体满意吗?"
    assert draft.questions.get(line=1).text == "新的"


def test_who_may_write_questionnaires(cast):
    for person in (cast.li, cast.chen, cast.liu, cast.zhao, cast.sun):
        with pytest.raises(Refused) as refused:
            actions.write_questionnaire("x", by=person, now=MONDAY)
        assert refused.value.code == "forbidden"
    for number, person in enumerate((cast.wang, cast.zhou, cast.admin)):
        actions.write_questionnaire(str(number), by=person, now=MONDAY)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"text": " "}, "text"),
        ({"bad_at": 5}, "bad_at"),
        ({"why_at": 9}, "why_at"),
        ({"anchors": [{"text": str(n)} for n in range(6)]}, "anchors"),
        ({"kind": "single", "options": [{"text": "a"}]}, "options"),
        ({"kind": "multi", "options": [{"text": "a"}, {"text": "a"}]}, "options"),
        ({"kind": "matrix", "rows": []}, "rows"),
    ],
)
def test_a_question_at_fault_names_its_field(cast, facts, field):
    made = actions.write_questionnaire("x", by=cast.wang, now=MONDAY)
    draft = actions.draft_version(made, by=cast.wang)
    with pytest.raises(Refused) as refused:
        actions.save_question(draft, {**SCALE, **facts}, line=None, by=cast.wang)
    assert refused.value.field == field


def test_options_keep_their_keys_when_their_words_change(cast):
    made = actions.write_questionnaire("x", by=cast.wang, now=MONDAY)
    draft = actions.draft_version(made, by=cast.wang)
    facts = {**SCALE, "kind": "single", "options": [{"text": "a"}, {"text": "b"}]}
    question = actions.save_question(draft, facts, line=None, by=cast.wang)
    assert [one["key"] for one in question.options] == ["o1", "o2"]
    options = [{"key": "o2", "text": "B"}, {"text": "c"}, {"key": "o1", "text": "a"}]
    question = actions.save_question(draft, {**facts, "options": options}, line=question.line, by=cast.wang)
    assert [(one["key"], one["text"]) for one in question.options] == [("o2", "B"), ("o3", "c"), ("o1", "a")]


def test_questions_change_places_and_keep_their_lines(cast):
    draft = actions.draft_version(published(cast.wang).questionnaire, by=cast.wang)
    actions.move_question(draft, 3, up=True, by=cast.wang)
    assert list(draft.questions.values_list("line", flat=True)) == [1, 3, 2]
    actions.move_question(draft, 1, up=True, by=cast.wang)
    actions.remove_question(draft, 3, by=cast.wang)
    added = actions.save_question(draft, SCALE, line=None, by=cast.wang)
    assert added.line == 4  # a number once used is not used again
    assert list(draft.questions.values_list("line", flat=True)) == [1, 2, 4]


def test_the_two_usual_questionnaires_come_once(cast):
    actions.load_defaults(now=MONDAY)
    actions.load_defaults(now=MONDAY)
    found = {one.name_en: one.versions.get() for one in Questionnaire.objects.all()}
    assert sorted(version.questions.count() for version in found.values()) == [3, 10]


# Periodic campaigns


def test_a_campaign_asks_each_contact_once_and_a_second_run_asks_nobody(cast):
    reachable(cast)
    Contact.objects.create(client=cast.hospital, name="王护士", email="wang@hospital.test")
    campaign = running(cast)
    assert campaign.invitations.count() == 2
    for _run in range(3):
        actions.tend_surveys(now=MONDAY)
    assert list(campaign.invitations.values_list("state", flat=True)) == ["open", "open"]
    assert SurveyMail.objects.count() == 2
    links()
    assert sorted(message.to[0] for message in mail.outbox) == ["sun@hospital.test", "wang@hospital.test"]


def test_a_campaign_waits_for_its_first_day(cast):
    reachable(cast)
    campaign = running(cast, opens_on=(MONDAY + 2 * DAY).date())
    actions.tend_surveys(now=MONDAY)
    assert state(campaign.invitations.get()) == "planned"
    actions.tend_surveys(now=at("2026-11-25 09:00"))
    assert state(campaign.invitations.get()) == "open"


def test_a_supervisor_runs_the_surveys_of_his_group_and_qa_those_of_the_company(cast):
    version = published(cast.zhou)
    with pytest.raises(Refused):
        actions.make_campaign(terms(version), by=cast.wang, now=MONDAY)
    with pytest.raises(Refused):
        actions.make_campaign(terms(version, group=cast.north), by=cast.wang, now=MONDAY)
    made = actions.make_campaign(terms(version, group=cast.south), by=cast.wang, now=MONDAY)
    actions.start_campaign(made, by=cast.wang, now=MONDAY)
    for person in (cast.li, cast.chen, cast.zhao, cast.liu, cast.sun):
        with pytest.raises(Refused):
            actions.make_campaign(terms(version, group=cast.south), by=person, now=MONDAY)


def test_only_the_clients_that_a_campaign_names_are_asked(cast):
    reachable(cast)
    assert running(cast, group=cast.north, name="n").invitations.count() == 0
    other = cast.hospital.type.__class__.objects.exclude(pk=cast.hospital.type_id).first()
    assert running(cast, types=[other], version=published(cast.zhou, name="b")).invitations.count() == 0
    assert running(cast, systems=[cast.his], version=published(cast.zhou, name="c")).invitations.count() == 1


# Rest, opting out, one at a time


def test_whoever_was_sent_a_survey_rests_whether_he_answered_or_not(cast):
    actions.close_campaign(invited(cast).campaign, by=cast.zhou, now=MONDAY + DAY)
    second = running(cast, version=published(cast.zhou, name="b"), now=MONDAY + 89 * DAY)
    assert reasons(second) == ["cooldown"] and second.invitations.count() == 0
    third = running(cast, version=published(cast.zhou, name="c"), now=MONDAY + 90 * DAY)
    assert third.invitations.count() == 1


def test_nobody_has_two_surveys_before_him(cast):
    invited(cast)
    second = running(cast, version=published(cast.zhou, name="b"), cooldown_days=0)
    assert reasons(second) == ["open_survey"]


def test_two_planned_at_once_are_not_both_sent(cast):
    reachable(cast)
    first = running(cast, opens_on=(MONDAY + DAY).date())
    second = running(cast, version=published(cast.zhou, name="b"), now=MONDAY, cooldown_days=0)
    assert reasons(second) == ["open_survey"]
    one = first.invitations.get()
    Invitation.objects.create(
        campaign=second,
        version=second.version,
        client=cast.hospital,
        contact=cast.contact,
        group=cast.south,
        client_type=cast.hospital.type,
        channel="email",
        created_at=MONDAY,
        next_at=one.next_at,
    )
    second.exclusions.all().delete()
    actions.tend_surveys(now=MONDAY + 2 * DAY)
    assert sorted(Invitation.objects.values_list("state", flat=True)) == ["open", "withdrawn"]
    assert Exclusion.objects.count() == 1


def test_the_database_holds_one_open_survey_of_a_contact(cast):
    one = invited(cast)
    other = running(cast, version=published(cast.zhou, name="b"), group=cast.north)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            campaign=other,
            version=other.version,
            client=cast.hospital,
            contact=cast.contact,
            group=cast.south,
            client_type=cast.hospital.type,
            channel="email",
            state="open",
            created_at=MONDAY,
            sent_at=MONDAY,
            next_at=one.next_at,
        )


def test_whoever_wants_no_surveys_is_not_asked_and_what_he_has_is_taken_back(cast):
    invitation = invited(cast)
    actions.opt_out(invitation, now=MONDAY + HOUR)
    actions.opt_out(invitation, now=MONDAY + 2 * HOUR)
    cast.contact.refresh_from_db()
    assert cast.contact.no_surveys_since == MONDAY + HOUR
    told = ArchiveEntry.objects.filter(client=cast.hospital, at__gte=MONDAY + HOUR)
    assert [entry.by for entry in told] == [None]  # once, by himself
    assert state(invitation) == "withdrawn"
    later = running(cast, version=published(cast.zhou, name="b"), now=MONDAY + 400 * DAY)
    assert reasons(later) == ["opted_out"]


# After a record


def test_after_a_closed_record_one_is_sent_and_a_second_look_sends_none(cast):
    reachable(cast)
    campaign = running(cast, AFTER, now=MONDAY - HOUR)
    ticket = closed(cast)
    for _run in range(3):
        actions.tend_surveys(now=MONDAY + HOUR)
    invitation = campaign.invitations.get()
    assert (invitation.ticket, invitation.state) == (ticket, "planned")
    actions.tend_surveys(now=MONDAY + DAY)
    invitation.refresh_from_db()
    assert invitation.state == "open"
    assert (invitation.engineer, invitation.grade, invitation.system) == (cast.chen, 3, cast.his)


def test_what_was_closed_before_the_campaign_is_not_asked_about(cast):
    reachable(cast)
    closed(cast, MONDAY - DAY)
    campaign = running(cast, AFTER)
    actions.tend_surveys(now=MONDAY + HOUR)
    assert not campaign.invitations.exists() and not campaign.exclusions.exists()


def test_whom_it_is_attributed_to_is_frozen_at_sending(cast):
    reachable(cast)
    campaign = running(cast, AFTER, now=MONDAY - HOUR)
    ticket = closed(cast)
    actions.tend_surveys(now=MONDAY + DAY)
    type(ticket).objects.filter(pk=ticket.pk).update(owner=cast.li, group=cast.north, system=None)
    actions.tend_surveys(now=MONDAY + 2 * DAY)
    invitation = campaign.invitations.get()
    assert (invitation.engineer, invitation.group, invitation.system) == (cast.chen, cast.south, cast.his)


def test_what_is_left_out_is_counted_with_its_reason(cast):
    reachable(cast)
    campaign = running(cast, AFTER, now=MONDAY - HOUR, rules=[actions.Share(100, Grade.THREE)])
    closed(cast)
    closed(cast, caller_name=cast.li.name, contact=None)
    closed(cast, contact=None)
    closed(cast, level=Grade.TWO)
    closed(cast)
    actions.tend_surveys(now=MONDAY)
    assert reasons(campaign) == ["no_contact", "not_sampled", "open_survey", "staff"]
    assert campaign.invitations.count() == 1
    once = list(campaign.exclusions.order_by("pk").values_list("pk", "reason"))
    actions.tend_surveys(now=MONDAY + HOUR)
    assert list(campaign.exclusions.order_by("pk").values_list("pk", "reason")) == once


def test_a_merged_record_is_left_out_as_merged(cast):
    reachable(cast)
    campaign = running(cast, AFTER, now=MONDAY - 2 * HOUR)
    kept, double = cast.ticket(MONDAY - HOUR), cast.ticket(MONDAY - HOUR)
    merge(double, into=kept, by=cast.li, now=MONDAY)
    actions.tend_surveys(now=MONDAY)
    assert reasons(campaign) == ["merged"]


def test_a_reopened_record_takes_its_survey_back_and_the_next_solution_brings_another(cast):
    reachable(cast)
    campaign = running(cast, AFTER, now=MONDAY - HOUR, cooldown_days=0)
    ticket = closed(cast)
    actions.tend_surveys(now=MONDAY + DAY)
    [secret] = links(MONDAY + DAY)
    ticket.refresh_from_db()
    ticket = reopen(ticket, reason="还是不行", by=cast.li, now=MONDAY + DAY + HOUR)
    # At once, whether or not anything was swept since.
    assert actions.door(token_of(secret), MONDAY + DAY + HOUR) == actions.Door.WITHDRAWN
    actions.tend_surveys(now=MONDAY + DAY + HOUR)
    assert campaign.invitations.get().withdrawn_why == "reopened"
    close(cast, ticket, MONDAY + 2 * DAY)
    actions.tend_surveys(now=MONDAY + 3 * DAY)
    assert list(campaign.invitations.order_by("pk").values_list("round", "state")) == [
        (0, "withdrawn"),
        (1, "open"),
    ]


def test_a_grade_one_fault_may_be_asked_about_in_spite_of_the_rest_by_approval(cast):
    invited(cast, MONDAY - 10 * DAY)
    campaign = running(cast, AFTER, version=published(cast.zhou, name="b"), now=MONDAY - HOUR)
    ticket = closed(cast, level=Grade.ONE)
    actions.tend_surveys(now=MONDAY)
    exclusion = campaign.exclusions.get()
    assert exclusion.reason == "open_survey" and exclusion.ticket == ticket
    for person in (cast.li, cast.chen, cast.zhao):
        with pytest.raises(Refused):
            actions.approve_exception(exclusion, reason="x", by=person, now=MONDAY)
    with pytest.raises(Refused):
        actions.approve_exception(exclusion, reason=" ", by=cast.wang, now=MONDAY)
    actions.approve_exception(exclusion, reason="重大故障", by=cast.wang, now=MONDAY)
    with pytest.raises(Refused):
        actions.approve_exception(exclusion, reason="x", by=cast.wang, now=MONDAY)
    actions.tend_surveys(now=MONDAY + DAY)
    assert campaign.invitations.get().state == "open"


def test_what_was_left_out_only_when_its_turn_came_may_be_approved_too(cast):
    reachable(cast)
    campaign = running(cast, AFTER, now=MONDAY - HOUR)
    closed(cast, level=Grade.ONE)
    actions.tend_surveys(now=MONDAY)
    planned = campaign.invitations.get()
    wave = running(cast, version=published(cast.zhou, name="b"), group=cast.north, now=MONDAY)
    Invitation.objects.create(
        campaign=wave,
        version=wave.version,
        client=cast.hospital,
        contact=cast.contact,
        group=cast.south,
        client_type=cast.hospital.type,
        channel="email",
        state="no_response",
        created_at=MONDAY,
        sent_at=MONDAY,
        over_at=MONDAY,
    )
    actions.tend_surveys(now=MONDAY + DAY)
    assert state(planned) == "withdrawn" and reasons(campaign) == ["cooldown"]
    actions.approve_exception(campaign.exclusions.get(), reason="重大故障", by=cast.wang, now=MONDAY + DAY)
    actions.tend_surveys(now=MONDAY + DAY)
    assert state(planned) == "open" and campaign.invitations.count() == 1


def test_other_grades_have_no_exception(cast):
    invited(cast, MONDAY - 10 * DAY)
    campaign = running(cast, AFTER, version=published(cast.zhou, name="b"), now=MONDAY - HOUR)
    closed(cast, level=Grade.TWO)
    actions.tend_surveys(now=MONDAY)
    with pytest.raises(Refused):
        actions.approve_exception(campaign.exclusions.get(), reason="x", by=cast.wang, now=MONDAY)


def test_one_campaign_after_records_a_group(cast):
    running(cast, AFTER)
    with pytest.raises(Refused) as refused:
        running(cast, AFTER, version=published(cast.zhou, name="b"))
    assert refused.value.code == "in_use"
    own = running(cast, AFTER, version=published(cast.zhou, name="c"), group=cast.south)
    reachable(cast)
    closed(cast, MONDAY + HOUR)
    actions.tend_surveys(now=MONDAY + HOUR)
    assert own.invitations.count() == 1 and Invitation.objects.count() == 1


# Sent, reminded, rung, given up


def test_reminded_on_day_three_and_seven_then_rung_then_given_up(cast):
    invitation = invited(cast)
    links()
    seen = []
    for day in range(1, 25):
        actions.tend_surveys(now=MONDAY + day * DAY)
        links(MONDAY + day * DAY)
        kinds = SurveyEvent.objects.filter(at=MONDAY + day * DAY, invitation=invitation)
        seen += [(day, kind) for kind in kinds.order_by("pk").values_list("kind", flat=True)]
    assert seen == [(3, "reminded"), (7, "reminded"), (10, "next_way"), (21, "no_response")]
    assert len(mail.outbox) == 3 and len({m.extra_headers["Message-ID"] for m in mail.outbox}) == 3
    assert state(invitation) == "no_response"
    assert Outreach.objects.get(channel="phone").state == OutreachState.DROPPED
    assert Outreach.objects.filter(channel="email", state=OutreachState.DONE).count() == 3


def test_a_late_sweep_does_everything_once(cast):
    invitation = invited(cast)
    actions.tend_surveys(now=MONDAY + 8 * DAY)
    actions.tend_surveys(now=MONDAY + 8 * DAY)
    invitation.refresh_from_db()
    assert invitation.reminders == 2
    assert SurveyMail.objects.count() == 3


def test_an_email_that_fails_goes_by_phone_at_once(cast):
    invitation = invited(cast)
    SurveyMail.objects.update(state=DeliveryState.FAILED, error="550 no such user")
    actions.tend_surveys(now=MONDAY + HOUR)
    invitation.refresh_from_db()
    assert (invitation.state, invitation.channel) == ("open", "phone")
    assert invitation.bounced_at == MONDAY + HOUR
    assert Outreach.objects.get(channel="email").note == "550 no such user"


def test_where_no_other_way_is_left_it_was_not_delivered(cast):
    invitation = invited(cast, channels=[Channel.EMAIL])
    SurveyMail.objects.update(state=DeliveryState.FAILED, error="550")
    actions.tend_surveys(now=MONDAY + HOUR)
    assert state(invitation) == InvitationState.BOUNCED


def test_an_email_that_came_back_is_noted_by_hand(cast):
    invitation = invited(cast)
    links()
    actions.tend_surveys(now=MONDAY)
    actions.returned(invitation, note="mailbox unknown", by=cast.li, now=MONDAY + HOUR)
    invitation.refresh_from_db()
    assert invitation.channel == "phone" and invitation.bounced_at


def test_a_call_that_nobody_takes_is_tried_three_times(cast):
    reachable(cast, email="")
    campaign = running(cast, channels=[Channel.PHONE])
    actions.tend_surveys(now=MONDAY)
    invitation, task = campaign.invitations.get(), Outreach.objects.get()
    for number in range(3):
        assert state(invitation) == "open"
        actions.not_reached(task, by=cast.li, now=MONDAY + number * DAY)
    assert state(invitation) == "no_response"


def test_whoever_does_not_want_to_answer_is_not_rung_again(cast):
    reachable(cast, email="")
    campaign = running(cast, channels=[Channel.PHONE])
    actions.tend_surveys(now=MONDAY)
    actions.refuse(Outreach.objects.get(), note="没时间", by=cast.li, now=MONDAY)
    assert state(campaign.invitations.get()) == "refused"
    assert not Outreach.objects.to_do().exists()


def test_what_the_contact_prefers_comes_first(cast):
    reachable(cast, preferred_channel="phone")
    campaign = running(cast)
    assert campaign.invitations.get().channel == "phone"


def test_a_crash_between_sending_and_marking_loses_no_link(cast):
    invited(cast)
    links()
    SurveyMail.objects.update(
        state=DeliveryState.WAITING, next_try_at=MONDAY
    )  # the sender died before it noted
    first, second = links()
    assert first != second
    assert all(actions.door(token_of(one), MONDAY) == actions.Door.OPEN for one in (first, second))
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 1
    assert not Token.objects.filter(digest__in=[first, second]).exists()  # only what they hash to


def test_the_mail_is_in_the_contacts_language(cast):
    reachable(cast, language="en")
    running(cast)
    actions.tend_surveys(now=MONDAY)
    links()
    assert mail.outbox[0].subject == "How satisfied are you with our service?"
    assert "no password" in mail.outbox[0].body


def test_a_closed_campaign_asks_nobody(cast):
    reachable(cast)
    campaign = running(cast, opens_on=(MONDAY + DAY).date(), closes_on=(MONDAY + 20 * DAY).date())
    actions.close_campaign(campaign, by=cast.zhou, now=MONDAY)
    assert state(campaign.invitations.get()) == "withdrawn"
    actions.tend_surveys(now=MONDAY + 2 * DAY)
    assert not SurveyMail.objects.exists()


def test_a_campaign_ends_after_its_last_day(cast):
    invitation = invited(cast, closes_on=(MONDAY + DAY).date())
    actions.tend_surveys(now=MONDAY + DAY)
    assert state(invitation) == "open"
    actions.tend_surveys(now=MONDAY + 2 * DAY)
    assert state(invitation) == "no_response"
    invitation.campaign.refresh_from_db()
    assert invitation.campaign.state == "closed"


def test_history_says_all_of_it(cast):
    invitation = invited(cast)
    actions.withdraw(invitation, reason="客户停业", by=cast.zhou, now=MONDAY + HOUR)
    assert list(invitation.events.order_by("pk").values_list("kind", "by__username", "note")) == [
        ("sent", None, "email"),
        ("withdrawn", "zhou", "客户停业"),
    ]
