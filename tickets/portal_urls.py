"""Addresses of the portal, below /portal/."""

from django.urls import path

from tickets.views import documents, portal, portalremote

app_name = "portal"
urlpatterns = [
    path("", portal.reports, name="reports"),
    path("new/", portal.new, name="new"),
    path("new/draft/", portal.draft, name="draft"),
    path("new/draft/discard/", portal.discard, name="discard"),
    path("<int:pk>/", portal.report, name="report"),
    path("<int:pk>/remote/<int:authorisation>/withdraw/", portalremote.withdraw, name="withdraw_remote"),
    path("<int:pk>/documents/<int:document>/", documents.show_to_client, name="document"),
    path("<int:pk>/<slug:saying>/", portal.say, name="say"),
]
