"""A KPI is given another target, from a month on (§5.2)."""

from __future__ import annotations

from datetime import date, datetime
from math import isfinite

from django.db import transaction
from django.utils.timezone import get_default_timezone, localdate
from django.utils.translation import gettext as _

from reports.kpis import KPIS
from reports.kpis.figure import Unit
from reports.models import KpiTarget
from staff.models import Role, User
from staff.refused import Refused, require

LONGEST_REASON = 500
LARGEST = 1_000_000_000.0


def may_set_targets(user: User) -> bool:
    """Say whether somebody may: QA auditors and administrators."""
    return user.is_active and user.role in (Role.AUDITOR, Role.ADMINISTRATOR)


@transaction.atomic
def set_target(
    kpi: str,
    *,
    since: date,
    target: float | None,
    minimum_sample: int | None,
    reason: str,
    by: User,
    now: datetime,
) -> KpiTarget:
    """Set what is aimed at from a month on, until another target follows; the rows are their own history.

    `target` is in the unit of the KPI's value; None: nothing is aimed at. Months that are over keep what was
    in force. Raises `Refused` at the field at fault.
    """
    if not may_set_targets(by):
        raise Refused(_("Targets are set by QA auditors and administrators."), code="forbidden")
    if kpi not in KPIS:
        raise Refused(_("There is no such KPI."), field="kpi", code="invalid")
    reason = require(reason, "reason", longest=LONGEST_REASON)
    month = since.replace(day=1)
    if month < localdate(now, get_default_timezone()).replace(day=1):
        raise Refused(
            _("Months that are over keep the target that was in force."), field="since", code="past"
        )
    if target is not None:
        most = 100.0 if KPIS[kpi].unit is Unit.PERCENT else LARGEST
        if not (isfinite(target) and 0 <= target <= most):
            said = _("Between 0 and %(most)s.") % {"most": f"{most:.0f}"}
            raise Refused(said, field="target", code="invalid")
    if minimum_sample is not None and not 0 <= minimum_sample <= LARGEST:
        raise Refused(_("Between 0 and %(most)s.") % {"most": f"{LARGEST:.0f}"}, field="minimum_sample")
    return KpiTarget.objects.create(
        kpi=kpi, since=month, target=target, minimum_sample=minimum_sample, reason=reason, by=by, at=now
    )
