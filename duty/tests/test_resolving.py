"""Who is on duty when several plans and changes speak about one instant: tables without a database."""

from datetime import timedelta

import pytest

from duty.resolving import Absence, Change, Claim, Plan, Source, at_instant, resolve
from opsdesk.testing import at

A, B, C, D = 1, 2, 3, 4
SINCE, UNTIL = at("2026-11-23 00:00"), at("2026-11-26 00:00")


def span(text: str) -> tuple:
    """ "23 08:30-24 08:30" of November 2026."""
    return tuple(at(f"2026-11-{part}") for part in text.split("-"))


def claim(
    text: str, person: int, source: Source = Source.ROTATION, line: int = 1, priority: int = 0
) -> Claim:
    return Claim(*span(text), "primary", person, source, line, line, priority)


def change(text: str, goes: int | None, comes: int | None, source: Source = Source.OVERRIDE) -> Change:
    return Change(*span(text), "primary", goes, comes, source, 7)


def absence(text: str, person: int) -> Absence:
    return Absence(*span(text), person, 9)


def told(plan: Plan, since=SINCE, until=UNTIL) -> list[str]:
    """ "23 08:30 A rotation": where each piece begins, who has it, why; "(A)" is absent."""
    names = {A: "A", B: "B", C: "C", D: "D"}
    words = []
    for piece in resolve(plan, since, until):
        name = names[piece.person] if piece.person else f"({names[piece.planned]})"
        local = [end.astimezone(at("2026-11-23 00:00").tzinfo) for end in (piece.starts_at, piece.ends_at)]
        words.append(f"{local[0]:%d %H:%M}-{local[1]:%d %H:%M} {name} {piece.source}")
    return words


BASE = [claim("23 08:00-24 08:00", A), claim("24 08:00-25 08:00", B)]


