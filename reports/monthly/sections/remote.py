"""Remote sessions of the month, each with who at the client had allowed it (§4.2.2)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from reports.monthly.asked import About, Rows, first_of
from reports.monthly.words import moment, table
from tickets.documents.structure import Part
from tickets.models import RemoteSession


def gather(about: About) -> Rows:
    rows = RemoteSession.objects.filter(started_at__gte=about.start, started_at__lt=about.end)
    at = "authorisation__ticket"
    own = about.of(rows, group=f"{at}__group", client=f"{at}__client")
    return first_of(own.select_related("operator", f"{at}__client").order_by("started_at", "pk"))


def parts(found: Rows, about: About) -> Iterable[Part]:
    who, width = ([], []) if about.is_for_client else ([_("Client")], [20])
    yield from table(
        [_("Record"), *who, _("Logged in"), _("Allowed by"), _("From"), _("To")],
        [14, *width, 24 - sum(width) // 4, 24 - sum(width) // 4, 16, 16],
        found,
        lambda session: _line(session, about),
    )


def _line(session: RemoteSession, about: About) -> list[str]:
    ticket = session.authorisation.ticket
    who = [] if about.is_for_client else [ticket.client.label]
    return [
        ticket.number,
        *who,
        session.operator.label,
        session.authorisation.given_by,
        moment(session.started_at, about.tz),
        moment(session.ended_at, about.tz),
    ]
