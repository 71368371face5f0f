"""What is said to a whole questionnaire: read against its questions, and written to an answer sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from staff.refused import Refused
from surveys.actions.opening import open_from_answer
from surveys.models import Answer, AnswerSheet, Question
from surveys.questions import LONGEST_TEXT, Fault, Said, Unanswerable, asks_why, read
from surveys.scoring import is_bad, mean_percent

COMPLAINT, REPLY = "is_complaint", "wants_reply"


@dataclass(frozen=True, slots=True)
class Given:
    """What was said: by the lines of the questions; a tick that is None was not on this page."""

    values: Mapping[int, Any] = field(default_factory=dict)
    whys: Mapping[int, str] = field(default_factory=dict)
    is_complaint: bool | None = None
    wants_reply: bool | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One question with what was said to it."""

    question: Question
    said: Said | None
    why: str = ""


class AnswersRefused(Refused):
    """What is no answer: by the lines of the questions, each with the reason."""

    def __init__(self, faults: Mapping[int, Fault]) -> None:
        first = next(iter(faults.values()))
        super().__init__(first.label, code=first.value)
        self.faults = dict(faults)


def read_all(questions: Sequence[Question], given: Given) -> tuple[list[Reading], dict[int, Fault]]:
    """Read what was said to these questions. What can be read is, whatever is wrong with the rest."""
    readings, faults = [], {}
    for question in questions:
        asked = question.asked
        try:
            said = read(asked, given.values.get(question.line))
        except Unanswerable as wrong:
            faults[question.line] = wrong.fault
            continue
        why = given.whys.get(question.line, "").strip() if asks_why(asked, said) else ""
        if len(why) > LONGEST_TEXT:
            faults[question.line] = Fault.TOO_LONG
            continue
        readings.append(Reading(question, said, why))
    return readings, faults


def write(sheet: AnswerSheet, readings: Sequence[Reading], given: Given) -> None:
    """Put what was read onto a sheet that is not finished; a question answered with nothing is emptied."""
    emptied = [one.question.pk for one in readings if one.said is None]
    sheet.answers.filter(question__in=emptied).delete()
    rows = [
        Answer(
            sheet=sheet,
            question=one.question,
            value=one.said.value,
            number=number_of(one.said),
            why=one.why,
            is_bad=is_bad(one.question.asked, one.said),
        )
        for one in readings
        if one.said is not None
    ]
    Answer.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["sheet", "question"],
        update_fields=["value", "number", "why", "is_bad"],
    )
    for name in (COMPLAINT, REPLY):
        if (tick := getattr(given, name)) is not None:
            setattr(sheet, name, tick)


def finish(sheet: AnswerSheet, readings: Sequence[Reading], *, given_at: datetime, now: datetime) -> None:
    """Close a sheet with what follows from its answers; it never changes again."""
    sheet.score = mean_percent((one.question.asked, one.said) for one in readings)
    sheet.is_bad = sheet.is_complaint or any(is_bad(one.question.asked, one.said) for one in readings)
    sheet.finished_at, sheet.given_at = now, given_at
    sheet.save()
    open_from_answer(sheet, now=now)


def kept(sheet: AnswerSheet | None) -> Given:
    """What a sheet says so far, as it would be said."""
    if sheet is None or sheet.pk is None:
        return Given(is_complaint=False, wants_reply=False)
    answers = list(sheet.answers.select_related("question"))
    return Given(
        {one.question.line: one.value for one in answers},
        {one.question.line: one.why for one in answers if one.why},
        sheet.is_complaint,
        sheet.wants_reply,
    )


def number_of(said: Said) -> Decimal | None:
    """The points of an answer, of a matrix their mean with two decimals."""
    if not said.points:
        return None
    return (Decimal(sum(said.points)) / len(said.points)).quantize(Decimal("0.01"))
