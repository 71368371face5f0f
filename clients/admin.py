"""What an administrator keeps of the archive: types and service hours. The rest has its own pages."""

from django.contrib import admin

from clients.models import ClientType, ServiceHours, ServiceSpan


class SpanInline(admin.TabularInline):
    model = ServiceSpan
    extra = 1


@admin.register(ServiceHours)
class ServiceHoursAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "name_en", "round_the_clock", "open_on_holidays"]
    inlines = [SpanInline]


@admin.register(ClientType)
class ClientTypeAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "name_en"]
