"""Drafts of a roster: proposed from what the house knows, changed by hand, published as a plan."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from duty import actions
from duty.actions import Wanted
from duty.drafting import Draft
from duty.drafting import draft as propose
from duty.fairness import Period
from duty.models import (
    DraftSlot,
    DutyRole,
    RosterDraft,
    RosterEvent,
    Shift,
    TemporarySchedule,
    Wish,
    WishKind,
)
from duty.tests.rosters import daily, defined, on_duty
from opsdesk.testing import MONDAY, Cast, at, build_cast
from staff.models import Group, User
from staff.refused import Refused

FIRST, LAST = date(2026, 12, 7), date(2026, 12, 20)
DAY = timedelta(days=1)
WHOLE_DAY = (time(8, 30), time(8, 30))
BY_DAY, BY_NIGHT = (time(8), time(20)), (time(20), time(8))


def wanted(cast: Cast, **more) -> Wanted:
    """Two weeks of December, shared by 陈工, 李敏 and 王强."""
    takers = {DutyRole.PRIMARY: [cast.chen, cast.li, cast.wang]}
    usual = Wanted("December", FIRST, LAST, {role: [WHOLE_DAY] for role in DutyRole}, takers)
    return replace(usual, **more)


def made(cast: Cast, **more) -> RosterDraft:
    return actions.make_draft(cast.south, wanted(cast, **more), by=cast.wang, now=MONDAY)


def slot_on(draft: RosterDraft, day: date, role: DutyRole = DutyRole.PRIMARY) -> DraftSlot:
    return draft.slots.get(day=day, role=role)


def test_every_day_has_somebody_and_each_kind_of_day_is_shared(cast):
    draft = made(cast)
    slots = list(draft.slots.all())
    assert [slot.day for slot in slots] == [FIRST + n * DAY for n in range(14)]
    assert all(slot.user_id == slot.proposed_id is not None for slot in slots)
    counts = {
        person.username: sorted(slot.day.weekday() >= 5 for slot in slots if slot.user == person)
        for person in (cast.chen, cast.li, cast.wang)
    }
    assert {sum(own) for own in counts.values()} == {1, 2}  # four weekend days among three
    assert {len(own) for own in counts.values()} <= {4, 5}
    follow = zip(slots, slots[1:], strict=False)
    assert not any(one.user == other.user for one, other in follow)  # a free day between two
    assert not Shift.objects.exists() and not TemporarySchedule.objects.exists()  # nothing holds yet


def test_leave_is_never_broken(cast):
    leave = actions.ask_leave(
        cast.chen, at("2026-12-07 00:00"), at("2026-12-14 00:00"), reason="", by=cast.chen, now=MONDAY
    )
    actions.approve_leave(leave, by=cast.wang, now=MONDAY)
    draft = made(cast, rest_days=0)
    assert not draft.slots.filter(user=cast.chen, day__lt=date(2026, 12, 14)).exists()
    assert not draft.slots.filter(user=None).exists()


def test_wishes_are_met_where_that_leaves_it_fair(cast):
    actions.wish_for(date(2026, 12, 15), WishKind.AVOIDED, by=cast.li, today=MONDAY.date())
    actions.wish_for(date(2026, 12, 18), WishKind.WANTED, by=cast.wang, today=MONDAY.date())
    draft = made(cast, rest_days=0)
    assert slot_on(draft, date(2026, 12, 15)).user != cast.li
    assert slot_on(draft, date(2026, 12, 18)).user == cast.wang


def test_what_was_carried_so_far_counts(cast):
    """陈工 has had four nights of each week, the others three between them; he gets fewer of the next."""
    defined(cast, people=[cast.chen], weekdays=(0, 2, 4, 6))
    defined(cast, people=[cast.li, cast.wang], weekdays=(1, 3, 5))
    then = at("2026-12-06 12:00")
    wish = wanted(cast, first_day=date(2026, 12, 28), last_day=date(2027, 1, 3))
    draft = actions.make_draft(cast.south, wish, by=cast.wang, now=then)
    counts = {person: draft.slots.filter(user=person).count() for person in (cast.chen, cast.li, cast.wang)}
    assert counts[cast.chen] < min(counts[cast.li], counts[cast.wang])


def test_the_duty_before_the_period_is_rested_from(cast):
    defined(cast, people=[cast.chen])
    first = date(2026, 11, 30)
    draft = made(cast, first_day=first, last_day=first + 3 * DAY)
    assert slot_on(draft, first).user != cast.chen  # his rotation holds until the draft begins


def test_duties_that_the_draft_does_not_give_out_stay(cast):
    """李敏 is backup every day, so that she cannot be on duty as well."""
    defined(cast, people=[cast.li], role=DutyRole.BACKUP)
    draft = made(cast)
    assert not draft.slots.filter(user=cast.li).exists()


def test_a_duty_that_nobody_can_take_stays_empty_and_says_why(cast, client):
    takers = {DutyRole.PRIMARY: [cast.chen]}
    draft = made(cast, takers=takers, first_day=FIRST, last_day=FIRST + DAY)
    assert draft.slots.filter(user=None).count() == 1
    client.force_login(cast.wang)
    page = client.get(reverse("duty:draft", args=[draft.pk]), headers={"Accept-Language": "en"})
    assert "would rest too little" in page.content.decode()
    with pytest.raises(Refused) as refused:
        actions.publish_draft(draft, even_so=False, by=cast.wang, now=MONDAY)
    assert refused.value.field == "even_so"
    actions.publish_draft(draft, even_so=True, by=cast.wang, now=MONDAY)
    assert Shift.objects.count() == 1


def test_published_it_is_the_plan_of_its_days(cast):
    defined(cast)
    draft = made(cast)
    actions.publish_draft(draft, even_so=False, by=cast.wang, now=MONDAY)
    draft.refresh_from_db()
    assert draft.published_at == MONDAY and draft.schedule.shifts.count() == 14
    for slot in draft.slots.all():
        assert on_duty(cast, f"{slot.day:%m-%d} 23:00") == slot.user.username
    assert RosterEvent.objects.filter(kind="draft_published", note="December").exists()
    for act in (
        lambda: actions.publish_draft(draft, even_so=False, by=cast.wang, now=MONDAY),
        lambda: actions.give_duty(draft.slots.first(), None, by=cast.wang, now=MONDAY),
        lambda: actions.discard_draft(draft, by=cast.wang, now=MONDAY),
    ):
        with pytest.raises(Refused):
            act()


def test_given_by_hand_within_the_hard_rules(cast):
    draft = made(cast)
    slot = slot_on(draft, FIRST + 3 * DAY)
    others = {cast.chen, cast.li, cast.wang} - {slot.user}
    beside = {slot_on(draft, FIRST + n * DAY).user for n in (2, 4)}
    for person in others & beside:
        with pytest.raises(Refused) as refused:
            actions.give_duty(slot, person, by=cast.wang, now=MONDAY)
        assert refused.value.code == "resting"
    with pytest.raises(Refused, match="not among|不在"):
        actions.give_duty(slot, cast.outsider, by=cast.wang, now=MONDAY)
    slot = actions.give_duty(slot, None, by=cast.wang, now=MONDAY)
    assert slot.user is None and slot.is_changed
    slot = actions.give_duty(slot, slot.proposed, by=cast.wang, now=MONDAY)
    assert not slot.is_changed


def test_proposed_anew_takes_in_what_has_happened_since(cast):
    draft = made(cast, rest_days=0)
    leave = actions.ask_leave(
        cast.chen, at("2026-12-07 00:00"), at("2026-12-21 12:00"), reason="", by=cast.chen, now=MONDAY
    )
    actions.approve_leave(leave, by=cast.wang, now=MONDAY)
    actions.draft_anew(draft, by=cast.wang, now=MONDAY)
    assert not draft.slots.filter(user=cast.chen).exists()


def test_the_roster_can_be_changed_while_a_draft_is_searched_for(transactional_db, monkeypatch):
    cast, searched = build_cast(), []

    def change() -> None:
        """As every change of the roster begins, but that it does not wait."""
        with closing(connection), transaction.atomic():
            Group.objects.select_for_update(no_key=True, nowait=True).get(pk=cast.south.pk)

    def search(period: Period) -> Draft:
        with ThreadPoolExecutor(1) as somebody_else:
            somebody_else.submit(change).result()
        searched.append(period.seed)
        return propose(period)

    monkeypatch.setattr("duty.actions.drafts.propose", search)
    draft = made(cast)
    actions.draft_anew(draft, by=cast.wang, now=MONDAY)
    assert searched == [0, 1] and RosterDraft.objects.get().seed == 1


def test_what_was_published_while_it_was_searched_anew_stays_as_it_is(cast, monkeypatch):
    draft = made(cast)

    def search(period: Period) -> Draft:
        actions.publish_draft(draft, even_so=False, by=cast.wang, now=MONDAY)
        return propose(replace(period, people=period.people[:1]))

    before = list(draft.slots.values_list("pk", "user"))
    monkeypatch.setattr("duty.actions.drafts.propose", search)
    with pytest.raises(Refused, match="published already|已经发布|已发布"):
        actions.draft_anew(draft, by=cast.wang, now=MONDAY)
    assert list(draft.slots.values_list("pk", "user")) == before and RosterDraft.objects.get().seed == 0


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"last_day": FIRST - DAY}, "last_day"),
        ({"last_day": FIRST + 200 * DAY}, "last_day"),
        ({"takers": {}}, "takers"),
        ({"first_day": date(2026, 11, 20)}, "first_day"),
        ({"shifts": {}}, "primary_shifts"),
        ({"shifts": {DutyRole.PRIMARY: [BY_DAY, (time(19), time(8))]}}, "primary_shifts"),
        ({"shifts": {DutyRole.PRIMARY: [BY_DAY, (time(20), time(9))]}}, "primary_shifts"),
    ],
)
def test_what_cannot_be_drafted_is_refused_at_its_field(cast, more, field):
    with pytest.raises(Refused) as refused:
        made(cast, **more)
    assert refused.value.field == field
    assert not RosterDraft.objects.exists()


def test_only_those_who_roster_the_group_see_and_touch_a_draft(cast, client):
    draft = made(cast)
    slot = draft.slots.first()
    pages = [reverse("duty:draft", args=[draft.pk]), reverse("duty:draft_slot", args=[draft.pk, slot.pk])]
    for person, status in ((cast.wang, 200), (cast.admin, 200), (cast.li, 404), (cast.outsider, 404)):
        client.force_login(person)
        assert {client.get(page).status_code for page in pages} == {status}
    for person in (cast.li, cast.chen):
        with pytest.raises(Refused):
            actions.make_draft(cast.south, wanted(cast), by=person, now=MONDAY)


def test_a_wish_is_for_a_day_ahead_and_ones_own(cast):
    with pytest.raises(Refused):
        actions.wish_for(MONDAY.date(), WishKind.WANTED, by=cast.li, today=MONDAY.date())
    day = MONDAY.date() + DAY
    actions.wish_for(day, WishKind.WANTED, by=cast.li, today=MONDAY.date())
    actions.wish_for(day, WishKind.AVOIDED, by=cast.li, today=MONDAY.date())
    assert Wish.objects.get().kind == WishKind.AVOIDED
    assert not Wish.objects.visible_to(cast.wang).exists()
    actions.wish_for(day, None, by=cast.li, today=MONDAY.date())
    assert not Wish.objects.exists()


# On the pages


@pytest.fixture
def wang(cast, client):
    client.force_login(cast.wang)
    return client


def typed(cast: Cast, **more) -> dict[str, object]:
    today = timezone.localdate()
    first = today + 10 * DAY
    facts = {
        "name": "Next",
        "first_day": first.isoformat(),
        "last_day": (first + 9 * DAY).isoformat(),
        "primary_shifts": "08:30",
        "primary_to": "08:30",
        "backup_shifts": "08:30",
        "backup_to": "08:30",
        "rest_days": "1",
        "most_a_week": "",
        f"takes_{cast.chen.pk}": ["primary"],
        f"takes_{cast.li.pk}": ["primary", "backup"],
        f"takes_{cast.wang.pk}": ["primary", "backup"],
    }
    return facts | more


def test_asked_for_looked_at_changed_and_published_on_the_pages(cast, wang):
    form = reverse("duty:draft_create", args=["south"])
    assert wang.get(form).status_code == 200
    answer = wang.post(form, typed(cast))
    draft = RosterDraft.objects.get()
    assert answer.url == reverse("duty:draft", args=[draft.pk])
    page = wang.get(answer.url)
    assert page.status_code == 200 and page.context["lines"]
    slot = draft.slots.filter(role="backup").first()
    where = reverse("duty:draft_slot", args=[draft.pk, slot.pk])
    assert wang.get(where).status_code == 200
    assert wang.post(where, {"user": ""}).status_code == 302
    refused = wang.post(reverse("duty:draft_publish", args=[draft.pk]), {})
    assert refused.status_code == 422 and refused.context["form"].errors["even_so"]
    answer = wang.post(reverse("duty:draft_publish", args=[draft.pk]), {"even_so": "on"})
    assert answer.status_code == 302
    assert Shift.objects.filter(source="temporary").count() == draft.slots.exclude(user=None).count()
    assert wang.get(reverse("duty:draft", args=[draft.pk])).status_code == 200


def test_what_was_typed_is_kept_when_it_is_refused(cast, wang):
    refused = wang.post(reverse("duty:draft_create", args=["south"]), typed(cast, last_day="2020-01-01"))
    assert refused.status_code == 422
    assert refused.context["form"].errors["last_day"]
    taken = {person.username: boxes for person, boxes in refused.context["form"].takers()}
    assert [ticked for _role, _name, ticked in taken["li"]] == [True, True, False]


def test_the_form_opens_with_those_who_take_turns_now(cast, wang):
    actions.define_rotation(cast.south, daily(cast), since=at("2028-06-01 00:00"), by=cast.wang, now=MONDAY)
    form = wang.get(reverse("duty:draft_create", args=["south"])).context["form"]
    assert {person for person, boxes in form.takers() if boxes[0][2]} == {cast.chen, cast.li, cast.wang}


def test_a_board_costs_a_fixed_number_of_queries(cast, wang, django_assert_max_num_queries):
    people = [
        User.objects.create_user(f"e{n}", name=f"E{n}", role="engineer", group=cast.south) for n in range(12)
    ]
    small, large = made(cast), made(cast, takers={DutyRole.PRIMARY: people, DutyRole.BACKUP: people})
    for draft in (small, large):
        with django_assert_max_num_queries(23):
            wang.get(reverse("duty:draft", args=[draft.pk]))


def test_a_wish_is_noted_listed_and_taken_back(cast, client):
    client.force_login(cast.li)
    day = (timezone.localdate() + 20 * DAY).isoformat()
    assert client.get(reverse("duty:wish")).status_code == 200
    assert client.post(reverse("duty:wish"), {"day": "2020-01-01", "kind": "wanted"}).status_code == 422
    assert client.post(reverse("duty:wish"), {"day": day, "kind": "avoided"}).status_code == 302
    assert day in client.get(reverse("duty:mine")).content.decode()
    for nonsense in ("2026-13-40", "soon"):
        assert client.post(reverse("duty:unwish", args=[nonsense])).status_code == 404
    client.post(reverse("duty:unwish", args=[day]))
    assert not Wish.objects.exists()