def test_each_source_lies_over_the_one_before():
    layers = [
        claim("23 00:00-24 00:00", A),
        claim("23 01:00-24 00:00", B, Source.LAYER, priority=1),
        claim("23 02:00-24 00:00", C, Source.LAYER, priority=2),
        claim("23 03:00-24 00:00", D, Source.HOLIDAY),
        claim("23 04:00-24 00:00", A, Source.TEMPORARY),
    ]
    changes = [change("23 05:00-24 00:00", A, B, Source.SWAP), change("23 06:00-24 00:00", None, C)]
    assert told(Plan(layers, changes)) == [
        "23 00:00-23 01:00 A rotation",
        "23 01:00-23 02:00 B layer",
        "23 02:00-23 03:00 C layer",
        "23 03:00-23 04:00 D holiday",
        "23 04:00-23 05:00 A temporary",
        "23 05:00-23 06:00 B swap",
        "23 06:00-24 00:00 C override",
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_layers_of_one_priority_the_one_defined_first_wins_in_whatever_order_they_are_read(order):
    layers = [
        claim("23 08:00-23 18:00", A, Source.LAYER, line=4, priority=3),
        claim("23 12:00-23 20:00", B, Source.LAYER, line=9, priority=3),
    ]
    assert told(Plan(layers[::order])) == [
        "23 08:00-23 18:00 A layer",
        "23 18:00-23 20:00 B layer",
    ]


def test_where_a_stronger_plan_has_nobody_the_one_below_shows_again():
    weekend = claim("23 18:00-23 20:00", C, Source.LAYER, priority=1)
    assert told(Plan([*BASE, weekend])) == [
        "23 08:00-23 18:00 A rotation",
        "23 18:00-23 20:00 C layer",
        "23 20:00-24 08:00 A rotation",
        "24 08:00-25 08:00 B rotation",
    ]


def test_a_swap_of_a_part_of_a_shift_gives_that_part_alone():
    assert told(Plan(BASE, [change("23 20:00-24 06:00", A, C, Source.SWAP)])) == [
        "23 08:00-23 20:00 A rotation",
        "23 20:00-24 06:00 C swap",
        "24 06:00-24 08:00 A rotation",
        "24 08:00-25 08:00 B rotation",
    ]


def test_a_swap_gives_what_its_person_has_and_nothing_else():
    assert "B swap" not in " ".join(told(Plan(BASE, [change("24 08:00-25 08:00", A, C, Source.SWAP)])))


def test_a_swap_of_a_swap_goes_on_to_the_last_and_remembers_the_first():
    changes = [change("23 08:00-24 08:00", A, B, Source.SWAP), change("23 12:00-24 08:00", B, C, Source.SWAP)]
    pieces = resolve(Plan(BASE, changes), SINCE, UNTIL)
    assert [(piece.person, piece.instead_of) for piece in pieces] == [(B, A), (C, A), (B, None)]


def test_an_override_that_removes_leaves_a_gap_and_one_that_adds_needs_no_plan():
    changes = [change("23 12:00-23 14:00", A, None), change("25 10:00-25 12:00", None, D)]
    assert told(Plan(BASE, changes)) == [
        "23 08:00-23 12:00 A rotation",
        "23 14:00-24 08:00 A rotation",
        "24 08:00-25 08:00 B rotation",
        "25 10:00-25 12:00 D override",
    ]


def test_an_override_over_two_shifts_is_one_shift_and_a_replacement_stays_two():
    assert told(Plan(BASE, [change("23 08:00-25 08:00", None, D)])) == ["23 08:00-25 08:00 D override"]
    twice = [change("23 08:00-25 08:00", one, D) for one in (A, B)]
    assert told(Plan(BASE, twice)) == ["23 08:00-24 08:00 D override", "24 08:00-25 08:00 D override"]


def test_leave_empties_a_shift_and_says_whose_it_was():
    plan = Plan(BASE, absences=[absence("23 20:00-24 12:00", A)])
    assert told(plan) == [
        "23 08:00-23 20:00 A rotation",
        "23 20:00-24 08:00 (A) rotation",
        "24 08:00-25 08:00 B rotation",
    ]
    assert resolve(plan, SINCE, UNTIL)[1].leave == 9


def test_leave_empties_what_an_override_gave_and_cover_fills_it():
    """Leave comes last: also over the word of a supervisor who did not know of it."""
    given = change("23 08:00-24 08:00", A, C)
    away = absence("23 00:00-24 00:00", C)
    assert told(Plan(BASE, [given], [away]))[0] == "23 08:00-24 00:00 (C) override"
    covered = change("23 08:00-24 08:00", C, D)
    assert told(Plan(BASE, [given, covered], [away]))[0] == "23 08:00-24 08:00 D override"


def test_two_leaves_that_touch_leave_two_empty_pieces_of_their_own():
    away = [absence("23 08:00-23 12:00", A), Absence(*span("23 12:00-24 08:00"), A, 10)]
    assert [piece.leave for piece in resolve(Plan(BASE, absences=away), SINCE, at("2026-11-24 08:00"))] == [
        9,
        10,
    ]


def test_roles_do_not_touch_each_other():
    backup = Claim(*span("23 08:00-24 08:00"), "backup", B, Source.ROTATION, 2, 2)
    found = resolve(Plan([*BASE, backup], [change("23 08:00-24 08:00", None, C)]), SINCE, UNTIL)
    assert [(piece.role, piece.person) for piece in found if piece.starts_at == at("2026-11-23 08:00")] == [
        ("backup", B),
        ("primary", C),
    ]


def test_an_instant_is_a_span_of_one_moment_and_a_shift_does_not_hold_at_its_end():
    plan = Plan(BASE)
    handover = at("2026-11-24 08:00")
    assert [piece.person for piece in at_instant(plan, handover)] == [B]
    assert [piece.person for piece in at_instant(plan, handover - timedelta(microseconds=1))] == [A]
    assert at_instant(plan, at("2026-11-25 08:00")) == []


def test_nothing_planned_is_no_piece_at_all():
    assert resolve(Plan(), SINCE, UNTIL) == []
