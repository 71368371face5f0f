"""The one door to figures: dashboards, reports, assessment and REST all ask here.

Of the department and of groups, whole periods come from kept counts and only what changed since from rows
(docs/decisions/0030); of persons and clients, everything from rows. Both say the same at any instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.timezone import get_default_timezone

from reports.kept.reading import put_together
from reports.kpis.counting import Figures, counted, counted_of_people
from reports.kpis.definition import Kpi
from reports.periods import Period
from reports.scope import Scope


def figures(kpis: Iterable[Kpi], scope: Scope, periods: Sequence[Period], *, now: datetime) -> Figures:
    """Return each figure in each period, by (key, period); months are the house's, not the reader's.

    What cannot be narrowed to the scope is left out.
    """
    tz = get_default_timezone()
    wanted = [kpi for kpi in kpis if kpi.measures(scope)]
    if not wanted or not periods:
        return {}
    if scope.person is not None or scope.client is not None:
        return counted(wanted, scope, periods, tz=tz, now=now)
    found, others = put_together(wanted, scope.group, periods, tz=tz, now=now)
    for some, left in others.items():
        found |= counted(left, scope, some, tz=tz, now=now)
    return found


def figures_of_people(
    kpis: Iterable[Kpi], people: Sequence[int], periods: Sequence[Period], *, now: datetime
) -> Mapping[int, Figures]:
    """Return by person (id) what `figures` says of each, asked for at once."""
    return counted_of_people(kpis, people, periods, tz=get_default_timezone(), now=now)
