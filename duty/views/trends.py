"""The values of one item over time."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from duty.models import InspectionAnswer, InspectionSheet, SheetItem
from duty.readings import Level
from duty.trendline import TrendLine, Value, trend_line
from staff.views.access import house_only

LENGTHS = (30, 90, 365)
LIMITS = ("critical_low", "warn_low", "warn_high", "critical_high")


@house_only
@require_safe
def trend(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """An item's values, the newest so many of them: drawn where they are numbers, and as a table."""
    seen = InspectionSheet.objects.visible_to(request.user).select_related("group", "system__client")
    sheet = get_object_or_404(seen, pk=pk)
    item = SheetItem.objects.filter(version__sheet=sheet, line=line).order_by("-version__number").first()
    if item is None:
        raise Http404
    asked = request.GET.get("last", "")
    length = int(asked) if asked in map(str, LENGTHS) else LENGTHS[0]
    context = {
        "sheet": sheet,
        "item": item,
        "answers": (answers := newest(sheet, line, length)),
        "drawing": drawn(item, answers),
        "lengths": LENGTHS,
        "length": length,
    }
    return render(request, "duty/trend.html", context)


def newest(sheet: InspectionSheet, line: int, length: int) -> list[InspectionAnswer]:
    """The answers to an item in all versions of its sheet, newest first."""
    answers = InspectionAnswer.objects.filter(item__line=line, inspection__version__sheet=sheet)
    related = answers.exclude(result="").select_related("inspection", "item", "answered_by")
    return list(related.order_by("-inspection__due_at", "-pk")[:length])


def drawn(item: SheetItem, answers: list[InspectionAnswer]) -> TrendLine | None:
    """The numbers among the answers as a line, with the limits that hold now."""
    values = [
        Value(answer.inspection.due_at, answer.number, Level(answer.level or Level.NORMAL))
        for answer in reversed(answers)
        if answer.number is not None
    ]
    limits = {name: number for name in LIMITS if (number := getattr(item, name)) is not None}
    return trend_line(values, limits)
