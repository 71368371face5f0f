"""The client archive through the REST interface."""

from clients.api.reading import ClientRow, ClientViewSet, SystemViewSet
from clients.api.things import ContactViewSet, ContractViewSet, SiteViewSet, TypesView

__all__ = [
    "ClientRow",
    "ClientViewSet",
    "ContactViewSet",
    "ContractViewSet",
    "SiteViewSet",
    "SystemViewSet",
    "TypesView",
]
