"""What hangs on a client, below his address: his people, places, systems, contracts, and his history."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api import shapes
from clients.api.keeping import etag_of, keep, revision_wanted
from clients.api.things import CONTACTS, CONTRACTS, SITES, SYSTEMS, WISHES, house_only
from clients.models import ArchiveEntry, Client, Contact, Contract, Site, System
from clients.reaching import how_to_reach
from staff.idempotency import KEY, once
from staff.rest import ListQuery, checked, page_of
from staff.restaddresses import IF_MATCH

BY_CODE = OpenApiParameter("code", OpenApiTypes.STR, OpenApiParameter.PATH)
NEW_CLIENT = {
    "code": "second-hospital",
    "name": "Second Hospital",
    "type": "A",
    "group": "south",
    "hours": "office",
    "preferred_channel": "phone",
    "contact_hours": [{"weekday": 0, "starts": "09:00", "ends": "11:30"}],
    "quiet_periods": [
        {"starts_on": "2026-12-28", "ends_on": "2027-01-04", "reason": "Year-end closing"},
    ],
}


class ReachQuery(shapes.Strict):
    contact = serializers.IntegerField(required=False, help_text=_("Id of one of his contacts."))


def below(
    name: str,
    model: Any,
    rows: Any,
    row: Any,
    body: Any,
    listed: str | Promise,
    added: str | Promise,
    example: Any,
) -> tuple[Any, Any]:
    """The two addresses of what a client has many of: read them, add one."""

    def listing(self: Any, request: Request, code: str) -> Response:
        query, client = self.asked(ListQuery), self.client_here()
        context = {"user": request.user}
        return self.page(
            rows.filter(client=client),
            query,
            order="pk",
            shown=lambda found: row(found, many=True, context=context).data,
        )

    def adding(self: Any, request: Request, code: str) -> Response:
        now = timezone.now()

        def do() -> Response:
            data = checked(body, request.data)
            thing = keep(model(client=self.client_here()), data, by=request.user, now=now)
            stored = rows.get(pk=thing.pk)
            address = request.build_absolute_uri(f"/api/v1/{name}/{thing.pk}/")
            shown = row(stored, context={"user": request.user}).data
            return Response(shown, status=201, headers={"Location": address, "ETag": etag_of(stored)})

        return once(request, do, required=False, now=now)

    # The router finds them by these names, under which they stand in the class.
    listing.__name__, adding.__name__ = f"{name}_listing", f"{name}_adding"
    shape = extend_schema(
        operation_id=f"clients_{name}_list",
        summary=listed,
        tags=["clients"],
        parameters=[BY_CODE, ListQuery],
        responses=page_of(row, f"Client{name.title()}Page"),
    )
    read = shape(action(detail=True, methods=["get"], url_path=name)(listing))
    shape = extend_schema(
        operation_id=f"clients_{name}_add",
        summary=added,
        tags=["clients"],
        parameters=[BY_CODE, KEY],
        request=body,
        responses={201: row},
        examples=[OpenApiExample("add", value=example, summary=added, request_only=True)],
    )
    add = shape(read.mapping.post(adding))
    return read, add


class ArchiveOfClient:
    """The part of the clients' view that is for the house alone."""

    contacts_listing, contacts_adding = below(
        "contacts",
        Contact,
        CONTACTS,
        shapes.ContactFull,
        shapes.ContactNew,
        _("Contacts of a client, with numbers and wishes"),
        _("Add a contact"),
        {
            "name": "Zhou",
            "phones": [{"number": "0755-8888 8866"}, {"kind": "fax", "number": "0755-8888 8867"}],
        },
    )
    sites_listing, sites_adding = below(
        "sites",
        Site,
        SITES,
        shapes.SiteFull,
        shapes.SiteNew,
        _("Sites of a client"),
        _("Add a site"),
        {"name": "North campus", "address": "1 Hospital Road"},
    )
    systems_listing, systems_adding = below(
        "systems",
        System,
        SYSTEMS,
        shapes.SystemFull,
        shapes.SystemNew,
        _("Systems of a client, with all that is known of them"),
        _("Add a system"),
        {"name": "LIS", "version": "3.0", "in_service_since": "2026-10-01"},
    )
    contracts_listing, contracts_adding = below(
        "contracts",
        Contract,
        CONTRACTS,
        shapes.ContractFull,
        shapes.ContractNew,
        _("Contracts of a client"),
        _("Add a contract"),
        {"number": "HT-2027-1", "starts_on": "2027-01-01", "ends_on": "2029-12-31"},
    )

    @extend_schema(
        operation_id="clients_create",
        summary=_("Add a client"),
        tags=["clients"],
        parameters=[KEY],
        request=shapes.ClientNew,
        responses={201: shapes.ClientFull},
        examples=[OpenApiExample("client", value=NEW_CLIENT, summary=_("Add a client"), request_only=True)],
    )
    def create(self: Any, request: Request) -> Response:
        now = timezone.now()

        def do() -> Response:
            house_only(request)
            client = keep(Client(), checked(shapes.ClientNew, request.data), by=request.user, now=now)
            response = self.full(client.pk, status=201)
            address = reverse("api:client-detail", args=[client.code])
            response.headers["Location"] = request.build_absolute_uri(address)
            return response

        return once(request, do, required=False, now=now)

    @extend_schema(
        operation_id="clients_change",
        summary=_("Change a client"),
        tags=["clients"],
        parameters=[BY_CODE, KEY, IF_MATCH],
        request=shapes.ClientChange,
        responses=shapes.ClientFull,
        examples=[
            OpenApiExample(
                "change",
                value={"taboos": "Never call the wards", "language": "zh-hans"},
                summary=_("Change a client"),
                request_only=True,
            )
        ],
    )
    @action(detail=True, methods=["post"], url_path="change")
    def change_client(self: Any, request: Request, code: str) -> Response:
        now = timezone.now()

        def do() -> Response:
            client = self.client_here()
            revision = revision_wanted(request, client)
            keep(
                client,
                checked(shapes.ClientChange, request.data),
                by=request.user,
                now=now,
                revision=revision,
            )
            return self.full(client.pk)

        return once(request, do, required=False, now=now)

    @extend_schema(
        operation_id="clients_archive",
        summary=_("All that the archive holds of a client himself"),
        tags=["clients"],
        parameters=[BY_CODE],
        responses=shapes.ClientFull,
    )
    @action(detail=True, methods=["get"], url_path="archive")
    def archive(self: Any, request: Request, code: str) -> Response:
        return self.full(self.client_here().pk)

    @extend_schema(
        operation_id="clients_history",
        summary=_("Changes of the archive, newest first"),
        tags=["clients"],
        parameters=[BY_CODE, ListQuery],
        responses=page_of(shapes.EntryRow, "ArchiveEntryPage"),
    )
    @action(detail=True, methods=["get"], url_path="history")
    def history(self: Any, request: Request, code: str) -> Response:
        query, client = self.asked(ListQuery), self.client_here()
        rows = ArchiveEntry.objects.visible_to(request.user).filter(client=client).select_related("by")
        context = {"user": request.user}
        return self.page(
            rows,
            query,
            order="-pk",
            shown=lambda found: shapes.EntryRow(found, many=True, context=context).data,
        )

    @extend_schema(
        operation_id="clients_reach",
        summary=_("How a client, or one of his contacts, is to be reached"),
        tags=["clients"],
        parameters=[BY_CODE, ReachQuery],
        responses=shapes.ReachRow,
    )
    @action(detail=True, methods=["get"], url_path="reach")
    def reach(self: Any, request: Request, code: str) -> Response:
        query, client = self.asked(ReachQuery), self.client_here()
        contact = None
        if "contact" in query:
            contact = client.contacts.filter(pk=query["contact"]).first()
            if contact is None:
                raise Http404
        return Response(shapes.ReachRow(how_to_reach(client, contact, timezone.now())).data)

    def client_here(self: Any) -> Client:
        """The client of this address, for the house; a double's code leads to whom it was merged into."""
        house_only(self.request)
        visible = Client.objects.visible_to(self.request.user).select_related("group", "type", "hours")
        client = visible.filter(code=self.kwargs["code"]).first()
        if client is not None and client.merged_into_id:
            client = visible.filter(pk=client.merged_into_id).first()
        if client is None:
            raise Http404
        return client

    def full(self: Any, pk: int, status: int = 200) -> Response:
        rows = Client.objects.select_related("type", "group", "hours", "merged_into").prefetch_related(
            *WISHES
        )
        client = rows.get(pk=pk)
        data = shapes.ClientFull(client).data
        return Response(data, status=status, headers={"ETag": etag_of(client)})
