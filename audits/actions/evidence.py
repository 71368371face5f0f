"""Evidence is put on the shelf and belongs to an audit, or to one thing looked at in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audits.actions.common import check_may_audit, locked, log
from audits.kinds import AuditState, EventKind
from audits.models import Audit, AuditFile, Check
from staff.files import Upload
from staff.models import User
from staff.refused import Refused
from staff.shelving import shelve_all, unshelve

MOST_FILES = 100


def file_evidence(
    audit: Audit, uploads: Sequence[Upload], *, check: Check | None = None, by: User, now: datetime
) -> Audit:
    """Keep files until the audit is closed. Raises `FilesRefused` naming each that is not taken."""
    check_may_audit(by)
    if not uploads:
        raise Refused(_("Choose a file."), field="files", code="required")
    shelved = shelve_all(uploads)
    try:
        with transaction.atomic():
            fresh: Audit = locked(Audit, audit)
            if fresh.state == AuditState.CLOSED:
                raise Refused(_("The audit is closed."), code="wrong_status")
            if check is not None and check.audit_id != fresh.pk:
                raise Refused(_("This item belongs to another audit."), field="check", code="invalid")
            if fresh.files.count() + len(shelved) > MOST_FILES:
                raise Refused(_("This audit holds no more files."), field="files", code="too_many_files")
            AuditFile.objects.bulk_create(
                AuditFile(audit=fresh, check_of=check, by=by, at=now, **file.facts) for file in shelved
            )
            fresh.save(update_fields=["version"])
            names = ", ".join(file.name for file in shelved)
            log(fresh, EventKind.FILED, by=by, now=now, text=names)
    except Refused:
        unshelve(shelved)
        raise
    return fresh
