"""What the addresses of meetings have in common: versions, and the people and records that a body names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

from duty.api.addresses import Addresses, RosterViewSet
from staff.idempotency import KEY
from staff.models import User
from staff.restaddresses import IF_MATCH
from staff.restnames import chosen, person_named
from tickets.api import Stale
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Here(Addresses):
    """Addresses of things that have a version: a verb may name the one that its caller has read."""

    tag: str = "meetings"

    def _documented(self, name: str, summary: Any, **more: Any) -> Any:
        if {self.at, KEY} <= {*more.get("parameters", [])}:
            more["parameters"] = [*more["parameters"], IF_MATCH]
        return Addresses._documented(self, name, summary, **more)


class MeetingSet(RosterViewSet):
    """One kind of thing: listed as far as its reader sees it, changed as long as it is as he read it."""

    def one(self) -> Any:
        found = super().one()
        wanted = self.request.headers.get("If-Match")
        if wanted is not None and self.request.method == "POST":
            etag = f'"{found.version}"'
            if not {"*", etag} & {tag.removeprefix("W/") for tag in parse_etags(wanted)}:
                raise Stale(etag)
        return found

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(response.data, Mapping) and "version" in response.data:
            response.headers["ETag"] = f'"{response.data["version"]}"'
        return response

    def someone(self, name: str, field: str) -> User | None:
        return person_named(name, field, seen_by=self.request.user) if name else None

    def record_named(self, number: str) -> Ticket | None:
        """The record of a body, as far as its sender may see it."""
        typed = number.strip().upper().removeprefix("T-")
        if not typed:
            return None
        rows = Ticket.objects.visible_to(self.request.user)
        rows = rows.select_related("client", "system__site", "owner")
        pk = int(typed) if typed.isdecimal() and len(typed) < 19 else 0
        return chosen(rows.filter(pk=pk), "record")
