"""Clients and their systems through the REST interface: lists, and one client with his contacts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from clients.api.archive import ArchiveOfClient
from clients.api.things import SystemThing
from clients.models import Channel, Client, Contact, System
from staff.rest import Coded, ListQuery, Named, Person, RestView, page_of

CODE = r"[-a-zA-Z0-9_]{1,50}"


class ClientRow(Coded):
    """A client."""

    type = Coded()
    group = Coded()
    hours = Coded(help_text=_("The hours in which he is served."))
    address = serializers.CharField()
    preferred_channel = serializers.ChoiceField(Channel.choices, allow_blank=True)
    preferences = serializers.CharField(allow_null=True, help_text=_("Habits and preferences (§4.3)."))
    is_active = serializers.BooleanField()

    def to_representation(self, client: Client) -> dict[str, Any]:
        """Write out what the fields describe: lists are read far too often to ask each field of each row."""
        return _coded(client) | {
            "type": _coded(client.type),
            "group": _coded(client.group),
            "hours": _coded(client.hours),
            "address": client.address,
            "preferred_channel": client.preferred_channel,
            # What the house has written down about a client's habits is not for him.
            "preferences": None if self.context["user"].is_contact else client.preferences,
            "is_active": client.is_active,
        }


def _coded(thing: Any) -> dict[str, Any]:
    return {"id": thing.code, "name": thing.name, "name_en": thing.name_en}


class ContactSerializer(Named):
    """A contact by name and position. Numbers and addresses are not given out here."""

    job_title = serializers.CharField()
    is_active = serializers.BooleanField()


class ClientSerializer(ClientRow):
    """A client with his contacts."""

    contacts = serializers.SerializerMethodField()

    @extend_schema_field(ContactSerializer(many=True))
    def get_contacts(self, client: Client) -> list[dict[str, Any]]:
        contacts = Contact.objects.visible_to(self.context["user"]).filter(client=client)
        return ContactSerializer(contacts, many=True).data

    def to_representation(self, client: Client) -> dict[str, Any]:
        return super().to_representation(client) | {"contacts": self.get_contacts(client)}


class SystemSerializer(Named):
    """A system in use at a client, with its dedicated maintainer and his backup (§5.1)."""

    client = Coded()
    kind = serializers.CharField()
    version = serializers.CharField()
    environment = serializers.CharField()
    maintainer = Person(allow_null=True)
    backup = Person(allow_null=True)
    is_active = serializers.BooleanField()


class ClientQuery(ListQuery):
    q = serializers.CharField(required=False, max_length=100, help_text=_("Part of the code or the name."))


class SystemQuery(ListQuery):
    client = serializers.CharField(required=False, max_length=50, help_text=_("Code of a client."))


class ClientViewSet(ArchiveOfClient, RestView, ViewSet):
    lookup_field = "code"
    lookup_value_regex = CODE

    @extend_schema(
        operation_id="clients_list",
        summary=_("Clients, by code"),
        tags=["clients"],
        parameters=[ClientQuery],
        responses=page_of(ClientRow, "ClientPage"),
    )
    def list(self, request: Request) -> Response:
        query = self.asked(ClientQuery)
        rows = self._visible().matching(query["q"]) if "q" in query else self._visible()
        return self.page(
            rows, query, order="code", shown=lambda found: self._shown(ClientRow, found, many=True)
        )

    @extend_schema(
        operation_id="clients_read",
        summary=_("One client with his contacts"),
        tags=["clients"],
        parameters=[OpenApiParameter("code", OpenApiTypes.STR, OpenApiParameter.PATH)],
        responses=ClientSerializer,
    )
    def retrieve(self, request: Request, code: str) -> Response:
        client = self._visible().filter(code=code).first()
        if client is not None and client.merged_into_id:  # a double's code leads to whom it is part of
            client = self._visible().filter(pk=client.merged_into_id).first()
        if client is None:
            raise Http404
        return Response(self._shown(ClientSerializer, client))

    def _visible(self) -> QuerySet[Client]:
        return Client.objects.visible_to(self.request.user).select_related("type", "group", "hours")

    def _shown(self, serializer: type[serializers.Serializer], what: Any, **more: Any) -> Any:
        return serializer(what, context={"user": self.request.user}, **more).data


class SystemViewSet(SystemThing):
    @extend_schema(
        operation_id="systems_list",
        summary=_("Systems in use"),
        tags=["clients"],
        parameters=[SystemQuery],
        responses=page_of(SystemSerializer, "SystemPage"),
    )
    def list(self, request: Request) -> Response:
        query = self.asked(SystemQuery)
        rows = System.objects.visible_to(request.user).select_related("client", "maintainer", "backup")
        if "client" in query:
            rows = rows.filter(client__code=query["client"])
        context = {"user": request.user}
        return self.page(
            rows,
            query,
            order="pk",
            shown=lambda found: SystemSerializer(found, many=True, context=context).data,
        )
