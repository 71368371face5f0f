"""What surveys tell of a client, for its timeline (§5.3)."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from clients.happenings import About, Asked, Happening
from surveys.models import Invitation, InvitationState


def answers(asked: Asked) -> list[Happening]:
    """What the client's people have answered, at the instant when it counted."""
    if not asked.wants(About.SURVEY):
        return []
    rows = Invitation.objects.visible_to(asked.viewer).filter(
        client__in=asked.clients, state=InvitationState.ANSWERED
    )
    rows = rows.select_related("campaign", "contact", "ticket", "sheet__keyed_by")
    return [
        Happening(
            at=one.over_at,
            source="surveys",
            pk=one.pk,
            about=About.SURVEY,
            title=_title(one),
            detail=" · ".join(filter(None, [one.campaign.label, one.ticket.number if one.ticket else ""])),
            url=reverse("surveys:invitation", args=[one.pk]),
            by=one.sheet.keyed_by,
            icon="surveys",
            tone="danger" if one.sheet.is_bad else "",
        )
        for one in asked.page(rows, at="over_at", source="surveys")
    ]


def _title(one: Invitation) -> str:
    said = {"who": one.contact.label, "percent": one.sheet.score}
    if one.sheet.is_complaint:
        return _("%(who)s answered a survey with a complaint") % said
    if one.sheet.score is None:
        return _("%(who)s answered a survey") % said
    return _("%(who)s answered a survey: satisfaction %(percent)s %%") % said
