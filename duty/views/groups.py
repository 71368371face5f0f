"""Which group's roster an address means."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from duty.actions import may_roster
from staff.models import Group, User


def groups_of(user: User, groups: QuerySet[Group] | None = None) -> list[Group]:
    """Of some groups, else of all, those whose roster a person sees."""
    groups = Group.objects.all() if groups is None else groups
    return list(groups if user.sees_everything else groups.filter(pk=user.group_id))


def group_seen(code: str, user: User) -> Group:
    """A group by its code; a 404 for whoever does not see its roster."""
    if user.group is not None and user.group.code == code:
        return user.group  # which the frame of the page shows anyway
    groups = Group.objects.all() if user.sees_everything else Group.objects.none()
    return get_object_or_404(groups, code=code)


def group_led(code: str, user: User) -> Group:
    """The same, for somebody who may change its roster; a 403 for whoever only sees it."""
    group = group_seen(code, user)
    if not may_roster(group, user):
        raise PermissionDenied
    return group
