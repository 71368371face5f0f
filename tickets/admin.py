"""The editor of windows and hotlines. Limits and rules have their own: tickets/views/policydraft.py."""

from django.contrib import admin

from tickets.models import Hotline, Window


@admin.register(Window)
class WindowAdmin(admin.ModelAdmin):
    list_display = ["kind", "span", "source"]


@admin.register(Hotline)
class HotlineAdmin(admin.ModelAdmin):
    list_display = ["group", "number", "note", "note_en"]
    list_select_related = ["group"]
