"""Remote sessions of the month, each with who at the client had allowed it (§4.2.2).

Those that were not as allowed come first, then those whose paper is still awaited: by the figure's own rule.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from reports.kpis.works import REMOTE
from reports.monthly.asked import About, Rows, first_of
from reports.monthly.words import moment, table
from tickets.documents.structure import Part, Tone
from tickets.models import RemoteSession

NOT_AS_ALLOWED, AWAITED, AS_ALLOWED = range(3)


def gather(about: About) -> Rows:
    rows = RemoteSession.objects.filter(started_at__gte=about.start, started_at__lt=about.end)
    at = "authorisation__ticket"
    own = about.of(judged(rows, about), group=f"{at}__group", client=f"{at}__client")
    return first_of(own.select_related("operator", f"{at}__client").order_by("judged", "started_at", "pk"))


def judged(rows: QuerySet[RemoteSession], about: About) -> QuerySet[RemoteSession]:
    """The sessions with how each stands: what its window or the limit for its paper allows may still come."""
    to_come = Q(authorisation__window_to__gt=about.now) | Q(authorisation__written_due_at__gt=about.now)
    standing = Case(
        When(REMOTE.counted, then=Value(AS_ALLOWED)),
        When(to_come, then=Value(AWAITED)),
        default=Value(NOT_AS_ALLOWED),
        output_field=IntegerField(),
    )
    return rows.annotate(judged=standing)


def parts(found: Rows, about: About) -> Iterable[Part]:
    who, width = ([], []) if about.is_for_client else ([_("Client")], [18])
    less = sum(width) // 3
    yield from table(
        [_("Record"), *who, _("Logged in"), _("Allowed by"), _("From"), _("To"), _("As authorised?")],
        [12, *width, 20 - less, 20 - less, 15, 15, 18 - less],
        found,
        lambda session: _line(session, about),
        _tone,
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
        _said(session.judged),  # type: ignore[attr-defined]
    ]


def _said(judged: int) -> str:
    if judged == AS_ALLOWED:
        return _("Yes")
    return _("not settled yet") if judged == AWAITED else _("No")


def _tone(session: RemoteSession) -> Tone:
    return {NOT_AS_ALLOWED: Tone.BAD, AS_ALLOWED: Tone.GOOD}.get(session.judged, Tone.PLAIN)  # type: ignore[attr-defined]
