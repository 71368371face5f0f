"""The addresses of quality audits under /api/v1/quality/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from audits.api.audits import AuditViewSet
from audits.api.findings import FindingViewSet
from audits.api.plan import PlannedAuditViewSet

router = SimpleRouter()
router.register("plan", PlannedAuditViewSet, basename="planned-audit")
router.register("audits", AuditViewSet, basename="audit")
router.register("findings", FindingViewSet, basename="finding")

urlpatterns = [path("", include(router.urls))]
