"""What the addresses of callbacks have in common: versions, and the things that a body names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.http import parse_etags
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients.models import Client, System
from duty.api.addresses import Addresses, RosterViewSet
from duty.api.shapes import GroupQuery, in_path, line
from staff.idempotency import KEY
from staff.models import User
from staff.rest import ListQuery
from staff.restaddresses import IF_MATCH
from staff.restnames import chosen, person_named
from tickets.api import Stale


@dataclass(frozen=True, slots=True)
class Here(Addresses):
    """Addresses of things that have a version: a verb may name the one that its caller has read."""

    tag: str = "callbacks"

    def _documented(self, name: str, summary: Any, **more: Any) -> Any:
        if {self.at, KEY} <= {*more.get("parameters", [])} and self.name != "promises":
            more["parameters"] = [*more["parameters"], IF_MATCH]
        return Addresses._documented(self, name, summary, **more)


class OfClientQuery(ListQuery, GroupQuery):
    client = serializers.CharField(required=False, max_length=50, help_text=_("The code of a client."))


def client_code(**more: Any) -> serializers.CharField:
    return line(50, help_text=_("The code of a client."), **more)


class CallbackSet(RosterViewSet):
    """One kind of thing: listed as far as its reader sees it, changed as long as it is as he read it."""

    def one(self) -> Any:
        found = super().one()
        wanted = self.request.headers.get("If-Match")
        if wanted is not None and self.request.method == "POST":
            etag = f'"{found.version}"' if hasattr(found, "version") else "*"
            if not {"*", etag} & {tag.removeprefix("W/") for tag in parse_etags(wanted)}:
                raise Stale(etag)
        return found

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(getattr(response, "data", None), Mapping) and "version" in response.data:
            response.headers["ETag"] = f'"{response.data["version"]}"'
        return response

    def of_client(self, rows: QuerySet[Any], query: Mapping[str, Any]) -> QuerySet[Any]:
        if "group" in query:
            rows = rows.filter(group__in=self.groups(query))
        if "client" in query:
            rows = rows.filter(client__code=query["client"])
        return rows

    def client_named(self, data: Mapping[str, Any]) -> Client:
        seen = Client.objects.visible_to(self.request.user).active().select_related("group")
        return chosen(seen.filter(code=data["client"]), "client")

    def someone(self, name: str, field: str) -> User | None:
        return person_named(name, field, seen_by=self.request.user) if name else None

    def system_of(self, client: Client, pk: int | None, field: str) -> System | None:
        return None if pk is None else chosen(client.systems.filter(pk=pk, is_active=True), field)


BY_CALLBACK = in_path("callback", _("The callback's id."))
