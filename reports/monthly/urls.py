"""The addresses of monthly reports under /reports/monthly/. What follows `feeds/` is masked in our logs."""

from django.urls import path

from reports.monthly.views import archive, calendar, report, terms

app_name = "monthly"
urlpatterns = [
    path("", archive.archive, name="archive"),
    path("terms/", terms.set_terms, name="terms"),
    path("feeds/<str:token>/monthly.ics", calendar.calendar, name="calendar"),
    path("clients/<slug:code>/", terms.agree, name="client"),
    path("<int:pk>/", report.report, name="report"),
    path("<int:pk>/keep/", report.keep, name="keep"),
    path("<int:pk>/progress/", report.progress, name="progress"),
    path("<int:pk>/<str:language>.<str:form>", report.give_out, name="file"),
    path("<int:pk>/<slug:step>/", report.take, name="step"),
]
