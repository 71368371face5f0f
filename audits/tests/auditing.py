"""What the tests of audits have in common: closed records, an audit begun, a finding."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from audits import actions
from audits.actions import Said
from audits.kinds import AuditKind, Result
from audits.models import Audit, Finding
from clients.models import Channel
from opsdesk.testing import MONDAY, Cast
from tickets.actions import acknowledge, confirm, grade, resolve
from tickets.models import Cause, Grade, Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def through(cast: Cast, ticket: Ticket, now: datetime, *, level: int = 3) -> Ticket:
    """Bring a record to its end: graded, taken up, solved, confirmed by the client."""
    ticket = grade(ticket, Grade(level), reason="x", by=cast.li, now=now)
    ticket = acknowledge(ticket, by=cast.chen, now=now)
    ticket = resolve(ticket, solution="换了交换机", cause=Cause.HARDWARE, by=cast.chen, now=now)
    return confirm(ticket, confirmed_by="孙主任", channel=Channel.PHONE, by=cast.li, now=now)


def closed_records(
    cast: Cast, now: datetime = MONDAY, *, levels: tuple[int, ...] = (1, 2, 3, 3)
) -> list[Ticket]:
    return [
        through(cast, cast.ticket(now - HOUR, title=f"故障 {place}"), now, level=level)
        for place, level in enumerate(levels)
    ]


def begun(cast: Cast, now: datetime = MONDAY, kind: AuditKind = AuditKind.PROCESS) -> Audit:
    actions.load_defaults(now=now - DAY)
    system = cast.his if kind in (AuditKind.SOFTWARE, AuditKind.HARDWARE) else None
    return actions.begin_audit(kind=kind, group=cast.south, system=system, by=cast.zhou, now=now)


def drawn(cast: Cast, now: datetime = MONDAY, *, size: int = 2, seed: str = "7", **more: Any) -> Audit:
    """Begun, with a sample of what was closed on the day."""
    audit = begun(cast, now, **more)
    day = now.date()
    return actions.draw_sample(audit, since=day, until=day, size=size, seed=seed, by=cast.zhou, now=now)


def looked_at(cast: Cast, audit: Audit, now: datetime = MONDAY, *, bad: int = 0) -> Audit:
    """All that is not looked at yet: so many do not conform, the rest does."""
    pks = list(audit.checks.filter(result="").values_list("pk", flat=True).order_by("pk"))
    said = {
        pk: Said(Result.DEVIATES, "没有写清楚") if place < bad else Said(Result.CONFORMS)
        for place, pk in enumerate(pks)
    }
    return actions.look_at(audit, said, by=cast.zhou, now=now)


def raised(cast: Cast, audit: Audit, now: datetime = MONDAY, **more: Any) -> Finding:
    facts: dict[str, Any] = {
        "kind": "danger",
        "title": "备份三个月没有做过恢复演练",
        "client": None if audit.system_id else cast.hospital,
        "owner": cast.chen,
    }
    audit.refresh_from_db()
    return actions.raise_finding(audit, **(facts | more), by=cast.zhou, now=now)
