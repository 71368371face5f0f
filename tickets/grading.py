"""How grave a fault is (§5.4.1.1). Pure: four plain questions in, a grade with its clause out."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _


class Grade(IntegerChoices):
    """Severity as §5.4.1.1 counts it: one is the gravest. Compare only through `is_graver_than`."""

    ONE = 1, _("Grade 1")
    TWO = 2, _("Grade 2")
    THREE = 3, _("Grade 3")

    def is_graver_than(self, other: Grade) -> bool:
        return self.value < other.value


@dataclass(frozen=True, slots=True)
class Answers:
    """The caller's answers to the four questions, in the order in which they are asked."""

    system_down: bool = False
    work_stopped: bool = False
    unstable: bool = False
    slow_or_impaired: bool = False


QUESTIONS = {
    "system_down": _("Has the system crashed, or is a host dead?"),
    "work_stopped": _("Is the end client directly affected, so that normal work is impossible?"),
    "unstable": _("Is the system or a device unstable, though still usable with care?"),
    "slow_or_impaired": _("Is it extremely slow, or partly impaired while the main functions work?"),
}

CLAUSES = {
    Grade.ONE: _(
        "§5.4.1.1 Grade 1: a very severe fault, such as a system crash or a dead host, that affects the end "
        "client directly; the system no longer works normally."
    ),
    Grade.TWO: _(
        "§5.4.1.1 Grade 2: a less severe fault: a device is unstable but works when used with care; "
        "performance suffers in part without affecting the main functions; or the system is extremely slow."
    ),
    Grade.THREE: _(
        "§5.4.1.1 Grade 3: every other fault, such as a damaged program or device that stops some functions "
        "and for the time being does not affect normal operation."
    ),
}


# What callers say of such faults, to compare with.
EXAMPLES: dict[Grade, tuple[object, ...]] = {
    Grade.ONE: (
        _("Nobody can sign in."),
        _("The database server does not start."),
        _("The tills stand still and people queue."),
    ),
    Grade.TWO: (
        _("The connection drops several times an hour."),
        _("A report takes ten minutes instead of ten seconds."),
        _("One of two servers has failed; the other carries the load."),
    ),
    Grade.THREE: (
        _("One workstation does not print."),
        _("An export is empty; the data can be read on screen."),
        _("A display is wrong, the figures are right."),
    ),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A grade and the clause that it rests on."""

    grade: Grade
    clause: str


def propose(answers: Answers) -> Proposal:
    """Propose the grade that the answers call for; where two definitions match, the graver one (§5.4.1.1)."""
    if answers.system_down or answers.work_stopped:
        grade = Grade.ONE
    elif answers.unstable or answers.slow_or_impaired:
        grade = Grade.TWO
    else:
        grade = Grade.THREE
    return Proposal(grade, str(CLAUSES[grade]))
