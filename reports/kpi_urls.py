"""Addresses of the KPI dictionary, of the rows behind figures, and of the calls of the telephone."""

from django.urls import path, re_path

from reports.views import dictionary, phone, rows

urlpatterns = [
    path("rows/", rows.rows, name="rows"),
    re_path(r"^rows\.(?P<form>csv|xlsx)$", rows.export, name="rows_export"),
    path("kpis/", dictionary.kpis, name="kpis"),
    path("kpis/<slug:key>/", dictionary.kpi, name="kpi"),
    path("phone/", phone.days, name="phone"),
    path("phone/<int:pk>/", phone.day, name="phone_day"),
]
