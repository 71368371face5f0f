"""What all that happens in audits has in common: who may, what is locked, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from audits.kinds import EventKind
from audits.models import Audit, AuditEvent, ChecklistVersion, Finding, PlannedAudit
from audits.standing import may_audit
from staff.models import User
from staff.refused import Refused
from tickets.lifecycle import Moved

NAMES: Mapping[type, str] = {
    Audit: "audit",
    Finding: "finding",
    PlannedAudit: "planned",
    ChecklistVersion: "checklist",
}


def check_may_audit(by: User) -> None:
    if not may_audit(by):
        raise Refused(_("Audits are planned and held by QA auditors alone."), code="forbidden")


def locked(model: Any, thing: Any, *related: str) -> Any:
    """Lock a thing that has a version and return it fresh. Raises `Moved` where somebody was faster."""
    rows = model.objects.select_for_update(of=("self",)).select_related(*related)
    fresh = rows.get(pk=thing.pk)
    if fresh.version != thing.version:
        raise Moved(_("Somebody was faster: look at it as it is now."))
    fresh.version += 1
    return fresh


def log(
    thing: Audit | Finding | PlannedAudit | ChecklistVersion | None,
    kind: EventKind,
    *,
    by: User | None,
    now: datetime,
    text: str = "",
    changes: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Append one entry to the history; of a finding it stands in its audit's history too."""
    of: dict[str, Any] = {} if thing is None else {NAMES[type(thing)]: thing}
    if isinstance(thing, Finding):
        of["audit_id"] = thing.audit_id
    return AuditEvent.objects.create(kind=kind, at=now, by=by, text=text, changes=dict(changes or {}), **of)
