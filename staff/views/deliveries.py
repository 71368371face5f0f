"""The delivery log: what left the house by which way, what was given up, and why."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from staff.actions import resend as send_again
from staff.models import Delivery, DeliveryState
from staff.notices import render as in_words
from staff.paging import page
from staff.refused import Refused
from staff.topics import topic_of
from staff.views.access import house_only


@dataclass(frozen=True, slots=True)
class Line:
    """A copy, and what it was about: one's own by its subject, other people's by number and topic alone."""

    delivery: Delivery
    subject: str
    replacements: list[Delivery]


@house_only
@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    user = request.user
    found = Delivery.objects.visible_to(user)
    state, only_own = request.GET.get("state", ""), request.GET.get("own") == "1"
    if state in DeliveryState.values:
        found = found.filter(state=state)
    if only_own:
        found = found.filter(notice__recipient=user)
    rows = found.select_related("notice__recipient", "via__group", "instead_of__via")
    shown = page(rows.prefetch_related("replacements__via"), request=request, order=("-pk",))
    context = {
        "page": shown,
        "lines": [_line(delivery, request) for delivery in shown.rows],
        "states": DeliveryState,
        "state": state,
        "only_own": only_own,
        "sees_others": user.may_supervise,
    }
    return render(request, "staff/deliveries.html", context)


@house_only
@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    delivery = get_object_or_404(Delivery.objects.visible_to(request.user), pk=pk)
    try:
        send_again(delivery, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("It is sent again within seconds."))
    back = request.POST.get("next", "")
    if back and url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        return redirect(back)
    return redirect("staff:deliveries")


def _line(delivery: Delivery, request: HttpRequest) -> Line:
    notice = delivery.notice
    if notice.recipient_id == request.user.pk:
        try:
            subject = in_words(notice)[0]
        except Exception:  # the very reason why it was given up
            subject = str(topic_of(notice.kind).label)
    else:
        number = str(notice.params.get("number", ""))
        subject = " · ".join(part for part in (number, str(topic_of(notice.kind).label)) if part)
    return Line(delivery, subject, list(delivery.replacements.all()))
