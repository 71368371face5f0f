"""The addresses of callbacks under /api/v1/callbacks/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from visits.api.callbacks import CallbackViewSet
from visits.api.collected import NeedViewSet, OpinionViewSet, PromiseViewSet
from visits.api.plans import DrawViewSet, PlanViewSet

router = SimpleRouter()
router.register("needs", NeedViewSet, basename="need")
router.register("promises", PromiseViewSet, basename="promise")
router.register("opinions", OpinionViewSet, basename="opinion")
router.register("plans", PlanViewSet, basename="callback-plan")
router.register("drawn", DrawViewSet, basename="callback-draw")
router.register("", CallbackViewSet, basename="callback")

urlpatterns = [path("", include(router.urls))]
