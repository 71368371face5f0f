"""The process register to look at; what is to be changed is changed on its own pages."""

from __future__ import annotations

from django.contrib import admin

from audits.models import ProcessVersion, Suggestion
from staff.admin import ReadOnlyAdmin


@admin.register(ProcessVersion)
class ProcessVersionAdmin(ReadOnlyAdmin):
    list_display = ["number", "state", "in_force_on", "published_at"]


@admin.register(Suggestion)
class SuggestionAdmin(ReadOnlyAdmin):
    list_display = ["number", "clause", "by", "state", "filed_at", "due_at"]
    list_filter = ["state"]
    list_select_related = ["clause", "by"]
