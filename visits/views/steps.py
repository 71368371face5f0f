"""A callback not reached, refused, moved, handed over, left out, decided on; and one planned by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from staff.forms import show_refusal
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.stated import stated
from visits import actions
from visits.forms import ArrangeForm
from visits.kinds import Method
from visits.models import Callback
from visits.steps import FORMS
from visits.views.callback import is_done_already, shown, status_of
from visits.views.seen import callback_seen, client_asked

VERBS: Mapping[str, Callable[..., Callback]] = {
    "not-reached": actions.record_not_reached,
    "refused": actions.record_refused,
    "move": actions.move,
    "hand-over": actions.hand_over,
    "decide": actions.decide,
    "skip": actions.skip,
}
DONE = {
    "not-reached": _("Written down. When to try again stands above."),
    "refused": _("Written down. Nobody calls about this again."),
    "move": _("Moved."),
    "hand-over": _("Handed over. He is told."),
    "decide": _("Decided. Whoever makes it is told."),
    "skip": _("Left out."),
}


@house_only
@require_POST
def take(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step. What is refused, or overtaken by a faster hand, comes back with all that was typed."""
    if step not in FORMS:
        raise Http404
    callback, now = callback_seen(pk, request.user), timezone.now()
    if step == "refused" and is_done_already(callback, request.user, now):
        return redirect("visits:callback", pk)
    form, status = FORMS[step](request.POST, callback=callback), 422
    if form.is_valid():
        callback.version = stated(request, "seen_version", unsaid=callback.version)
        values = dict(form.cleaned_data)
        if "method" in values:
            values["method"] = Method(values["method"])
        try:
            VERBS[step](callback, **values, by=request.user, now=now)
        except Refused as refused:
            show_refusal(form, refused)
            status = status_of(refused)
        else:
            messages.success(request, DONE[step])
            return redirect("visits:callback", pk)
    return shown(request, callback_seen(pk, request.user), failed=(step, form), status=status)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def arrange(request: HttpRequest) -> HttpResponse:
    """Plan a callback of a client by hand."""
    client = client_asked(request.GET.get("client", "").replace("\0", ""), request.user)
    if not actions.may_call(client.group_id, request.user):
        raise PermissionDenied
    form = ArrangeForm(request.POST if request.method == "POST" else None, client=client)
    if form.is_valid():
        values = form.cleaned_data | {"method": Method(form.cleaned_data["method"])}
        try:
            made = actions.arrange(client, **values, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Planned."))
            return redirect("visits:callback", made.pk)
    context = {"form": form, "client": client}
    return render(request, "visits/arrange.html", context, status=422 if form.errors else 200)
