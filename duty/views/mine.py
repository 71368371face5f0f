"""My duties: what is ahead, what colleagues ask, my leave; and deciding on the leave of others."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from duty import actions
from duty.forms import AnswerForm, LeaveForm, SwapForm
from duty.models import DutyRole, EmptyShift, Leave, LeaveState, Shift, SwapRequest, SwapState, Wish
from duty.views.groups import group_led
from duty.views.steps import press, to_mine, to_plan, typed_in
from staff.models import Group, User
from staff.views.access import house_only

MINE = "duty:mine"


@house_only
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    user, now = request.user, timezone.now()
    swaps = SwapRequest.objects.visible_to(user).select_related("user", "asked", "taker")
    shown = [SwapState.OPEN, SwapState.TAKEN, SwapState.DECLINED]
    own = swaps.filter(user=user, ends_at__gt=now, state__in=shown)
    context = {
        "shifts": Shift.objects.filter(user=user, ends_at__gt=now).select_related("instead_of"),
        "empty": EmptyShift.objects.filter(user=user, ends_at__gt=now),
        "asked": swaps.asked_of(user, now),
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


def _swap(request: HttpRequest, pk: int) -> SwapRequest:
    seen = SwapRequest.objects.visible_to(request.user).select_related("group", "user__group", "asked")
    return get_object_or_404(seen, pk=pk)


def _to_mine_or_plan(thing: SwapRequest | Leave, user: User) -> str:
    """Back to one's own duties or, of somebody else's, to the plan of his group."""
    group = getattr(thing, "group", thing.user.group)
    if thing.user == user or group is None:
        return to_mine(thing, user)
    return reverse("duty:plan", args=[group.code])


take_swap = press(_swap, actions.take_swap, said=_("The shift is yours."), back=to_mine)
decline_swap = press(
    _swap, actions.decline_swap, said=_("Declined: the shift stays where it is."), back=to_mine
)
withdraw_swap = press(_swap, actions.withdraw_swap, said=_("Withdrawn."), back=_to_mine_or_plan)
undo_swap = press(
    _swap,
    actions.undo_swap,
    said=_("Undone: from now on everybody has his own duty again."),
    back=to_plan,
)


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


def _leave(request: HttpRequest, pk: int) -> Leave:
    return get_object_or_404(Leave.objects.visible_to(request.user).select_related("user__group"), pk=pk)


withdraw_leave = press(_leave, actions.withdraw_leave, said=_("Withdrawn."), back=_to_mine_or_plan)
