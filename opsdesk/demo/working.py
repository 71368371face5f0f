"""What one works with: canned replies and checklists, some ticked, and colleagues asked for help by name."""

from __future__ import annotations

import random
from datetime import datetime

from opsdesk.demo.people import ACCOUNTS, HOME, Staff
from opsdesk.demo.texts import load
from staff.models import Role, User
from tickets import actions
from tickets.actions.canned import save_reply
from tickets.actions.people import may_read
from tickets.actions.templates import save_template
from tickets.models import CannedReply, ChecklistTemplate, Scope, Status, Ticket

TICKED, MENTIONS = 9, 8


def furnish(rng: random.Random, staff: Staff, *, now: datetime) -> None:
    """Write replies and templates, and use them on what lies on the desk."""
    by_name = {user.username: user for user in staff.everyone}
    write_replies(rng, by_name, now=now)
    templates = write_templates(by_name[ACCOUNTS[Role.ADMINISTRATOR]], now=now)
    in_work = list(
        Ticket.objects.filter(status=Status.IN_PROGRESS).select_related("owner", "group", "system")
    )
    fresh = [ticket for ticket in in_work if not ticket.clocks.running().filter(next_at__lt=now).exists()]
    for ticket in fresh[:TICKED]:
        _work_through(rng, ticket, templates, now=now)
    for ticket in rng.sample(fresh, min(MENTIONS, len(fresh))):
        _ask_somebody(rng, ticket, now=now)


def write_replies(rng: random.Random, people: dict[str, User], *, now: datetime) -> None:
    """Those of everyone by the administrator, the group's by its supervisor, an engineer's own by himself."""
    writers = {
        Scope.EVERYONE: people[ACCOUNTS[Role.ADMINISTRATOR]],
        Scope.GROUP: people[ACCOUNTS[Role.SUPERVISOR]],
        Scope.OWN: people[ACCOUNTS[Role.ENGINEER]],
    }
    for row in load("working")["replies"]:
        reply = CannedReply(**row, uses=rng.randrange(3, 180))
        save_reply(reply, by=writers[Scope(row["scope"])], now=now)


def write_templates(by: User, *, now: datetime) -> list[ChecklistTemplate]:
    written = []
    for row in load("working")["templates"]:
        facts = {name: value for name, value in row.items() if name != "items"}
        items = [
            {"text": text, "text_en": text_en, "is_mandatory": is_mandatory}
            for text, text_en, is_mandatory in row["items"]
        ]
        written.append(save_template(ChecklistTemplate(**facts), items, by=by, now=now))
    return written


def _work_through(
    rng: random.Random, ticket: Ticket, templates: list[ChecklistTemplate], *, now: datetime
) -> None:
    fitting = set(ChecklistTemplate.objects.fitting(ticket).values_list("pk", flat=True))
    chosen = rng.choice([template for template in templates if template.pk in fitting])
    owner = ticket.owner
    if owner is None:
        return
    checklist = actions.attach_checklist(ticket, chosen, by=owner, now=now)
    items = list(checklist.items.all())
    for item in items[: rng.randrange(len(items))]:
        result = rng.choice(["", *load("working")["results"]])
        actions.tick(ticket, item, result=result, by=owner, now=now)


def _ask_somebody(rng: random.Random, ticket: Ticket, *, now: datetime) -> None:
    """A colleague of the group or a specialist, by the name that only he bears."""
    readers = User.objects.filter(
        may_read(ticket), role__in=[Role.ENGINEER, Role.SUPERVISOR, Role.SPECIALIST]
    )
    others = list(readers.exclude(pk=ticket.owner_id).order_by("pk"))
    supervisors = [user for user in others if user.group and user.group.code == HOME and user.may_supervise]
    asked = rng.choice(supervisors if supervisors and rng.random() < 0.4 else others)
    text = rng.choice(load("working")["mentions"]).format(name=asked.name)
    if ticket.owner is not None:
        minutes = rng.choice([None, 10, 15, 25])
        actions.add_note(ticket, text=text, minutes=minutes, by=ticket.owner, now=now)
