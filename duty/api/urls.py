"""The addresses of the roster and the calendar under /api/v1/duty/."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from duty.api.calendar import CalendarDayView, CalendarYearView
from duty.api.changes import CandidatesView, ChangeViewSet
from duty.api.counts import CountsView
from duty.api.drafts import DraftViewSet
from duty.api.leave import LeaveViewSet
from duty.api.reading import CoverView, EventsView, HolesView, OnDutyView, RemoveShiftView, ShiftsView
from duty.api.rotations import RotationViewSet, TermsView
from duty.api.shapes import DAY, GROUP, YEAR
from duty.api.swaps import SwapViewSet, WishesView, WishView
from duty.api.temporary import TemporaryViewSet
from staff.restaddresses import ID

router = SimpleRouter()
router.register("rotations", RotationViewSet, basename="rotation")
router.register("changes", ChangeViewSet, basename="change")
router.register("temporary", TemporaryViewSet, basename="temporary")
router.register("leave", LeaveViewSet, basename="leave")
router.register("swaps", SwapViewSet, basename="swap")
router.register("drafts", DraftViewSet, basename="draft")

urlpatterns = [
    path("", include(router.urls)),
    path("now/", OnDutyView.as_view(), name="duty-now"),
    path("shifts/", ShiftsView.as_view(), name="duty-shifts"),
    re_path(rf"^shifts/(?P<shift>{ID})/remove/$", RemoveShiftView.as_view(), name="shift-remove"),
    path("gaps/", HolesView.as_view(), name="duty-gaps"),
    path("cover/", CoverView.as_view(), name="duty-cover"),
    path("counts/", CountsView.as_view(), name="duty-counts"),
    path("events/", EventsView.as_view(), name="duty-events"),
    re_path(rf"^groups/(?P<group>{GROUP})/terms/$", TermsView.as_view(), name="duty-terms"),
    re_path(rf"^groups/(?P<group>{GROUP})/candidates/$", CandidatesView.as_view(), name="duty-candidates"),
    path("wishes/", WishesView.as_view(), name="wishes"),
    re_path(rf"^wishes/(?P<day>{DAY})/$", WishView.as_view(), name="wish"),
    re_path(rf"^calendar/(?P<year>{YEAR})/$", CalendarYearView.as_view(), name="calendar-year"),
    re_path(rf"^calendar/(?P<day>{DAY})/$", CalendarDayView.as_view(), name="calendar-day"),
]
