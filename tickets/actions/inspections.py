"""A maintenance record is opened of what an inspection found (§5.1)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Channel, Client
from duty.actions import note_record
from duty.inspecting import Result
from duty.models import InspectionAnswer
from staff.models import User
from tickets.actions.intake import Call, log_call
from tickets.lifecycle import Refused
from tickets.models import InspectionRecord, Ticket

LONGEST_TITLE = 200


@transaction.atomic
def open_record_of(
    answer: InspectionAnswer, *, client: Client | None = None, by: User, now: datetime
) -> Ticket:
    """Log a fault of an abnormal item, in the name of whoever inspects; each item has one record at most.

    Of a client's system it is that client's; of a group's own surroundings `client` says whose it is.
    """
    sheet = answer.inspection.sheet
    if answer.result != Result.ABNORMAL:
        raise Refused(_("Only of what is abnormal."), field="result", code="invalid")
    client = sheet.system.client if sheet.system else client
    if client is None:
        raise Refused(_("Choose the client whose record it is."), field="client", code="required")
    found = f"{answer.item.label}: {answer.shown_value}" if answer.value else answer.item.label
    call = Call(
        client=client,
        system=sheet.system,
        caller_name=by.label,
        callback_number=by.phone,
        title=f"{found} {answer.note}".strip()[:LONGEST_TITLE],
        details="\n".join(filter(None, [f"{sheet.label}, {answer.inspection.day}", found, answer.note])),
        channel=Channel.ON_SITE,
    )
    ticket = log_call(call, by=by, now=now, changes={"inspection": [None, answer.inspection_id]})
    note_record(answer, number=ticket.number, by=by, now=now)
    InspectionRecord.objects.create(ticket=ticket, answer=answer)
    return ticket
