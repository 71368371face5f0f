"""The ladder of service and the coordination meeting (§4.2, §5.4.1.2). Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tickets.grading import Grade


class Way(TextChoices):
    """How a client is served. The order is the ladder of §4.2: the next one where the one before fails."""

    GUIDANCE = "guidance", _("By phone and e-mail")
    REMOTE = "remote", _("Remotely")
    ON_SITE = "on_site", _("On site")


LADDER = (Way.GUIDANCE, Way.REMOTE, Way.ON_SITE)


class Joined(TextChoices):
    """How somebody takes part in a coordination meeting."""

    ROOM = "room", _("In the room")
    PHONE = "phone", _("By phone")
    VIDEO = "video", _("By video")


class FollowUpKind(TextChoices):
    """What a meeting leaves to be done: at once, or afterwards."""

    MEASURE = "measure", pgettext_lazy("coordination", "Measure")
    FOLLOW_UP = "follow_up", _("Follow-up")


class FollowUpState(TextChoices):
    OPEN = "open", pgettext_lazy("coordination", "open")
    DONE = "done", pgettext_lazy("coordination", "done")
    DROPPED = "dropped", pgettext_lazy("coordination", "dropped")


class Outcome(TextChoices):
    """What a coordination meeting decides: the first two of a grade 1, the three measures of a grade 2."""

    REMOTE_CAN = "remote_can", _("It can be solved remotely")
    REMOTE_CANNOT = "remote_cannot", _("It cannot be solved remotely: an engineer goes to the client")
    GUIDE = "guide", _("Measure 1: guide the group by phone")
    REMOTE = "remote", _("Measure 2: the company's technical team solves it remotely")
    ON_SITE = "on_site", _("Measure 3: an engineer goes to the client")

    @property
    def way(self) -> Way:
        """How the client is served from this decision on."""
        return WAYS[self]

    @property
    def sends_an_engineer(self) -> bool:
        return self.way == Way.ON_SITE


WAYS: Mapping[Outcome, Way] = {
    Outcome.REMOTE_CAN: Way.REMOTE,
    Outcome.REMOTE_CANNOT: Way.ON_SITE,
    Outcome.GUIDE: Way.GUIDANCE,
    Outcome.REMOTE: Way.REMOTE,
    Outcome.ON_SITE: Way.ON_SITE,
}
# §5.4.1.2. A grade 3 has no meeting: its group is guided by phone, and a written report brings an engineer.
OUTCOMES: Mapping[int, tuple[Outcome, ...]] = {
    Grade.ONE: (Outcome.REMOTE_CAN, Outcome.REMOTE_CANNOT),
    Grade.TWO: (Outcome.GUIDE, Outcome.REMOTE, Outcome.ON_SITE),
    Grade.THREE: (),
}
NO_MEETING = _(
    "§5.4.1.2: a grade-3 fault has no coordination meeting; the group is guided by phone. Where it is graver "
    "than that, change its grade."
)


def outcomes_for(grade: int | None) -> tuple[Outcome, ...]:
    """Return what a meeting on a fault of this grade may decide; nothing where it has none (§5.4.1.2)."""
    return OUTCOMES[grade] if grade is not None else ()


def skips(before: Way, after: Way) -> bool:
    """Say whether a rung of the ladder is left out on the way up (§4.2.3 knows the case, with its reason)."""
    return LADDER.index(after) - LADDER.index(before) > 1


def graver(grade: int | None) -> Grade | None:
    """Return the grade above, which a fault deserves that was not solved within its limit; none above 1."""
    return Grade(grade - 1) if grade in (Grade.TWO, Grade.THREE) else None
