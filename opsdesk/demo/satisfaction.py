"""Expectations that were not met: complaints ruled on, and corrective actions in every state (§4.3).

All by the actions, as they were at that time. What was bad in surveys and callbacks is found by the sweep.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from clients.models import Channel, Client, Contact
from opsdesk.demo.people import HOME, Staff, Team
from opsdesk.demo.texts import load
from surveys.actions import corrective as actions
from surveys.actions.complaints import rule_on_complaint
from surveys.actions.correctivesweep import tend_corrective
from surveys.actions.opening import LOOK_BACK, open_by_hand, open_due
from surveys.correcting import Effect
from surveys.models import CorrectiveAction
from tickets.models import Kind, Status, Ticket

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# How many days ago each matter of the file came up; the later ones have not come as far.
AGO = (76, 61, 49, 21, 9, 5)
FAR = {"verify": 4, "carry_out": 5, "reply": 4, "effect": 3}  # so many of them have come to this


def satisfy(staff: Staff, *, now: datetime) -> None:
    """Open, correct and close for eleven weeks, and leave some to be done."""
    home = next(team for team in staff.teams if team.group.code == HOME)
    clients = list(Client.objects.active().filter(group=home.group).order_by("pk")[: len(AGO)])
    for number, (client, days) in enumerate(zip(clients, AGO, strict=False)):
        _correct(home, client, load("satisfaction")["matters"][number], number, now - days * DAY)
    _complaints(home, now)
    open_due(now=now)
    tend_corrective(now=now)


def _correct(home: Team, client: Client, words: dict[str, Any], number: int, then: datetime) -> None:
    supervisor, engineer = home.supervisors[0], home.engineers[number % len(home.engineers)]
    contact = Contact.objects.filter(client=client, is_active=True).order_by("pk").first()
    action = open_by_hand(
        client=client, contact=contact, title=words["title"], words=words["words"], by=engineer, now=then
    )
    then += 5 * HOUR
    action = actions.analyse(action, whys=words["whys"], root_cause=words["cause"], by=supervisor, now=then)
    due_on = timezone.localdate(then) + (2 if number == 5 else 7) * DAY  # the last one is overdue
    action = actions.plan_measure(
        action, measure=words["measure"], owner=engineer, due_on=due_on, by=supervisor, now=then
    )
    if number < FAR["reply"]:
        told = contact.name if contact else client.name
        action = actions.reply_to_client(
            action, text=words["reply"], how=Channel.PHONE, told=told, by=supervisor, now=then + HOUR
        )
    if number < FAR["carry_out"]:
        action = actions.carry_out(action, result=words["result"], by=engineer, now=then + 3 * DAY)
    if number < FAR["verify"]:
        action = actions.verify(action, is_done=True, note=words["check"], by=supervisor, now=then + 5 * DAY)
    if number < FAR["effect"]:
        action = actions.check_effect(
            action, effect=Effect.EFFECTIVE, note=words["effect"], by=supervisor, now=then + 36 * DAY
        )
        actions.close_corrective(action, by=supervisor, now=then + 36 * DAY)


def _complaints(home: Team, now: datetime) -> None:
    """Those of a month are opened as they came in; the supervisor has ruled on some of his group."""
    recent = Ticket.objects.filter(kind=Kind.COMPLAINT, logged_at__gt=now - LOOK_BACK).order_by("logged_at")
    for complaint in recent.exclude(status=Status.MERGED):
        open_due(now=complaint.logged_at)
    supervisor = home.supervisors[0]
    mine = recent.filter(group=home.group).exclude(owner=supervisor)
    for place, complaint in enumerate(mine.filter(logged_at__lt=now - 3 * DAY)[:2]):
        verdict = ("founded", "unfounded")[place]
        reason = load("satisfaction")["rulings"][verdict]
        CorrectiveAction.objects.filter(complaint=complaint).update(owner=home.engineers[0])
        rule_on_complaint(complaint, verdict=verdict, reason=reason, by=supervisor, now=now - HOUR)
