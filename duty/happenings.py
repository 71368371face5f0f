"""What inspections tell of a client, for its timeline."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.happenings import About, Asked, Happening
from duty.models import Inspection


def inspections(asked: Asked) -> list[Happening]:
    """Inspections of the client's systems that were done, with how much was found abnormal."""
    if not asked.wants(About.INSPECTION):
        return []
    rows = Inspection.objects.visible_to(asked.viewer).filter(
        version__sheet__system__client__in=asked.clients, finished_at__isnull=False
    )
    return [
        Happening(
            at=row.finished_at,
            source="inspections",
            pk=row.pk,
            about=About.INSPECTION,
            title=_("Inspected: %(sheet)s") % {"sheet": row.sheet.label},
            detail=_found(row.abnormal),
            url=reverse("duty:inspection", args=[row.pk]),
            by=row.finished_by,
            icon="check",
            tone="warning" if row.abnormal else "",
        )
        for row in asked.page(rows.listed(), at="finished_at", source="inspections")
    ]


def _found(count: int) -> str:
    if not count:
        return _("nothing abnormal")
    return ngettext("%(count)s item abnormal", "%(count)s items abnormal", count) % {"count": count}
