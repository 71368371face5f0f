"""What the addresses of audits have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from clients.models import Client, System
from staff.models import User
from staff.rest import ListQuery
from staff.restnames import chosen, person_named
from visits.api.base import CallbackSet, Here

LONGEST = 4000


class AuditSet(CallbackSet):
    """Things of audits: each has a version that a verb may name."""

    def person(self, data: Mapping[str, Any], field: str) -> User | None:
        name = data.get(field, "")
        return person_named(name, field, seen_by=self.request.user) if name else None

    def system(self, data: Mapping[str, Any]) -> System | None:
        if data.get("system") is None:
            return None
        seen = System.objects.visible_to(self.request.user).select_related("client__group")
        return chosen(seen.filter(pk=data["system"], is_active=True), "system")

    def client(self, data: Mapping[str, Any]) -> Client | None:
        code = data.get("client", "")
        if not code:
            return None
        return chosen(Client.objects.visible_to(self.request.user).filter(code=code), "client")

    def of_group(self, rows: Any, query: Mapping[str, Any]) -> Any:
        if "group" not in query:
            return rows
        if not self.groups(query):
            raise Http404
        return rows.filter(group__code=query["group"])


class OfGroupQuery(ListQuery):
    group = serializers.CharField(required=False, max_length=50, help_text=_("Code of an O&M group."))


def words(**more: Any) -> serializers.CharField:
    return serializers.CharField(max_length=LONGEST, **more)


__all__ = ["AuditSet", "Here", "OfGroupQuery", "words"]
