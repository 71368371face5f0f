"""Whether somebody can take a span of duty, seen on the roster as it would be then. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from duty.resolving import Piece
from duty.roster import Span

# On call at home, as backup or duty supervisor, one rests: only shifts of this role need rest between them.
WEARING = "primary"


class Misfit(StrEnum):
    ABSENT = "absent"
    ELSEWHERE = "elsewhere"
    TOO_LONG = "too_long"
    TOO_LITTLE_REST = "too_little_rest"


def misfit(
    person: int, span: Span, pieces: Sequence[Piece], *, rest: timedelta, longest: timedelta | None
) -> Misfit | None:
    """Say what is wrong with a person's duty in a span, or None.

    `pieces` is the whole answer as it would be, reaching far enough to both sides. Shifts that touch are one
    stretch of duty; `rest` must lie before and after it.
    """
    own = [piece for piece in pieces if piece.planned == person]
    inside = [piece for piece in own if _meet(piece, span)]
    if any(piece.person is None for piece in inside):
        return Misfit.ABSENT
    if any(_meet(piece, other, span) for piece in inside for other in inside if piece.role != other.role):
        return Misfit.ELSEWHERE
    if not any(piece.role == WEARING for piece in inside):
        return None
    stretches = _stretches(piece for piece in own if piece.role == WEARING and piece.person is not None)
    for number, stretch in enumerate(stretches):
        if not _meet(stretch, span):
            continue
        if longest is not None and stretch.ends_at - stretch.starts_at > longest:
            return Misfit.TOO_LONG
        beside = stretches[max(number - 1, 0) : number + 2]
        if any(_between(stretch, other) < rest for other in beside if other is not stretch):
            return Misfit.TOO_LITTLE_REST
    return None


def _meet(*spans: Piece | Span) -> bool:
    """Say whether there is an instant that lies in all of them."""
    return max(span.starts_at for span in spans) < min(span.ends_at for span in spans)


def _stretches(pieces: Iterable[Piece]) -> list[Span]:
    found: list[Span] = []
    for piece in sorted(pieces, key=lambda piece: piece.starts_at):
        if found and piece.starts_at <= found[-1].ends_at:
            found[-1] = Span(found[-1].starts_at, max(found[-1].ends_at, piece.ends_at))
        else:
            found.append(Span(piece.starts_at, piece.ends_at))
    return found


def _between(one: Span, other: Span) -> timedelta:
    first, second = sorted([one, other], key=_start)
    return second.starts_at - first.ends_at


def _start(span: Span) -> datetime:
    return span.starts_at
