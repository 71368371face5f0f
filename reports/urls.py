"""Addresses of the figures and of the rows behind them."""

from django.urls import include, path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("rows/", views.rows, name="rows"),
    path("reported/", views.reported, name="reported"),
    path("wall/", include("reports.wall.urls")),
]
