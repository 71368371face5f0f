"""Addresses of callbacks, and of what they collect."""

from django.urls import path

from visits.views import callback, collected, drawn, plans, site, steps, today

app_name = "visits"
urlpatterns = [
    path("", today.today, name="today"),
    path("new/", steps.arrange, name="arrange"),
    path("<int:pk>/", callback.show, name="callback"),
    path("<int:pk>/reached/", callback.reached, name="reached"),
    path("<int:pk>/draft/", callback.draft, name="draft"),
    path("<int:pk>/draft/discard/", callback.discard, name="discard_draft"),
    path("<int:pk>/attendance/", site.attendance, name="attendance"),
    path("<int:pk>/files/", site.attach, name="attach"),
    path("<int:pk>/files/<int:file>/", site.file, name="file"),
    path("<int:pk>/sheet/", site.sheet, name="sheet"),
    path("<int:pk>/<slug:step>/", steps.take, name="step"),
    path("plans/", plans.plans, name="plans"),
    path("plans/<slug:code>/", plans.edit, name="plan"),
    path("guides/<slug:kind>/", plans.script, name="script"),
    path("drawn/", drawn.drawn, name="drawn"),
    path("needs/", collected.needs, name="needs"),
    path("needs/new/", collected.new_need, name="need_create"),
    path("needs/<int:pk>/", collected.need, name="need"),
    path("promises/", collected.promises, name="promises"),
    path("promises/<int:pk>/close/", collected.close, name="promise_close"),
    path("opinions/", collected.opinions, name="opinions"),
]
