"""The calendar and the roster to look at: both are changed on their own pages, by actions."""

from django.contrib import admin

from duty.models import (
    CalendarDay,
    CalendarYear,
    EmptyShift,
    Feed,
    Leave,
    Override,
    RosterEvent,
    Rotation,
    Shift,
    SwapRequest,
)
from staff.admin import ReadOnlyAdmin


@admin.register(CalendarYear)
class CalendarYearAdmin(ReadOnlyAdmin):
    list_display = ["year", "is_official", "source"]


@admin.register(CalendarDay)
class CalendarDayAdmin(ReadOnlyAdmin):
    list_display = ["date", "kind", "name", "name_en", "source", "is_edited"]
    list_filter = ["kind", "is_edited"]
    date_hierarchy = "date"


@admin.register(Shift)
class ShiftAdmin(ReadOnlyAdmin):
    list_display = ["group", "user", "role", "starts_at", "ends_at", "source"]
    list_filter = ["group", "role"]
    list_select_related = ["group", "user"]


@admin.register(EmptyShift)
class EmptyShiftAdmin(ReadOnlyAdmin):
    list_display = ["group", "user", "role", "starts_at", "ends_at"]
    list_select_related = ["group", "user"]


@admin.register(Rotation)
class RotationAdmin(ReadOnlyAdmin):
    list_display = ["group", "name", "role", "starts", "ends", "since", "until"]
    list_filter = ["group", "role"]
    list_select_related = ["group"]


@admin.register(Override)
class OverrideAdmin(ReadOnlyAdmin):
    list_display = ["group", "kind", "role", "user", "instead_of", "starts_at", "ends_at", "ended_at"]
    list_select_related = ["group", "user", "instead_of"]


@admin.register(Leave)
class LeaveAdmin(ReadOnlyAdmin):
    list_display = ["user", "starts_at", "ends_at", "state"]
    list_filter = ["state"]
    list_select_related = ["user"]


@admin.register(SwapRequest)
class SwapRequestAdmin(ReadOnlyAdmin):
    list_display = ["group", "user", "role", "starts_at", "ends_at", "state", "taker"]
    list_filter = ["state"]
    list_select_related = ["group", "user", "taker"]


@admin.register(Feed)
class FeedAdmin(ReadOnlyAdmin):
    list_display = ["user", "kind", "created_at", "revoked_at", "read_at"]
    list_filter = ["kind"]
    list_select_related = ["user"]
    fields = ["user", "kind", "created_at", "revoked_at", "read_at"]


@admin.register(RosterEvent)
class RosterEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "group", "kind", "by", "person", "note"]
    list_filter = ["kind", "group"]
    list_select_related = ["group", "by", "person"]
