"""What clients said: callbacks, complaints, and what follows where an expectation was not met (§4.3, §5.3).

Satisfaction and the rates of callbacks stand among the key figures; here is what they are made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from reports.monthly.asked import About, Rows, first_of
from reports.monthly.words import brief, day, moment, table
from surveys.correcting import OVER, CorrectiveState, Source
from surveys.models import ComplaintRuling, CorrectiveAction
from tickets.documents.structure import Pairs, Part, Text, Tone
from tickets.models import Kind, Status, Ticket
from visits.models import Callback

TOLD_TO_CLIENTS = (Source.COMPLAINT, Source.CALLBACK)


@dataclass(frozen=True, slots=True)
class Found:
    disappointed: int
    complaints: Rows
    rulings: Mapping[int, ComplaintRuling]
    correctives: Rows


def gather(about: About) -> Found:
    heard = about.of(Callback.objects.filter(done_at__gte=about.start, done_at__lt=about.end))
    came = Ticket.objects.filter(kind=Kind.COMPLAINT).exclude(status=Status.MERGED)
    came = came.filter(reported_at__gte=about.start, reported_at__lt=about.end)
    complaints = first_of(about.of(came).select_related("client").without_texts().order_by("reported_at"))
    ruled = ComplaintRuling.objects.filter(ticket__in=[one.pk for one in complaints.rows])
    opened = Q(opened_at__gte=about.start, opened_at__lt=about.end)
    settled = Q(over_at__gte=about.start, over_at__lt=about.end)
    actions = CorrectiveAction.objects.filter(opened | settled).with_names().order_by("opened_at", "pk")
    if about.is_for_client:  # what audits found is the house's, and what one contact answered is his own
        actions = actions.filter(source__in=TOLD_TO_CLIENTS)
    return Found(
        heard.disappointed().count(),
        complaints,
        {ruling.ticket_id: ruling for ruling in ruled},
        first_of(about.of(actions)),
    )


def parts(found: Found, about: About) -> Iterable[Part]:
    made, due = about.numbers.share("callbacks") or (0, 0)
    if due or found.disappointed:
        yield Pairs(
            (
                (_("Callbacks due"), str(due)),
                (_("of these made in time"), str(made)),
                (_("Expectations that were not met"), str(found.disappointed)),
            )
        )
    who, width = ([], []) if about.is_for_client else ([_("Client")], [20])
    yield from table(
        [_("Complaint"), *who, _("Reported"), _("What it was about"), _("State")],
        [14, *width, 16, 50 - sum(width), 20],
        found.complaints,
        lambda one: _complaint(one, found, about),
    )
    yield from table(
        [_("Corrective action"), *who, _("What was not met"), _("To be carried out by"), _("State")],
        [14, *width, 48 - sum(width), 18, 20],
        found.correctives,
        lambda one: _corrective(one, about),
        lambda one: Tone.GOOD if one.state == CorrectiveState.CLOSED else Tone.PLAIN,
    )
    if not found.complaints.rows:
        yield Text(_("No complaints."))


def _complaint(one: Ticket, found: Found, about: About) -> list[str]:
    who = [] if about.is_for_client else [one.client.label]
    ruling = found.rulings.get(one.pk)
    state = str(one.get_status_display())
    if ruling is not None:
        state = f"{state}\n{ruling.get_verdict_display()}"
    return [one.number, *who, moment(one.reported_at, about.tz), brief(one.title, 120), state]


def _corrective(one: CorrectiveAction, about: About) -> list[str]:
    who = [] if about.is_for_client else [one.client.label]
    until = "–" if one.state in OVER else day(one.due_on)
    return [f"CA-{one.pk:04d}", *who, brief(one.title, 120), until, str(one.get_state_display())]
