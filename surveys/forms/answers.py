"""A questionnaire as it is filled in: its questions as fields of a page, and what was typed, as it is read.

The same fields serve the client's own page, the preview, and whoever keys: so paper and page never differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from staff.bilingual import as_read
from surveys.actions import Given
from surveys.models import Question
from surveys.questions import NO, RANGES, YES, Fault, QuestionKind

A_PAGE = 4  # questions; up to one more are not worth a second page
YES_TICKED = "on"


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    is_chosen: bool
    asks_why: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a matrix, with its points."""

    name: str
    label: str
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Card:
    """A question with what was said to it so far. `shape` is which fields it has."""

    question: Question
    name: str
    shape: str
    text: str = ""
    why: str = ""
    asks_why: bool = False
    choices: Sequence[Choice] = ()
    lines: Sequence[Line] = ()
    ends: tuple[str, str] = ("", "")
    fault: str = ""
    other: str = ""  # what the first keying said, where the two differ
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """A page of cards, and the two ticks at the end."""

    cards: Sequence[Card]
    is_complaint: bool = False
    wants_reply: bool = False
    faults: Mapping[int, Fault] = field(default_factory=dict)

    @property
    def wrong(self) -> list[Card]:
        return [card for card in self.cards if card.fault]


def pages_of(questions: Sequence[Question]) -> list[list[Question]]:
    """Cut a questionnaire into pages of at most four or five questions."""
    found = list(questions)
    if len(found) <= A_PAGE + 1:
        return [found]
    pages = [found[at : at + A_PAGE] for at in range(0, len(found), A_PAGE)]
    if len(pages[-1]) == 1:
        pages[-2:] = [pages[-2] + pages[-1]]
    return pages


def typed(data: QueryDict, questions: Sequence[Question], *, ticks: bool) -> Given:
    """What was typed into the fields of these questions."""
    values: dict[int, Any] = {}
    for question in questions:
        name = f"q{question.line}"
        match question.kind:
            case QuestionKind.MULTI:
                values[question.line] = data.getlist(name)
            case QuestionKind.MATRIX:
                values[question.line] = {
                    row["key"]: data[f"{name}.{row['key']}"]
                    for row in question.rows
                    if data.get(f"{name}.{row['key']}")
                }
            case _:
                values[question.line] = data.get(name, "")
    whys = {question.line: data.get(f"why{question.line}", "") for question in questions}
    if not ticks:
        return Given(values, whys)
    return Given(values, whys, bool(data.get("is_complaint")), bool(data.get("wants_reply")))


def filled(questions: Sequence[Question], given: Given, faults: Mapping[int, Fault] | None = None) -> Filled:
    """The fields of these questions with what was said."""
    faults = faults or {}
    cards = [
        card(one, given.values.get(one.line), given.whys.get(one.line, ""), faults.get(one.line))
        for one in questions
    ]
    return Filled(cards, bool(given.is_complaint), bool(given.wants_reply), faults)


def card(question: Question, value: Any, why: str = "", fault: Fault | None = None) -> Card:
    name, kind = f"q{question.line}", QuestionKind(question.kind)
    facts: dict[str, Any] = {"why": why, "fault": str(fault.label) if fault else ""}
    facts["asks_why"] = question.why_at is not None
    match kind:
        case QuestionKind.SCALE | QuestionKind.NPS | QuestionKind.CES:
            facts |= {"shape": "points", "choices": _points(question, value), "ends": _ends(question)}
        case QuestionKind.YES_NO:
            words = ((YES, _("Yes")), (NO, _("No")))
            facts |= {"shape": "points", "choices": [Choice(key, word, value == key) for key, word in words]}
        case QuestionKind.SINGLE | QuestionKind.MULTI:
            chosen = value if isinstance(value, list) else [value]
            facts |= {
                "shape": "one" if kind == QuestionKind.SINGLE else "several",
                "choices": [
                    Choice(one["key"], as_read(one["text"], one["text_en"]), one["key"] in chosen)
                    for one in question.options
                ],
            }
        case QuestionKind.MATRIX:
            said = value if isinstance(value, Mapping) else {}
            facts |= {
                "shape": "matrix",
                "ends": _ends(question),
                "lines": [
                    Line(
                        f"{name}.{row['key']}",
                        as_read(row["text"], row["text_en"]),
                        _points(question, said.get(row["key"])),
                    )
                    for row in question.rows
                ],
            }
        case _:
            text = "" if value is None else str(value)
            facts |= {"shape": kind.value, "text": text}
    return Card(question, name, **facts)


def _points(question: Question, value: Any) -> list[Choice]:
    low, high = RANGES[QuestionKind(question.kind)]
    return [
        Choice(
            str(point),
            question.anchor(point),
            str(value) == str(point),
            question.why_at is not None and point <= question.why_at,
        )
        for point in range(low, high + 1)
    ]


def _ends(question: Question) -> tuple[str, str]:
    """What the lowest and the highest point mean, where no words say it at each of them."""
    match question.kind:
        case QuestionKind.NPS:
            return _("not at all likely"), _("very likely")
        case QuestionKind.CES:
            return _("very hard"), _("very easy")
        case QuestionKind.MATRIX:
            return _("very dissatisfied"), _("very satisfied")
    return ("", "") if question.anchors else (_("very dissatisfied"), _("very satisfied"))
