"""The addresses of weekly reports under /meetings/reports/."""

from django.urls import path

from meetings.views import reports, reportweeks

app_name = "weekly_reports"
urlpatterns = [
    path("", reports.mine, name="mine"),
    path("draft/", reports.draft, name="draft"),
    path("weeks/", reportweeks.weeks, name="weeks"),
    path("weeks/<str:day>/", reportweeks.week, name="week"),
    path("<int:pk>/", reports.report, name="report"),
    path("<int:pk>/keep/", reports.keep, name="keep"),
    path("<int:pk>/paper/", reports.paper, name="paper"),
    path("<int:pk>/rows/<slug:figure>/", reports.rows, name="rows"),
    path("<int:pk>/<slug:step>/", reports.take, name="step"),
]
