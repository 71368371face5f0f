"""The assessments of a month: a supervisor's group, or all that a leader reads; what waits; as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, Case, FloatField, QuerySet, When
from django.db.models.functions import Cast, Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from reports.assessment import actions
from reports.assessment.standing import may_read_tables, month_of, to_show
from reports.assessment.views.base import month_asked, tabs
from reports.models import Assessment, SchemeVersion
from reports.periods import Period, period_of
from staff.models import Group, Role, User
from staff.paging import page
from staff.refused import Refused
from staff.sheets import XLSX, Cell, write_table
from staff.views.access import house_only

SIZE = 100  # rows of a page
# What it can be sorted by; a group stands before its people, what is not rated last.
ORDERS = {
    "name": ("group__code", "subject_id", "pk"),
    "score": ("is_unrated", "-points", "pk"),
    "-score": ("is_unrated", "points", "pk"),
    "state": ("state", "pk"),
}


@house_only
@require_safe
def table(request: HttpRequest) -> HttpResponse:
    user = _reader(request)
    month, group, groups = _asked(user, request.GET)
    order = request.GET.get("sort", "name")
    if order not in ORDERS:
        raise Http404
    now = timezone.now()
    found = page(_rows(user, month, group), request=request, order=ORDERS[order], size=SIZE)
    this_month = period_of(month_of(now), "month")
    context = {
        "month": month,
        "earlier": month.plus(-1),
        "later": month.plus(1) if month < this_month else None,
        "group": group,
        "groups": groups,
        "rows": [(row, row.is_overdue(now)) for row in found.rows],
        "page": found,
        "sort": order,
        "query": _query(group, month),
        "to_show": to_show(found.rows, user),
        "may_draft": group is not None and month <= this_month,
        "has_scheme": SchemeVersion.objects.in_force(month.first).exists(),
        **tabs(request, "table"),
    }
    return render(request, "reports/assessment/table.html", context)


@house_only
@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Draft what is missing, and count the drafts anew."""
    user = _reader(request)
    month, group, _groups = _asked(user, request.POST)
    if group is None:
        raise Http404
    try:
        done = actions.draft_group(group, month, by=user, now=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        said = ngettext("%(n)s draft was counted.", "%(n)s drafts were counted.", len(done))
        messages.success(request, said % {"n": len(done)})
    return redirect(f"{reverse('reports:assessment_table')}?{_query(group, month)}")


@house_only
@require_POST
def show(request: HttpRequest) -> HttpResponse:
    """Show the drafts that stood on the page as his to show, each as it stood there."""
    user = _reader(request)
    month, group, _groups = _asked(user, request.POST)
    seen = dict(pair for text in request.POST.getlist("draft") if (pair := _numbers(text)))
    rows = list(_rows(user, month, group).filter(pk__in=seen).order_by("pk"))
    for row in rows:
        row.version = seen[row.pk]
    try:
        shown = actions.show_all(rows, by=user, now=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        said = ngettext("%(n)s assessment was shown.", "%(n)s assessments were shown.", shown)
        messages.success(request, said % {"n": shown})
    return redirect(f"{reverse('reports:assessment_table')}?{_query(group, month)}")


@house_only
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The whole table as an Excel file, of what its reader sees."""
    user = _reader(request)
    month, group, _groups = _asked(user, request.GET)
    rows = _rows(user, month, group).order_by(*ORDERS["name"])
    head = [
        _("Month"),
        _("Group"),
        _("Person"),
        _("Score"),
        _("Grade"),
        _("Factor"),
        _("Lines"),
        _("Bonus"),
        _("Penalty"),
        _("State"),
        _("Scheme"),
    ]
    answer = HttpResponse(content_type=XLSX)
    widths = (9, 18, 14, 8, 8, 8, 8, 8, 8, 22, 8)
    write_table(answer, name=_("Assessment"), head=head, widths=widths, rows=_cells(rows))  # type: ignore[arg-type]
    name = f"assessment-{month}{f'-{group.code}' if group else ''}.xlsx"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _cells(rows: QuerySet[Assessment]) -> Iterator[list[Cell]]:
    for row in rows.iterator():
        result = row.result
        yield [
            f"{row.month:%Y-%m}",
            row.group.label,
            row.person.label if row.person else _("the group"),
            _number(row.score),
            row.grade,
            _number(row.factor),
            _number(result.get("base")),
            _number(result.get("bonus")),
            _number(result.get("penalty")),
            row.get_state_display(),
            row.scheme.number,
        ]


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _reader(request: HttpRequest) -> User:
    user = cast(User, request.user)
    if not may_read_tables(user):
        raise PermissionDenied
    return user


def _asked(user: User, query: Any) -> tuple[Period, Group | None, list[Group]]:
    """The month, and the group: a supervisor's own; of a leader the one that he names, or all."""
    usual = period_of(month_of(timezone.now()), "month").plus(-1)
    month = month_asked(query.get("month", ""), usual)
    code = query.get("group", "")
    if user.role != Role.LEADER:
        if user.group is None or code not in ("", user.group.code):
            raise Http404
        return month, user.group, []
    groups = list(Group.objects.all())
    group = next((one for one in groups if one.code == code), None)
    if code and group is None:
        raise Http404
    return month, group, groups


def _rows(user: User, month: Period, group: Group | None) -> QuerySet[Assessment]:
    rows = Assessment.objects.visible_to(user).with_names().filter(month=month.first)
    rows = rows.annotate(
        subject_id=Coalesce("person_id", 0, output_field=BigIntegerField()),
        points=Coalesce(Cast("score", FloatField()), 0.0),
        is_unrated=Case(When(score=None, then=1), default=0),
    )
    return rows.filter(group=group) if group else rows


def _numbers(text: str) -> tuple[int, int] | None:
    """The id and the version of a draft on the page: `12:3`."""
    first, _colon, second = text.partition(":")
    if not (first.isdecimal() and second.isdecimal() and len(text) < 30):
        return None
    return int(first[:18]), int(second[:9])


def _query(group: Group | None, month: Period) -> str:
    return f"month={month}" + (f"&group={group.code}" if group else "")
