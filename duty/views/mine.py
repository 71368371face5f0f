"""My duties: what is ahead, what colleagues ask, my leave; and deciding on the leave of others."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duty import actions
from duty.forms import AnswerForm, LeaveForm, SwapForm
from duty.models import DutyRole, EmptyShift, Leave, LeaveState, Shift, SwapRequest, SwapState, Wish
from duty.views.groups import group_led
from duty.views.steps import pressed, typed_in
from staff.models import Group
from staff.views.access import house_only

MINE = "duty:mine"


@house_only
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    user, now = request.user, timezone.now()
    swaps = SwapRequest.objects.visible_to(user).select_related("user", "asked", "taker")
    asked = swaps.open_at(now).filter(Q(asked=None) | Q(asked=user), group=user.group_id)
    shown = [SwapState.OPEN, SwapState.TAKEN, SwapState.DECLINED]
    own = swaps.filter(user=user, ends_at__gt=now, state__in=shown)
    context = {
        "shifts": Shift.objects.filter(user=user, ends_at__gt=now).select_related("instead_of"),
        "empty": EmptyShift.objects.filter(user=user, ends_at__gt=now),
        "asked": asked.exclude(user=user),
        "swaps": [(swap, swap.is_past_due(now)) for swap in own],
        "leaves": Leave.objects.filter(user=user, ends_at__gt=now).exclude(state=LeaveState.WITHDRAWN),
        "wishes": Wish.objects.visible_to(user).filter(day__gt=timezone.localdate(now)),
        "group": user.group,
    }
    return render(request, "duty/mine.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def ask_swap(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a colleague, or anybody, to take a shift of mine or a part of it."""
    now = timezone.now()
    own = Shift.objects.filter(user=request.user, ends_at__gt=now).select_related("group")
    shift = get_object_or_404(own, pk=pk)
    initial = {"starts_at": timezone.localtime(shift.starts_at), "ends_at": timezone.localtime(shift.ends_at)}
    form = SwapForm(request.POST or None, shift=shift, now=now, initial=initial)
    answer = typed_in(
        request,
        form,
        lambda: actions.ask_swap(**form.asked_for(), by=request.user, now=now),
        said=_("Asked. Until somebody takes it, the shift stays yours."),
        back=reverse(MINE),
    )
    context = {"form": form, "shift": shift}
    return answer or render(request, "duty/swap_form.html", context, status=422 if form.errors else 200)


@house_only
@require_POST
def take_swap(request: HttpRequest, pk: int) -> HttpResponse:
    swap = _swap(request, pk)
    return pressed(
        request,
        lambda: actions.take_swap(swap, by=request.user, now=timezone.now()),
        said=_("The shift is yours."),
        back=reverse(MINE),
    )


@house_only
@require_POST
def decline_swap(request: HttpRequest, pk: int) -> HttpResponse:
    swap = _swap(request, pk)
    return pressed(
        request,
        lambda: actions.decline_swap(swap, by=request.user, now=timezone.now()),
        said=_("Declined: the shift stays where it is."),
        back=reverse(MINE),
    )


@house_only
@require_POST
def withdraw_swap(request: HttpRequest, pk: int) -> HttpResponse:
    swap = _swap(request, pk)
    return pressed(
        request,
        lambda: actions.withdraw_swap(swap, by=request.user, now=timezone.now()),
        said=_("Withdrawn."),
        back=reverse(MINE) if swap.user == request.user else reverse("duty:plan", args=[swap.group.code]),
    )


@house_only
@require_POST
def undo_swap(request: HttpRequest, pk: int) -> HttpResponse:
    swap = _swap(request, pk)
    return pressed(
        request,
        lambda: actions.undo_swap(swap, by=request.user, now=timezone.now()),
        said=_("Undone: from now on everybody has his own duty again."),
        back=reverse("duty:plan", args=[swap.group.code]),
    )


def _swap(request: HttpRequest, pk: int) -> SwapRequest:
    seen = SwapRequest.objects.visible_to(request.user).select_related("group", "user", "asked")
    return get_object_or_404(seen, pk=pk)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def ask_leave(request: HttpRequest) -> HttpResponse:
    """Ask for leave of one's own."""
    return _leave_page(request, None)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def file_leave(request: HttpRequest, code: str) -> HttpResponse:
    """Write down leave for somebody of the group who cannot ask himself, such as one who fell ill."""
    return _leave_page(request, group_led(code, request.user))


def _leave_page(request: HttpRequest, group: Group | None) -> HttpResponse:
    back = reverse("duty:plan", args=[group.code]) if group else reverse(MINE)
    form = LeaveForm(request.POST or None, group=group)
    answer = typed_in(
        request,
        form,
        lambda: actions.ask_leave(
            form.cleaned_data.get("user", request.user),
            form.cleaned_data["starts_at"],
            form.cleaned_data["ends_at"],
            reason=form.cleaned_data["reason"],
            by=request.user,
            now=timezone.now(),
        ),
        said=_("Asked for. It holds once it is approved."),
        back=back,
    )
    context = {"form": form, "group": group, "cancel_url": back}
    return answer or render(request, "duty/leave_form.html", context, status=422 if form.errors else 200)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def decide_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide on somebody's leave, seeing which of his shifts it leaves empty."""
    leave, now = _leave(request, pk), timezone.now()
    if leave.user.group is None or not actions.may_roster(leave.user.group, request.user):
        raise PermissionDenied
    form = AnswerForm(request.POST or None)
    act = actions.approve_leave if request.POST.get("verdict") == "approve" else actions.decline_leave
    answer = typed_in(
        request,
        form,
        lambda: act(leave, answer=form.cleaned_data["answer"], by=request.user, now=now),
        said=_("Decided."),
        back=reverse("duty:plan", args=[leave.user.group.code]),
    )
    if answer:
        return answer
    context = {
        "form": form,
        "leave": leave,
        "group": leave.user.group,
        "left_empty": [(piece, DutyRole(piece.role).label) for piece in actions.left_empty(leave, now=now)],
        "is_open": leave.state == LeaveState.ASKED,
    }
    return render(request, "duty/leave_decide.html", context, status=422 if form.errors else 200)


@house_only
@require_POST
def withdraw_leave(request: HttpRequest, pk: int) -> HttpResponse:
    leave = _leave(request, pk)
    return pressed(
        request,
        lambda: actions.withdraw_leave(leave, by=request.user, now=timezone.now()),
        said=_("Withdrawn."),
        back=reverse(MINE)
        if leave.user == request.user or leave.user.group is None
        else reverse("duty:plan", args=[leave.user.group.code]),
    )


def _leave(request: HttpRequest, pk: int) -> Leave:
    return get_object_or_404(Leave.objects.visible_to(request.user).select_related("user__group"), pk=pk)
