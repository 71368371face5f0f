from django.urls import path

from tickets.views import bulk, detail, drafts, export, intake, listing, policy, saved, similar

app_name = "tickets"
urlpatterns = [
    path("", listing.tickets, name="list"),
    path("new/", intake.create, name="create"),
    path("new/caller/", intake.caller, name="caller"),
    path("new/grade/", intake.proposal, name="proposal"),
    path("new/draft/", drafts.save, name="draft"),
    path("new/draft/discard/", drafts.discard, name="discard_draft"),
    path("live/", listing.live, name="live"),
    path("live/desk/", listing.live_desk, name="live_desk"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("bulk/undo/", bulk.undo, name="undo"),
    path("views/", saved.save, name="save_view"),
    path("views/<int:pk>/delete/", saved.delete, name="delete_view"),
    path("export.csv", export.export_csv, name="export"),
    path("export.xlsx", export.export_xlsx, name="export_xlsx"),
    path("new/similar/", similar.found, name="similar"),
    path("policy/", policy.policy, name="policy"),
    path("<int:pk>/", detail.detail, name="detail"),
    path("<int:pk>/presence/", detail.presence, name="presence"),
    path("<int:pk>/logged/", intake.logged, name="logged"),
    path("<int:pk>/call/", intake.add_call, name="add_call"),
    path("<int:pk>/<slug:verb>/", detail.act, name="act"),
]
