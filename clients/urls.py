"""Addresses of the client archive."""

from django.urls import path

from clients.views import archive, editing, lookup

app_name = "clients"
urlpatterns = [
    path("", archive.listing, name="list"),
    path("new/", editing.create_client, name="create"),
    path("<int:pk>/", archive.detail, name="detail"),
    path("<int:pk>/edit/", editing.edit_client, name="edit"),
    path("<int:pk>/contacts/new/", editing.add_contact, name="contact_add"),
    path("contacts/<int:pk>/edit/", editing.edit_contact, name="contact_edit"),
    path("<int:pk>/systems/new/", editing.add_system, name="system_add"),
    path("systems/<int:pk>/edit/", editing.edit_system, name="system_edit"),
    path("<int:pk>/contracts/new/", editing.add_contract, name="contract_add"),
    path("contracts/<int:pk>/edit/", editing.edit_contract, name="contract_edit"),
    path("lookup/", lookup.lookup, name="lookup"),
]
