"""All monthly reports that somebody may read, year by year."""

from __future__ import annotations

from django.db.models import Case, Count, SmallIntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from reports.models import MonthlyReport
from reports.monthly.kinds import Edition
from reports.monthly.reading import leads
from staff.paging import page
from staff.views.access import house_only

# In a month the department's report comes first, then the groups' ones, then those of clients.
PLACE = Case(
    *(When(edition=edition, then=Value(place)) for place, edition in enumerate(Edition)),
    output_field=SmallIntegerField(),
)


@house_only
@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """The reports of a year, the newest month first; of one edition where the address says so."""
    user, now = request.user, timezone.now()
    seen = MonthlyReport.objects.visible_to(user)
    years = [day.year for day in seen.dates("month", "year", order="DESC")]
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and int(asked) in years else (years[0] if years else None)
    edition = request.GET.get("edition", "")
    rows = seen.filter(month__year=year) if year else seen.none()
    if edition in Edition.values:
        rows = rows.filter(edition=edition)
    rows = rows.with_names().without_content().annotate(acknowledged=Count("acknowledgements"), place=PLACE)
    found = page(rows, request=request, order=("-month", "place", "pk"), size=40)
    today = timezone.localdate(now)
    context = {
        "page": found,
        "lines": [(one, one.is_overdue(today)) for one in found.rows],
        "years": years,
        "year": year,
        "editions": Edition,
        "edition": edition,
        "may_set": leads(user),
    }
    return render(request, "reports/monthly/archive.html", context)
