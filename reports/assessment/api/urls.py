"""The addresses of assessments under /api/v1/assessments/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from reports.assessment.api.assessments import AssessmentViewSet, SchemeViewSet

router = SimpleRouter()
router.register("schemes", SchemeViewSet, basename="assessment-scheme")
router.register("", AssessmentViewSet, basename="assessment")

urlpatterns = [path("", include(router.urls))]
