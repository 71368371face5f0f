"""What the pages of assessments have in common: one found as far as its reader sees it, months, tabs."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from reports.assessment.actions.common import RELATED
from reports.assessment.standing import may_read_tables
from reports.models import Assessment
from reports.periods import Period, parse_period
from staff.models import Role, User

CONFLICTS = {"moved": 409, "wrong_status": 409, "gone": 409}


def seen(user: User, pk: int) -> Assessment:
    return get_object_or_404(Assessment.objects.visible_to(user).select_related(*RELATED), pk=pk)


def month_asked(text: str, usual: Period) -> Period:
    """The month that an address names. Raises Http404 of anything that is no month."""
    if not text:
        return usual
    try:
        period = parse_period(text)
    except ValueError:
        raise Http404 from None
    if period.unit != "month":
        raise Http404
    return period


def tabs(request: HttpRequest, here: str) -> dict[str, Any]:
    """What the row of tabs knows."""
    user: User = request.user  # type: ignore[assignment]
    return {
        "here_tab": here,
        "reads_tables": may_read_tables(user),
        "is_assessed": user.role in (Role.OPERATOR, Role.ENGINEER, Role.SUPERVISOR),
    }
