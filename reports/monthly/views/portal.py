"""The reports that a client gets, in his portal: only what was published, and only his own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from reports.models import MonthlyReport
from reports.monthly.adjusting import adjusted
from reports.monthly.papers.making import Paper
from reports.monthly.reading import document_for
from reports.monthly.views.report import answer, language_asked, seen
from staff.paging import page


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """His reports, the newest month first; the house is led to its archive."""
    if not request.user.is_contact:
        return redirect("reports:monthly:archive")
    rows = MonthlyReport.objects.visible_to(request.user).with_names().without_content()
    found = page(rows, request=request, order=("-month", "pk"), size=24)
    return render(request, "portal/monthly.html", {"page": found, "language": language_asked(request)})


@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One report; whoever of the house follows the link is led to his own page of it."""
    if not request.user.is_contact:
        get_object_or_404(MonthlyReport.objects.visible_to(request.user), pk=pk)
        return redirect("reports:monthly:report", pk)
    found = seen(request, pk)
    language = language_asked(request)
    context = {
        "report": found,
        "document": document_for(found, request.user, language),
        "language": language,
        "papers": Paper,
        "adjusted": adjusted(found),
    }
    return render(request, "portal/monthly_report.html", context)


@require_safe
def give_out(request: HttpRequest, pk: int, language: str, form: str) -> HttpResponse:
    return answer(request, seen(request, pk), language, form, back="monthly_portal:report")
