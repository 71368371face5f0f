"""Campaigns: listed, prepared, started, closed, with what came of each."""

from __future__ import annotations

from collections import Counter

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Channel
from duty.views.steps import pressed
from staff.forms import show_refusal
from staff.models import User
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only
from surveys import actions
from surveys.forms.campaigns import CampaignForm
from surveys.models import (
    Campaign,
    CampaignKind,
    CampaignState,
    Exclusion,
    ExclusionReason,
    Invitation,
    InvitationState,
    Outreach,
    OutreachState,
)

MOST_EVENTS = 20
ENDED = (InvitationState.BOUNCED, InvitationState.WITHDRAWN, InvitationState.PLANNED)


@house_only
@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """All that the person may see, newest first, each with how many were asked and have answered."""
    rows = Campaign.objects.visible_to(request.user).select_related("version__questionnaire", "group")
    found = page(rows, request=request, order=("-pk",))
    counts = _counts([one.pk for one in found.rows])
    context = {
        "page": found,
        "lines": [(one, counts.get(one.pk, Counter())) for one in found.rows],
        "may_write": actions.may_write(request.user),
    }
    return render(request, "surveys/campaigns.html", context)


def _counts(campaigns: list[int]) -> dict[int, Counter[str]]:
    counts: dict[int, Counter[str]] = {}
    rows = Invitation.objects.filter(campaign__in=campaigns).order_by().values_list("campaign", "state")
    for campaign, state, number in rows.annotate(n=Count("pk")):
        counts.setdefault(campaign, Counter())[state] = number
        counts[campaign]["asked"] += (
            number if state not in (InvitationState.PLANNED, InvitationState.WITHDRAWN) else 0
        )
    return counts


@house_only
@require_safe
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """One campaign: its terms, how many stand where, by which way, and who was left out for which reason."""
    found = _campaign(request.user, pk)
    states, asked = _stand(request.user, found)
    left_out = Exclusion.objects.visible_to(request.user).filter(campaign=found)
    reasons = dict(left_out.order_by().values_list("reason").annotate(n=Count("pk")))
    answered = states[InvitationState.ANSWERED]
    context = {
        "campaign": found,
        "may_run": actions.may_run(found.group_id, request.user),
        "is_standing": found.kind == CampaignKind.AFTER_TICKET,
        "may_change": found.state == CampaignState.DRAFT
        or (found.kind == CampaignKind.AFTER_TICKET and found.state == CampaignState.RUNNING),
        "states": [(state, states[state]) for state in InvitationState],
        "reasons": [(reason, reasons[reason]) for reason in ExclusionReason if reason in reasons],
        "asked": asked,
        "answered": answered,
        "rate": round(100 * answered / asked) if asked else None,
        "ways": _ways(request.user, found),
        "channels": [Channel(way).label for way in found.channels],
        "rules": found.rules.select_related("type"),
        "exceptions": _exceptions(request.user, found),
        "meant": actions.contacts_of(found).count()
        if found.state == CampaignState.DRAFT and found.kind == CampaignKind.PERIODIC
        else None,
        "events": found.events.select_related("by")[:MOST_EVENTS],
    }
    return render(request, "surveys/campaign.html", context)


def _stand(user: User, found: Campaign) -> tuple[Counter[str], int]:
    """How many invitations stand where, and how many people were asked: read once, from an index alone."""
    states: Counter[str] = Counter()
    asked = 0
    rows = Invitation.objects.visible_to(user).filter(campaign=found).order_by().values_list("state")
    sent = Count("pk", filter=Q(sent_at__isnull=False))
    for state, n, n_sent in rows.annotate(n=Count("pk"), sent=sent):
        states[state] = n
        if state != InvitationState.BOUNCED:
            asked += n_sent
    return states, asked


def _ways(user: User, found: Campaign) -> list[tuple[Channel, int, int, int]]:
    """Of each way how often it was taken, how often that failed, and how many answers came in by it."""
    tried = Outreach.objects.visible_to(user).filter(invitation__campaign=found).order_by()
    failed = Count("pk", filter=Q(state=OutreachState.FAILED))
    sent = Count("invitation", distinct=True)
    taken = {way: (n, lost) for way, n, lost in tried.values_list("channel").annotate(n=sent, lost=failed)}
    answers = (
        Invitation.objects.visible_to(user).filter(campaign=found, state=InvitationState.ANSWERED).order_by()
    )
    came = dict(answers.values_list("sheet__channel").annotate(n=Count("pk")))
    return [
        (way, *taken.get(way, (0, 0)), came.get(way, 0)) for way in Channel if way in taken or way in came
    ]


