"""Addresses of the figures and of the rows behind them."""

from django.urls import include, path, re_path

from reports.views import board, boardfiles, calls, whose

app_name = "reports"
urlpatterns = [
    path("", board.dashboard, name="dashboard"),
    path("mine/", board.mine, name="mine"),
    path("table/", board.table, name="table"),
    path("course/", board.course, name="course"),
    path("parts/<slug:key>/", board.part, name="part"),
    path("whose/", whose.whose, name="whose"),
    path("export/<slug:form>/", boardfiles.export, name="export"),
    path("reported/", calls.reported, name="reported"),
    path("solved/", calls.solved, name="solved"),
    re_path(r"^(?P<which>reported|solved)\.(?P<form>csv|xlsx)$", calls.export, name="calls_export"),
    path("monthly/", include("reports.monthly.urls")),
    path("", include("reports.kpi_urls")),
    path("wall/", include("reports.wall.urls")),
    path("assessment/", include("reports.assessment.urls")),
]
