"""Addresses of figures in the REST interface."""

from django.urls import path

from reports.api import kpis

urlpatterns = [
    path("kpis/", kpis.KpisView.as_view(), name="kpis"),
    path("kpis/<slug:kpi>/", kpis.KpiView.as_view(), name="kpi"),
    path("kpis/<slug:kpi>/values/", kpis.ValuesView.as_view(), name="kpi-values"),
    path("phone-days/", kpis.PhoneDaysView.as_view(), name="phone-days"),
]
