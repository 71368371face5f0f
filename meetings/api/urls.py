"""The addresses of meetings under /api/v1/meetings/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from meetings.api.decisions import DecisionViewSet
from meetings.api.meetings import MeetingViewSet

router = SimpleRouter()
router.register("decisions", DecisionViewSet, basename="decision")
router.register("", MeetingViewSet, basename="meeting")

urlpatterns = [path("", include(router.urls))]
