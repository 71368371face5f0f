"""What callbacks have collected: the register of needs, promises, opinions."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Client
from staff.forms import show_refusal
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only
from visits import actions
from visits.actions import NeedSaid
from visits.forms import CloseForm, NeedForm, NewNeedForm
from visits.kinds import NEED_OVER, NeedState, PromiseState, Tone
from visits.models import Need, Opinion, Promise
from visits.views.callback import status_of
from visits.views.seen import client_asked

OPEN, OVERDUE, ALL = "open", "overdue", "all"


@house_only
@require_safe
def needs(request: HttpRequest) -> HttpResponse:
    """The register: what clients need, newest first."""
    user, today = request.user, timezone.localdate()
    chosen = _chosen(request, "state", "client", "mine")
    rows = Need.objects.visible_to(user)
    if chosen["state"] in NeedState.values:
        rows = rows.filter(state=chosen["state"])
    elif chosen["state"] == OVERDUE:
        rows = rows.overdue(today)
    elif chosen["state"] != ALL:
        rows = rows.open()
    if chosen["client"]:
        rows = rows.filter(client__code=chosen["client"])
    if chosen["mine"] == "1":
        rows = rows.filter(owner=user)
    context = {
        "page": page(rows.with_names(), request=request, order=("-pk",)),
        "chosen": chosen,
        "states": NeedState.choices,
        "client": _client(request, chosen["client"]),
        "today": today,
    }
    return render(request, "visits/needs.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def new_need(request: HttpRequest) -> HttpResponse:
    client = client_asked(request.GET.get("client", "").replace("\0", ""), request.user)
    if not actions.may_call(client.group_id, request.user):
        raise PermissionDenied
    form = NewNeedForm(request.POST if request.method == "POST" else None, client=client)
    if form.is_valid():
        said = NeedSaid(**form.cleaned_data)
        try:
            made = actions.raise_need(client, said, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("It is in the register."))
            return redirect("visits:need", made.pk)
    context = {"form": form, "client": client}
    return render(request, "visits/need_new.html", context, status=422 if form.errors else 200)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def need(request: HttpRequest, pk: int) -> HttpResponse:
    """One need with its history, and how it goes on."""
    found = get_object_or_404(Need.objects.visible_to(request.user).with_names(), pk=pk)
    may = actions.may_call(found.group_id, request.user)
    if request.method == "POST" and not may:
        raise PermissionDenied
    form = NeedForm(request.POST if request.method == "POST" else None, need=found)
    status = 422 if form.errors else 200
    if form.is_valid():
        values = form.cleaned_data | {"state": NeedState(form.cleaned_data["state"])}
        sent = request.POST.get("seen_version", "")
        seen = int(sent) if sent.isdecimal() and len(sent) < 9 else found.version
        try:
            actions.change_need(Need(pk=pk, version=seen), **values, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
            status = status_of(refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("visits:need", pk)
    context = {
        "need": found,
        "form": form if may and found.is_open else None,
        "events": found.events.select_related("by"),
        "is_overdue": found.is_open and found.due_on is not None and found.due_on < timezone.localdate(),
        "over": NEED_OVER,
    }
    return render(request, "visits/need.html", context, status=status)


@house_only
@require_safe
def promises(request: HttpRequest) -> HttpResponse:
    return _promises(request)


@house_only
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a promise was kept, or why it is dropped."""
    found = get_object_or_404(Promise.objects.visible_to(request.user), pk=pk)
    form = CloseForm(request.POST)
    status = 422
    if form.is_valid():
        values = form.cleaned_data | {"state": PromiseState(form.cleaned_data["state"])}
        try:
            actions.close_promise(found, **values, by=request.user, now=timezone.now())
        except Refused as refused:
            if refused.code == "forbidden":
                raise PermissionDenied from refused
            show_refusal(form, refused)
            status = status_of(refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("visits:promises")
    return _promises(request, failed=(pk, form), status=status)


def _promises(
    request: HttpRequest, failed: tuple[int, CloseForm] | None = None, status: int = 200
) -> HttpResponse:
    """Promises: the open ones first due first, the others latest first."""
    user, today = request.user, timezone.localdate()
    chosen = _chosen(request, "state", "client", "mine")
    rows = Promise.objects.visible_to(user)
    if chosen["state"] in (PromiseState.KEPT, PromiseState.DROPPED):
        rows, order = rows.filter(state=chosen["state"]), ("-due_on", "-pk")
    elif chosen["state"] == ALL:
        order = ("-due_on", "-pk")
    else:
        rows = rows.overdue(today) if chosen["state"] == OVERDUE else rows.open()
        order = ("due_on", "pk")
    if chosen["client"]:
        rows = rows.filter(client__code=chosen["client"])
    if chosen["mine"] == "1":
        rows = rows.filter(person=user)
    found = page(rows.with_names(), request=request, order=order)
    context = {
        "page": found,
        "rows": [(promise, _close_form(promise, failed, request)) for promise in found.rows],
        "failed": failed[0] if failed else None,
        "chosen": chosen,
        "states": [*PromiseState.choices],
        "client": _client(request, chosen["client"]),
        "today": today,
    }
    return render(request, "visits/promises.html", context, status=status)


def _close_form(
    promise: Promise, failed: tuple[int, CloseForm] | None, request: HttpRequest
) -> CloseForm | None:
    if failed is not None and failed[0] == promise.pk:
        return failed[1]
    is_his = promise.person_id == request.user.pk and request.user.may_work
    may = is_his or actions.may_call(promise.group_id, request.user)
    return CloseForm(auto_id=f"id_{promise.pk}_%s") if may and promise.state == PromiseState.OPEN else None


@house_only
@require_safe
def opinions(request: HttpRequest) -> HttpResponse:
    """What clients think of the service, newest first; found by words, by kind, by client."""
    chosen = _chosen(request, "q", "tone", "client")
    rows = Opinion.objects.visible_to(request.user).select_related("client", "callback", "by")
    if chosen["q"]:
        words = chosen["q"]
        rows = rows.filter(
            Q(text__icontains=words) | Q(client__name__icontains=words) | Q(client__name_en__icontains=words)
        )
    if chosen["tone"] in Tone.values:
        rows = rows.filter(tone=chosen["tone"])
    if chosen["client"]:
        rows = rows.filter(client__code=chosen["client"])
    context = {
        "page": page(rows, request=request, order=("-pk",)),
        "chosen": chosen,
        "tones": Tone.choices,
        "client": _client(request, chosen["client"]),
    }
    return render(request, "visits/opinions.html", context)


def _chosen(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.GET.get(name, "").replace("\0", "").strip()[:100] for name in names}


def _client(request: HttpRequest, code: str) -> Client | None:
    return Client.objects.visible_to(request.user).filter(code=code).first() if code else None
