"""Passwords in custody: taken in, looked at once by who has just proven who he is, destroyed (§4.2.2).

No page here may be kept by anybody on the way, and no form comes back with a password in it.
"""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from staff.views.access import house_only
from tickets import actions
from tickets.lifecycle import Refused
from tickets.models import Custody
from tickets.remotecards import stores_passwords
from tickets.remoteforms import DepositForm, RevealForm
from tickets.views.remote import access_page, found

VERBS = {
    "approve": (
        actions.approve_reveal,
        gettext_lazy("Approved for an hour. Whoever has a session open may look."),
    ),
    "destroy": (actions.purge_password, gettext_lazy("Destroyed. Tell the client to change it.")),
    "told": (actions.tell_client_to_change, gettext_lazy("Written down: the client was told.")),
}


@sensitive_post_parameters("password")
@sensitive_variables()
@never_cache
@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def deposit(request: HttpRequest, pk: int, authorisation: int) -> HttpResponse:
    """Take a password into custody. What is refused comes back without it: it has to be typed again."""
    access = found(request, pk, authorisation)
    if not request.user.may_work:
        raise PermissionDenied
    form = DepositForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.deposit_password(access, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The password is in custody, encrypted. It is shown once."))
            return redirect("tickets:remote_access", pk=pk, authorisation=authorisation)
    context = {
        "ticket": access.ticket,
        "authorisation": access,
        "form": form,
        "stores_passwords": stores_passwords(),
    }
    return render(request, "tickets/remote_deposit.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("password")
@sensitive_variables()
@never_cache
@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, pk: int, authorisation: int, custody: int) -> HttpResponse:
    """Ask for the reason and for the person's own password; then show what is in custody, this once."""
    kept = _kept(request, pk, authorisation, custody)
    if not request.user.may_work:
        raise PermissionDenied
    form, secret = RevealForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        if not _is_himself(request, form.cleaned_data["password"]):
            form.add_error("password", _("This is not your password."))
        else:
            try:
                secret = actions.reveal_password(
                    kept, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
                )
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused))
    access = kept.authorisation
    context = {
        "ticket": access.ticket,
        "authorisation": access,
        "custody": kept,
        "form": form,
        "secret": secret,
    }
    return render(request, "tickets/remote_reveal.html", context, status=422 if form.errors else 200)


@house_only
@require_POST
def act(request: HttpRequest, pk: int, authorisation: int, custody: int, verb: str) -> HttpResponse:
    """Approve a look, destroy a password, or tick that the client was told to change it."""
    if verb not in VERBS:
        raise Http404
    kept = _kept(request, pk, authorisation, custody)
    deed, said = VERBS[verb]
    try:
        deed(kept, by=request.user, now=timezone.now())
    except Refused as refused:
        form = forms.Form({})
        form.add_error(None, str(refused))
        return access_page(request, kept.authorisation, failed=(verb, form))
    messages.success(request, said)
    return redirect("tickets:remote_access", pk=pk, authorisation=authorisation)


def _kept(request: HttpRequest, pk: int, authorisation: int, custody: int) -> Custody:
    rows = Custody.objects.visible_to(request.user).without_secrets()
    return get_object_or_404(
        rows.select_related("authorisation__ticket__client"),
        pk=custody,
        authorisation=authorisation,
        authorisation__ticket=pk,
    )


@sensitive_variables()
def _is_himself(request: HttpRequest, password: str) -> bool:
    """Whether it is the password of who is signed in; wrong ones count as they do when signing in."""
    person = authenticate(request, username=request.user.get_username(), password=password)
    return person is not None and person.pk == request.user.pk
