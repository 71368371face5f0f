"""What the tests of assessments have in common: a month with work in it, drafts, and how far one has come."""

from __future__ import annotations

from datetime import datetime, timedelta

from audits.tests.auditing import through
from opsdesk.testing import Cast, at
from reports.assessment import actions
from reports.assessment.kinds import Outcome
from reports.models import Assessment
from reports.periods import Period, parse_period
from staff.models import Role, User
from tickets.models import Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OCTOBER = parse_period("2026-10")
WORKED = at("2026-10-12 10:00")  # a Monday
DRAFTED = at("2026-11-01 02:30")  # a Sunday
CHECKED = at("2026-11-03 10:00")  # a Tuesday
SENTINEL = "哨兵文字只给本人看"


def worked(cast: Cast, *, since: datetime = WORKED, records: int = 6) -> list[Ticket]:
    """Records that 陈工 has seen through on the same day, every limit kept, the scheme being in force."""
    actions.load_defaults(now=since - 8 * DAY)
    return [
        through(cast, cast.ticket(since + n * HOUR, title=f"故障 {n}"), since + n * HOUR)
        for n in range(records)
    ]


def of(person: User | None, month: Period = OCTOBER, **more: object) -> Assessment:
    return Assessment.objects.select_related("group", "person", "scheme").get(
        person=person, month=month.first, **more
    )


def drafted(cast: Cast) -> Assessment:
    """陈工's draft of October, made where there is none yet."""
    if not Assessment.objects.filter(month=OCTOBER.first).exists():
        worked(cast)
        actions.tend_assessments(now=DRAFTED)
    return of(cast.chen)


def shown(cast: Cast) -> Assessment:
    draft = drafted(cast)
    draft = actions.add_item(
        draft,
        code="praise",
        reason=f"{SENTINEL}:表扬信",
        record=Ticket.objects.first(),
        by=cast.wang,
        now=CHECKED,
    )
    return actions.show(draft, note=f"{SENTINEL}:辛苦了", by=cast.wang, now=CHECKED)


def appealed(cast: Cast) -> Assessment:
    return actions.appeal(shown(cast), text=f"{SENTINEL}:我不同意", by=cast.chen, now=CHECKED + HOUR)


def ruled(cast: Cast, *, outcome: Outcome = Outcome.UPHELD) -> Assessment:
    lines = [0] if outcome == Outcome.UPHELD else []
    reason = f"{SENTINEL}:理由"
    return actions.rule(
        appealed(cast), outcome=outcome, reason=reason, lines=lines, by=cast.liu, now=CHECKED + DAY
    )


def second_engineer(cast: Cast) -> User:
    """A colleague of 陈工's in the same group."""
    return User.objects.create_user(
        "huang", "huang@example.test", "x", name="黄工", role=Role.ENGINEER, group=cast.south
    )
