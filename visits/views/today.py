"""The lists of callbacks: mine or my group's; what waits today, what is late, what comes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from duty.views.groups import groups_of
from staff.models import User
from staff.paging import page
from staff.views.access import house_only
from visits.kinds import Kind
from visits.queues import COUNTED, Asked, Queue


@house_only
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    user, now = request.user, timezone.now()
    asked = _asked(request)
    groups = groups_of(user)
    context = {
        "asked": asked,
        "page": page(asked.rows(user, now).with_names(), request=request, order=asked.order),
        "counts": asked.counts(user, now),
        "queues": [(queue, _address(request, queue), queue in COUNTED) for queue in Queue],
        "groups": groups if len(groups) > 1 else [],
        "people": User.objects.visible_to(user).working().order_by("name", "pk"),
        "kinds": Kind.choices,
        "now": now,
        "may_call": user.may_work,
    }
    return render(request, "visits/today.html", context)


def _asked(request: HttpRequest) -> Asked:
    given = {name: request.GET.get(name, "").replace("\0", "") for name in ("group", "person", "kind")}
    queue = request.GET.get("list", "")
    return Asked(
        queue=Queue(queue) if queue in Queue.values else Queue.TODAY,
        mine=_is_mine(request),
        **given,
    )


def _is_mine(request: HttpRequest) -> bool:
    """Whoever makes callbacks sees his own first; whoever leads or reads, everybody's."""
    whose = request.GET.get("whose", "")
    return whose == "mine"


def _address(request: HttpRequest, queue: Queue) -> str:
    query = request.GET.copy()
    query.pop("cursor", None)
    query["list"] = queue.value
    return query.urlencode()
