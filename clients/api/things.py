"""Contacts, sites, systems and contracts through the REST interface: one read, one changed; client types."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from clients.api import shapes
from clients.api.keeping import etag_of, keep, revision_wanted
from clients.models import ClientType, Contact, Contract, Site, System
from staff.idempotency import KEY, once
from staff.rest import ListQuery, RestView, checked, page_of
from staff.restaddresses import ID, IF_MATCH, in_path

BY_ID = in_path("thing", _("Its id."))
WISHES = ("contact_hours", "quiet_periods")
CONTACTS = Contact.objects.select_related("client__group", "site").prefetch_related(
    "phones", "roles", *WISHES
)
SITES = Site.objects.select_related("client__group")
SYSTEMS = System.objects.select_related("client__group", "site", "maintainer", "backup")
CONTRACTS = Contract.objects.select_related("client__group").prefetch_related("systems", "sites")


def house_only(request: Request) -> None:
    """What the house has written down of its clients is not for them."""
    if request.user.is_contact:
        raise PermissionDenied


class ThingView(RestView, ViewSet):
    """One thing of the archive by its id."""

    lookup_field = "thing"
    lookup_value_regex = ID
    rows: Any
    row: Any
    body: Any

    def one(self) -> Any:
        house_only(self.request)
        visible = self.rows.all().visible_to(self.request.user)
        if (found := visible.filter(pk=int(self.kwargs["thing"])).first()) is None:
            raise Http404
        return found

    def shown(self, thing: Any) -> Response:
        data = self.row(thing, context={"user": self.request.user}).data
        return Response(data, headers={"ETag": etag_of(thing)})

    def changed(self) -> Response:
        """Change what the body names, once per Idempotency-Key where one is given."""
        now = timezone.now()

        def do() -> Response:
            thing = self.one()
            revision = revision_wanted(self.request, thing)
            data = checked(self.body, self.request.data)
            keep(thing, data, by=self.request.user, now=now, revision=revision)
            return self.shown(self.one())

        return once(self.request, do, required=False, now=now)


def thing_view(
    name: str,
    rows: Any,
    row: Any,
    body: Any,
    summary: str | Promise,
    change: str | Promise,
    example: dict[str, Any],
) -> type[ThingView]:
    """The view of a kind of thing: read one, change one."""

    @extend_schema(
        operation_id=f"{name}_read", summary=summary, tags=["clients"], parameters=[BY_ID], responses=row
    )
    def retrieve(self: ThingView, request: Request, thing: str) -> Response:
        return self.shown(self.one())

    @extend_schema(
        operation_id=f"{name}_change",
        summary=change,
        tags=["clients"],
        parameters=[BY_ID, KEY, IF_MATCH],
        request=body,
        responses=row,
        examples=[OpenApiExample("change", value=example, summary=change, request_only=True)],
    )
    @action(detail=True, methods=["post"], url_path="change")
    def change_one(self: ThingView, request: Request, thing: str) -> Response:
        return self.changed()

    parts = {"rows": rows, "row": row, "body": body, "retrieve": retrieve, "change_one": change_one}
    return type(f"{name.title()}View", (ThingView,), parts)


ContactViewSet = thing_view(
    "contacts",
    CONTACTS,
    shapes.ContactFull,
    shapes.ContactChange,
    _("One contact with his numbers and wishes"),
    _("Change a contact"),
    {"job_title": "Head of IT", "taboos": "Never before nine", "roles": ["decides"]},
)
SiteViewSet = thing_view(
    "sites",
    SITES,
    shapes.SiteFull,
    shapes.SiteChange,
    _("One site"),
    _("Change a site"),
    {"travel": "Metro line 2, exit C; ask for the guard"},
)
SystemThing = thing_view(
    "systems",
    SYSTEMS,
    shapes.SystemFull,
    shapes.SystemChange,
    _("One system in use"),
    _("Change a system"),
    {"version": "5.3.1"},
)
ContractViewSet = thing_view(
    "contracts",
    CONTRACTS,
    shapes.ContractFull,
    shapes.ContractChange,
    _("One contract"),
    _("Change a contract"),
    {"remarks": "Renewal is being negotiated"},
)


class TypesView(RestView):
    @extend_schema(
        operation_id="client_types_list",
        summary=_("Client types"),
        tags=["clients"],
        parameters=[ListQuery],
        responses=page_of(shapes.TypeRow, "ClientTypePage"),
    )
    def get(self, request: Request) -> Response:
        query = self.asked(ListQuery)
        return self.page(
            ClientType.objects.all(),
            query,
            order="code",
            shown=lambda found: shapes.TypeRow(found, many=True).data,
        )
