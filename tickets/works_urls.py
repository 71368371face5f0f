"""Addresses of changes, their calendar and their types."""

from django.urls import URLPattern, path

from tickets.views import changepapers, changes, works

app_name = "changes"
urlpatterns: list[URLPattern] = [
    path("", changes.changes, name="list"),
    path("new/", changes.create, name="create"),
    path("calendar/", works.calendar, name="calendar"),
    path("types/", works.types, name="types"),
    path("types/new/", works.edit_type, name="type_create"),
    path("types/<int:pk>/", works.edit_type, name="type_edit"),
    path("<int:pk>/", changes.change, name="change"),
    path("<int:pk>/paper/<slug:kind>/", changepapers.paper, name="paper"),
    path("<int:pk>/paper/<slug:kind>/<slug:form>/", changepapers.paper_file, name="paper_file"),
    path("<int:pk>/<slug:step>/", changes.take_step, name="step"),
]
