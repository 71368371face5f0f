from django.urls import path

from tickets.views import detail, intake, listing, policy, similar

app_name = "tickets"
urlpatterns = [
    path("", listing.tickets, name="list"),
    path("new/", intake.create, name="create"),
    path("new/caller/", intake.caller, name="caller"),
    path("new/grade/", intake.proposal, name="proposal"),
    path("new/similar/", similar.found, name="similar"),
    path("policy/", policy.policy, name="policy"),
    path("<int:pk>/", detail.detail, name="detail"),
    path("<int:pk>/<slug:verb>/", detail.act, name="act"),
]
