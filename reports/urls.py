"""Addresses of the figures and of the rows behind them."""

from django.urls import include, path

from reports.views import dashboard

app_name = "reports"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("rows/", dashboard.rows, name="rows"),
    path("reported/", dashboard.reported, name="reported"),
    path("assessment/", include("reports.assessment.urls")),
]
