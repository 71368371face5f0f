"""The editor of the policy: limits, report-up rules, hotlines. Records are changed by their verbs alone."""

from django.contrib import admin

from tickets.models import EscalationRule, Hotline, TimeLimit, Window


@admin.register(TimeLimit)
class TimeLimitAdmin(admin.ModelAdmin):
    list_display = ["kind", "grade", "limit", "round_the_clock", "near_percent", "contract", "source"]
    list_filter = ["kind", "grade"]
    list_select_related = ["contract"]
    raw_id_fields = ["contract"]


@admin.register(EscalationRule)
class EscalationRuleAdmin(admin.ModelAdmin):
    list_display = ["kind", "grade", "after", "percent", "target", "convenes", "is_active", "source"]
    list_filter = ["kind", "grade", "target", "convenes", "is_active"]

    def has_delete_permission(self, request, obj=None) -> bool:
        """A rule is switched off, not deleted: what it fired must stay explicable."""
        return False


@admin.register(Window)
class WindowAdmin(admin.ModelAdmin):
    list_display = ["kind", "span", "source"]


@admin.register(Hotline)
class HotlineAdmin(admin.ModelAdmin):
    list_display = ["group", "number", "note", "note_en"]
    list_select_related = ["group"]
