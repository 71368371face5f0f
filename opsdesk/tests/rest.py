"""A caller of the REST interface for tests."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.db import connections
from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone

from opsdesk.testing import Cast
from staff.actions import issue_token
from staff.files import Upload
from staff.models import User
from tickets import actions
from tickets.actions.templates import save_template
from tickets.escalation import Needs
from tickets.handovers import blocking
from tickets.models import (
    Cause,
    ChecklistItem,
    ChecklistTemplate,
    Escalation,
    EscalationRule,
    Grade,
    Handover,
    HandoverEvent,
    HowGiven,
    Overrun,
    PauseReason,
    RemoteAuthorisation,
    Ticket,
)
from tickets.tests.handovers import on_duty_now

ROOT = "/api/v1"
NEW_KEY = object()
ON_SITE = ("dispatch", "depart", "arrive", "leave", "call_off")


@dataclass
class Caller:
    """Somebody with a token. `post` sends a fresh Idempotency-Key unless told which, or None for none."""

    token: str
    language: str = "en"

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> HttpResponse:
        return Browser().get(ROOT + path, query, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, key: Any = NEW_KEY, **headers: str) -> HttpResponse:
        key = str(uuid.uuid4()) if key is NEW_KEY else key
        if key is not None:
            headers["Idempotency-Key"] = key
        body = body if isinstance(body, (str, bytes)) else json.dumps({} if body is None else body)
        return Browser().post(
            ROOT + path, body, content_type="application/json", headers=self._headers(headers)
        )

    def put(self, path: str, body: Any, **headers: str) -> HttpResponse:
        body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return Browser().put(
            ROOT + path, body, content_type="application/json", headers=self._headers(headers)
        )

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return Browser().delete(ROOT + path, headers=self._headers(headers))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language, **named}


def caller(user: User, language: str = "en", **token: Any) -> Caller:
    options = {"days": 30, "now": timezone.now(), **token}
    return Caller(issue_token(user, "test", **options)[1], language)


def faults(response: HttpResponse) -> dict[str, str]:
    """Where a problem's faults are, each with its code."""
    return {
        fault.get("pointer") or fault["parameter"]: fault["code"]
        for fault in response.json().get("errors", [])
    }


AT_MEETINGS = ("join_meeting", "call_in", "follow_up", "settle_follow_up")


def record_for(verb: str, cast: Cast) -> Ticket:
    """A record on which the verb is possible."""
    now = timezone.now()
    who = {"by": cast.li, "now": now}
    ticket = actions.grade(cast.ticket(now), Grade.THREE, reason="x", **who)
    if verb not in ("acknowledge", "grade", "assign", "notes"):
        ticket = actions.acknowledge(ticket, **who)
    if verb == "resume":
        ticket = actions.pause(
            ticket, reason=PauseReason.PARTS, text="x", until=now + timedelta(hours=1), **who
        )
    if verb in ("convene", "decide", *AT_MEETINGS):
        ticket = actions.grade(ticket, Grade.ONE, reason="y", **who)
        if verb != "convene":
            ticket = actions.convene(ticket, reason="x", **who)
        if verb == "settle_follow_up":
            due_at = now + timedelta(hours=1)
            ticket = actions.follow_up(ticket, text="x", owner=cast.chen, due_at=due_at, **who)
    if verb in ("tick", "untick"):
        item = with_checklist(ticket, cast)
        if verb == "untick":
            actions.tick(ticket, item, **who)
    if verb in ON_SITE:
        actions.file_written_report(ticket, written_by="x", text="x", **who)
    if verb in ON_SITE[1:]:
        order = actions.dispatch(ticket, engineer=cast.chen, address="x", contact_name="x", **who)
        if verb == "leave":
            actions.arrive(order, **who)
    if verb == "acknowledge_report_up":
        told_of(ticket, cast.li)
    if verb in ("confirm", "reopen"):
        ticket = actions.resolve(ticket, solution="x", cause=Cause.OTHER, **who)
    if verb in ("add_evidence", "revoke_remote", "open_remote", "close_remote"):
        access = with_authorisation(ticket, cast, has_paper=verb != "add_evidence")
        if verb == "close_remote":
            actions.open_remote(access, **who)
    if verb == "unmerge":
        ticket = actions.merge(ticket, into=cast.ticket(now), **who)
    return ticket


