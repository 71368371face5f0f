"""October 2026: two clients, faults of each, overruns explained; sentinels tell who reads what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from clients.models import Client, Contract, ServiceHours, System
from opsdesk.testing import Cast, at
from reports.models import ClientEdition, MonthlyReport
from reports.monthly import actions as monthly
from reports.monthly.kinds import Edition
from tickets import actions
from tickets.models import Grade, Kind, Overrun, Ticket

OTHER, OTHER_FAULT = "乙方港务集团", "OTHER-CLIENT-SENTINEL 岸桥停机"
EXPLAINED, COMMENTED = "EXPLANATION-SENTINEL 备件晚到", "COMMENT-SENTINEL 本月总体平稳"
MONTH = at("2026-10-12 10:00")
DRAFTED = at("2026-11-01 02:00")
HOUR = timedelta(hours=1)


@dataclass
class World:
    cast: Cast
    other: Client
    faults: list[Ticket]

    def report(self, edition: Edition) -> MonthlyReport:
        """The report of an edition, counted when it is asked for first."""
        found = self._report(edition)
        if found.counted_at is None:
            monthly.count_report(found, now=DRAFTED)
            found = self._report(edition)
        return found

    def _report(self, edition: Edition) -> MonthlyReport:
        rows = MonthlyReport.objects.with_names().select_related("snapshot")
        if edition == Edition.CLIENT:
            rows = rows.filter(client=self.cast.hospital)
        if edition == Edition.GROUP:
            rows = rows.filter(group=self.cast.south)
        return rows.get(edition=edition, month="2026-10-01")

    def publish(self, edition: Edition, **words: str) -> MonthlyReport:
        by = {Edition.DEPARTMENT: self.cast.zhou}.get(edition, self.cast.wang)
        report = self.report(edition)
        now = DRAFTED + timedelta(days=2)
        monthly.publish_report(report, words, counted_at=report.counted_at, by=by, now=now)
        return self.report(edition)


def fault(cast: Cast, client: Client, system: System, title: str, grade: Grade, *, late: bool) -> Ticket:
    """A fault from its report to its solution; late: far past every limit, told and explained."""
    now = MONTH
    call = cast.call(client=client, system=system, contact=None, title=title)
    ticket = actions.log_call(call, by=cast.li, now=now)
    ticket = actions.grade(ticket, grade, reason="clause", by=cast.li, now=now)
    answered = now + (timedelta(days=3) if late else timedelta(minutes=2))
    actions.enforce_deadlines(now=answered - timedelta(minutes=1))
    ticket = actions.acknowledge(ticket, by=cast.chen, now=answered)
    solved = answered + HOUR
    return actions.resolve(ticket, solution="重启", cause="hardware", by=cast.chen, now=solved)


def build(cast: Cast) -> World:
    other = Client.objects.create(
        code="port",
        name=OTHER,
        name_en="OTHER-CLIENT-SENTINEL Port",
        type=cast.hospital.type,
        group=cast.south,
        hours=ServiceHours.objects.get(code="office"),
    )
    cranes = System.objects.create(client=other, name="OTHER-CLIENT-SENTINEL 岸桥", maintainer=cast.chen)
    Contract.objects.create(client=other, number="HT-2", starts_on="2025-01-01", ends_on="2027-12-31")
    for client in (cast.hospital, other):
        agreed = ClientEdition.objects.create(client=client)
    agreed = ClientEdition.objects.get(client=cast.hospital)
    agreed.told.add(cast.contact)
    faults = [
        fault(cast, cast.hospital, cast.his, "系统崩溃,无法登录", Grade.ONE, late=False),
        fault(cast, cast.hospital, cast.his, "<b>住院收费</b> & 报表缓慢 #1", Grade.TWO, late=True),
        fault(cast, other, cranes, OTHER_FAULT, Grade.ONE, late=True),
    ]
    complaint = cast.call(client=other, system=cranes, contact=None, title=OTHER_FAULT, kind=Kind.COMPLAINT)
    actions.log_call(complaint, by=cast.li, now=MONTH)
    for case in Overrun.objects.filter(ticket__in=faults, person__isnull=False):
        actions.explain(case, text=EXPLAINED, cause="own", by=case.person, now=MONTH + timedelta(days=4))
    monthly.draft_months(now=DRAFTED)
    return World(cast, other, faults)
