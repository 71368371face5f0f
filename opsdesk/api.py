"""The REST interface: every address under /api/v1/."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from clients.api import ClientViewSet, SystemViewSet
from opsdesk.apidocs import NoSuchAddress, SchemaView, docs
from staff.api import MeView
from tickets.toolsapi import ReplyViewSet, TicketTools

app_name = "api"
router = SimpleRouter()
router.register("tickets", TicketTools, basename="ticket")
router.register("clients", ClientViewSet, basename="client")
router.register("replies", ReplyViewSet, basename="reply")
router.register("systems", SystemViewSet, basename="system")

urlpatterns = [
    path("", include(router.urls)),
    path("me/", MeView.as_view(), name="me"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    re_path("", NoSuchAddress.as_view()),
]
