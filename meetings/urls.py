"""The addresses of meetings under /meetings/."""

from django.urls import path

from meetings.views import decisions, meetings, minutes, plans, room, steps

app_name = "meetings"
urlpatterns = [
    path("", meetings.meetings, name="list"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/<int:pk>/", decisions.decision, name="decision"),
    path("plans/", plans.plans, name="plans"),
    path("plans/<slug:code>/", plans.edit, name="plan"),
    path("<int:pk>/", meetings.meeting, name="meeting"),
    path("<int:pk>/invitation.ics", meetings.invitation, name="invitation"),
    path("<int:pk>/rows/<slug:source>/", meetings.rows, name="rows"),
    path("<int:pk>/room/", room.room, name="room"),
    path("<int:pk>/minutes/", minutes.minutes, name="minutes"),
    path("<int:pk>/minutes/<slug:form>/", minutes.give_out, name="minutes_file"),
    path("<int:pk>/items/<int:item>/remove/", steps.remove_item, name="remove_item"),
    path("<int:pk>/<slug:step>/", steps.take, name="step"),
]
