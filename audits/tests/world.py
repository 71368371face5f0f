"""Audits on which every example of the REST interface runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from audits import actions
from audits.tests.auditing import begun, closed_records, looked_at, raised
from duty.calendar import working_days
from opsdesk.apioperations import EXAMPLE_PATHS
from opsdesk.testing import Cast
from staff.models import User

DAY = timedelta(days=1)
OF_THE_GROUP = ("state", "answer")


@dataclass
class World:
    cast: Cast
    ids: Mapping[str, int]
    others: Mapping[str, int]  # by verb: on which that verb is possible
    days: Mapping[str, str]

    def fits(self, text: str) -> str:
        """An address or a body of the examples, as it is here and today."""
        for stand_in, value in EXAMPLE_PATHS.items():
            text = text.replace(stand_in, value)
        verb = re.search(r"/quality/\w+/1/(\w+)/", text)
        ids = dict(self.ids)
        if verb and verb[1] in self.others:
            ids = dict.fromkeys(ids, self.others[verb[1]])
        text = re.sub(r"/(plan|audits|findings)/1(?=/)", lambda found: f"/{found[1]}/{ids[found[1]]}", text)
        text = text.replace('"check": 1', f'"check": {self.others["check"]}')
        for stand_in, day in self.days.items():
            text = text.replace(stand_in, day)
        return text

    def who_does(self, address: str) -> User:
        """The auditor; what the group says, its supervisor."""
        verb = address.rstrip("/").rpartition("/")[2]
        return self.cast.wang if verb in OF_THE_GROUP else self.cast.zhou


def build_world(cast: Cast) -> World:
    now, by = timezone.now(), cast.zhou
    today = timezone.localdate()
    closed_records(cast, now)
    is_working = working_days(since=today)
    year = (today + 40 * DAY).year  # what is planned for one year is not moved into another
    ahead = [day for number in range(30, 60) if is_working(day := today + number * DAY) and day.year == year]
    planned = actions.plan_audit(
        kind="documents", group=cast.south, system=None, planned_on=ahead[2], by=by, now=now
    )
    running, through = begun(cast, now), begun(cast, now)
    check = running.checks.earliest("pk").pk
    through = actions.draw_sample(through, since=today, until=today, size=1, by=by, now=now)
    through = looked_at(cast, through, now)
    reported, stated = begun(cast, now), begun(cast, now)
    finished = []
    for audit in (reported, stated):
        audit = actions.draw_sample(audit, since=today, until=today, size=1, by=by, now=now)
        audit = looked_at(cast, audit, now)
        finished.append(actions.report_audit(audit, conclusion="x", by=by, now=now))
    actions.state_statement(finished[1], statement="x", by=cast.wang, now=now)
    finding = raised(cast, running, now, kind="suggestion")
    running.refresh_from_db()
    answered = raised(cast, running, now, kind="suggestion")
    answered = actions.answer_finding(answered, answer="x", by=cast.chen, now=now)
    return World(
        cast,
        {"plan": planned.pk, "audits": running.pk, "findings": finding.pk},
        {
            "check": check,
            "report": through.pk,
            "state": finished[0].pk,
            "close": finished[1].pk,
            "verify": answered.pk,
        },
        {
            "2099-12-01": ahead[0].isoformat(),
            "2099-12-02": ahead[1].isoformat(),
            "2026-11-23": today.isoformat(),
        },
    )
