"""Changes in every state, for the tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from opsdesk.testing import MONDAY, Cast
from staff.models import User
from staff.tests.hostile import PDF, upload
from tickets import actions
from tickets.actions import Draft, PlanText
from tickets.changestanding import papers_of
from tickets.models import Change, WorkType

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHOLE = PlanText(
    plan="1. 停服务\n2. 升级数据库\n3. 启服务",
    impact="门诊挂号停 30 分钟",
    rollback="用升级前的备份恢复,预计 40 分钟",
    checks="挂号、收费各试一笔",
    risk="high",
)


def drafted(cast: Cast, now: datetime = MONDAY, *, code: str = "optimisation", **more: Any) -> Change:
    """Planned by 李敏, owned by 陈工."""
    facts: dict[str, Any] = {
        "type": WorkType.objects.get(code=code),
        "client": cast.hospital,
        "system": cast.his,
        "title": "数据库参数调整",
        "owner": cast.chen,
        "text": WHOLE,
    }
    return actions.draft_change(Draft(**(facts | more)), by=cast.li, now=now)


def submitted(cast: Cast, now: datetime = MONDAY, **more: Any) -> Change:
    return actions.submit_change(drafted(cast, now, **more), by=cast.li, now=now)


def approved(cast: Cast, now: datetime = MONDAY, **more: Any) -> Change:
    return actions.approve_change(submitted(cast, now, **more), note="可以", by=cast.wang, now=now)


def scheduled(
    cast: Cast, now: datetime = MONDAY, *, opens: timedelta = DAY, lasts: timedelta = 4 * HOUR, **more: Any
) -> Change:
    """With all that is needed to start; its window opens so long after `now`."""
    change = approved(cast, now, **more)
    file_all(change, cast.li, now=now)
    if change.needs_client:
        change = client_said_yes(change, cast.li, now=now)
    return actions.schedule_change(
        change, window_from=now + opens, window_to=now + opens + lasts, by=cast.li, now=now
    )


def started(cast: Cast, now: datetime = MONDAY, **more: Any) -> Change:
    """Begun at `now`, its window open since an hour."""
    change = scheduled(cast, now - DAY - HOUR, **more)
    return actions.start_change(change, by=cast.chen, now=now)


def done(cast: Cast, now: datetime = MONDAY, outcome: str = "succeeded", **more: Any) -> Change:
    change = started(cast, now - HOUR, **more)
    return actions.finish_change(change, outcome=outcome, result="按方案完成", by=cast.chen, now=now)


def reviewed(cast: Cast, now: datetime = MONDAY, **more: Any) -> Change:
    return actions.review_change(done(cast, now - HOUR, **more), review="文档齐全", by=cast.wang, now=now)


def change_for(verb: str, cast: Cast) -> tuple[Change, User, dict[str, int]]:
    """One on which the example of a REST verb is possible, who may do so, and the ids that it names."""
    now = timezone.now()
    match verb:
        case "approve" | "reject":
            change = submitted(cast, now)
        case "client" | "schedule":
            change = approved(cast, now, code="requirement")
            file_all(change, cast.li, now=now)
        case "start":
            change = scheduled(cast, now - DAY - HOUR)
        case "finish":
            change = started(cast, now)
        case "review":
            change = done(cast, now)
        case "file" | "waive":
            change = scheduled(cast, now)
        case _:
            change = drafted(cast, now)
    file, paper = change.ticket.attachments.first(), papers_of(change)[-1]
    who = cast.wang if verb in ("approve", "reject", "review", "waive") else cast.li
    return change, who, {"attachment": file.pk if file else 1, "document": paper.pk}


def file_all(change: Change, by: User, *, now: datetime, steps: tuple[str, ...] = ()) -> None:
    """Put one file in the place of each document, or of those of some steps."""
    attachment = None
    for paper in papers_of(change):
        if not steps or paper.step in steps:
            file = attachment or upload("方案.pdf", PDF)
            actions.file_for_change(change, paper=paper.pk, file=file, by=by, now=now)
            attachment = change.ticket.attachments.latest("pk")


def client_said_yes(change: Change, by: User, *, now: datetime) -> Change:
    return actions.confirm_for_client(
        change, client_by="孙主任", client_how="phone", file=upload("确认函.pdf", PDF), by=by, now=now
    )
