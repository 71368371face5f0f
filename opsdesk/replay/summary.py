"""What came of a replay, in figures: counted while feeding, and the clocks from the rows themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, F, Q

from opsdesk.replay.feeding import Lines, Outcome
from opsdesk.replay.rows import Log
from tickets.models import Clock, ClockKind, Escalation, Status, Ticket

STEPS = [
    ("notes", "updates written as notes"),
    ("handed over", "reassignments (group or person)"),
    ("handed to another group", "  of these to another group"),
    ("regraded", "changes of grade"),
    ("paused", "pauses"),
    ("resumed", "resumptions"),
    ("resolved", "solutions"),
    ("confirmed", "confirmations"),
    ("reopened", "reopenings"),
]
MOST_LINES = 8


@dataclass(slots=True)
class Summary:
    log: Log
    already_there: int = 0
    rows: int = 0
    replayed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)

    @property
    def rows_placed(self) -> int:
        return self.rows - sum(map(len, self.outcome.refused.values()))

    def lines(self) -> Iterator[str]:
        """Yield the summary line by line."""
        if self.already_there:
            changed = "" if self.replayed or self.failed else ", nothing changed"
            yield f"{self.already_there} already there{changed}"
        if self.replayed:
            yield from self._counts()
            yield from self._clocks()
        if self.replayed or self.failed:
            yield from _grouped("Placed at another instant than the log says", self.outcome.adjusted)
            yield from _grouped("Done otherwise than the log says", self.outcome.noted)
        yield from self._left_out()

    def _counts(self) -> Iterator[str]:
        tickets = Ticket.objects.filter(external_ref__in=self.replayed)
        by_status = dict(tickets.order_by().values_list("status").annotate(Count("pk")))
        states = ", ".join(f"{by_status[s]} {s.value}" for s in Status if s in by_status)
        yield f"{'records':<34}{len(self.replayed):>7}  ({states})"
        yield f"{'rows read':<34}{self.log.lines:>7}"
        yield f"{'rows placed':<34}{self.rows_placed:>7}"
        for step, label in STEPS:
            yield f"{label:<34}{self.outcome.steps[step]:>7}"

    def _clocks(self) -> Iterator[str]:
        of_ours = Clock.objects.filter(ticket__external_ref__in=self.replayed).current().order_by()
        stopped = Q(stopped_at__isnull=False)
        late = Q(stopped_at__gt=F("due_at"))
        rows = of_ours.values("kind").annotate(
            met=Count("pk", filter=stopped & (~late | Q(due_at__isnull=True))),
            breached=Count("pk", filter=stopped & late),
            running=Count("pk", filter=~stopped),
        )
        found = {row["kind"]: row for row in rows}
        yield f"{'clocks':<34}{'met':>7}{'breached':>10}{'running':>9}"
        for kind in ClockKind.values:
            if row := found.get(kind):
                yield f"  {kind:<32}{row['met']:>7}{row['breached']:>10}{row['running']:>9}"
        fired = Escalation.objects.filter(ticket__external_ref__in=self.replayed).fired().count()
        yield f"{'report-ups':<34}{fired:>7}"

    def _left_out(self) -> Iterator[str]:
        unread: Lines = {}
        for broken in self.log.broken:
            unread.setdefault(broken.reason, []).append(broken.line)
        if not unread and not self.outcome.refused and not self.failed:
            if self.replayed:
                yield "Every row was placed."
            return
        yield from _grouped("Rows that could not be read", unread)
        yield from _grouped("Rows that could not be placed", self.outcome.refused)
        if self.failed:
            yield f"Incidents left out as a whole: {len(self.failed)}"
            yield from (f"  {number}: {reason}" for number, reason in self.failed.items())


def _grouped(title: str, lines_by_reason: Lines) -> Iterator[str]:
    if not lines_by_reason:
        return
    yield f"{title}: {sum(map(len, lines_by_reason.values()))}"
    for reason, lines in sorted(lines_by_reason.items(), key=lambda item: -len(item[1])):
        yield f"  {len(lines):>5} × {reason} (line {_some(sorted(lines))})"


def _some(lines: Sequence[int]) -> str:
    shown = ", ".join(map(str, lines[:MOST_LINES]))
    return f"{shown} and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else shown
