"""Drafts by day and by night: two shifts of a duty a day, the rest between them, and nights shared."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.urls import reverse

from duty import actions
from duty.models import DutyRole, RosterDraft
from duty.tests.rosters import daily, defined, on_duty
from duty.tests.test_drafts import DAY, FIRST, WHOLE_DAY, made, typed, wanted
from opsdesk.testing import MONDAY, Cast, at
from staff.models import User
from staff.refused import Refused

BY_DAY, BY_NIGHT = (time(8), time(20)), (time(20), time(8))


def by_day_and_night(cast: Cast, **more) -> RosterDraft:
    """The same two weeks, each day from eight to eight and each night; more people, for nobody has both."""
    hands = [User.objects.create_user(name, role="engineer", group=cast.south) for name in ("e1", "e2", "e3")]
    takers = {DutyRole.PRIMARY: [cast.chen, cast.li, cast.wang, *hands]}
    facts = {"takers": takers, "shifts": {DutyRole.PRIMARY: [BY_DAY, BY_NIGHT]}, "rest_days": 0}
    return made(cast, **(facts | more))


def test_day_and_night_are_two_duties_of_a_day_and_nobody_has_both(cast):
    draft = by_day_and_night(cast)
    slots = list(draft.slots.order_by("starts_at"))
    assert [(slot.day, slot.is_night) for slot in slots] == [
        (FIRST + n * DAY, by_night) for n in range(14) for by_night in (False, True)
    ]
    for slot in slots:
        rested = [one for one in slots if one.user == slot.user and one.starts_at > slot.starts_at]
        assert all(one.starts_at - slot.ends_at >= timedelta(hours=10) for one in rested)
    nights = [draft.slots.filter(user=member.user, starts_at__hour=20) for member in draft.members.all()]
    counts = [of_one.count() for of_one in nights]
    assert sum(counts) == 14 and max(counts) - min(counts) <= 2


def test_the_group_s_rest_lies_between_a_night_and_the_next_duty(cast):
    actions.set_terms(cast.south, rest_hours=13, longest_hours=24, by=cast.wang, now=MONDAY)
    draft = by_day_and_night(cast)
    slots = list(draft.slots.order_by("starts_at"))
    for one, other in ((one, other) for one in slots for other in slots if one.starts_at < other.starts_at):
        assert one.user != other.user or other.starts_at - one.ends_at >= timedelta(hours=13)


def test_nights_carried_so_far_count_and_the_table_has_their_column(cast, client):
    """陈工 has had every night and 李敏 every day; 王强, who is new, counts as the two on average."""
    defined(cast, people=[cast.chen], starts=time(20), ends=time(8))
    defined(cast, people=[cast.li], starts=time(8), ends=time(20))
    first = date(2026, 12, 28)
    week = wanted(
        cast,
        first_day=first,
        last_day=first + 6 * DAY,
        shifts={DutyRole.PRIMARY: [BY_DAY, BY_NIGHT]},
        rest_days=0,
    )
    draft = actions.make_draft(cast.south, week, by=cast.wang, now=at("2026-12-06 12:00"))
    nights = {
        person: sum(slot.is_night for slot in draft.slots.filter(user=person))
        for person in (cast.chen, cast.li, cast.wang)
    }
    assert nights[cast.chen] == 0 and nights[cast.li] > nights[cast.wang]
    client.force_login(cast.wang)
    page = client.get(reverse("duty:draft", args=[draft.pk]), headers={"Accept-Language": "en"})
    assert [str(label) for _kind, label in page.context["kinds"]][-1] == "Nights"
    before, after = next(line.kinds[-1] for line in page.context["lines"] if line.person == cast.li)
    assert after - before == nights[cast.li]


def test_without_nights_there_is_no_column_for_them(cast, client):
    client.force_login(cast.wang)
    for shift in (WHOLE_DAY, (time(18), time(8))):  # all by night: nothing to share either
        draft = made(cast, shifts={DutyRole.PRIMARY: [shift]})
        page = client.get(reverse("duty:draft", args=[draft.pk]), headers={"Accept-Language": "en"})
        assert len(page.context["kinds"]) == 3 and not page.context["has_nights"]


def test_a_draft_of_the_nights_leaves_the_rotation_of_the_days(cast):
    """李敏 has every day shift: of the nights drafted beside it she gets none."""
    defined(cast, people=[cast.li], starts=time(8), ends=time(20))
    draft = made(cast, shifts={DutyRole.PRIMARY: [BY_NIGHT]}, rest_days=0)
    assert not draft.slots.filter(user=cast.li).exists()
    actions.publish_draft(draft, even_so=True, by=cast.wang, now=MONDAY)
    assert on_duty(cast, "12-10 12:00") == "li"


def test_day_and_night_are_published_both_and_a_change_of_hands_keeps_the_rest(cast):
    draft = by_day_and_night(cast)
    by_day, by_night = draft.slots.filter(day=FIRST + 3 * DAY).order_by("starts_at")
    with pytest.raises(Refused) as refused:
        actions.give_duty(by_night, by_day.user, by=cast.wang, now=MONDAY)
    assert refused.value.code == "resting"
    actions.publish_draft(draft, even_so=False, by=cast.wang, now=MONDAY)
    for slot in draft.slots.all():
        assert on_duty(cast, f"{slot.day:%m-%d} {'23' if slot.is_night else '12'}:00") == slot.user.username
    for night in draft.slots.filter(starts_at__hour=20):
        assert on_duty(cast, f"{night.day + DAY:%m-%d} 07:59") == night.user.username


def test_two_shifts_a_day_are_typed_and_both_stand_on_the_board(cast, client):
    client.force_login(cast.wang)
    form = reverse("duty:draft_create", args=["south"])
    half = {"primary_second": "20:00"}
    refused = client.post(form, typed(cast, **half))
    assert refused.status_code == 422 and refused.context["form"].errors["primary_second_to"]
    assert 'value="20:00"' in refused.content.decode()
    times = {"primary_shifts": "08:00", "primary_to": "20:00", "primary_second": "20:00"}
    overlapping = client.post(form, typed(cast, **times, primary_second_to="09:00"))
    assert overlapping.status_code == 422 and overlapping.context["form"].errors["primary_shifts"]
    answer = client.post(form, typed(cast, **times, primary_second_to="08:00"))
    draft = RosterDraft.objects.get()
    assert draft.slots.filter(role="primary").count() == 2 * draft.slots.filter(role="backup").count()
    page = client.get(answer.url)
    cells = [slots for _person, row in page.context["rows"] for _column, slots in row]
    cells += [slots for _column, slots in page.context["nobody"]]
    assert sum(map(len, cells)) == draft.slots.count()


def test_the_form_opens_with_the_shifts_of_the_rotations(cast, client):
    client.force_login(cast.wang)
    since = at("2028-06-01 00:00")
    for hours in (BY_NIGHT, BY_DAY):
        turns = daily(cast, starts=hours[0], ends=hours[1])
        actions.define_rotation(cast.south, turns, since=since, by=cast.wang, now=MONDAY)
    form = client.get(reverse("duty:draft_create", args=["south"])).context["form"]
    opened = {role: [field.value() for _label, field in fields] for role, fields in form.shifts()}
    assert opened[DutyRole.PRIMARY] == [time(8), time(20), time(20), time(8)]
    assert opened[DutyRole.BACKUP] == [time(8, 30), time(8, 30), None, None]
