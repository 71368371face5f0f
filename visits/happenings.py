"""What callbacks tell of a client, for its timeline (§5.3)."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from clients.happenings import About, Asked, Happening
from visits.kinds import State
from visits.models import Callback, Need, Promise


def callbacks(asked: Asked) -> list[Happening]:
    """Callbacks that were made, or that the client refused."""
    if not asked.wants(About.CALLBACK):
        return []
    rows = Callback.objects.visible_to(asked.viewer).filter(client__in=asked.clients, done_at__isnull=False)
    return [
        Happening(
            at=row.done_at,
            source="callbacks",
            pk=row.pk,
            about=About.CALLBACK,
            title=f"{row.get_kind_display()}: {row.get_state_display()}",
            detail=" · ".join(filter(None, (row.get_satisfaction_display(), row.summary[:120]))),
            url=reverse("visits:callback", args=[row.pk]),
            by=row.done_by,
            icon="phone" if row.is_phone else "pin",
            tone=_tone(row),
        )
        for row in asked.page(rows.select_related("done_by"), at="done_at", source="callbacks")
        if row.done_at is not None
    ]


def needs(asked: Asked) -> list[Happening]:
    """Needs of the client, when they were written down."""
    if not asked.wants(About.CALLBACK):
        return []
    rows = Need.objects.visible_to(asked.viewer).filter(client__in=asked.clients)
    return [
        Happening(
            at=row.raised_at,
            source="needs",
            pk=row.pk,
            about=About.CALLBACK,
            title=_("Need: %(title)s") % {"title": row.title},
            detail=row.get_state_display(),
            url=reverse("visits:need", args=[row.pk]),
            by=row.raised_by,
            icon="list",
        )
        for row in asked.page(rows.select_related("raised_by"), at="raised_at", source="needs")
    ]


def promises(asked: Asked) -> list[Happening]:
    """What was promised to the client, when it was."""
    if not asked.wants(About.CALLBACK):
        return []
    rows = Promise.objects.visible_to(asked.viewer).filter(client__in=asked.clients)
    return [
        Happening(
            at=row.made_at,
            source="promises",
            pk=row.pk,
            about=About.CALLBACK,
            title=_("Promised: %(text)s") % {"text": row.text},
            detail=f"{row.get_state_display()} · {row.due_on}",
            url=f"{reverse('visits:promises')}?state=all",
            by=row.made_by,
            icon="clock",
        )
        for row in asked.page(rows.select_related("made_by"), at="made_at", source="promises")
    ]


def _tone(row: Callback) -> str:
    if row.expectation_not_met or row.is_solved is False:
        return "danger"
    return "warning" if row.state == State.REFUSED else ""
