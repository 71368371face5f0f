"""Who is on duty now and in the next two weeks, and where nobody is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duty.actions import may_roster, publish_shift, remove_shift
from duty.calendar import unknown_years
from duty.forms import ShiftForm
from duty.models import CalendarDay, DutyRole, Shift
from duty.roster import Span, day_span, gaps, part_within
from staff.forms import show_refusal
from staff.models import Group, User
from staff.refused import Refused
from staff.views.access import house_only

DAYS_AHEAD = 14
USUAL_SHIFT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Piece:
    """What falls on one day of a shift, or of a gap where there is none; `whole` is all of it."""

    starts_at: datetime
    ends_at: datetime
    whole: Span
    shift: Shift | None = None


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    special: CalendarDay | None
    primary: Sequence[Piece]
    backup: Sequence[Piece]
    supervisor: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Board:
    """One group's duty: who has it now, when that ends, and the days ahead."""

    group: Group
    now: Mapping[str, Shift | None]
    days: Sequence[Day]
    gaps: Sequence[Span]
    may_roster: bool

    @property
    def has_gap_now(self) -> bool:
        return self.now[DutyRole.PRIMARY] is None


@house_only
@require_safe
def now(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    today = timezone.localdate(at)
    days = [today + timedelta(days=n) for n in range(DAYS_AHEAD)]
    special = CalendarDay.objects.filter(date__range=(days[0], days[-1])).in_bulk()
    until = day_span(days[-1], timezone.get_current_timezone()).ends_at
    shifts: dict[int, list[Shift]] = defaultdict(list)
    visible = Shift.objects.visible_to(request.user).filter(ends_at__gt=at, starts_at__lt=until)
    for shift in visible.select_related("user").order_by("starts_at", "role"):
        shifts[shift.group_id].append(shift)
    groups = _groups(request.user)
    boards = [_board(group, shifts[group.pk], days, special, at, request.user) for group in groups]
    context = {"boards": boards, "unknown_years": unknown_years(today), "today": today}
    return render(request, "duty/now.html", context)


def _groups(user: User) -> list[Group]:
    groups = Group.objects.all()
    return list(groups if user.sees_everything else groups.filter(pk=user.group_id))


def _board(
    group: Group,
    shifts: list[Shift],
    days: list[date],
    special: Mapping[date, CalendarDay],
    at: datetime,
    user: User,
) -> Board:
    tz = timezone.get_current_timezone()
    holding = [shift for shift in shifts if shift.user.is_active]
    by_role = {role: [shift for shift in holding if shift.role == role] for role in DutyRole.values}
    open_spans = gaps(
        (Span(shift.starts_at, shift.ends_at) for shift in by_role[DutyRole.PRIMARY]),
        at,
        day_span(days[-1], tz).ends_at,
    )

    def pieces(window: Span, role: str) -> list[Piece]:
        spans = [(Span(shift.starts_at, shift.ends_at), shift) for shift in by_role[role]]
        if role == DutyRole.PRIMARY:
            spans += [(gap, None) for gap in open_spans]
        found = [
            Piece(part.starts_at, part.ends_at, span, shift)
            for span, shift in spans
            if (part := part_within(span, window))
        ]
        return sorted(found, key=lambda piece: piece.starts_at)

    windows = [(day, day_span(day, tz)) for day in days]
    return Board(
        group=group,
        now={
            role: next((shift for shift in by_role[role] if shift.starts_at <= at < shift.ends_at), None)
            for role in DutyRole.values
        },
        days=[
            Day(day, special.get(day), *(pieces(window, role) for role in DutyRole.values))
            for day, window in windows
        ],
        gaps=open_spans,
        may_roster=may_roster(group, user),
    )


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create_shift(request: HttpRequest, code: str) -> HttpResponse:
    """The form for a shift; the address of a gap on the board fills in its span."""
    group = next((group for group in _groups(request.user) if group.code == code), None)
    group = group or get_object_or_404(Group.objects.none())
    if not may_roster(group, request.user):
        raise PermissionDenied
    at = timezone.now()
    form = ShiftForm(request.POST or None, group=group, initial=_proposed(request, at))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            publish_shift(
                group,
                typed["user"],
                DutyRole(typed["role"]),
                typed["starts_at"],
                typed["ends_at"],
                by=request.user,
                now=at,
            )
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("%(name)s is on duty then.") % {"name": typed["user"].label})
            return redirect(f"{reverse('duty:now')}#{group.code}")
    context = {"form": form, "group": group}
    return render(request, "duty/shift_form.html", context, status=422 if form.errors else 200)


def _proposed(request: HttpRequest, at: datetime) -> dict[str, datetime]:
    starts_at, ends_at = _instant(request, "from"), _instant(request, "to")
    if starts_at is None:
        starts_at = timezone.localtime(at).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return {"starts_at": starts_at, "ends_at": ends_at or starts_at + USUAL_SHIFT}


def _instant(request: HttpRequest, name: str) -> datetime | None:
    try:
        instant = parse_datetime(request.GET.get(name, ""))
    except ValueError:
        return None
    return instant if instant and timezone.is_aware(instant) else None


@house_only
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    shift = get_object_or_404(Shift.objects.visible_to(request.user).select_related("group"), pk=pk)
    if not may_roster(shift.group, request.user):
        raise PermissionDenied
    try:
        remove_shift(shift, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The shift is taken back."))
    return redirect(f"{reverse('duty:now')}#{shift.group.code}")
