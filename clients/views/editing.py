"""The archive written: clients, contacts, sites, systems and contracts."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.actions import (
    may_edit,
    may_edit_contacts,
    save_client,
    save_contact,
    save_contract,
    save_site,
    save_system,
)
from clients.forms import ClientForm, ContactForm, ContractForm, Guarded, SiteForm, SystemForm
from clients.models import Client, Contact, Contract, Site, System
from staff.forms import show_refusal
from staff.refused import Refused
from staff.views.access import house_only

form_page = require_http_methods(["GET", "HEAD", "POST"])


@house_only
@form_page
def create_client(request: HttpRequest) -> HttpResponse:
    _allow(request.user.may_supervise)
    form = ClientForm(request.POST or None, by=request.user)
    return _client_page(request, form, _("New client"), None)


@house_only
@form_page
def edit_client(request: HttpRequest, pk: int) -> HttpResponse:
    client = _client(request, pk)
    _allow(may_edit(request.user, client.group))
    typed = _client(request, pk)  # its own copy: the page's head keeps the name as it is
    form = ClientForm(request.POST or None, instance=typed, by=request.user)
    return _client_page(request, form, _("Edit client"), client)


def _client_page(request: HttpRequest, form: ClientForm, title: str, client: Client | None) -> HttpResponse:
    def save() -> Client:
        return save_client(
            form.instance, **_who(request, form), wishes=form.wishes, no_surveys=form.said_of_surveys
        )

    return _answer(request, form, save, title, client)


@house_only
@form_page
def add_contact(request: HttpRequest, pk: int) -> HttpResponse:
    client = _client(request, pk)
    return _contact_page(request, client, Contact(client=client), _("New contact"))


@house_only
@form_page
def edit_contact(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Contact.objects.visible_to(request.user).select_related("client__group")
    contact = get_object_or_404(visible, pk=pk)
    return _contact_page(request, contact.client, contact, _("Edit contact"))


def _contact_page(request: HttpRequest, client: Client, contact: Contact, title: str) -> HttpResponse:
    _allow(may_edit_contacts(request.user, client.group))
    form = ContactForm(request.POST or None, instance=contact, by=request.user)

    def save() -> Contact:
        return save_contact(
            contact,
            form.cleaned_data["phones"],
            **_who(request, form),
            roles=form.cleaned_data["roles"],
            wishes=form.wishes,
            no_surveys=form.said_of_surveys,
        )

    return _answer(request, form, save, title, client)


@house_only
@form_page
def add_site(request: HttpRequest, pk: int) -> HttpResponse:
    client = _client(request, pk)
    return _site_page(request, client, Site(client=client), _("New site"))


@house_only
@form_page
def edit_site(request: HttpRequest, pk: int) -> HttpResponse:
    site = get_object_or_404(Site.objects.visible_to(request.user).select_related("client__group"), pk=pk)
    return _site_page(request, site.client, site, _("Edit site"))


def _site_page(request: HttpRequest, client: Client, site: Site, title: str) -> HttpResponse:
    _allow(may_edit_contacts(request.user, client.group))
    form = SiteForm(request.POST or None, instance=site)
    return _answer(request, form, lambda: save_site(site, **_who(request, form)), title, client)


@house_only
@form_page
def add_system(request: HttpRequest, pk: int) -> HttpResponse:
    client = _client(request, pk)
    return _system_page(request, client, System(client=client), _("New system"))


@house_only
@form_page
def edit_system(request: HttpRequest, pk: int) -> HttpResponse:
    system = get_object_or_404(System.objects.visible_to(request.user).select_related("client__group"), pk=pk)
    return _system_page(request, system.client, system, _("Edit system"))


def _system_page(request: HttpRequest, client: Client, system: System, title: str) -> HttpResponse:
    _allow(may_edit_contacts(request.user, client.group))
    form = SystemForm(request.POST or None, instance=system)
    return _answer(request, form, lambda: save_system(system, **_who(request, form)), title, client)


@house_only
@form_page
def add_contract(request: HttpRequest, pk: int) -> HttpResponse:
    client = _client(request, pk)
    return _contract_page(request, client, Contract(client=client), _("New contract"))


@house_only
@form_page
def edit_contract(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Contract.objects.visible_to(request.user).select_related("client__group")
    contract = get_object_or_404(visible, pk=pk)
    return _contract_page(request, contract.client, contract, _("Edit contract"))


def _contract_page(request: HttpRequest, client: Client, contract: Contract, title: str) -> HttpResponse:
    _allow(may_edit(request.user, client.group))
    form = ContractForm(request.POST or None, instance=contract)

    def save() -> Contract:
        covered = form.cleaned_data["systems"], form.cleaned_data["sites"]
        return save_contract(contract, *covered, **_who(request, form))

    return _answer(request, form, save, title, client, "clients:contracts")


def _client(request: HttpRequest, pk: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user).select_related("group"), pk=pk)


def _allow(may: bool) -> None:
    if not may:
        raise PermissionDenied


def _who(request: HttpRequest, form: Guarded) -> dict[str, object]:
    return {"by": request.user, "now": timezone.now(), "revision": form.cleaned_data["revision"]}


def _answer(
    request: HttpRequest,
    form: Guarded,
    save: Callable[[], object],
    title: str,
    client: Client | None,
    then: str = "clients:detail",
) -> HttpResponse:
    """Save and go to the client's page, or show the form again with everything that was typed."""
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except Refused as refused:
            show_refusal(form, refused)
            if refused.code == "changed":
                form.seen_anew(type(form.instance).objects.get(pk=form.instance.pk).revision)
        else:
            messages.success(request, _("Saved."))
            return redirect(then, client.pk if client else form.instance.pk)
    context = {
        "form": form,
        "title": title,
        "client": client,
        "cancel_url": reverse("clients:detail", args=[client.pk]) if client else reverse("clients:list"),
    }
    return render(request, "clients/form.html", context, status=422 if form.errors else 200)
