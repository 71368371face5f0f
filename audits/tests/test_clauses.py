"""Clauses: their order, what changed between versions, links, and the limit of an answer. Pure."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from audits.clauses import ClauseText, Fate, compare, is_number, level, linked, nearest, place
from audits.suggesting import Days, Standing, Step, Terms, Told
from duty import hours
from opsdesk.testing import at
from tickets.comparing import Change

A = ClauseText(1, "1", "引言", "Introduction", "", "")
B = ClauseText(2, "1.1", "用途", "Purpose", "提出建议", "File a suggestion")
C = ClauseText(3, "1.10", "附则", "Rest", "其他", "Other")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def pieces(change, field):  # type: ignore[no-untyped-def]
    return [(piece.change.value, piece.text) for piece in change.pieces(field)]


def but(clause: ClauseText, **facts: object) -> ClauseText:
    names = ClauseText.__slots__
    return ClauseText(**{name: facts.get(name, getattr(clause, name)) for name in names})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "fates"),
    [
        ([], [], []),
        ([A, B], [A, B], [("1", "same"), ("1.1", "same")]),
        ([], [A], [("1", "added")]),
        ([A, B], [A], [("1", "same"), ("1.1", "removed")]),
        ([A, B], [A, but(B, text="提出改进建议")], [("1", "same"), ("1.1", "changed")]),
        ([A, C, B], [C, A], [("1", "same"), ("1.1", "removed"), ("1.10", "same")]),
        # A new clause that takes a removed one's number is another clause.
        ([B], [but(B, line=9)], [("1.1", "removed"), ("1.1", "added")]),
        # A clause that is only renumbered is found again by its line.
        ([B], [but(B, number="2.3")], [("2.3", "changed")]),
        ([B], [but(B, text_en="")], [("1.1", "changed")]),
    ],
)
def test_each_clause_of_both_versions_comes_once(old, new, fates) -> None:  # type: ignore[no-untyped-def]
    assert [(one.shown.number, one.fate.value) for one in compare(old, new)] == fates


def test_words_are_compared_one_by_one() -> None:
    [change] = compare([B], [but(B, text="提出改进建议", text_en="File one suggestion")])
    assert change.fate == Fate.CHANGED
    assert pieces(change, "text") == [("same", "提出"), ("added", "改进"), ("same", "建议")]
    assert pieces(change, "text_en") == [
        ("same", "File "),
        ("removed", "a"),
        ("added", "one"),
        ("same", " suggestion"),
    ]
    assert change.is_changed("text") and not change.is_changed("title")
    [gone] = compare([B], [])
    assert {piece.change for piece in gone.pieces("text")} == {Change.REMOVED}


@pytest.mark.parametrize("number", ["1", "5.4.1.2", "10.10", "1.2.3.4.5.6"])
def test_numbers(number: str) -> None:
    assert is_number(number)


@pytest.mark.parametrize("number", ["", "0", "1.", ".1", "1.0", "01", "1.2.3.4.5.6.7", "一", "1\n", "1234"])
def test_no_numbers(number: str) -> None:
    assert not is_number(number)


def test_order_depth_and_the_closest_above() -> None:
    assert sorted(["5.10", "5.9", "5", "10", "5.9.1"], key=place) == ["5", "5.9", "5.9.1", "5.10", "10"]
    assert (level("5"), level("5.4.1.2")) == (1, 4)
    known = {"5", "5.4"}
    assert nearest("5.4", known) == nearest("5.4.9.1", known) == "5.4"
    assert nearest("6.1", known) is None


LINKS = {"5.4.1.2": ("/p/5.4.1.2/", 'a "b"'), "1.1": ("/p/1.1/", "c")}


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("no clause", "no clause"),
        ("(§1.1).", '(<a class="clause-link" href="/p/1.1/" title="c">§1.1</a>).'),
        ("§ 5.4.1.2", '<a class="clause-link" href="/p/5.4.1.2/" title="a &quot;b&quot;">§ 5.4.1.2</a>'),
        ("§9.9 §1.12 §1.1.1", "§9.9 §1.12 §1.1.1"),
        ('<a href="x"><b>§1.1</b></a>', '<a href="x"><b>§1.1</b></a>'),
        ('<b title="§1.1">x</b>', '<b title="§1.1">x</b>'),
        ("<abbr>§1.1</abbr>", '<abbr><a class="clause-link" href="/p/1.1/" title="c">§1.1</a></abbr>'),
    ],
)
def test_a_known_clause_becomes_a_link(markup: str, shown: str) -> None:
    assert linked(markup, LINKS) == shown


# Days as they may be around a Spring Festival: 5 to 11 February are off, Sunday 31 January is worked.
FESTIVAL = {at(f"2027-02-{day:02} 00:00").date(): hours.Day.OFF for day in range(5, 12)} | {
    at("2027-01-31 00:00").date(): hours.Day.MAKEUP
}
WORKED = hours.WorkingTime(
    weekly=((hours.Span(0, hours.MINUTES_A_DAY),),) * 5 + ((),) * 2, days=FESTIVAL, tz=SHANGHAI
)
TERMS = Terms(Days(), WORKED, SHANGHAI)


@pytest.mark.parametrize(
    ("filed", "due"),
    [
        # Friday; Sunday the 31st is worked; then 1-4, 12, 15-18.
        ("2027-01-29 10:00", "2027-02-19 00:00"),
        ("2027-01-29 23:59", "2027-02-19 00:00"),
        ("2027-02-04 09:00", "2027-02-26 00:00"),
        ("2027-02-07 12:00", "2027-02-26 00:00"),  # on the holiday: as the evening before it
        ("2027-03-01 08:00", "2027-03-16 00:00"),  # ordinary weeks
    ],
)
def test_an_answer_is_due_after_ten_working_days(filed: str, due: str) -> None:
    assert TERMS.due_at(at(filed)) == at(due)


def test_levels_are_told_one_after_the_other_and_the_last_again_and_again() -> None:
    due = at("2027-03-16 00:00")
    assert TERMS.tell_at(due, Told.NOBODY) == due
    assert TERMS.tell_at(due, Told.ANSWERERS) == at("2027-03-19 00:00")
    assert TERMS.tell_at(due, Told.DEPARTMENT_MANAGER) == at("2027-03-24 00:00")
    assert TERMS.tell_at(due, Told.GENERAL_MANAGER, at("2027-03-24 08:00")) == at("2027-04-01 00:00")


@pytest.mark.parametrize(
    ("state", "is_author", "may_answer", "steps"),
    [
        ("filed", False, True, [Step.REVIEW, Step.ADOPT, Step.DECLINE]),
        ("review", False, True, [Step.ADOPT, Step.DECLINE]),
        ("filed", True, False, [Step.WITHDRAW]),
        ("filed", True, True, [Step.WITHDRAW]),  # nobody answers his own
        ("review", False, False, []),
        ("adopted", False, True, []),
        ("declined", True, False, []),
        ("withdrawn", True, True, []),
    ],
)
def test_who_may_do_what(state: str, is_author: bool, may_answer: bool, steps: list[Step]) -> None:
    assert Standing(state, is_author, may_answer).possible() == steps


def test_our_text_is_whole() -> None:
    rows = json.loads((Path(__file__).parents[1] / "process.json").read_text(encoding="utf-8"))["clauses"]
    numbers = {row["number"] for row in rows}
    assert len(numbers) == len(rows) and all(map(is_number, numbers))
    assert all(row["title"] and row["title_en"] and bool(row["text"]) == bool(row["text_en"]) for row in rows)
    assert all(nearest(number.rpartition(".")[0] or number, numbers) for number in numbers)
