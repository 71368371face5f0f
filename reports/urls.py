"""Addresses of the figures and of the rows behind them."""

from django.urls import include, path

from reports.views import dashboard

app_name = "reports"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("", include("reports.kpi_urls")),
    path("reported/", dashboard.reported, name="reported"),
    path("assessment/", include("reports.assessment.urls")),
]
