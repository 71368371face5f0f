"""Faults of grade 1 that were solved in the month: what happened, why, and what follows (§5.4, 7.3).

What is said of each is what its latest report says; a client's edition quotes the report that the client got.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from reports.monthly.asked import About, Rows, first_of
from reports.monthly.origins import Origins, origins_of, title_of
from reports.monthly.words import brief, moment, table
from staff.templatetags.look import in_words
from tickets.documents.kinds import DocumentKind, Edition
from tickets.documents.structure import Pairs, Part
from tickets.documents.words import shortened
from tickets.models import Grade, IssuedDocument, Kind, Status, Ticket


@dataclass(frozen=True, slots=True)
class Found:
    faults: Rows
    reports: Mapping[int, IssuedDocument]
    origins: Origins


def gather(about: About) -> Found:
    rows = Ticket.objects.filter(kind=Kind.FAULT, grade=Grade.ONE).exclude(status=Status.MERGED)
    rows = rows.filter(resolved_at__gte=about.start, resolved_at__lt=about.end)
    faults = first_of(
        about.of(rows).select_related("client", "system", "owner").order_by("resolved_at", "pk")
    )
    edition = Edition.CLIENT if about.is_for_client else Edition.INTERNAL
    issued = IssuedDocument.objects.filter(
        ticket__in=[fault.pk for fault in faults.rows], kind=DocumentKind.REPORT, edition=edition
    )
    reports = {one.ticket_id: one for one in issued.defer("content").order_by("number")}
    return Found(faults, reports, origins_of(faults.rows, about))


def parts(found: Found, about: About) -> Iterable[Part]:
    reported = [fault for fault in found.faults.rows if fault.pk in found.reports]
    for fault in reported:
        yield _review(fault, found, about)
    others = [fault for fault in found.faults.rows if fault.pk not in found.reports]
    yield from table(
        (_("No report yet"), _("What happened"), _("Solved"), _("Lasted")),
        (14, 54, 16, 16),
        Rows(others, found.faults.total - len(reported)),
        lambda fault: (
            fault.number,
            f"{brief(title_of(fault, found.origins), 90)}\n{_whose(fault)}",
            moment(fault.resolved_at, about.tz),
            in_words((fault.resolved_at - fault.reported_at).total_seconds()),
        ),
    )


def _whose(fault: Ticket) -> str:
    return " · ".join(filter(None, (fault.client.label, fault.system.label if fault.system else "")))


def _review(fault: Ticket, found: Found, about: About) -> Pairs:
    issued, title = found.reports[fault.pk], title_of(fault, found.origins)
    facts = {
        "reported": moment(fault.reported_at, about.tz),
        "answered": moment(fault.acknowledged_at, about.tz),
        "diagnosed": moment(fault.diagnosed_at, about.tz),
        "solved": moment(fault.resolved_at, about.tz),
    }
    course = _("reported %(reported)s · answered %(answered)s · diagnosed %(diagnosed)s · solved %(solved)s")
    pairs = [(fault.number, f"{title}\n{_whose(fault)}"), (_("Course"), course % facts)]
    if fault.resolved_at:
        lasted = (fault.resolved_at - fault.reported_at).total_seconds()
        pairs.append((_("Lasted"), in_words(lasted)))
    entered = issued.entered
    pairs.append((_("Report"), issued.reference))
    for name, label in (
        ("impact", _("Impact")),
        ("root_cause", _("Root cause")),
        ("measures", _("Measures")),
    ):
        if text := str(entered.get(name) or ""):
            pairs.append((label, shortened(text)))
    return Pairs(tuple(pairs))
