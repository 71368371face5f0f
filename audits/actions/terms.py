"""The house sets how long findings may wait."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from audits.models import AuditTerms
from audits.standing import may_audit
from staff.actions import save_terms
from staff.models import User
from staff.refused import Refused


def set_audit_terms(terms: AuditTerms, *, by: User, now: datetime) -> AuditTerms:
    """Set the days; what is due already stays so until its next step."""
    if not may_audit(by):
        raise Refused(_("Audits are planned and held by QA auditors alone."), code="forbidden")
    terms.pk = 1
    save_terms(terms, by=by, now=now)
    return terms
