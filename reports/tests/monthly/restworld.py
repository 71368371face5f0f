"""Monthly reports on which every command of the REST interface's guide runs: a draft, and one that is out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opsdesk.apioperations import EXAMPLE_PATHS
from opsdesk.testing import Cast
from reports.monthly.kinds import Edition
from reports.tests.monthly.world import build
from staff.models import User

OF_DRAFTS = ("write", "count", "publish")


@dataclass
class World:
    cast: Cast
    draft: int
    published: int

    def fits(self, text: str) -> str:
        """An address or a body of the examples, as it is here."""
        for stand_in, value in EXAMPLE_PATHS.items():
            text = text.replace(stand_in, value)
        verb = re.search(r"/monthly-reports/1/(\w+)/", text)
        pk = self.draft if verb and verb[1] in OF_DRAFTS else self.published
        return re.sub(r"/monthly-reports/1(?=/)", f"/monthly-reports/{pk}", text)

    def who_does(self, address: str) -> User:
        """The supervisor writes his group's, a leader reads what is out."""
        verb = address.rstrip("/").rpartition("/")[2]
        return self.cast.wang if verb in OF_DRAFTS else self.cast.zhao


def build_world(cast: Cast) -> World:
    world = build(cast)
    published = world.publish(Edition.DEPARTMENT)
    return World(cast, world.report(Edition.GROUP).pk, published.pk)
