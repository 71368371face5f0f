"""What is planned for the month that follows: changes, audits, holidays, callbacks, contracts that end.

A report may be counted, or counted anew, when that month has begun: what was carried out meanwhile was
planned all the same. So nothing here depends on what is open still, only on what was called off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audits.kinds import PlanState
from audits.models import PlannedAudit
from clients.models import Contract
from duty.calendar import days_of
from duty.models import CalendarDay, DayKind, Inspection
from reports.monthly.asked import About, Rows, first_of
from reports.monthly.sections.duty import holiday
from reports.monthly.words import brief, day, span, table
from tickets.changes import ChangeState
from tickets.documents.structure import Pairs, Part
from tickets.documents.words import listed
from tickets.models import Change
from visits.kinds import State
from visits.models import Callback

ENDING = 60  # days from the end of the month
SETTLED = (PlanState.PLANNED, PlanState.HELD)  # a proposal is no plan yet
NOT_PLANNED = (State.WITHDRAWN, State.COVERED, State.SKIPPED)


@dataclass(frozen=True, slots=True)
class Found:
    changes: Rows
    audits: Rows
    contracts: Rows
    holidays: Sequence[CalendarDay]
    callbacks: int
    inspections: int


def gather(about: About) -> Found:
    coming = about.month.plus(1)
    start, end = coming.span(about.tz)
    of_ticket = {"group": "ticket__group", "client": "ticket__client"}
    changes = Change.objects.exclude(state=ChangeState.WITHDRAWN).in_window(start, end)
    changes = changes.with_names().order_by("window_from", "pk")
    audits = PlannedAudit.objects.filter(
        planned_on__gte=coming.first, planned_on__lt=coming.until, state__in=SETTLED
    )
    audits = audits.select_related("group", "system__client").order_by("planned_on", "pk")
    ending = Contract.objects.ending(coming.first, ENDING).select_related("client").order_by("ends_on", "pk")
    days = days_of(coming.first, coming.until - timedelta(days=1))
    callbacks = Callback.objects.filter(due_at__gte=start, due_at__lt=end).exclude(state__in=NOT_PLANNED)
    inspections = Inspection.objects.filter(day__gte=coming.first, day__lt=coming.until)
    sheet = "version__sheet__system__client"
    return Found(
        first_of(about.of(changes, **of_ticket)),
        Rows() if about.is_for_client else first_of(about.of(audits)),
        first_of(about.of(ending, group="client__group")),
        [one for one in days if one.kind == DayKind.STATUTORY],
        about.of(callbacks).count(),
        about.of(inspections, client=sheet).count(),
    )


def parts(found: Found, about: About) -> Iterable[Part]:
    holidays = listed(f"{one.date:%m-%d} {holiday(one)}" for one in found.holidays)
    yield Pairs(
        (
            (_("Callbacks planned"), str(found.callbacks)),
            (_("Inspections planned"), str(found.inspections)),
            (_("Statutory holidays"), holidays),
        )
    )
    yield from table(
        (_("Record"), pgettext("kind of record", "Change"), pgettext("of a change", "Window")),
        (16, 54, 30),
        found.changes,
        lambda change: (
            change.ticket.number,
            brief(change.ticket.title, 120),
            span(change.window_from, change.window_to, about.tz),
        ),
    )
    yield from table(
        (_("Audit"), _("Audited"), _("Day")),
        (28, 50, 22),
        found.audits,
        lambda one: (str(one.get_kind_display()), one.subject, day(one.planned_on)),
    )
    who, width = ([], []) if about.is_for_client else ([_("Client")], [44])
    yield from table(
        [_("Contract that ends"), *who, _("On")],
        [78 - sum(width), *width, 22],
        found.contracts,
        lambda one: [
            one.number,
            *([] if about.is_for_client else [one.client.label]),
            day(one.ends_on),
        ],
    )
