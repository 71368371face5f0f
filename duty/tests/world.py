"""A roster in which every example of the REST interface runs: what it speaks of is there, for days from now.

The examples say 2026-12-07 and `/rotations/1/`: the seventh day from today, and the rotation of this roster.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from duty import actions
from duty.actions import Duty, Placed, Turns, Wanted
from duty.models import DutyRole, OverrideKind, RosterDraft, Shift, WishKind
from opsdesk.apioperations import EXAMPLE_PATHS
from opsdesk.testing import Cast
from opsdesk.tests.rest import Caller, caller
from staff.models import User

DAY = timedelta(days=1)


def noon(days: int) -> datetime:
    """Noon of so many days from today."""
    return datetime.combine(timezone.localdate() + days * DAY, time(12), timezone.get_default_timezone())


@dataclass
class World:
    """陈工, 李敏 and 王强 have a day each, from noon to noon, 陈工 from tomorrow's; 胡工 is free."""

    cast: Cast
    hu: User
    draft: RosterDraft
    ids: Mapping[str, int]
    swaps: Mapping[str, int]  # for what is not done to the one in `ids`

    def fits(self, text: str) -> str:
        """An address or a body of the examples, as it is here and today."""
        for stand_in, value in EXAMPLE_PATHS.items():
            text = text.replace(stand_in, value)
        verb = re.search(r"/swaps/1/(\w+)/", text)
        ids = {**self.ids, "swaps": self.swaps.get(verb[1], self.ids["swaps"]) if verb else self.ids["swaps"]}
        text = re.sub(r"/([a-z]+)/1(?=/)", lambda found: f"/{found[1]}/{ids[found[1]]}", text)
        today = timezone.localdate()
        return re.sub(r"2026-12-(\d\d)", lambda found: (today + int(found[1]) * DAY).isoformat(), text)

    def who_does(self, address: str) -> User:
        """Somebody who can do what the examples of an address ask for: mostly the supervisor."""
        if "/swaps/" in address and address.endswith(("/take/", "/decline/")):
            return self.hu
        is_own = "/wishes/" in address or address.endswith(("/duty/leave/", "/duty/swaps/"))
        return self.cast.li if is_own else self.cast.wang


def send(who: Caller, method: str, path: str, body: Any = None) -> Any:
    """Ask an address, with a body where it takes one."""
    if method in ("get", "delete"):
        return getattr(who, method)(path)
    return getattr(who, method)(path, body)


def callers(*people: User) -> list[Caller]:
    return [caller(person) for person in people]


def build_world(cast: Cast) -> World:
    now = timezone.now()
    by_wang: dict[str, Any] = {"by": cast.wang, "now": now}
    hu = User.objects.create_user("hu", name="胡工", role="engineer", group=cast.south)
    first = noon(1).date()
    days = Turns("Days", DutyRole.PRIMARY, [cast.chen, cast.li, cast.wang], time(12), time(12), first)
    rotation = actions.define_rotation(cast.south, days, since=noon(1), **by_wang)
    gu = User.objects.create_user("gu", name="顾工", role="engineer", group=cast.south)
    calls = Turns("Calls", DutyRole.SUPERVISOR, [gu], time(12), time(18), first, weekdays=[6])
    actions.define_rotation(cast.south, calls, since=noon(1), **by_wang)
    change, _other = (
        actions.place_override(
            cast.south,
            OverrideKind.REPLACE,
            DutyRole.PRIMARY,
            noon(day),
            noon(day) + timedelta(hours=6),
            user=hu,
            **by_wang,
        )
        for day in (11, 13)
    )
    schedule, _other = (
        actions.set_temporary(
            cast.south,
            "Festival",
            noon(day).date(),
            noon(day).date(),
            [Placed(hu, DutyRole.BACKUP, noon(day), noon(day + 1))],
            **by_wang,
        )
        for day in (40, 42)
    )
    leave, _other = (
        actions.ask_leave(cast.chen, noon(day), noon(day + 1), reason="x", by=cast.chen, now=now)
        for day in (16, 28)
    )
    open_swap, taken, asked = (
        actions.ask_swap(Duty(DutyRole.PRIMARY, noon(day), noon(day + 1)), asked=asked, by=cast.li, now=now)
        for day, asked in ((17, None), (23, None), (26, hu))
    )
    actions.take_swap(taken, by=hu, now=now)
    for day in (24, 25):
        actions.wish_for(noon(day).date(), WishKind.AVOIDED, by=cast.li, today=timezone.localdate())
    takers = {DutyRole.PRIMARY: [cast.chen, cast.li, cast.wang]}
    shifts = {DutyRole.PRIMARY: [(time(12), time(12))]}
    draft, _other = (
        actions.make_draft(
            cast.south,
            Wanted(name, noon(since).date(), noon(until).date(), shifts, takers),
            **by_wang,
        )
        for name, since, until in (("Next", 50, 53), ("Later", 60, 61))
    )
    ids = {
        "rotations": rotation.pk,
        "changes": change.pk,
        "temporary": schedule.pk,
        "leave": leave.pk,
        "swaps": open_swap.pk,
        "drafts": draft.pk,
        "slots": draft.slots.earliest("day").pk,
        "shifts": Shift.objects.get(starts_at=noon(4)).pk,
    }
    return World(cast, hu, draft, ids, {"undo": taken.pk, "decline": asked.pk})
