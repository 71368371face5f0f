"""Addresses of the client archive."""

from django.urls import path

from clients.views import archive, editing, files, lookup, transfer, types

app_name = "clients"
urlpatterns = [
    path("", archive.listing, name="list"),
    path("new/", editing.create_client, name="create"),
    path("<int:pk>/", archive.detail, name="detail"),
    path("<int:pk>/standing/", archive.standing, name="standing"),
    path("excel/", transfer.transfer, name="transfer"),
    path("excel/template/", transfer.template, name="template"),
    path("excel/export/", transfer.export, name="export"),
    path("ending/", archive.ending, name="ending"),
    path("types/", types.types, name="types"),
    path("types/new/", types.create_type, name="type_create"),
    path("types/terms/", types.terms, name="terms"),
    path("types/<int:pk>/", types.edit_type, name="type_edit"),
    path("<int:pk>/contracts/", archive.contracts, name="contracts"),
    path("<int:pk>/history/", archive.history, name="history"),
    path("<int:pk>/sites/new/", editing.add_site, name="site_add"),
    path("sites/<int:pk>/edit/", editing.edit_site, name="site_edit"),
    path("documents/<int:pk>/", files.show, name="file"),
    path("documents/<int:pk>/remove/", files.remove, name="file_remove"),
    path("<int:pk>/documents/new/", files.add, {"of": "client"}, name="client_file_add"),
    path("systems/<int:pk>/documents/new/", files.add, {"of": "system"}, name="system_file_add"),
    path("contracts/<int:pk>/documents/new/", files.add, {"of": "contract"}, name="contract_file_add"),
    path("<int:pk>/edit/", editing.edit_client, name="edit"),
    path("<int:pk>/contacts/new/", editing.add_contact, name="contact_add"),
    path("contacts/<int:pk>/edit/", editing.edit_contact, name="contact_edit"),
    path("<int:pk>/systems/new/", editing.add_system, name="system_add"),
    path("systems/<int:pk>/edit/", editing.edit_system, name="system_edit"),
    path("<int:pk>/contracts/new/", editing.add_contract, name="contract_add"),
    path("contracts/<int:pk>/edit/", editing.edit_contract, name="contract_edit"),
    path("lookup/", lookup.lookup, name="lookup"),
]
