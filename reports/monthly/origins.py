"""What a client's edition calls records that nobody of the client has reported.

A record that was opened of a quality finding bears the finding's words, one of an inspection the inspector's
note: both are the house's own. The client sees that there is such a record, so that lists and figures agree,
and what was looked at; the words stay here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from audits.models import FindingOrder
from duty.models import InspectionAnswer
from reports.monthly.asked import About
from tickets.models import InspectionRecord, Ticket

# By record: what was found abnormal, or None of a quality finding.
Origins = Mapping[int, InspectionAnswer | None]


def origins_of(records: Iterable[Ticket], about: About) -> Origins:
    """Return those of the records whose words a client does not read; none where the house reads them."""
    if not about.is_for_client:
        return {}
    pks = [record.pk for record in records]
    found = InspectionRecord.objects.filter(ticket__in=pks).select_related("answer__item").order_by("-pk")
    inspected: dict[int, InspectionAnswer | None] = {one.ticket_id: one.answer for one in found}
    ordered = FindingOrder.objects.filter(ticket__in=pks).values_list("ticket", flat=True)
    return inspected | {pk: None for pk in ordered if pk is not None}


def title_of(record: Ticket, origins: Origins) -> str:
    """What happened, as the reader of this edition may read it; in the language that is active."""
    if record.pk not in origins:
        return record.title
    answer = origins[record.pk]
    if answer is None:
        return _("Found in a quality check of our own")
    found = f"{answer.item.label} {answer.shown_value}".strip()
    return _("Found in an inspection: %(what)s") % {"what": found}
