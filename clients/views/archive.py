"""The archive read: who the clients are, and everything about one of them."""

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clients.actions import may_edit, may_edit_contacts
from clients.models import Client, ClientType, System
from clients.search import search
from staff.models import Group
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
    visible = Client.objects.visible_to(request.user).select_related("type", "group", "hours")
    client = get_object_or_404(visible, pk=pk)
    today = timezone.localdate()
    contacts = client.contacts.prefetch_related("phones")
    contracts = list(client.contracts.prefetch_related("systems"))
    context = {
        "client": client,
        "contacts": contacts.order_by("-is_active", "pk"),
        "systems": client.systems.select_related("maintainer", "backup").order_by("-is_active", "pk"),
        "contracts": contracts,
        "is_covered": any(contract.starts_on <= today <= contract.ends_on for contract in contracts),
        "spans": client.hours.spans.all(),
        "today": today,
        "may_edit": may_edit(request.user, client.group),
        "may_edit_contacts": may_edit_contacts(request.user, client.group),
    }
    return render(request, "clients/detail.html", context)
