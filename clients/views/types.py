"""Client types, and how long before their end contracts are reminded of."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.actions import may_rule_types, save_type, set_renewal_terms
from clients.forms import TermsForm, TypeForm
from clients.models import ClientType, RenewalTerm
from staff.forms import show_refusal
from staff.models import TermsChange
from staff.refused import Refused
from staff.views.access import house_only


@house_only
@require_safe
def types(request: HttpRequest) -> HttpResponse:
    served = Count("client", filter=Q(client__is_active=True))
    context = {
        "types": ClientType.objects.annotate(served=served).order_by("-is_active", "code"),
        "terms": RenewalTerm.objects.all(),
        "may_rule": may_rule_types(request.user),
    }
    return render(request, "clients/types.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create_type(request: HttpRequest) -> HttpResponse:
    return _type_page(request, ClientType(), _("New client type"))


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit_type(request: HttpRequest, pk: int) -> HttpResponse:
    return _type_page(request, get_object_or_404(ClientType, pk=pk), _("Edit client type"))


def _type_page(request: HttpRequest, type_: ClientType, title: str) -> HttpResponse:
    form = TypeForm(request.POST or None, instance=type_)

    def save() -> None:
        now, revision = timezone.now(), form.cleaned_data["revision"]
        save_type(type_, by=request.user, now=now, revision=revision)

    return _answer(request, form, save, title)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    form = TermsForm(request.POST or None)

    def save() -> None:
        set_renewal_terms(form.cleaned_data["days"], by=request.user, now=timezone.now())

    changes = TermsChange.objects.newest(RenewalTerm)
    return _answer(request, form, save, _("Reminders of renewal"), changes=changes)


def _answer(
    request: HttpRequest, form: BaseForm, save: Callable[[], None], title: str, **more: object
) -> HttpResponse:
    if not may_rule_types(request.user):
        raise PermissionDenied
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except Refused as refused:
            show_refusal(form, refused)
            if refused.code == "changed" and isinstance(form, TypeForm):
                form.seen_anew(ClientType.objects.get(pk=form.instance.pk).revision)
        else:
            messages.success(request, _("Saved."))
            return redirect("clients:types")
    context = {"form": form, "title": title, "cancel_url": reverse("clients:types"), **more}
    return render(request, "clients/form.html", context, status=422 if form.errors else 200)
