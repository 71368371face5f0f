"""The addresses of a client's monthly reports under /portal/monthly/."""

from django.urls import path

from reports.monthly.views import portal

app_name = "monthly_portal"
urlpatterns = [
    path("", portal.reports, name="reports"),
    path("<int:pk>/", portal.report, name="report"),
    path("<int:pk>/<str:language>.<str:form>", portal.give_out, name="file"),
]
