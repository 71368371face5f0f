"""A suggestion against a clause: what may follow, by when it is answered, whom the clock tells (§1.1). Pure.

No limit of the process document stands behind it: the days are ours, and the house may change them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import IntEnum, StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from duty.hours import DAY, Hours, add


class SuggestionState(TextChoices):
    FILED = "filed", _("Filed")
    REVIEW = "review", _("Under review")
    ADOPTED = "adopted", _("Adopted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OPEN = (SuggestionState.FILED, SuggestionState.REVIEW)
ANSWERED = (SuggestionState.ADOPTED, SuggestionState.DECLINED)


class Step(StrEnum):
    """What may be done with a suggestion; each is the action of that name."""

    REVIEW = "review"
    ADOPT = "adopt"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


class Told(IntEnum):
    """How far the clock has told people that an answer is due; after the last it is told again and again."""

    NOBODY = 0
    ANSWERERS = 1
    DEPARTMENT_MANAGER = 2
    GENERAL_MANAGER = 3


@dataclass(frozen=True, slots=True)
class Days:
    """Working days. `department_manager`, `general_manager` count from the day the answer was due."""

    answer: int = 10
    department_manager: int = 3
    general_manager: int = 6
    again: int = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """A suggestion as one person meets it."""

    state: str
    is_author: bool
    may_answer: bool

    def possible(self) -> list[Step]:
        """Return what he may do now. Nobody answers his own, and only its author withdraws one."""
        if self.state not in OPEN:
            return []
        found = []
        if self.may_answer and not self.is_author:
            found = [Step.ADOPT, Step.DECLINE]
            if self.state == SuggestionState.FILED:
                found.insert(0, Step.REVIEW)
        return [*found, Step.WITHDRAW] if self.is_author else found


@dataclass(frozen=True, slots=True)
class Terms:
    """The days laid over the working calendar; `hours` are whole working days, midnight to midnight."""

    days: Days
    hours: Hours
    zone: tzinfo

    def due_at(self, filed_at: datetime) -> datetime:
        """Return the end of the last working day for the answer: the so-manieth after the day of filing."""
        return self._end_of(self._day(filed_at), self.days.answer)

    def tell_at(self, due_at: datetime, told: Told, last: datetime | None = None) -> datetime:
        """Return when the next step is told; there always is one. `last` is when the step before was told."""
        if told == Told.GENERAL_MANAGER:
            return self._end_of(self._day(last or due_at), self.days.again)
        waits = {
            Told.NOBODY: 0,
            Told.ANSWERERS: self.days.department_manager,
            Told.DEPARTMENT_MANAGER: self.days.general_manager,
        }[told]
        return add(due_at, waits * DAY, self.hours) if waits else due_at

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _end_of(self, day: date, working_days: int) -> datetime:
        begins = datetime.combine(day + timedelta(days=1), time.min, self.zone)
        return add(begins, working_days * DAY, self.hours)
