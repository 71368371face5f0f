"""What corrective actions tell of a client, for its timeline (§4.3, §5.3)."""

from __future__ import annotations

from django.urls import reverse

from clients.happenings import About, Asked, Happening
from surveys.models import CorrectiveAction, CorrectiveEvent, CorrectiveEventKind

TOLD = (
    CorrectiveEventKind.OPENED,
    CorrectiveEventKind.REPLIED,
    CorrectiveEventKind.ASKED_AGAIN,
    CorrectiveEventKind.EFFECTIVE,
    CorrectiveEventKind.NOT_EFFECTIVE,
    CorrectiveEventKind.CLOSED,
    CorrectiveEventKind.DROPPED,
)
TONES = {CorrectiveEventKind.OPENED: "warning", CorrectiveEventKind.NOT_EFFECTIVE: "warning"}
LONGEST = 200


def correctives(asked: Asked) -> list[Happening]:
    """When one was opened, the client was answered and asked again, and how it ended."""
    if not asked.wants(About.SURVEY):
        return []
    seen = CorrectiveAction.objects.visible_to(asked.viewer).filter(client__in=asked.clients)
    rows = CorrectiveEvent.objects.filter(action__in=seen, kind__in=TOLD).select_related("by", "action")
    return [
        Happening(
            at=event.at,
            source="corrective",
            pk=event.pk,
            about=About.SURVEY,
            title=f"{event.action.number} {event.get_kind_display()} · {event.action.title}",
            detail=event.text[:LONGEST] if event.text != event.action.title else "",
            url=reverse("satisfaction:corrective", args=[event.action_id]),
            by=event.by,
            icon="flag",
            tone=TONES.get(CorrectiveEventKind(event.kind), ""),
        )
        for event in asked.page(rows, at="at", source="corrective")
    ]
