"""When a duty changes hands, what stands against it, and who answers until it is signed. Pure (§5.1).

Three sentences stand above everything: whoever goes off duty answers until the next one has signed; nobody
hands over during a major fault unless somebody above the two says so in writing; nobody signs for another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class HandoverState(TextChoices):
    WRITTEN = "written", _("Being written")
    WAITING = "waiting", _("To be signed")
    RETURNED = "returned", _("Asked back")
    SIGNED = "signed", _("Signed")


class Step(StrEnum):
    """What happens to a handover; each is done by the action of that name."""

    HAND_OVER = "hand_over"
    SEND_BACK = "send_back"
    OVERRULE = "overrule"
    SIGN = "sign"


UNSIGNED = frozenset({HandoverState.WRITTEN, HandoverState.WAITING, HandoverState.RETURNED})
# What waits may be handed over anew: something may happen between the two signatures.
STEPS: Mapping[Step, frozenset[HandoverState]] = {
    Step.HAND_OVER: UNSIGNED,
    Step.SEND_BACK: frozenset({HandoverState.WAITING}),
    Step.OVERRULE: UNSIGNED,
    Step.SIGN: frozenset({HandoverState.WAITING}),
}
# What is gone through before the duty changes hands: a default of ours, not from the process document.
POINTS = {
    "see": _("Seen together: monitoring, equipment, environment"),
    "say": _("Said: what happened, and what the leaders have ordered"),
    "ask": _("Asked: what was unclear is cleared up"),
    "check": _("Checked: records and logs are complete"),
    "count": _("Counted: keys, tools, duty phone"),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """A half-open span in which one person (his id) has the duty; both ends are aware."""

    person: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """The duty passes from one person to another `at` an instant.

    The first one had it from `began_at` to `left_at`, which may be earlier than `at`.
    """

    outgoing: int
    incoming: int
    at: datetime
    began_at: datetime
    left_at: datetime

    def opens_at(self, early: timedelta) -> datetime:
        """From when on it may be handed over: so long before the outgoing person's turn ends."""
        return self.left_at - early


def changes(turns: Iterable[Turn]) -> list[Change]:
    """Return where a duty passes from one person to another, in order.

    Over a gap it passes as well: whoever had it last answers for it until somebody takes it over.
    """
    found: list[Change] = []
    before: Turn | None = None
    for turn in sorted(turns, key=lambda turn: turn.starts_at):
        if before is not None and turn.person != before.person:
            found.append(Change(before.person, turn.person, turn.starts_at, before.starts_at, before.ends_at))
        elif before is not None and turn.starts_at == before.ends_at:
            turn = replace(turn, starts_at=before.starts_at)  # one shift in two pieces
        before = turn
    return found


def current(
    found: Sequence[Change], *, signed: Collection[datetime], early: timedelta, now: datetime
) -> Change | None:
    """Return the change of duty that matters now: one that may be handed over already, else the last one
    where nobody has signed it (`signed` are the instants of those that somebody has), else the next.
    """
    ahead = next((change for change in found if change.at > now), None)
    last = next((change for change in reversed(found) if change.at <= now), None)
    if ahead is not None and now >= ahead.opens_at(early):
        return ahead
    if last is not None and last.at not in signed:
        return last
    return ahead or last


def passes_at(at: datetime, signed_at: datetime) -> datetime:
    """Return from when on the incoming person answers: he may sign before his turn begins, and late."""
    return max(at, signed_at)


def has_passed(at: datetime, signed_at: datetime | None, now: datetime) -> bool:
    """Say whether the incoming person answers now; until then the outgoing one does, however long."""
    return signed_at is not None and now >= passes_at(at, signed_at)


def told_at(at: datetime, within: timedelta) -> tuple[datetime, datetime]:
    """Return when the two are told that nobody has signed, and when their supervisor is: as long again."""
    return at + within, at + 2 * within


@dataclass(frozen=True, slots=True)
class Standing:
    """A handover as one person meets it at one instant.

    `opens_at` is None where the roster knows of no change of duty at that instant any more. `supervises`
    says that he is a supervisor of the group, `leads` that he stands above it. `is_blocked`: a grade-1 fault
    is open in the group, and nobody has overruled that.
    """

    state: str
    is_outgoing: bool
    is_incoming: bool
    supervises: bool
    leads: bool
    opens_at: datetime | None
    is_blocked: bool
    now: datetime

    def refusal(self, step: Step) -> str:
        """Say why he may not take a step now, in a stable word; nothing where he may."""
        if not self._is_his(step):
            is_own = step == Step.OVERRULE and (self.is_outgoing or self.is_incoming)
            return "own_handover" if is_own else "forbidden"
        if HandoverState(self.state) not in STEPS[step]:
            return "wrong_status"
        if step == Step.SEND_BACK:
            return ""
        if self.opens_at is None:
            return "no_change"
        if step == Step.OVERRULE:
            return "" if self.is_blocked else "nothing_to_overrule"
        if step == Step.HAND_OVER and self.now < self.opens_at:
            return "too_early"
        return "major_fault" if self.is_blocked else ""

    def possible(self) -> list[Step]:
        return [step for step in Step if not self.refusal(step)]

    @property
    def writes(self) -> bool:
        """Whether the outgoing note is his to write: nobody writes for himself what he signs then."""
        return self._is_his(Step.HAND_OVER) and HandoverState(self.state) in UNSIGNED

    def _is_his(self, step: Step) -> bool:
        stands_above = self.supervises or self.leads
        match step:
            case Step.HAND_OVER:
                return self.is_outgoing or (stands_above and not self.is_incoming)
            case Step.SEND_BACK:
                return self.is_outgoing or self.is_incoming or stands_above
            case Step.OVERRULE:
                return stands_above and not (self.is_outgoing or self.is_incoming)
            case Step.SIGN:
                return self.is_incoming
