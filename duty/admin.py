"""The calendar and the roster to look at: both are changed on their own pages, by actions."""

from django.contrib import admin

from duty.models import CalendarDay, CalendarYear, Shift
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
    list_display = ["group", "user", "role", "starts_at", "ends_at"]
    list_filter = ["group", "role"]
    list_select_related = ["group", "user"]
