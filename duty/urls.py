"""Addresses of the roster and the working calendar."""

from django.urls import path

from duty.views import board, calendar

app_name = "duty"
urlpatterns = [
    path("", board.now, name="now"),
    path("groups/<slug:code>/shifts/new/", board.create_shift, name="shift_create"),
    path("shifts/<int:pk>/remove/", board.take_back, name="shift_remove"),
    path("calendar/", calendar.this_year, name="calendar"),
    path("calendar/<int:year>/", calendar.year, name="calendar_year"),
    path("calendar/<int:year>/<int:month>/<int:day>/", calendar.edit, name="calendar_day"),
]
