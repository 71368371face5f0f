"""A change is planned: a maintenance record of its own kind, with its plan and its documents to come."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Channel, Client, Contact, System
from duty.calendar import whole_workdays
from staff.models import User
from staff.refused import require
from tickets import changes as rules
from tickets.actions import indexing, timing
from tickets.actions.changeframe import PlanText
from tickets.actions.checklists import attach_automatic
from tickets.actions.journal import record
from tickets.actions.telling import tell_owner
from tickets.changes import ChangeState, Dates
from tickets.changestanding import may_plan
from tickets.lifecycle import Refused, Status
from tickets.models import Change, ChangeDocument, EntryKind, Kind, Risk, Ticket, WorkType


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be changed, for whom, and by whom; without an owner it is the planner's own."""

    type: WorkType
    client: Client
    title: str
    system: System | None = None
    contact: Contact | None = None
    requested_by: str = ""
    details: str = ""
    channel: Channel = Channel.PHONE
    owner: User | None = None
    text: PlanText = field(default_factory=PlanText)


@transaction.atomic
def draft_change(draft: Draft, *, by: User, now: datetime) -> Change:
    """Open a change with its record, whose number it has; its next step is due from the first moment (§3.2).

    Raises `Refused` at the field that is at fault.
    """
    group = draft.client.group
    if not may_plan(by, group.pk):
        message = _("Changes are planned in the client's own group.")
        raise Refused(message, field="client", code="forbidden")
    owner = draft.owner or by
    _check(draft, owner)
    values = {name: value.strip() for name, value in asdict(draft.text).items()}
    workdays = whole_workdays(since=now.date())
    due_at = rules.due_at(Dates(ChangeState.DRAFT), workdays=workdays, now=now)
    ticket = Ticket(
        kind=Kind.CHANGE,
        channel=draft.channel,
        client=draft.client,
        system=draft.system,
        contact=draft.contact,
        caller_name=draft.requested_by.strip() or (draft.contact.name if draft.contact else by.name),
        title=require(draft.title, "title"),
        details=draft.details.strip(),
        group=group,
        owner=owner,
        taken_by=by,
        status=Status.IN_PROGRESS,
        reported_at=now,
        logged_at=now,
        acknowledged_at=now,
        next_due_at=due_at,
    )
    ticket.in_coverage = bool(timing.contracts_for(ticket, now))
    ticket.save()
    kind = draft.type
    change = Change.objects.create(
        ticket=ticket,
        type=kind,
        planner=by,
        needs_client=kind.needs_client,
        needs_window=kind.needs_window,
        needs_review=kind.needs_review,
        **values,
    )
    ChangeDocument.objects.bulk_create(
        ChangeDocument(change=change, step=one.step, name=one.name, name_en=one.name_en)
        for one in kind.documents.all()
    )
    timing.start_next_step(ticket, until=due_at, now=now)
    facts = {"work_type": [None, kind.name], "owner": [None, owner.name]}
    logged = record(ticket, EntryKind.LOGGED, by=by, now=now, text=ticket.title, changes=facts)
    attach_automatic(ticket, now=now)
    indexing.learn_new(ticket)
    tell_owner(logged, by=by, now=now)
    return change


def _check(draft: Draft, owner: User) -> None:
    if not draft.type.is_active:
        raise Refused(_("This work type is not in use any more."), field="type", code="invalid")
    if draft.system is not None and draft.system.client_id != draft.client.pk:
        raise Refused(_("This system belongs to another client."), field="system", code="invalid")
    if draft.contact is not None and draft.contact.client_id != draft.client.pk:
        raise Refused(_("This contact belongs to another client."), field="contact", code="invalid")
    if not may_plan(owner, draft.client.group_id):
        message = _("The owner works in the group, or for all groups.")
        raise Refused(message, field="owner", code="invalid")
    if draft.text.risk not in Risk.values:
        raise Refused(_("Choose how risky it is."), field="risk", code="required")
