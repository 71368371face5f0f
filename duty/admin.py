"""The calendar and the roster to look at, changed on their own pages; and a person who leaves a roster."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from duty.actions import empty_shifts_of
from duty.models import (
    CalendarDay,
    CalendarYear,
    EmptyShift,
    Feed,
    HoleAlarm,
    Leave,
    Override,
    RosterDraft,
    RosterEvent,
    Rotation,
    Shift,
    SwapRequest,
)
from staff.admin import PersonAdmin, ReadOnlyAdmin
from staff.models import WORKING_ROLES, User


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


@admin.register(RosterDraft)
class RosterDraftAdmin(ReadOnlyAdmin):
    list_display = ["group", "name", "first_day", "last_day", "made_by", "made_at", "published_at"]
    list_filter = ["group"]
    list_select_related = ["group", "made_by"]


@admin.register(Feed)
class FeedAdmin(ReadOnlyAdmin):
    list_display = ["user", "kind", "group", "created_at", "revoked_at", "revoked_by", "read_at"]
    list_filter = ["kind"]
    list_select_related = ["user", "group", "revoked_by"]
    fields = ["user", "kind", "group", "created_at", "revoked_at", "revoked_by", "read_at"]


@admin.register(RosterEvent)
class RosterEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "group", "kind", "by", "person", "note"]
    list_filter = ["kind", "group"]
    list_select_related = ["group", "by", "person"]


@admin.register(HoleAlarm)
class HoleAlarmAdmin(ReadOnlyAdmin):
    list_display = ["group", "role", "starts_at", "ends_at", "step", "told", "found_at", "filled_at"]
    list_filter = ["group", "role"]
    list_select_related = ["group"]


class PersonForm(PersonAdmin.form):  # type: ignore[misc,name-defined]
    """A person with duties ahead leaves his group only on somebody's word that they stay empty."""

    leave_empty = forms.BooleanField(
        label=_("His shifts ahead may become empty"),
        required=False,
        help_text=_("Asked for when somebody with duties ahead is made inactive or leaves his group."),
    )

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk is None or typed.get("leave_empty") or not self.leaves(typed):
            return typed
        ahead = Shift.objects.filter(user=self.instance.pk, ends_at__gt=timezone.now()).order_by("starts_at")
        if count := ahead.count():
            first = timezone.localtime(ahead[0].starts_at)
            message = ngettext(
                "%(count)s duty lies ahead, at %(first)s: give it to somebody else, or tick this.",
                "%(count)s duties lie ahead, the first at %(first)s: give them to others, or tick this.",
                count,
            )
            self.add_error("leave_empty", message % {"count": count, "first": f"{first:%Y-%m-%d %H:%M}"})
        return typed

    def leaves(self, typed: dict[str, Any]) -> bool:
        """Whether he can hold no duty of his group any more."""
        stays = typed.get("is_active") and typed.get("role") in WORKING_ROLES
        return not stays or typed.get("group") != User.objects.get(pk=self.instance.pk).group


admin.site.unregister(User)


@admin.register(User)
class RosteredPersonAdmin(PersonAdmin):
    form = PersonForm

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = list(super().get_fieldsets(request, obj))
        return fieldsets if obj is None else [*fieldsets, (_("Duties"), {"fields": ["leave_empty"]})]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change:
            empty_shifts_of(obj, by=request.user, now=timezone.now())
