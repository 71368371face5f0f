"""When an engineer may be sent to a client, and what he reports in which order (§4.2.3, §5.4.1.2). Pure.

No database, no clock. What an engineer reports happened when he says it happened: his phone may have been
without a network for hours. Both instants are kept, the one and the other at which the server heard of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from staff.refused import Refused
from tickets.grading import Grade

# How far two clocks may be apart before what one of them says is not believed.
SKEW = timedelta(minutes=5)


class OnSiteStep(TextChoices):
    """What an engineer reports on his way; each step once."""

    DEPART = "depart", gettext_lazy("Departed")
    ARRIVE = "arrive", gettext_lazy("Arrived")
    LEAVE = "leave", gettext_lazy("Left")


class OnSiteOutcome(TextChoices):
    SOLVED = "solved", gettext_lazy("Solved on site")
    NOT_SOLVED = "not_solved", gettext_lazy("Not solved on site")


def refuse_order(*, is_fault: bool, grade: int | None, has_written_report: bool) -> None:
    """Raise `Refused` where nobody may be sent yet: a fault that is not graded, or a grade 3 not reported.

    The client must have handed in a written report of a grade 3 before a technician goes on site.
    """
    if is_fault and grade is None:
        raise Refused(_("Grade the fault first."), field="grade", code="ungraded")
    if grade == Grade.THREE and not has_written_report:
        raise Refused(
            _(
                "§5.4.1.2: of a grade-3 fault the client must hand in a written report before a technician "
                "goes on site. File the report first."
            ),
            code="no_written_report",
        )


def next_step(
    *, departed_at: datetime | None, arrived_at: datetime | None, left_at: datetime | None
) -> OnSiteStep | None:
    """Return what the engineer reports next; None when he has left.

    Who was seen to arrive has departed, though nobody wrote down when.
    """
    if left_at is not None:
        return None
    if arrived_at is not None:
        return OnSiteStep.LEAVE
    return OnSiteStep.ARRIVE if departed_at is not None else OnSiteStep.DEPART


def accepted_at(
    said: datetime | None, *, received_at: datetime, not_before: datetime, not_after: datetime | None = None
) -> datetime:
    """Return when a thing happened: when the report says so, within the bounds; without a word, on receipt.

    `not_before` and `not_after` are what is known already (the order, the step before, the step after); both
    ends count as inside. A clock that goes wrong by at most `SKEW` is set right to the bound. Raises
    `Refused` at `happened_at` for a time further in the future or outside the bounds. All instants are aware.
    """
    if said is None:
        said = received_at
    latest = received_at if not_after is None else min(received_at, not_after)
    if said > received_at + SKEW:
        raise Refused(_("This time lies in the future."), field="happened_at", code="invalid")
    if said < not_before - SKEW:
        raise Refused(
            _("This time lies before the order, or before what he reported last."),
            field="happened_at",
            code="invalid",
        )
    if said > latest + SKEW:
        raise Refused(_("This time lies after what he reported next."), field="happened_at", code="invalid")
    return max(min(said, latest), not_before)


def need_remains(*, others_on_the_way: bool, decided: bool) -> bool:
    """Say whether somebody must still arrive after a dispatch was called off, so that the clock runs on.

    Others are on their way, or a verdict of the coordination meeting demands it (`decided`: the newest one
    since the clock began does). Then calling one engineer off frees nobody.
    """
    return others_on_the_way or decided
