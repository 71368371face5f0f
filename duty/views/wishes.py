"""One's wishes for days: gladly on duty, or rather not."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from duty import actions
from duty.forms import WishForm
from duty.views.steps import pressed, typed_in
from staff.views.access import house_only

MINE = "duty:mine"


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def wish(request: HttpRequest) -> HttpResponse:
    """Say whether I would like to be on duty on a day, or rather not."""
    form, today = WishForm(request.POST or None), timezone.localdate()
    answer = typed_in(
        request,
        form,
        lambda: actions.wish_for(**form.cleaned_data, by=request.user, today=today),
        said=_("Noted. The next draft of the roster takes it into account."),
        back=reverse(MINE),
    )
    return answer or render(
        request, "duty/wish_form.html", {"form": form}, status=422 if form.errors else 200
    )


@house_only
@require_POST
def unwish(request: HttpRequest, day: str) -> HttpResponse:
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    return pressed(
        request,
        lambda: actions.wish_for(wanted, None, by=request.user, today=timezone.localdate()),
        said=_("Taken back."),
        back=reverse(MINE),
    )
