"""Addresses of the wall-board of operations. What follows `feeds/` is masked in our logs."""

from django.urls import path

from reports.wall import views

urlpatterns = [
    path("", views.wall, name="wall"),
    path("feeds/<str:token>/", views.wall_feed, name="wall_feed"),
    path("addresses/", views.addresses, name="wall_addresses"),
    path("addresses/<int:pk>/revoke/", views.revoke, name="wall_revoke"),
]
