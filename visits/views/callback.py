"""One screen for the call: whom, what about, what was last; and what is written down of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from staff.models import User
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.stated import stated
from tickets.lifecycle import Moved
from visits import actions
from visits.about import about
from visits.forms import ReachedForm
from visits.kinds import State
from visits.models import Callback, CallbackDraft
from visits.steps import forms_of
from visits.views.seen import callback_seen

LONGEST = 10_000
# A second press of the button comes within this; later somebody means something else.
TWICE = timedelta(minutes=2)


@house_only
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, callback_seen(pk, request.user))


@house_only
@require_POST
def reached(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what the client said. What is refused comes back with all that was typed."""
    callback, now = callback_seen(pk, request.user), timezone.now()
    if is_done_already(callback, request.user, now):
        return redirect("visits:callback", pk)
    form = ReachedForm(request.POST, callback=callback)
    status = 422
    if form.is_valid():
        callback.version = stated(request, "seen_version", unsaid=callback.version)
        try:
            done = actions.record_reached(callback, form.said(), by=request.user, now=now)
        except Refused as refused:
            if is_done_already(callback_seen(pk, request.user), request.user, now):
                return redirect("visits:callback", pk)  # pressed twice at once
            form.show(refused)
            status = status_of(refused)
        else:
            messages.success(request, said_of(done))
            return redirect("visits:callback", pk)
    return shown(request, callback_seen(pk, request.user), form=form, status=status)


@house_only
@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is typed; the answer is the words for the mark beside the title."""
    callback, now = callback_seen(pk, request.user), timezone.now()
    if not actions.may_call(callback.group_id, request.user) and callback.person_id != request.user.pk:
        raise PermissionDenied
    form = ReachedForm(callback=callback)
    fields = {
        name: request.POST[name].replace("\0", "")[:LONGEST] for name in form.fields if request.POST.get(name)
    }
    saved = actions.save_draft(callback, fields, by=request.user, now=now)
    return HttpResponse(
        render_to_string("tickets/_draft_saved.html", {"draft": saved, "now": now, "user": request.user})
    )


@house_only
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget what was typed and not saved."""
    actions.discard_draft(callback_seen(pk, request.user), by=request.user)
    return redirect("visits:callback", pk)


def shown(
    request: HttpRequest,
    callback: Callback,
    *,
    form: ReachedForm | None = None,
    failed: tuple[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a callback; `failed` is the step whose form comes back."""
    user, now = request.user, timezone.now()
    may = actions.may_call(callback.group_id, user) or (callback.person_id == user.pk and user.may_work)
    kept = None
    if form is None and may and callback.is_open:
        kept = CallbackDraft.objects.filter(callback=callback, user=user).first()
        form = ReachedForm(callback=callback, initial=_initial(callback, kept))
    steps = forms_of(callback, user) if may else {}
    if failed is not None:
        steps[failed[0]] = failed[1]  # type: ignore[assignment]
    context = {
        "callback": callback,
        "about": about(callback, user, now),
        # What was typed is shown even where somebody else has finished it meanwhile.
        "form": form if may and (callback.is_open or status != 200) else None,
        "draft": kept,
        "steps": steps,
        "failed": failed[0] if failed else "",
        "may": may,
        "is_overdue": callback.is_overdue(now),
        "now": now,
    }
    return render(request, "visits/callback.html", context, status=status)


def _initial(callback: Callback, kept: CallbackDraft | None) -> dict[str, object]:
    usual = {"spoke_with": callback.contact.name if callback.contact else ""}
    return usual | (kept.fields if kept else {})


def status_of(refused: Refused) -> int:
    return 409 if isinstance(refused, Moved) else 422


def is_done_already(callback: Callback, user: User, now: datetime) -> bool:
    """Whether the same person has pressed the button a moment ago: one press, one callback."""
    done_at = callback.done_at
    return callback.done_by_id == user.pk and done_at is not None and now - done_at < TWICE


def said_of(done: Callback) -> str:
    if done.state != State.DONE:
        return _("Saved.")
    if done.is_solved is False:
        return _("Saved. The record is taken up again, and its owner is told.")
    return _("Saved. Thank you.")
