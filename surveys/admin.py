"""Surveys to look at; what is to be changed is changed on their own pages."""

from __future__ import annotations

from django.contrib import admin

from staff.admin import ReadOnlyAdmin
from surveys.models import AnswerSheet, Campaign, Exclusion, Invitation, Questionnaire


@admin.register(Questionnaire)
class QuestionnaireAdmin(ReadOnlyAdmin):
    list_display = ["name", "name_en", "retired_at"]


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "group", "state", "opens_on", "closes_on"]
    list_filter = ["kind", "state"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ["number", "campaign", "client", "contact", "state", "channel", "sent_at"]
    list_filter = ["state", "channel"]
    list_select_related = ["campaign", "client", "contact"]


@admin.register(Exclusion)
class ExclusionAdmin(ReadOnlyAdmin):
    list_display = ["campaign", "client", "contact", "ticket", "reason", "at"]
    list_filter = ["reason"]
    list_select_related = ["campaign", "client", "contact", "ticket"]


@admin.register(AnswerSheet)
class AnswerSheetAdmin(ReadOnlyAdmin):
    list_display = ["invitation", "channel", "finished_at", "score", "is_bad", "is_complaint", "wants_reply"]
    list_filter = ["channel", "is_bad"]
    list_select_related = ["invitation"]
