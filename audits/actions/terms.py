"""The house sets how long findings may wait."""

from __future__ import annotations

from django.utils.translation import gettext as _

from audits.models import AuditTerms
from audits.standing import may_audit
from staff.models import User
from staff.refused import Refused


def set_audit_terms(terms: AuditTerms, *, by: User) -> AuditTerms:
    """Set the days; what is due already stays so until its next step."""
    if not may_audit(by):
        raise Refused(_("Audits are planned and held by QA auditors alone."), code="forbidden")
    terms.pk = 1
    terms.save()
    return terms
