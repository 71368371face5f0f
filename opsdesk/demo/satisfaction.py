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
from staff.models import User
from surveys.actions import corrective as actions
from surveys.actions.complaints import rule_on_complaint
from surveys.actions.correctivesweep import tend_corrective
from surveys.actions.opening import LOOK_BACK, open_by_hand, open_due
from surveys.correcting import Effect, Source
from surveys.models import CorrectiveAction
from tickets.models import Kind, Status, Ticket

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# How many days ago each matter of the file came up, and how many steps it has come since.
MATTERS = ((76, 5), (61, 5), (49, 5), (21, 4), (9, 1), (5, 1))
WHOLE, ANSWERED = 5, 2
SETTLED = 38 * DAY  # what a survey found before that is over by now


def satisfy(staff: Staff, *, now: datetime) -> None:
    """Open, correct and close for eleven weeks, and leave some to be done."""
    home = next(team for team in staff.teams if team.group.code == HOME)
    matters = load("satisfaction")["matters"]
    clients = Client.objects.active().filter(group=home.group).order_by("pk")[: len(MATTERS)]
    for number, (client, words, (days, steps)) in enumerate(zip(clients, matters, MATTERS, strict=False)):
        engineer = home.engineers[number % len(home.engineers)]
        _carry(home, _opened(home, client, words, now - days * DAY), words, steps, engineer, now)
    found = CorrectiveAction.objects.open().filter(source=Source.ANSWER, ticket=None).order_by("pk")
    for number, action in enumerate(found.select_related("group", "contact", "client")):
        steps = WHOLE if action.opened_at < now - SETTLED else ANSWERED
        team = staff.team_of(action.group)
        _carry(team, action, matters[number % 3], steps, team.engineers[number % len(team.engineers)], now)
    _complaints(home, now)
    open_due(now=now)
    tend_corrective(now=now)


def _opened(home: Team, client: Client, words: dict[str, Any], then: datetime) -> CorrectiveAction:
    contact = Contact.objects.filter(client=client, is_active=True).order_by("pk").first()
    facts = {"client": client, "contact": contact, "title": words["title"], "words": words["words"]}
    return open_by_hand(**facts, by=home.engineers[0], now=then)


def _carry(
    team: Team, action: CorrectiveAction, words: dict[str, Any], steps: int, engineer: User, now: datetime
) -> None:
    """Take so many steps: planned, answered, carried out, verified, and with its effect closed."""
    supervisor = team.supervisors[0]
    then = action.opened_at + 5 * HOUR
    if then > now:
        return
    action = actions.analyse(action, whys=words["whys"], root_cause=words["cause"], by=supervisor, now=then)
    due_on = timezone.localdate(then) + (2 if steps == 1 else 7) * DAY  # what is only planned is soon due
    action = actions.plan_measure(
        action, measure=words["measure"], owner=engineer, due_on=due_on, by=supervisor, now=then
    )
    if steps >= ANSWERED:
        told = action.contact.name if action.contact else action.client.name
        action = actions.reply_to_client(
            action, text=words["reply"], how=Channel.PHONE, told=told, by=supervisor, now=then
        )
    if steps > ANSWERED:
        action = actions.carry_out(action, result=words["result"], by=engineer, now=then + 3 * DAY)
        action = actions.verify(action, is_done=True, note=words["check"], by=supervisor, now=then + 5 * DAY)
    if steps == WHOLE:
        later = then + 36 * DAY
        action = actions.check_effect(
            action, effect=Effect.EFFECTIVE, note=words["effect"], by=supervisor, now=later
        )
        actions.close_corrective(action, by=supervisor, now=later)


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
