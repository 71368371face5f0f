"""Handovers: all of them, the one that matters now, one of them as it is written, read and signed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duty.actions import may_roster
from duty.views.groups import group_led, group_seen, groups_of
from staff.forms import show_refusal
from staff.models import TermsChange, User
from staff.paging import page
from staff.views.access import house_only
from staff.views.stated import stated
from tickets import actions
from tickets.handover import Change, HandoverState, Step, has_passed
from tickets.handoverforms import LONGEST, HandOverForm, OverruleForm, SendBackForm, SignForm, TermsForm
from tickets.handovers import (
    blocked_words,
    blocking,
    change_at,
    current_in,
    kept_points,
    points_of,
    standing_of,
    terms_of,
)
from tickets.lifecycle import Moved, Refused
from tickets.models import Handover, HandoverEvent, HandoverEventKind, HandoverTerms, Ticket
from tickets.models.handover import STAMP
from tickets.openmatters import MOST, OpenMatters, open_matters

SECOND = timedelta(seconds=1)
STEPS_SHOWN = (Step.SIGN, Step.SEND_BACK, Step.OVERRULE)
LABELS = {
    Step.HAND_OVER: gettext_lazy("Hand over the duty"),
    Step.SEND_BACK: gettext_lazy("Ask back"),
    Step.OVERRULE: gettext_lazy("Allow it in spite of the fault"),
    Step.SIGN: gettext_lazy("Sign"),
}
DONE = {
    Step.HAND_OVER: gettext_lazy("Handed over. Until it is signed the duty is answered for as before."),
    Step.SEND_BACK: gettext_lazy("Asked back. The other one is told."),
    Step.OVERRULE: gettext_lazy("Allowed. It stands on the handover, and the department manager is told."),
    Step.SIGN: gettext_lazy("Signed."),
}


@house_only
@require_safe
def handovers(request: HttpRequest) -> HttpResponse:
    """What was handed over, newest first, by group, person and state; above it what matters now."""
    user, at = request.user, timezone.now()
    groups = groups_of(user)
    chosen = {name: request.GET.get(name, "").replace("\0", "") for name in ("group", "person", "state")}
    rows = Handover.objects.visible_to(user).handed_over()
    if chosen["group"]:
        rows = rows.filter(group__code=chosen["group"])
    if person := chosen["person"]:
        rows = rows.filter(Q(outgoing__username=person) | Q(incoming__username=person))
    if chosen["state"]:
        rows = rows.filter(state=chosen["state"])
    overruled = HandoverEvent.objects.filter(handover=OuterRef("pk"), kind=HandoverEventKind.OVERRULED)
    rows = rows.annotate(was_overruled=Exists(overruled)).with_names()
    context = {
        "page": page(rows.defer("open_matters"), request=request, order=("-changes_at", "-pk")),
        "current": list(current_in(groups, at).values()),
        "chosen": chosen,
        "groups": groups if len(groups) > 1 else [],
        "people": User.objects.visible_to(user).working().order_by("name", "pk"),
        "states": [choice for choice in HandoverState.choices if choice[0] != HandoverState.WRITTEN],
    }
    return render(request, "tickets/handovers.html", context)


@house_only
@require_safe
def now(request: HttpRequest, code: str) -> HttpResponse:
    """Lead to the change of duty of a group that matters now."""
    group = group_seen(code, request.user)
    if seen := current_in([group], timezone.now()).get(group.pk):
        return redirect("handovers:one", code, seen.handover.stamp)
    return render(request, "tickets/handover_none.html", {"group": group})


@house_only
@require_safe
def one(request: HttpRequest, code: str, stamp: str) -> HttpResponse:
    return _shown(request, *_found(request, code, stamp))


@house_only
@require_POST
def keep(request: HttpRequest, code: str, stamp: str) -> HttpResponse:
    """Keep what is typed; the answer is the words for the mark beside the title."""
    handover, _change = _found(request, code, stamp)
    at, user = timezone.now(), request.user
    texts = {name: request.POST.get(name, "").replace("\0", "") for name in ("note", "to_do")}
    typed = {name: text[:LONGEST] for name, text in texts.items()}
    try:
        begun = _begun(handover, user, at)
        saved = actions.save_handover_draft(
            begun, **typed, done=request.POST.getlist("done"), by=user, now=at
        )
    except Refused as refused:
        return HttpResponse(str(refused), status=409 if isinstance(refused, Moved) else 403)
    context = {"draft": saved, "now": at, "user": user}
    return HttpResponse(render_to_string("tickets/_draft_saved.html", context))


@house_only
@require_POST
def take_step(request: HttpRequest, code: str, stamp: str, step: str) -> HttpResponse:
    """Take one step. What is refused, or overtaken by a faster hand, comes back with all that was typed."""
    handover, change = _found(request, code, stamp)
    if step not in Step.__members__.values():
        raise Http404
    taken, at = Step(step), timezone.now()
    form, status = _form(taken, handover, request.POST), 422
    if form.is_valid():
        try:
            begun = _begun(handover, request.user, at)
            begun.version = stated(request, "seen_version", unsaid=begun.version)
            _take(request, taken, begun, form, at)
        except Refused as refused:
            show_refusal(form, refused)
            status = 409 if isinstance(refused, Moved) else 422
        else:
            return redirect("handovers:one", code, stamp)
    return _shown(request, *_found(request, code, stamp), failed=(taken, form), status=status)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest, code: str) -> HttpResponse:
    """When a group hands over, by when it is signed, and what is gone through."""
    group = group_led(code, request.user)
    form = TermsForm(request.POST or None, instance=terms_of(group))
    if request.method == "POST" and form.is_valid():
        actions.set_handover_terms(form.save(commit=False), by=request.user, now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("handovers:now", code)
    context = {
        "form": form,
        "group": group,
        "points": points_of(terms_of(group)),
        "changes": TermsChange.objects.newest(HandoverTerms, group.pk),
    }
    return render(request, "tickets/handover_terms.html", context, status=422 if form.errors else 200)


def _found(request: HttpRequest, code: str, stamp: str) -> tuple[Handover, Change | None]:
    """The handover that an address names, or one not begun yet; with the change of duty by the roster.

    As long as nobody has signed, the two are those of the roster.
    """
    try:
        at = datetime.strptime(stamp, STAMP).replace(tzinfo=timezone.get_default_timezone())
    except ValueError:
        raise Http404 from None
    rows = Handover.objects.visible_to(request.user).with_names()
    handover = rows.filter(group__code=code, changes_at__gte=at, changes_at__lt=at + SECOND).first()
    group = handover.group if handover else group_seen(code, request.user)
    change = change_at(group, at)
    if handover is None:
        if change is None:
            raise Http404
        handover = Handover(group=group, changes_at=change.at)
    if change and not handover.is_signed:
        people = User.objects.in_bulk([change.outgoing, change.incoming])
        handover.outgoing, handover.incoming = people[change.outgoing], people[change.incoming]
    return handover, change


def _begun(handover: Handover, user: User, at: datetime) -> Handover:
    if handover.pk is not None:
        return handover
    return actions.open_handover(handover.group, handover.changes_at, by=user, now=at)


def _take(request: HttpRequest, step: Step, handover: Handover, form: forms.Form, at: datetime) -> None:
    who = {"by": request.user, "now": at}
    if isinstance(form, SignForm):
        signed = actions.sign(handover, **who)
        messages.success(request, DONE[step])
        _take_records(request, signed, form.taken(), at)
        return
    verbs: dict[Step, Callable[..., Handover]] = {
        Step.HAND_OVER: actions.hand_over,
        Step.SEND_BACK: actions.send_back,
        Step.OVERRULE: actions.overrule,
    }
    verbs[step](handover, **form.cleaned_data, **who)
    messages.success(request, DONE[step])


def _take_records(request: HttpRequest, handover: Handover, pks: Collection[int], at: datetime) -> None:
    """Take over the records that were ticked, and say of each that is refused why."""
    tickets = Ticket.objects.visible_to(request.user).filter(pk__in=pks).order_by("pk")
    outcomes = actions.take_records(handover, list(tickets), by=request.user, now=at) if pks else []
    count = sum(not outcome.refusal for outcome in outcomes)
    if count:
        said = ngettext("%(n)s record is yours now.", "%(n)s records are yours now.", count)
        messages.success(request, said % {"n": count})
    for outcome in outcomes:
        if outcome.refusal:
            messages.error(request, f"{outcome.ticket.number}: {outcome.refusal}")


def _form(step: Step, handover: Handover, data: object = None) -> forms.Form:
    match step:
        case Step.HAND_OVER:
            return HandOverForm(data, handover=handover, points=points_of(terms_of(handover.group)))
        case Step.SEND_BACK:
            return SendBackForm(data)
        case Step.OVERRULE:
            return OverruleForm(data)
        case Step.SIGN:
            return SignForm(data, records=_takeable(handover))


def _takeable(handover: Handover) -> list[Ticket]:
    """What the outgoing person owns in the group, the first due first."""
    own = Ticket.objects.open().filter(group=handover.group_id, owner=handover.outgoing_id)
    return list(own.without_texts().order_by("next_due_at", "pk")[:MOST])


def _shown(
    request: HttpRequest,
    handover: Handover,
    change: Change | None,
    *,
    failed: tuple[Step, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    user, at = request.user, timezone.now()
    faults = [] if handover.is_signed else blocking(handover)
    standing = standing_of(handover, change, faults, user, at)
    # What a major fault forbids is offered and refused: it may be solved, or allowed, at any moment.
    offered = [step for step in Step if standing.refusal(step) in ("", "major_fault")]
    found = {step: _form(step, handover) for step in offered}
    if standing.writes:
        found[Step.HAND_OVER] = _form(Step.HAND_OVER, handover)
    found |= dict([failed] if failed else [])
    events = HandoverEvent.objects.filter(handover=handover).select_related("by") if handover.pk else []
    # Whoever has left the group since still finds what he handed over, and no more.
    is_told_now = not handover.is_frozen and handover.group in groups_of(user)
    matters = (
        open_matters(handover.group, since=change.began_at if change else at, now=at)
        if is_told_now
        else OpenMatters.thawed(handover.open_matters)
    )
    context = {
        "handover": handover,
        "is_new": handover.pk is None,
        "matters": matters,
        "points": kept_points(handover),
        "events": events,
        "blocked": blocked_words(faults) if faults else "",
        "has_passed": has_passed(handover.changes_at, handover.signed_at, at),
        "is_late": at >= handover.changes_at,
        "opens_at": standing.opens_at if standing.refusal(Step.HAND_OVER) == "too_early" else None,
        "hand_over": found.pop(Step.HAND_OVER, None),
        "may_hand_over": Step.HAND_OVER in offered,
        "steps": [(step.value, LABELS[step], found[step]) for step in STEPS_SHOWN if step in found],
        "failed": failed[0].value if failed else "",
        "may_roster": may_roster(handover.group, user),
        "now": at,
    }
    return render(request, "tickets/handover.html", context, status=status)
