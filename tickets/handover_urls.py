"""Addresses of handovers: a group's change of duty is named by the group and the instant."""

from django.urls import path

from tickets.views import handovers

app_name = "handovers"
urlpatterns = [
    path("", handovers.handovers, name="list"),
    path("<slug:code>/now/", handovers.now, name="now"),
    path("<slug:code>/terms/", handovers.terms, name="terms"),
    path("<slug:code>/<str:stamp>/", handovers.one, name="one"),
    path("<slug:code>/<str:stamp>/draft/", handovers.keep, name="draft"),
    path("<slug:code>/<str:stamp>/<slug:step>/", handovers.take_step, name="step"),
]
