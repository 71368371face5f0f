"""One grade-1 fault in which everything happens that a notice or a report tells."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

from clients.models import Channel
from opsdesk.testing import MONDAY, Cast
from staff.files import Upload
from tickets import actions
from tickets.actions import Grant
from tickets.dispatching import OnSiteOutcome
from tickets.models import Cause, Grade, HowGiven, Outcome, Overrun, Ticket

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# What no edition for the client may hold.
INSIDE = (
    "内部备注",
    "另一家医院",
    "陈工承认",
    "王强裁定",
    "远程口令无效",
    "控制器都坏了",
    "组内无人会",
    "清了归档",
)
PASSWORD = "s3cr3t-口令"


def running(cast: Cast, start: datetime = MONDAY) -> Ticket:
    """As it runs: answered too late, reported up, a meeting, a verdict, somebody logged in, one sent."""
    li, chen, wang = cast.li, cast.chen, cast.wang
    ticket = actions.grade(cast.ticket(start, details="全院"), Grade.ONE, reason="业务全停", by=li, now=start)
    actions.enforce_deadlines(now=start + 20 * MINUTE)
    actions.acknowledge(ticket, by=chen, now=start + 22 * MINUTE)
    actions.add_note(ticket, text="内部备注:另一家医院也有此症", by=chen, now=start + 25 * MINUTE, minutes=15)
    actions.tell_client(ticket, text="已在处理", told="孙主任", by=chen, now=start + 26 * MINUTE)
    actions.convene(ticket, reason="组内无人会", by=chen, now=start + 28 * MINUTE)
    access = actions.authorise_remote(
        ticket,
        Grant(
            given_by="孙主任",
            contact=cast.contact,
            how=HowGiven.FAX,
            purpose="查看归档日志",
            systems=[cast.his],
            window_from=start,
            window_to=start + 4 * HOUR,
            max_sessions=3,
            evidence=Upload("授权书.txt", BytesIO(b"x")),
        ),
        by=chen,
        now=start + 30 * MINUTE,
    )
    session = actions.open_remote(access, by=chen, now=start + 31 * MINUTE)
    actions.close_remote(session, summary="清了归档,远程口令无效", by=chen, now=start + 50 * MINUTE)
    actions.open_remote(access, by=chen, now=start + 51 * MINUTE)
    actions.decide(
        ticket, outcome=Outcome.REMOTE_CANNOT, reason="控制器都坏了", by=cast.liu, now=start + 55 * MINUTE
    )
    actions.dispatch(
        ticket, engineer=chen, address="罗湖", contact_name="孙主任", by=wang, now=start + 58 * MINUTE
    )
    return Ticket.objects.get(pk=ticket.pk)


def solved(cast: Cast, start: datetime = MONDAY) -> Ticket:
    """As it ended: on site, diagnosed, solved, its overrun explained and ruled on, confirmed."""
    ticket, chen = running(cast, start), cast.chen
    order, session = ticket.dispatches.get(), ticket.remote_authorisations.get().sessions.last()
    actions.close_remote(session, summary="清了归档", by=chen, now=start + 59 * MINUTE)
    actions.depart(order, by=chen, now=start + 1 * HOUR)
    actions.arrive(order, by=chen, now=start + 2 * HOUR)
    actions.diagnose(
        ticket, diagnosis="双控制器损坏", cause=Cause.HARDWARE, by=chen, now=start + 3 * HOUR, minutes=60
    )
    actions.leave(order, outcome=OnSiteOutcome.SOLVED, signed_by="孙主任", by=chen, now=start + 5 * HOUR)
    actions.resolve(ticket, solution="更换控制器", cause=Cause.HARDWARE, by=chen, now=start + 5 * HOUR)
    case = Overrun.objects.get(ticket=ticket, kind="response")
    actions.explain(case, text="陈工承认漏看", cause="own", by=case.person, now=start + 6 * HOUR)
    actions.rule(
        case, cause="own", is_excused=False, reason="王强裁定不予免责", by=cast.wang, now=start + 7 * HOUR
    )
    actions.confirm(ticket, confirmed_by="孙主任", channel=Channel.PHONE, by=cast.li, now=start + 8 * HOUR)
    return Ticket.objects.get(pk=ticket.pk)
