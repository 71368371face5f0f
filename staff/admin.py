"""The administrators' rooms: people and groups to edit, notices and tokens to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from staff.models import ApiToken, Delivery, Group, Notice, NoticeChannel, User, WebhookHost


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only actions write: the administrator looks."""

    def has_add_permission(self, request: HttpRequest, *_more: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Group)
class GroupAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "name_en"]


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ["username", "name", "role", "group", "management_level", "is_active"]
    list_filter = ["role", "group", "is_active"]
    list_select_related = ["group"]
    search_fields = ["username", "name", "name_en", "email"]
    ordering = ["username"]
    who = (
        _("Person"),
        {"fields": ("name", "name_en", "role", "group", "management_level", "phone", "email")},
    )
    fieldsets = [
        (None, {"fields": ("username", "password")}),
        who,
        (
            _("How it looks"),
            {"fields": ("language", "theme", "density", "time_format", "email_notices", "single_keys")},
        ),
        (_("Sign-in"), {"fields": ("is_active", "is_staff", "is_superuser", "last_login", "date_joined")}),
    ]
    add_fieldsets = [(None, {"fields": ("username", "usable_password", "password1", "password2")}), who]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A person who leaves is made inactive: his records stay his."""
        return False


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "recipient", "kind", "read_at"]
    list_filter = ["kind"]
    list_select_related = ["recipient"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["notice", "channel", "state", "attempts", "next_try_at", "sent_at", "error"]
    list_filter = ["state", "channel"]
    list_select_related = ["notice"]


@admin.register(NoticeChannel)
class NoticeChannelAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "owner", "group", "hint", "is_active", "failing_since", "error"]
    list_filter = ["kind", "is_active"]
    list_select_related = ["owner", "group"]
    exclude = ["address", "secret"]


@admin.register(WebhookHost)
class WebhookHostAdmin(admin.ModelAdmin):
    list_display = ["name", "note"]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ["prefix", "user", "name", "may_write", "expires_at", "revoked_at", "last_used_at"]
    list_select_related = ["user"]
    exclude = ["digest"]
