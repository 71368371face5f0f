"""Addresses of statistics, corrective actions and complaints."""

from django.urls import URLPattern, path, re_path

from surveys.views import complaints, corrective, statistics

app_name = "satisfaction"
urlpatterns: list[URLPattern] = [
    path("corrective/", corrective.correctives, name="correctives"),
    path("corrective/terms/", corrective.terms, name="corrective_terms"),
    path("corrective/<int:pk>/", corrective.corrective, name="corrective"),
    path("corrective/<int:pk>/<slug:step>/", corrective.take_step, name="corrective_step"),
    re_path(
        r"^corrective/open/(?P<kind>record|client)/(?P<of>[0-9]{1,18})/$",
        corrective.open_from,
        name="corrective_open",
    ),
    path("", statistics.statistics, name="statistics"),
    path("comments/", statistics.comments, name="comments"),
    re_path(r"^export\.(?P<form>csv|xlsx|pdf)$", statistics.export, name="statistics_export"),
    path("complaints/", complaints.complaints, name="complaints"),
    path("complaints/<int:pk>/", complaints.complaint, name="complaint"),
]
