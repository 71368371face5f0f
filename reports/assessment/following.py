"""An assessment from its draft to its end: who may take which step (§5.2). Pure.

Three sentences stand above everything: nobody checks or rules on his own, nobody rules on an appeal against
what he checked himself, and what is final stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reports.assessment.kinds import AssessmentState

SUPERVISOR, TECHNICAL_LEAD = 1, 2


class Step(StrEnum):
    """What happens to an assessment; each is done by the action of that name."""

    ADD_ITEM = "add_item"
    TAKE_OUT = "take_out"
    RECOUNT = "recount"
    SHOW = "show"
    APPEAL = "appeal"
    RULE = "rule"


OF_CHECKING = (Step.ADD_ITEM, Step.TAKE_OUT, Step.RECOUNT, Step.SHOW)
STATES: Mapping[Step, AssessmentState] = {
    **dict.fromkeys(OF_CHECKING, AssessmentState.DRAFT),
    Step.APPEAL: AssessmentState.SHOWN,
    Step.RULE: AssessmentState.APPEALED,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One assessment as one person meets it at one instant."""

    state: str
    is_own: bool  # of himself; of a group: he supervises it
    checks: bool  # his to check, but for his own
    level: int  # on the ladder of management
    checked_level: int  # of whoever checked it
    was_checker: bool
    is_whole: bool  # counted after the month was over
    is_appealable: bool  # the term is not over
    has_higher: bool  # somebody stands above him who could rule on an appeal

    def refusal(self, step: Step) -> str:
        """Return why this person may not take a step, as a stable code; empty where he may."""
        if reason := self._not_his(step):
            return reason
        if self.state != STATES[step]:
            return "wrong_status"
        if step == Step.APPEAL and not self.is_appealable:
            return "appeal_over"
        if step == Step.SHOW and not self.is_whole:
            return "not_whole"
        return "nobody_above" if step == Step.SHOW and not self.has_higher else ""

    def possible(self) -> list[Step]:
        return [step for step in Step if not self.refusal(step)]

    def _not_his(self, step: Step) -> str:
        if step == Step.APPEAL:
            return "" if self.is_own else "forbidden"
        if self.is_own:
            return "own"
        if step in OF_CHECKING:
            return "" if self.checks else "forbidden"
        if self.was_checker:
            return "own_check"
        return "" if self.level >= max(TECHNICAL_LEAD, self.checked_level + 1) else "forbidden"
