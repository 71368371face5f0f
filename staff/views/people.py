"""The people one works with."""

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from staff.models import Group, Role, User
from staff.paging import page
from staff.views.access import house_only


@house_only
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    groups = list(Group.objects.all()) if request.user.sees_everything else []
    group = next((group for group in groups if group.code == request.GET.get("group")), None)
    role = request.GET.get("role")
    found = User.objects.visible_to(request.user).filter(is_active=True).select_related("group")
    if group:
        found = found.filter(group=group)
    if role in Role.values:
        found = found.filter(role=role)
    in_order = found.annotate(of_group=Coalesce("group__code", Value("")))
    context = {
        "page": page(in_order, request=request, order=("of_group", "name", "pk")),
        "groups": groups,
        "group": group,
        "roles": [role for role in Role if role != Role.CONTACT],
        "role": role,
    }
    return render(request, "staff/people.html", context)
