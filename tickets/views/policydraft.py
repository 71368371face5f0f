"""Editing a draft of the policy, and putting it in force."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from staff.forms import show_refusal
from staff.views.access import house_only
from tickets.actions import drafting
from tickets.actions.policy import limited, ruled
from tickets.lifecycle import Refused
from tickets.models import EscalationRule, PolicyVersion, TimeLimit
from tickets.policyforms import AdoptForm, DraftForm, LimitForm, RuleForm
from tickets.views.policy import version_context, version_of

View = Callable[..., HttpResponse]


def rulers_only(view: View) -> View:
    """Keep a page for who may change the policy."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not drafting.may_rule(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return house_only(guarded)


@rulers_only
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Begin a draft."""
    form = DraftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = drafting.draft_policy(**form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("The draft is a copy of what is in force. Change it as you like."))
            return redirect("tickets:policy_version", number=made.number)
    return _page(request, form, None, _("New draft"))


@rulers_only
@require_http_methods(["GET", "HEAD", "POST"])
def describe(request: HttpRequest, number: int) -> HttpResponse:
    """Say anew what a draft is called, and why."""
    version = _draft(request, number)
    form = DraftForm(request.POST or None, initial={"title": version.title, "why": version.why})
    if request.method == "POST" and form.is_valid():
        try:
            drafting.describe_draft(version, **form.cleaned_data, by=request.user)
        except Refused as refused:
            show_refusal(form, refused)
        else:
            return redirect("tickets:policy_version", number=number)
    return _page(request, form, version, _("Title and reason"))


@rulers_only
@require_http_methods(["GET", "HEAD", "POST"])
def limit(request: HttpRequest, number: int, pk: int | None = None) -> HttpResponse:
    """A new limit of a draft, or one that is changed."""
    version = _draft(request, number)
    row = get_object_or_404(version.limits, pk=pk) if pk else TimeLimit(version=version)
    form = LimitForm(request.POST or None, row=row, pairs=limited())
    return _edit(request, version, form, drafting.save_limit, _("Time limit"))


@rulers_only
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, number: int, pk: int | None = None) -> HttpResponse:
    """A new report-up rule of a draft, or one that is changed."""
    version = _draft(request, number)
    row = get_object_or_404(version.rules, pk=pk) if pk else EscalationRule(version=version)
    form = RuleForm(request.POST or None, row=row, pairs=ruled())
    return _edit(request, version, form, drafting.save_rule, _("Report-up rule"))


@rulers_only
@require_POST
def remove_limit(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    version = _draft(request, number)
    return _remove(request, version, get_object_or_404(version.limits, pk=pk))


@rulers_only
@require_POST
def remove_rule(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    version = _draft(request, number)
    return _remove(request, version, get_object_or_404(version.rules, pk=pk))


@rulers_only
@require_POST
def adopt(request: HttpRequest, number: int) -> HttpResponse:
    """Put a draft in force. What is refused is said on its page, with the note as it was typed."""
    version, form = _draft(request, number), AdoptForm(request.POST)
    if form.is_valid():
        try:
            drafting.adopt_policy(version, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("In force. Clocks that start from now on follow it."))
            return redirect("tickets:policy")
    context = version_context(version, request.user) | {"adopt_form": form}
    return render(request, "tickets/policy_version.html", context, status=422)


@rulers_only
@require_POST
def discard(request: HttpRequest, number: int) -> HttpResponse:
    try:
        drafting.discard_draft_policy(_draft(request, number), by=request.user)
    except Refused as refused:
        messages.warning(request, str(refused.message))
    else:
        messages.success(request, _("The draft is gone. Nothing ever followed it."))
    return redirect("tickets:policy")


def _draft(request: HttpRequest, number: int) -> PolicyVersion:
    """The draft of an address; what was adopted is not edited, so there is no such page of it."""
    version = version_of(request.user, number)
    if not version.is_draft:
        raise PermissionDenied
    return version


def _edit(
    request: HttpRequest,
    version: PolicyVersion,
    form: LimitForm | RuleForm,
    save: Callable[..., object],
    title: str,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            save(form.fill(), by=request.user)
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Saved in the draft."))
            return redirect("tickets:policy_version", number=version.number)
    return _page(request, form, version, title)


def _remove(request: HttpRequest, version: PolicyVersion, row: TimeLimit | EscalationRule) -> HttpResponse:
    try:
        drafting.remove_row(row, by=request.user)
    except Refused as refused:
        messages.warning(request, str(refused.message))
    else:
        messages.success(request, _("Taken out of the draft."))
    return redirect("tickets:policy_version", number=version.number)


def _page(request: HttpRequest, form: forms.Form, version: PolicyVersion | None, title: str) -> HttpResponse:
    context = {"form": form, "version": version, "title": title}
    return render(request, "tickets/policy_form.html", context, status=422 if form.errors else 200)
