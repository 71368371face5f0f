"""The archive read: who the clients are, and everything about one of them."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from clients.actions import may_edit, may_edit_contacts
from clients.history import told
from clients.models import ArchiveEntry, Client, ClientType, Contract, RenewalTerm, System
from clients.search import search
from staff.models import Group, User
from staff.paging import page
from staff.views.access import house_only


@house_only
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    asked, user = request.GET, request.user
    types = list(ClientType.objects.all())
    groups = list(Group.objects.all()) if user.sees_everything else []
    type_ = next((each for each in types if each.code == asked.get("type")), None)
    group = next((each for each in groups if each.code == asked.get("group")), None)
    words = asked.get("q", "")
    with_former = asked.get("former") == "1"

    found = search(Client.objects.visible_to(user), words)
    if not with_former:
        found = found.active()
    if type_:
        found = found.filter(type=type_)
    if group:
        found = found.filter(group=group)
    systems = Prefetch("systems", System.objects.filter(is_active=True), to_attr="systems_in_use")
    found = found.select_related("type", "group", "hours").prefetch_related(systems)
    context = {
        "page": page(found, request=request, order=("code",)),
        "types": types,
        "groups": groups,
        "type": type_,
        "group": group,
        "words": words,
        "with_former": with_former,
        "is_filtered": bool(words or type_ or group),
        "may_create": user.may_supervise,
    }
    return render(request, "clients/list.html", context)


@house_only
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A client at a glance: how he stands, how he is reached, his people, sites, systems and contracts."""
    client = seen(pk, request.user)
    if client.merged_into_id:
        return redirect("clients:detail", client.merged_into_id)
    today = timezone.localdate()
    contacts = client.contacts.filter(merged_into=None).select_related("site")
    systems = list(client.systems.select_related("maintainer", "backup", "site").order_by("-is_active", "pk"))
    sites = list(client.sites.order_by("-is_active", "pk"))
    contracts = list(client.contracts.annotate(covers=_ids("systems"), covers_at=_ids("sites")))
    context = {
        "client": client,
        "tab": "detail",
        "contacts": contacts.prefetch_related("phones", "roles").order_by("-is_active", "pk"),
        "sites": sites,
        "systems": [(system, system.is_new(today)) for system in systems],
        "contracts": [(one, _among(systems, one.covers), _among(sites, one.covers_at)) for one in contracts],
        "is_covered": any(contract.starts_on <= today <= contract.ends_on for contract in contracts),
        "spans": client.hours.spans.all(),
        "today": today,
        "may_edit": may_edit(request.user, client.group),
        "may_edit_contacts": may_edit_contacts(request.user, client.group),
    }
    return render(request, "clients/detail.html", context)


def _ids(name: str) -> ArraySubquery:
    """The ids of what a contract covers: its systems and sites are on the page anyway."""
    return ArraySubquery(
        Contract.objects.filter(pk=OuterRef("pk"), **{f"{name}__isnull": False}).values(name)
    )


def _among(things: list[Any], ids: list[int]) -> list[Any]:
    return [thing for thing in things if thing.pk in ids]


@house_only
@require_safe
def standing(request: HttpRequest, pk: int) -> HttpResponse:
    """His figures, callbacks, answers and corrective actions, fetched when his page stands itself."""
    user, now = request.user, timezone.now()
    context = {"client": seen(pk, user), "request": request, "user": user, "now": now}
    return HttpResponse(render_to_string("clients/_standing.html", context))


@house_only
@require_safe
def contracts(request: HttpRequest, pk: int) -> HttpResponse:
    """Contracts with what they cover, their own limits and their papers; other documents below."""
    client = seen(pk, request.user)
    rows = client.contracts.prefetch_related("systems", "sites", "files", "reminders")
    files = client.files.filter(contract=None).select_related("by", "system")
    context = {
        "client": client,
        "tab": "contracts",
        "contracts": rows,
        "files": files,
        "systems": client.systems.filter(is_active=True),
        "today": timezone.localdate(),
        "may_edit": may_edit(request.user, client.group),
        "may_edit_contacts": may_edit_contacts(request.user, client.group),
    }
    return render(request, "clients/contracts.html", context)


@house_only
@require_safe
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what of a client, newest first; of the doubles merged into it too."""
    client = seen(pk, request.user)
    doubles = client.doubles.values_list("pk", flat=True)
    rows = ArchiveEntry.objects.visible_to(request.user).filter(client__in=[client.pk, *doubles])
    found = page(rows.select_related("by"), request=request, order=("-at", "-pk"))
    context = {
        "client": client,
        "tab": "history",
        "page": found,
        "rows": [(entry, told(entry)) for entry in found.rows],
        "may_edit": may_edit(request.user, client.group),
    }
    return render(request, "clients/history.html", context)


@house_only
@require_safe
def ending(request: HttpRequest) -> HttpResponse:
    """Contracts that end soon, the next first."""
    today = timezone.localdate()
    terms = sorted(RenewalTerm.objects.values_list("days", flat=True), reverse=True) or [60]
    within = terms[0]
    asked = request.GET.get("within", "")
    if asked.isdecimal() and int(asked[:4]) in terms:
        within = int(asked[:4])
    rows = Contract.objects.visible_to(request.user).ending(today, within)
    found = page(rows.select_related("client__group"), request=request, order=("ends_on", "pk"))
    context = {
        "page": found,
        "rows": [(contract, (contract.ends_on - today).days) for contract in found.rows],
        "terms": terms,
        "within": within,
        "urgent": terms[-1],
    }
    return render(request, "clients/ending.html", context)


def seen(pk: int, user: User) -> Client:
    """A client with what stands in the head of its pages, and the ids of what was merged into it
    (`double_ids`); a 404 for whoever does not see it.
    """
    visible = Client.objects.visible_to(user).select_related("type", "group", "hours", "merged_into")
    visible = visible.annotate(
        double_ids=ArraySubquery(Client.objects.filter(merged_into=OuterRef("pk")).values("pk"))
    )
    return get_object_or_404(visible, pk=pk)