def _exceptions(user: User, found: Campaign) -> list[Exclusion]:
    """Grade-1 faults that were left out only for rest, which somebody may approve."""
    rows = Exclusion.objects.visible_to(user).filter(
        campaign=found,
        lifted_at=None,
        ticket__grade=1,
        reason__in=[ExclusionReason.COOLDOWN, ExclusionReason.OPEN_SURVEY],
    )
    return list(rows.select_related("ticket", "client", "contact")[:20])


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    if not actions.may_write(request.user):
        raise PermissionDenied
    kind = request.GET.get("kind", "")
    initial = {"kind": kind} if kind in CampaignKind.values else {}
    if kind == CampaignKind.AFTER_TICKET:
        initial["cooldown_days"] = 30  # default, not from the process document
    form = CampaignForm(request.POST or None, by=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.make_campaign(form.terms(), by=request.user, now=timezone.now())
        except Refused as refused:
            _show(form, refused)
        else:
            return redirect("surveys:campaign", made.pk)
    context = {"form": form, "cancel_url": reverse("surveys:campaigns")}
    return render(request, "surveys/campaign_form.html", context, status=422 if form.errors else 200)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(request.user, pk)
    form = CampaignForm(request.POST or None, by=request.user, instance=_campaign(request.user, pk))
    seen = request.POST.get("edition", "")
    edition = int(seen) if seen.isdecimal() and len(seen) < 10 else None
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_campaign(found, form.terms(), by=request.user, now=timezone.now(), edition=edition)
        except Refused as refused:
            _show(form, refused)
        else:
            return redirect("surveys:campaign", pk)
    context = {
        "form": form,
        "campaign": found,
        "edition": edition or found.edition,
        "cancel_url": reverse("surveys:campaign", args=[pk]),
    }
    return render(request, "surveys/campaign_form.html", context, status=422 if form.errors else 200)


def _show(form: CampaignForm, refused: Refused) -> None:
    """The ways are three fields of the form and one of the action."""
    if refused.field == "channels":
        refused.field = "first"
    show_refusal(form, refused)


@house_only
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(request.user, pk)
    return pressed(
        request,
        lambda: actions.start_campaign(found, by=request.user, now=timezone.now()),
        said=_("Started. Invitations leave within minutes of their time."),
        back=reverse("surveys:campaign", args=[pk]),
    )


@house_only
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(request.user, pk)
    return pressed(
        request,
        lambda: actions.close_campaign(found, by=request.user, now=timezone.now()),
        said=_("Closed. Nobody is asked any more."),
        back=reverse("surveys:campaign", args=[pk]),
    )


@house_only
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask of a grade-1 fault in spite of the rest."""
    found = get_object_or_404(Exclusion.objects.visible_to(request.user), pk=pk)
    return pressed(
        request,
        lambda: actions.approve_exception(
            found, reason=request.POST.get("reason", ""), by=request.user, now=timezone.now()
        ),
        said=_("Approved: this client is asked although he rests."),
        back=reverse("surveys:campaign", args=[found.campaign_id]),
    )


@house_only
@require_safe
def exclusions(request: HttpRequest, pk: int) -> HttpResponse:
    """Who was left out of a campaign, and why, newest first."""
    found = _campaign(request.user, pk)
    rows = Exclusion.objects.visible_to(request.user).filter(campaign=found)
    reason = request.GET.get("reason", "")
    if reason in ExclusionReason.values:
        rows = rows.filter(reason=reason)
    rows = rows.select_related("client", "contact", "ticket", "lifted_by")
    context = {
        "campaign": found,
        "page": page(rows, request=request, order=("-pk",)),
        "reasons": ExclusionReason.choices,
        "reason": reason,
    }
    return render(request, "surveys/exclusions.html", context)


def _campaign(user: User, pk: int) -> Campaign:
    rows = Campaign.objects.visible_to(user).select_related("version__questionnaire", "group", "made_by")
    return get_object_or_404(rows, pk=pk)


def _run(user: User, pk: int) -> Campaign:
    found = _campaign(user, pk)
    if not actions.may_run(found.group_id, user):
        raise PermissionDenied
    return found