def with_authorisation(
    ticket: Ticket, cast: Cast, *, has_paper: bool = True, **more: Any
) -> RemoteAuthorisation:
    """Record that the client allows remote access for the next two hours; his fax is among the files."""
    now = timezone.now()
    entry = actions.attach(ticket, [Upload("授权书.txt", BytesIO(b"x"))], by=cast.li, now=now)
    facts: dict[str, Any] = {
        "given_by": "孙主任",
        "contact": cast.contact,
        "how": HowGiven.FAX,
        "purpose": "查看归档日志",
        "systems": [cast.his],
        "window_from": now - timedelta(hours=1),
        "window_to": now + timedelta(hours=2),
        "max_sessions": 3,
        "evidence": entry.attachments.get() if has_paper else None,
    }
    return actions.authorise_remote(ticket, actions.Grant(**(facts | more)), by=cast.li, now=now)


def handover_for(step: str, cast: Cast) -> tuple[Handover, User]:
    """A handover on which the step is possible, and who may take it."""
    now, texts = timezone.now(), {"note": "x", "to_do": "", "done": []}
    HandoverEvent.objects.all().delete()
    Handover.objects.all().delete()
    handover = actions.open_handover(cast.south, on_duty_now(cast), by=cast.chen, now=now)
    if step == "overrule":
        actions.grade(cast.ticket(now), Grade.ONE, reason="x", by=cast.li, now=now)
        return handover, cast.wang
    if blocking(handover):
        actions.overrule(handover, reason="x", by=cast.wang, now=now)
    if step in ("send_back", "sign"):
        return actions.hand_over(handover, **texts, by=cast.chen, now=now), cast.li
    return handover, cast.chen


def overrun_for(step: str, cast: Cast) -> tuple[Overrun, User]:
    """A case on which the step is possible, and who may take it."""
    now = timezone.now()
    ticket = cast.ticket(now - timedelta(hours=1))
    actions.enforce_deadlines(now=now)
    case = Overrun.objects.get(ticket=ticket)
    if step != "explain":
        case = actions.explain(case, text="x", cause="own", by=cast.chen, now=now)
    if step in ("appeal", "decide"):
        case = actions.rule(case, cause="own", is_excused=False, reason="x", by=cast.wang, now=now)
    if step == "decide":
        case = actions.appeal(case, text="x", by=cast.chen, now=now)
    people = {"explain": cast.chen, "rule": cast.wang, "appeal": cast.chen, "decide": cast.liu}
    return case, people[step]


def told_of(ticket: Ticket, person: User) -> Escalation:
    """Let the record's next report-up have reached this person, and ask him to acknowledge it."""
    step = ticket.escalations.planned().select_related("rule").first()
    EscalationRule.objects.filter(pk=step.rule_id).update(needs_ack=Needs.ONE)
    Escalation.objects.filter(pk=step.pk).update(fired_at=timezone.now())
    step.told.add(person)
    return step


def with_checklist(ticket: Ticket, cast: Cast) -> ChecklistItem:
    """Attach a checklist of two items, the first one mandatory; return that."""
    who = {"by": cast.admin, "now": timezone.now()}
    template = ChecklistTemplate.objects.filter(name="恢复后检查").first()
    if template is None:
        items = [
            {"text": "备份完整", "text_en": "Backup is complete", "is_mandatory": True},
            {"text": "通知用户", "text_en": "", "is_mandatory": False},
        ]
        template = save_template(ChecklistTemplate(name="恢复后检查", name_en="After recovery"), items, **who)
    checklist = actions.attach_checklist(ticket, template, **who)
    return checklist.items.get(position=1)


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Do these things at the same instant, each in its own thread; return what they returned."""
    start = threading.Barrier(len(deeds))
    results: list[Any] = [None] * len(deeds)

    def run(number: int, deed: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            results[number] = deed()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
