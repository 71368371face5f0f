"""What happens to the working calendar, and who may do it."""

from datetime import date

import pytest

from duty.actions import edit_day, load_year
from duty.models import CalendarDay, CalendarYear, DayKind
from duty.official import plan_of
from opsdesk.testing import MONDAY
from staff.refused import Refused


def test_a_day_edited_by_hand_survives_the_official_plan(cast):
    on = date(2026, 11, 27)
    edit_day(on, kind=DayKind.DAY_IN_LIEU, name=" 停电 ", name_en="Power cut", by=cast.wang, now=MONDAY)
    load_year(plan_of(2026))
    day = CalendarDay.objects.get(date=on)
    assert (day.kind, day.name, day.is_edited, day.is_working) == (DayKind.DAY_IN_LIEU, "停电", True, False)


def test_loading_a_year_a_second_time_changes_nothing(cast):
    assert load_year(plan_of(2026)) == 0
    assert CalendarDay.objects.filter(date__year=2026).count() == 365
    assert CalendarYear.objects.get(year=2026).is_official


@pytest.mark.parametrize(
    ("on", "kind"),
    [
        (date(2026, 11, 28), DayKind.WORKDAY),
        (date(2026, 11, 27), DayKind.WEEKEND),
        (date(2026, 11, 27), DayKind.MAKEUP_WORKDAY),
    ],
    ids=["a Saturday is no ordinary workday", "a Friday is no weekend", "a Friday makes nothing up"],
)
def test_the_kind_fits_the_weekday(cast, on, kind):
    with pytest.raises(Refused) as refused:
        edit_day(on, kind=kind, name="", name_en="", by=cast.wang, now=MONDAY)
    assert refused.value.field == "kind"


@pytest.mark.parametrize("who", ["li", "chen", "liu", "zhou", "zhao", "sun"])
def test_only_supervisors_and_administrators_edit_the_calendar(cast, who):
    with pytest.raises(Refused):
        edit_day(
            date(2026, 11, 27), kind=DayKind.STATUTORY, name="", name_en="", by=getattr(cast, who), now=MONDAY
        )
