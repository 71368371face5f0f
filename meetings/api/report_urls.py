"""The addresses of weekly reports under /api/v1/weekly-reports/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from meetings.api.reports import WeeklyReportViewSet

router = SimpleRouter()
router.register("", WeeklyReportViewSet, basename="weekly-report")

urlpatterns = [path("", include(router.urls))]
