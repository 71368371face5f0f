"""Nobody is surprised by a duty: what people are told of changes, of what begins, of swaps and leave."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from duty.actions import (
    Duty,
    Placed,
    approve_leave,
    ask_leave,
    ask_swap,
    decline_leave,
    decline_swap,
    end_override,
    end_temporary,
    place_override,
    publish_all,
    remind,
    set_temporary,
    take_swap,
    tell_news,
    undo_swap,
    withdraw_leave,
    withdraw_swap,
)
from duty.models import DutyRole, OverrideKind, Shift, ShiftChange, SwapState
from duty.tests.rosters import defined
from opsdesk.testing import MONDAY, Cast, at
from staff.models import Notice, User
from staff.notices import render
from staff.refused import Refused

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TUESDAY = at("2026-11-24 18:00")  # 李敏's night begins
NEXT = at("2026-11-27 18:00")  # and her next


@pytest.fixture
def roster(cast: Cast) -> Cast:
    """陈工 on Monday, 李敏 on Tuesday, 王强 on Wednesday from six on, as they know. 胡工 is free."""
    defined(cast)
    ShiftChange.objects.all().delete()
    cast.hu = User.objects.create_user("hu", name="胡工", role="engineer", group=cast.south)
    return cast


def kinds(person: User, *kinds: str) -> list[Notice]:
    found = Notice.objects.filter(recipient=person, kind__in=kinds).order_by("pk")
    return list(found)


def text(notice: Notice) -> str:
    return "\n".join(render(notice, language="en"))


def replaced(cast: Cast, starts_at=TUESDAY, *, user: User, now=MONDAY):
    return place_override(
        cast.south,
        OverrideKind.REPLACE,
        DutyRole.PRIMARY,
        starts_at,
        starts_at + DAY,
        user=user,
        by=cast.wang,
        now=now,
    )


# What has changed


def test_whoever_gets_or_loses_duties_is_told_once_of_all_of_them(roster):
    hu = roster.hu
    replaced(roster, user=hu)
    replaced(roster, NEXT, user=hu, now=MONDAY + MINUTE)
    assert tell_news(now=MONDAY + 2 * MINUTE) == 0  # more may come
    assert tell_news(now=MONDAY + 3 * MINUTE) == 2
    assert tell_news(now=MONDAY + 9 * MINUTE) == 0
    (gained,), (lost,) = kinds(hu, "roster_changed"), kinds(roster.li, "roster_changed")
    assert text(gained).count("new: ") == 2 and "new: 11-24 18:00 – 11-25 18:00 · On duty" in text(gained)
    assert text(lost).count("no longer yours: ") == 2
    assert not kinds(roster.chen, "roster_changed")


def test_a_duty_that_has_moved_is_told_with_what_it_was(roster):
    place_override(
        roster.south,
        OverrideKind.REMOVE,
        DutyRole.PRIMARY,
        TUESDAY,
        TUESDAY + 2 * HOUR,
        by=roster.wang,
        now=MONDAY,
    )
    tell_news(now=MONDAY + HOUR)
    (notice,) = kinds(roster.li, "roster_changed")
    moved = "moved: 11-24 20:00 – 11-25 18:00 · On duty (was 11-24 18:00 – 11-25 18:00 · On duty)"
    assert text(notice).splitlines()[1:] == [moved]


def test_what_is_taken_back_at_once_is_no_news(roster):
    change = replaced(roster, user=roster.hu)
    end_override(change, by=roster.wang, now=MONDAY + MINUTE)
    assert tell_news(now=MONDAY + 5 * MINUTE) == 0 and not ShiftChange.objects.exists()


def test_a_roster_that_never_rests_is_told_of_after_ten_minutes(roster):
    replaced(roster, user=roster.hu)
    ShiftChange.objects.filter(user=roster.hu).update(at=MONDAY - 10 * MINUTE)
    ShiftChange.objects.create(
        group=roster.south,
        user=roster.hu,
        role="primary",
        starts_at=NEXT,
        ends_at=NEXT + HOUR,
        is_given=True,
        at=MONDAY,
    )
    assert tell_news(now=MONDAY) == 1


def test_days_that_only_come_into_sight_are_no_news_and_a_first_roster_is(cast):
    defined(cast)
    publish_all(now=MONDAY + HOUR)
    tell_news(now=MONDAY + HOUR)
    (notice,) = kinds(cast.chen, "roster_changed")
    assert len(notice.params["new"]) == 12 and notice.params["more_new"] > 5
    for day in range(1, 4):
        publish_all(now=MONDAY + day * DAY)
    assert tell_news(now=MONDAY + 4 * DAY) == 0


def test_a_block_too_far_ahead_to_be_written_out_is_news_as_well(roster):
    day = date(2027, 3, 1)
    span = at("2027-03-01 18:00"), at("2027-03-02 18:00")
    placed = [Placed(roster.chen, DutyRole.BACKUP, *span)]
    block = set_temporary(roster.south, "cutover", day, day, placed, by=roster.wang, now=MONDAY)
    tell_news(now=MONDAY + 5 * MINUTE)
    assert "03-01 18:00 – 03-02 18:00 · Backup" in text(kinds(roster.chen, "roster_changed")[0])
    end_temporary(block, by=roster.wang, now=MONDAY + HOUR)
    tell_news(now=MONDAY + 2 * HOUR)
    assert "no longer yours: 03-01" in text(kinds(roster.chen, "roster_changed")[1])


# What begins


def reminded(person: User) -> list[str]:
    return [text(one).splitlines()[0] for one in kinds(person, "duty_ahead", "holiday_duty")]


def test_a_duty_is_reminded_of_the_day_before_and_at_its_start(roster):
    for instant in (TUESDAY - DAY - MINUTE, TUESDAY - DAY, TUESDAY - HOUR, TUESDAY, TUESDAY + HOUR):
        remind(now=instant)
        remind(now=instant)
    assert reminded(roster.li) == ["Your duty begins 11-24 18:00: On duty", "Your duty has begun: On duty"]


def test_a_late_look_reminds_once(roster):
    remind(now=TUESDAY + HOUR)
    assert reminded(roster.li) == ["Your duty has begun: On duty"]
    remind(now=NEXT + 13 * HOUR)
    assert len(reminded(roster.li)) == 1


def test_a_duty_that_was_given_away_reminds_its_taker(roster):
    hu = roster.hu
    replaced(roster, user=hu)
    remind(now=TUESDAY - HOUR)
    assert not reminded(roster.li) and len(reminded(hu)) == 1
    User.objects.filter(pk=hu.pk).update(is_active=False)
    remind(now=TUESDAY)
    assert len(reminded(hu)) == 1


def test_a_week_in_a_row_is_reminded_of_once(cast):
    defined(cast, people=[cast.chen, cast.li], every=7)
    for day in range(7):
        remind(now=at("2026-11-23 18:00") + day * DAY)
    assert len(reminded(cast.chen)) == 1
    assert len(reminded(cast.li)) == 1  # a day before his own week


def test_holiday_duties_are_told_of_a_week_before_in_one_notice(cast):
    defined(cast, people=[cast.chen, cast.li], starts=time(0), ends=time(0), since=at("2026-11-24 00:00"))
    for instant in ("2026-12-25 07:00", "2026-12-25 08:00", "2026-12-26 08:00"):
        remind(now=at(instant))
    told = kinds(cast.chen, "holiday_duty") + kinds(cast.li, "holiday_duty")
    (notice,) = told  # the first of January is one day, and one person's
    assert "You have duties over New Year's Day" in text(notice) and "01-01 00:00" in text(notice)


# Swaps and leave


def asked(cast: Cast, **more):
    duty = Duty(DutyRole.PRIMARY, TUESDAY, TUESDAY + DAY)
    return ask_swap(duty, **({"by": cast.li, "now": MONDAY, "reason": "school"} | more))


def swaps_told(cast: Cast) -> list[tuple[str, str]]:
    found = Notice.objects.filter(kind="swap").order_by("pk")
    return [(one.recipient.username, one.params["what"]) for one in found]


def test_whoever_may_take_a_duty_is_asked_and_the_asker_told_of_the_answer(roster):
    hu = roster.hu
    swap = asked(roster)
    assert sorted(swaps_told(roster)) == [("chen", "asked"), ("hu", "asked"), ("wang", "asked")]
    notice = kinds(hu, "swap")[0]
    assert text(notice) == "李敏 asks for cover of a duty\n11-24 18:00 – 11-25 18:00 · On duty\nschool"
    take_swap(swap, by=hu, now=MONDAY)
    assert swaps_told(roster)[3:] == [("li", "taken")]
    undo_swap(swap, by=roster.wang, now=MONDAY)
    assert sorted(swaps_told(roster)[4:]) == [("hu", "undone"), ("li", "undone")]
    assert tell_news(now=MONDAY + HOUR) == 0  # they know


def test_what_is_asked_of_one_person_he_may_decline_and_nobody_else(roster):
    swap = asked(roster, asked=roster.chen)
    assert swaps_told(roster) == [("chen", "asked")]
    with pytest.raises(Refused):
        decline_swap(swap, by=roster.wang, now=MONDAY)
    assert decline_swap(swap, by=roster.chen, now=MONDAY).state == SwapState.DECLINED
    assert swaps_told(roster)[1:] == [("li", "declined")]
    assert Shift.objects.get(starts_at=TUESDAY).user == roster.li
    with pytest.raises(Refused):
        take_swap(swap, by=roster.chen, now=MONDAY)
    again = asked(roster, asked=roster.chen)
    withdraw_swap(again, by=roster.li, now=MONDAY)
    assert swaps_told(roster)[2:] == [("chen", "asked"), ("chen", "withdrawn")]


def test_whoever_found_nobody_hears_that_the_duty_is_his(roster):
    asked(roster)
    for instant in (TUESDAY - HOUR, TUESDAY, TUESDAY + HOUR):
        remind(now=instant)
    assert swaps_told(roster)[3:] == [("li", "past_due")]


def leave_told() -> list[tuple[str, str]]:
    found = Notice.objects.filter(kind__in=["leave", "cover_wanted"]).order_by("pk")
    return [(one.recipient.username, one.params.get("what", "cover")) for one in found]


def test_leave_is_told_to_the_supervisor_and_its_fate_to_the_person(roster):
    leave = ask_leave(roster.li, TUESDAY, NEXT + DAY, reason="ill", by=roster.li, now=MONDAY)
    assert leave_told() == [("wang", "asked")]
    approve_leave(leave, answer="get well", by=roster.wang, now=MONDAY)
    assert leave_told()[1:] == [("li", "approved"), *((who, "cover") for who in ("chen", "wang", "hu"))]
    wanted = text(kinds(roster.chen, "cover_wanted")[0])
    assert "李敏 is away: who takes a duty?" in wanted and wanted.count("· On duty") == 2
    withdraw_leave(leave, by=roster.li, now=MONDAY)
    assert leave_told()[5:] == [("wang", "withdrawn")]
    other = ask_leave(roster.chen, NEXT, NEXT + DAY, by=roster.chen, now=MONDAY)
    decline_leave(other, answer="cutover", by=roster.wang, now=MONDAY)
    assert leave_told()[6:] == [("wang", "asked"), ("chen", "declined")]
    assert "cutover" in text(kinds(roster.chen, "leave")[0])
