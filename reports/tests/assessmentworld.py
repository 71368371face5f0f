"""Assessments on which every example of the REST interface runs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils import timezone
from django.utils.timezone import get_default_timezone

from opsdesk.apioperations import EXAMPLE_PATHS
from opsdesk.testing import Cast
from reports.assessment import actions
from reports.assessment.standing import month_of
from reports.models import Assessment
from reports.periods import period_of
from reports.tests.assessing import second_engineer
from staff.models import User


@dataclass
class World:
    cast: Cast
    ids: dict[str, int]  # by verb: on which that verb is possible

    def fits(self, text: str) -> str:
        """An address or a body of the examples, as it is here."""
        for stand_in, value in EXAMPLE_PATHS.items():
            text = text.replace(stand_in, value)
        verb = re.search(r"/assessments/1/(\w+)/", text)
        pk = self.ids[verb[1] if verb else "read"]
        return re.sub(r"/assessments/1(?=/)", f"/assessments/{pk}", text)

    def who_does(self, address: str) -> User:
        """The supervisor; whom it is about appeals, the technical lead rules."""
        verb = address.rstrip("/").rpartition("/")[2]
        return {"appeal": self.cast.chen, "rule": self.cast.liu}.get(verb, self.cast.wang)


def build_world(cast: Cast) -> World:
    now = timezone.now()
    third = second_engineer(cast)
    month = period_of(month_of(now), "month").plus(-1)
    actions.load_defaults(now=month.span(get_default_timezone())[0])
    actions.draft_group(cast.south, month, by=cast.wang, now=now)

    def of(person: User) -> Assessment:
        return Assessment.objects.get(person=person, month=month.first)

    shown, other = (actions.show(of(person), by=cast.wang, now=now) for person in (cast.chen, third))
    appealed = actions.appeal(other, text="x", by=third, now=now)
    ids = {"read": shown.pk, "show": of(cast.li).pk, "appeal": shown.pk, "rule": appealed.pk}
    return World(cast, ids)
