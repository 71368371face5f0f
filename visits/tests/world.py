"""Callbacks on which every example of the REST interface runs, for days from now.

The examples say 2026-12-07 and `/callbacks/1/`: the seventh day from today, and a callback of this world.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from opsdesk.apioperations import EXAMPLE_PATHS
from opsdesk.testing import Cast
from staff.models import User
from visits import actions
from visits.actions import NeedSaid, OpinionSaid, PromiseSaid
from visits.kinds import Method
from visits.models import Callback, CallbackPlan
from visits.planning import DAY

LEADING = ("skip", "decide", "move", "change")
LONG = timedelta(days=60)


@dataclass
class World:
    cast: Cast
    ids: Mapping[str, int]
    callbacks: Mapping[str, int]  # for verbs that are not done to the one in `ids`

    def fits(self, text: str) -> str:
        """An address or a body of the examples, as it is here and today."""
        for stand_in, value in EXAMPLE_PATHS.items():
            text = text.replace(stand_in, value)
        verb = re.search(r"/callbacks/1/(\w+)/", text)
        ids = dict(self.ids)
        if verb:
            ids["callbacks"] = self.callbacks.get(verb[1], ids["callbacks"])
        text = re.sub(r"/([a-z]+)/1(?=/)", lambda found: f"/{found[1]}/{ids[found[1]]}", text)
        today = timezone.localdate()
        text = re.sub(r"2026-12-(\d\d)", lambda found: (today + int(found[1]) * DAY).isoformat(), text)
        return text.replace("2026-11-23", (today - DAY).isoformat())

    def who_does(self, address: str) -> User:
        """Whoever may: where it is for the supervisor, he."""
        verb = address.rstrip("/").rpartition("/")[2]
        return self.cast.wang if verb in LEADING else self.cast.li


def build_world(cast: Cast) -> World:
    now = timezone.now()
    actions.load_defaults(now=now - LONG)
    by_li = {"by": cast.li, "now": now}
    note, today = "x", timezone.localdate()

    def arranged(method: Method = Method.PHONE) -> Callback:
        return actions.arrange(
            cast.hospital, method=method, on=today + 9 * DAY, note=note, person=cast.li, **by_li
        )

    phone, site, stuck = arranged(), arranged(Method.ON_SITE), arranged()
    for days in (5, 4, 3):
        stuck = actions.record_not_reached(stuck, by=cast.li, now=now - days * DAY)
    need = actions.raise_need(cast.hospital, NeedSaid("x", owner=cast.chen), **by_li)
    promise = actions.make_promise(cast.hospital, PromiseSaid("x", today), **by_li)
    opinion = actions.add_opinion(cast.hospital, OpinionSaid("x"), **by_li)
    ids = {
        "callbacks": phone.pk,
        "needs": need.pk,
        "promises": promise.pk,
        "opinions": opinion.pk,
        "plans": CallbackPlan.objects.earliest("pk").pk,
    }
    return World(cast, ids, {"attendance": site.pk, "decide": stuck.pk})
