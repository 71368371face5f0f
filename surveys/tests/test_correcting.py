"""What follows when an expectation was not met: the rules, the steps, and that nothing is left out (§4.3)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

import pytest
from django.core import mail
from django.db import Error, transaction

from clients.models import Channel, Contact
from duty.calendar import whole_workdays
from opsdesk.testing import MONDAY, Cast, at
from staff.models import Group, Notice
from staff.refused import Refused
from surveys.actions import corrective as actions
from surveys.actions.complaints import rule_on_complaint
from surveys.actions.correctivereplies import post_replies
from surveys.actions.correctivesweep import tend_corrective
from surveys.actions.resurvey import ask_again
from surveys.correcting import CorrectiveState, Effect, Facts, Part, Step, Told
from surveys.correctives import standing_of, terms_in_force
from surveys.models import (
    CorrectiveAction,
    CorrectiveEvent,
    CorrectiveTerms,
    Invitation,
    InvitationState,
)
from surveys.tests.correcting import (
    DAY,
    FRIDAY,
    HOUR,
    effective,
    opened,
    planned,
    questionnaire,
    replied,
    verified,
)
from tickets.models import Entry, EntryKind, Kind

WHOLE = Facts(
    whys=["x"],
    root_cause="process",
    measure="x",
    has_owner=True,
    due_on=FRIDAY,
    is_carried_out=True,
    is_replied=True,
    is_verified=True,
    effect=Effect.EFFECTIVE,
)
EMPTY = {
    Part.WHYS: {"whys": ()},
    Part.ROOT_CAUSE: {"root_cause": ""},
    Part.MEASURE: {"measure": ""},
    Part.OWNER: {"has_owner": False},
    Part.DUE_ON: {"due_on": None},
    Part.RESULT: {"is_carried_out": False},
    Part.REPLY: {"is_replied": False},
    Part.VERIFICATION: {"is_verified": False},
    Part.EFFECT: {"effect": ""},
}


def without(*parts: Part) -> Facts:
    facts = {name: getattr(WHOLE, name) for name in Facts.__slots__}
    for part in parts:
        facts |= EMPTY[part]
    return Facts(**facts)


@pytest.mark.parametrize("count", range(len(Part) + 1))
def test_exactly_what_is_missing_is_named(count: int) -> None:
    for parts in combinations(Part, count):
        assert without(*parts).missing() == list(parts)


def test_without_effect_is_not_with_effect() -> None:
    assert Facts(effect=Effect.NOT_EFFECTIVE).missing()[-1] == Part.EFFECT


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        (list(Part), CorrectiveState.OPEN),
        ([Part.WHYS, Part.RESULT, Part.VERIFICATION], CorrectiveState.OPEN),
        ([Part.RESULT, Part.VERIFICATION, Part.EFFECT], CorrectiveState.ACTING),
        ([Part.VERIFICATION, Part.EFFECT], CorrectiveState.DONE),
        ([Part.EFFECT, Part.REPLY], CorrectiveState.VERIFIED),
    ],
)
def test_the_state_is_that_of_the_facts(parts: list[Part], state: CorrectiveState) -> None:
    assert without(*parts).state() == state


def test_terms_are_working_days_and_told_level_by_level(cast: Cast) -> None:
    terms = terms_in_force(since=MONDAY.date())
    assert terms.after(MONDAY, 2) == at("2026-11-26 00:00")  # Tuesday and Wednesday
    assert terms.after(at("2026-11-27 10:00"), 1) == at("2026-12-01 00:00")  # over a weekend
    assert terms.workday_after(MONDAY, 4) == FRIDAY
    due_at = at("2026-11-26 00:00")
    told = [terms.tell_at(due_at, told) for told in Told]
    assert told == [
        at("2026-11-25 00:00"),
        due_at,
        at("2026-11-27 00:00"),
        at("2026-12-01 00:00"),
        at("2026-12-03 00:00"),
        None,
    ]
    assert whole_workdays(since=MONDAY.date()) == terms.workdays


@pytest.mark.django_db
class TestSteps:
    def test_it_closes_with_all_of_it(self, cast: Cast) -> None:
        action = actions.close_corrective(effective(cast), by=cast.wang, now=MONDAY + 31 * DAY)
        assert (action.state, action.due_at, action.over_at) == ("closed", None, MONDAY + 31 * DAY)
        kinds = list(action.events.values_list("kind", flat=True))
        assert kinds == [
            "opened",
            "analysed",
            "planned",
            "replied",
            "carried_out",
            "verified",
            "effective",
            "closed",
        ]

    def test_closing_names_everything_that_is_missing(self, cast: Cast) -> None:
        with pytest.raises(actions.PartsMissing) as refused:
            actions.close_corrective(opened(cast), by=cast.wang, now=MONDAY)
        wanted = [part.value for part in Part if part != Part.OWNER]
        assert list(refused.value.faults) == wanted
        assert refused.value.field == "whys"

    def test_without_a_reply_it_does_not_close(self, cast: Cast) -> None:
        action = actions.carry_out(planned(cast), result="x", by=cast.chen, now=MONDAY)
        action = actions.verify(action, is_done=True, note="x", by=cast.wang, now=MONDAY)
        action = actions.check_effect(action, effect="effective", note="x", by=cast.wang, now=MONDAY)
        with pytest.raises(actions.PartsMissing) as refused:
            actions.close_corrective(action, by=cast.wang, now=MONDAY)
        assert list(refused.value.faults) == ["reply"]

    def test_the_database_refuses_a_half_closed_one(self, cast: Cast) -> None:
        rows = CorrectiveAction.objects.filter(pk=replied(cast).pk)
        with pytest.raises(Error), transaction.atomic():
            rows.update(state="closed", over_at=MONDAY, due_at=None, tell_at=None)

    def test_the_owner_does_not_verify(self, cast: Cast) -> None:
        action = actions.carry_out(replied(cast), result="x", by=cast.chen, now=MONDAY)
        with pytest.raises(Refused) as refused:
            actions.verify(action, is_done=True, note="x", by=cast.chen, now=MONDAY)
        assert refused.value.code == "forbidden"
        assert Step.VERIFY not in standing_of(action, cast.chen).possible()
        assert Step.VERIFY in standing_of(action, cast.li).possible()

    def test_not_carried_out_goes_back_to_the_owner(self, cast: Cast) -> None:
        action = actions.carry_out(replied(cast), result="x", by=cast.chen, now=MONDAY)
        action = actions.verify(action, is_done=False, note="没有做", by=cast.wang, now=MONDAY)
        assert (action.state, action.carried_out_at, action.result) == ("acting", None, "")
        assert Notice.objects.filter(recipient=cast.chen, params__what="returned").count() == 1

    def test_without_effect_all_is_owed_anew(self, cast: Cast) -> None:
        later = MONDAY + 30 * DAY
        action = actions.check_effect(
            verified(cast), effect="not_effective", note="又慢了", by=cast.wang, now=later
        )
        assert (action.state, action.round, action.since) == ("open", 2, later)
        assert set(action.facts.missing()) == set(Part) - {Part.OWNER}
        assert action.events.filter(kind="replied").count() == 1  # nothing is forgotten

    @pytest.mark.parametrize("whys", [[], ["", " "], ["x"] * 6, ["x" * 501]])
    def test_one_to_five_whys(self, cast: Cast, whys: list[str]) -> None:
        with pytest.raises(Refused) as refused:
            actions.analyse(opened(cast), whys=whys, root_cause="process", by=cast.wang, now=MONDAY)
        assert refused.value.field == "whys"

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"measure": " "}, "measure"),
            ({"due_on": date(2026, 11, 22)}, "due_on"),
            ({"owner": "outsider"}, "owner"),
            ({"owner": "zhao"}, "owner"),  # leaders read
        ],
    )
    def test_a_bad_plan_is_refused_at_its_field(
        self, cast: Cast, more: dict[str, object], field: str
    ) -> None:
        facts: dict[str, object] = {"measure": "x", "owner": cast.chen, "due_on": FRIDAY} | more
        if isinstance(facts["owner"], str):
            facts["owner"] = getattr(cast, facts["owner"])
        with pytest.raises(Refused) as refused:
            actions.plan_measure(opened(cast), **facts, by=cast.wang, now=MONDAY)  # type: ignore[arg-type]
        assert refused.value.field == field

    @pytest.mark.parametrize("who", ["zhou", "zhao", "outsider", "sun"])
    def test_who_only_reads_takes_no_step(self, cast: Cast, who: str) -> None:
        with pytest.raises(Refused) as refused:
            actions.analyse(opened(cast), whys=["x"], root_cause="process", by=getattr(cast, who), now=MONDAY)
        assert refused.value.code == "forbidden"

    def test_who_was_overtaken_is_told(self, cast: Cast) -> None:
        action = replied(cast)
        actions.carry_out(action, result="x", by=cast.chen, now=MONDAY)
        with pytest.raises(actions.Moved):
            actions.carry_out(action, result="y", by=cast.wang, now=MONDAY)

    def test_late_measures_are_known_as_late(self, cast: Cast) -> None:
        assert not verified(cast).was_late
        late = actions.carry_out(replied(cast), result="x", by=cast.chen, now=at("2026-11-28 00:00"))
        assert late.was_late

    def test_dropping_needs_a_superior_and_an_answer(self, cast: Cast) -> None:
        action = planned(cast)
        with pytest.raises(Refused):
            actions.drop_corrective(action, reason="x", by=cast.li, now=MONDAY)
        with pytest.raises(actions.PartsMissing):
            actions.drop_corrective(action, reason="x", by=cast.wang, now=MONDAY)
        action = actions.reply_to_client(action, text="x", how="phone", told="x", by=cast.li, now=MONDAY)
        assert actions.drop_corrective(action, reason="x", by=cast.wang, now=MONDAY).state == "dropped"

    def test_the_history_is_append_only(self, cast: Cast) -> None:
        opened(cast)
        for write in (lambda: CorrectiveEvent.objects.update(text="x"), CorrectiveEvent.objects.all().delete):
            with pytest.raises(Error), transaction.atomic():
                write()


@pytest.mark.django_db
class TestReplies:
    def test_told_by_phone_says_whom_and_when(self, cast: Cast) -> None:
        action = actions.reply_to_client(
            opened(cast),
            text="x",
            how="phone",
            told="孙主任",
            told_at=MONDAY,
            by=cast.chen,
            now=MONDAY + HOUR,
        )
        assert (action.reply_to, action.replied_at, action.replied_by) == ("孙主任", MONDAY, cast.chen)

    @pytest.mark.parametrize("told_at", [MONDAY + HOUR, MONDAY - HOUR])
    def test_neither_in_the_future_nor_before_it_was_opened(self, cast: Cast, told_at: object) -> None:
        with pytest.raises(Refused) as refused:
            actions.reply_to_client(
                opened(cast),
                text="x",
                how="phone",
                told="x",
                told_at=told_at,
                by=cast.chen,
                now=MONDAY,  # type: ignore[arg-type]
            )
        assert refused.value.field == "replied_at"

    def test_by_mail_it_needs_an_address(self, cast: Cast) -> None:
        with pytest.raises(Refused) as refused:
            actions.reply_to_client(opened(cast), text="x", how="email", by=cast.chen, now=MONDAY)
        assert refused.value.field == "reply_how"

    def test_by_mail_it_leaves_the_house_once(self, cast: Cast) -> None:
        Contact.objects.update(email="sun@hospital.test")
        contact = Contact.objects.get(pk=cast.contact.pk)
        action = opened(cast, contact=contact)
        actions.reply_to_client(action, text="今后一小时内答复。", how="email", by=cast.chen, now=MONDAY)
        assert post_replies(now=MONDAY) == 1 and post_replies(now=MONDAY) == 0
        [message] = mail.outbox
        assert message.to == ["sun@hospital.test"] and action.number in message.subject

    def test_of_a_record_it_stands_in_its_history(self, cast: Cast) -> None:
        ticket = cast.ticket(MONDAY)
        action = opened(cast, ticket=ticket)
        actions.reply_to_client(action, text="已处理", how="phone", told="孙主任", by=cast.chen, now=MONDAY)
        entry = Entry.objects.get(ticket=ticket, kind=EntryKind.MESSAGE)
        assert entry.text == "已处理" and entry.changes["told"] == [None, "孙主任"]


@pytest.mark.django_db
class TestAskingAgain:
    def test_the_same_contact_is_asked_in_spite_of_his_rest(self, cast: Cast) -> None:
        questionnaire(cast)
        action = ask_again(verified(cast), by=cast.wang, now=MONDAY + DAY)
        invitation = Invitation.objects.get()
        assert action.resurvey == invitation
        assert (invitation.contact, invitation.state, invitation.is_exception) == (
            cast.contact,
            InvitationState.PLANNED,
            True,
        )
        with pytest.raises(Refused):
            ask_again(action, by=cast.wang, now=MONDAY + DAY)

    def test_a_second_measure_may_be_followed_by_a_second_asking(self, cast: Cast) -> None:
        questionnaire(cast)
        for _number in range(2):
            ask_again(verified(cast), by=cast.wang, now=MONDAY + DAY)
        assert Invitation.objects.values("campaign").distinct().count() == 1

    @pytest.mark.parametrize("fault", ["no contact", "no questionnaire", "wants none"])
    def test_who_cannot_be_asked_is_not(self, cast: Cast, fault: str) -> None:
        if fault != "no questionnaire":
            questionnaire(cast)
        action = verified(cast)
        if fault == "no contact":
            CorrectiveAction.objects.update(contact=None)
        if fault == "wants none":
            Contact.objects.update(no_surveys_since=MONDAY)
        with pytest.raises(Refused):
            ask_again(action, by=cast.wang, now=MONDAY + DAY)


@pytest.mark.django_db
class TestTerms:
    def test_overdue_is_told_level_by_level_each_once(self, cast: Cast) -> None:
        action = planned(cast)
        action = actions.reply_to_client(action, text="x", how="phone", told="x", by=cast.chen, now=MONDAY)
        assert action.due_at == at("2026-11-28 00:00")  # the end of Friday
        for day in range(1, 20):
            for _twice in range(2):
                tend_corrective(now=MONDAY + day * DAY)
        told = Notice.objects.filter(params__what__in=["reminder", "overdue", "reported_up"]).order_by("pk")
        assert [(one.recipient.username, one.params["what"]) for one in told] == [
            ("chen", "reminder"),
            ("chen", "overdue"),
            ("wang", "reported_up"),
            ("liu", "reported_up"),
            ("zhao", "reported_up"),
        ]
        assert action.events.filter(kind="reported_up").count() == 3

    def test_a_sweep_that_was_late_says_the_same(self, cast: Cast) -> None:
        planned(cast)
        tend_corrective(now=MONDAY + 30 * DAY)
        told = Notice.objects.filter(params__what__in=["reminder", "overdue", "reported_up"])
        assert told.count() == 5 and set(told.values_list("created_at", flat=True)) == {MONDAY + 30 * DAY}

    def test_the_reply_is_owed_beside_the_measure(self, cast: Cast) -> None:
        assert planned(cast).due_at == at("2026-11-26 00:00")  # two working days after Monday
        assert replied(cast).due_at == at("2026-11-28 00:00")

    def test_terms_are_data(self, cast: Cast) -> None:
        actions.set_terms(CorrectiveTerms(analyse=1, reply=1), by=cast.admin, now=MONDAY)
        assert opened(cast).due_at == at("2026-11-25 00:00")
        with pytest.raises(Refused):
            actions.set_terms(CorrectiveTerms(), by=cast.wang, now=MONDAY)

    def test_for_the_meeting(self, cast: Cast) -> None:
        due = planned(cast)
        later = actions.plan_measure(
            replied(cast), measure="x", owner=cast.chen, due_on=date(2027, 1, 8), by=cast.wang, now=MONDAY
        )
        closed = actions.close_corrective(effective(cast), by=cast.wang, now=MONDAY + 31 * DAY)

        def found(group: Group, monday: str) -> list[CorrectiveAction]:
            start = at(f"{monday} 00:00")
            rows = CorrectiveAction.objects.for_meeting(group.pk, start - 7 * DAY, start, start + 7 * DAY)
            return list(rows)

        assert found(cast.south, "2026-11-23") == [due]
        assert found(cast.south, "2026-12-28") == [due, closed]
        assert later in found(cast.south, "2027-01-04")
        assert not found(cast.north, "2026-11-23")


@pytest.mark.django_db
class TestComplaints:
    def test_what_is_not_founded_needs_no_measure(self, cast: Cast) -> None:
        ticket = cast.ticket(MONDAY, kind=Kind.COMPLAINT)
        tend_corrective(now=MONDAY)
        action = CorrectiveAction.objects.get(complaint=ticket)
        assert action.owner == cast.wang  # until he plans it
        CorrectiveAction.objects.update(owner=cast.chen)
        rule_on_complaint(ticket, verdict="unfounded", reason="录音在", by=cast.wang, now=MONDAY)
        action.refresh_from_db()
        assert (action.state, action.dropped_because) == ("dropped", "录音在")
        assert Entry.objects.filter(ticket=ticket, kind=EntryKind.NOTE, text__contains="录音在").exists()

    @pytest.mark.parametrize("who", ["li", "outsider", "zhou", "zhao", "sun"])
    def test_the_supervisor_rules(self, cast: Cast, who: str) -> None:
        ticket = cast.ticket(MONDAY, kind=Kind.COMPLAINT)
        with pytest.raises(Refused) as refused:
            rule_on_complaint(ticket, verdict="founded", reason="x", by=getattr(cast, who), now=MONDAY)
        assert refused.value.code == "forbidden"

    def test_never_on_his_own(self, cast: Cast) -> None:
        ticket = cast.ticket(MONDAY, kind=Kind.COMPLAINT)
        type(ticket).objects.update(owner=cast.wang)
        with pytest.raises(Refused):
            rule_on_complaint(ticket, verdict="unfounded", reason="x", by=cast.wang, now=MONDAY)

    def test_a_complaint_is_answered_within_two_hours_of_service_time(self, cast: Cast) -> None:
        late = at("2026-11-27 17:30")
        ticket = cast.ticket(late, kind=Kind.COMPLAINT)
        clock = ticket.clocks.get(kind="response")
        assert (clock.limit, clock.round_the_clock) == (timedelta(hours=2), False)
        assert clock.due_at == at("2026-11-30 10:30")

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_for_a_reason(self, cast: Cast, reason: str) -> None:
        ticket = cast.ticket(MONDAY, kind=Kind.COMPLAINT)
        with pytest.raises(Refused) as refused:
            rule_on_complaint(ticket, verdict="founded", reason=reason, by=cast.wang, now=MONDAY)
        assert refused.value.field == "reason"


def test_channels_of_replies_are_those_of_the_house() -> None:
    assert {"phone", "email", "on_site", "letter", "fax"} <= set(Channel.values)
