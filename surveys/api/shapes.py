"""Surveys as the REST interface reads and writes them: queries, bodies, and what it answers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clients.models import Channel
from staff.rest import Coded, ListQuery, Moment, Named, Person, Strict
from surveys.models import (
    KEYED,
    Answer,
    AnswerSheet,
    CampaignKind,
    CampaignState,
    Dimension,
    Invitation,
    InvitationState,
)
from surveys.questions import QuestionKind

NUMBER = r"S-[0-9]{1,12}-[0-9]"


class QuestionnaireQuery(ListQuery):
    pass


class CampaignQuery(ListQuery):
    state = serializers.ChoiceField(CampaignState.choices, required=False)


class InvitationQuery(ListQuery):
    campaign = serializers.IntegerField(required=False, min_value=1)
    state = serializers.ChoiceField(InvitationState.choices, required=False)


class AnswerQuery(ListQuery):
    campaign = serializers.IntegerField(required=False, min_value=1)
    bad = serializers.BooleanField(
        required=False, help_text=_("Only those that something must follow, or only the others.")
    )
    since = Moment(required=False, help_text=_("Finished at this time or later."))


@extend_schema_field({})
class AnyValue(serializers.JSONField):
    """A value as its question takes it: points, a text, keys, or points by lines."""


class KeyedAnswer(Strict):
    question = serializers.IntegerField(min_value=1, help_text=_("The question's `line`."))
    value = AnyValue()
    why = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class KeyBody(Strict):
    """What a client answered otherwise than by his link."""

    channel = serializers.ChoiceField(
        [(way.value, way.label) for way in KEYED], help_text=_("Letters and faxes are keyed with their scan.")
    )
    given_at = Moment()
    evidence = serializers.CharField(max_length=300, help_text=_("Who answered, on which number."))
    answers = KeyedAnswer(many=True, max_length=100)
    is_complaint = serializers.BooleanField(default=False)
    wants_reply = serializers.BooleanField(default=False)


class ReturnedBody(Strict):
    note = serializers.CharField(max_length=300, help_text=_("What the mail server said."))


class OptionSerializer(serializers.Serializer):
    key = serializers.CharField(help_text=_("To be sent as the value."))
    text = serializers.CharField()
    text_en = serializers.CharField()


class QuestionSerializer(serializers.Serializer):
    line = serializers.IntegerField(help_text=_("Stays the same in all versions."))
    kind = serializers.ChoiceField(QuestionKind.choices)
    dimension = serializers.ChoiceField(Dimension.choices)
    text = serializers.CharField()
    text_en = serializers.CharField()
    options = OptionSerializer(many=True)
    rows = OptionSerializer(many=True)
    is_required = serializers.BooleanField()
    weight = serializers.DecimalField(max_digits=5, decimal_places=2)
    bad_at = serializers.IntegerField(allow_null=True)
    why_at = serializers.IntegerField(allow_null=True)


class VersionSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    published_at = Moment()


class VersionWithQuestionsSerializer(VersionSerializer):
    questions = QuestionSerializer(many=True)


class QuestionnaireSerializer(Named):
    versions = serializers.SerializerMethodField(help_text=_("Those published, newest first."))

    @extend_schema_field(VersionSerializer(many=True))
    def get_versions(self, questionnaire: Any) -> Any:
        published = [one for one in questionnaire.versions.all() if not one.is_draft]
        return VersionSerializer(published, many=True).data


class QuestionnaireWithQuestionsSerializer(QuestionnaireSerializer):
    in_force = serializers.SerializerMethodField()

    @extend_schema_field(VersionWithQuestionsSerializer(allow_null=True))
    def get_in_force(self, questionnaire: Any) -> Any:
        found = next((one for one in questionnaire.versions.all() if not one.is_draft), None)
        return found and VersionWithQuestionsSerializer(found).data


class CampaignSerializer(Named):
    kind = serializers.ChoiceField(CampaignKind.choices)
    state = serializers.ChoiceField(CampaignState.choices)
    group = Coded(allow_null=True)
    questionnaire = serializers.IntegerField(source="version.questionnaire_id")
    version = serializers.IntegerField(source="version.number")
    opens_on = serializers.DateField(allow_null=True)
    closes_on = serializers.DateField(allow_null=True)
    channels = serializers.ListField(child=serializers.ChoiceField(Channel.choices))
    started_at = Moment(allow_null=True)
    closed_at = Moment(allow_null=True)


class SurveyCountSerializer(serializers.Serializer):
    name = serializers.CharField()
    number = serializers.IntegerField()


class CampaignWithCountsSerializer(CampaignSerializer):
    states = SurveyCountSerializer(many=True, help_text=_("How many invitations stand in each state."))
    left_out = SurveyCountSerializer(many=True, help_text=_("How many were left out for each reason."))


class AnswerSerializer(serializers.Serializer):
    question = serializers.IntegerField(source="question.line")
    dimension = serializers.ChoiceField(Dimension.choices, source="question.dimension")
    text = serializers.CharField(source="question.text")
    text_en = serializers.CharField(source="question.text_en")
    value = AnyValue()
    number = serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True)
    why = serializers.CharField()
    is_bad = serializers.BooleanField()


class SheetSerializer(serializers.Serializer):
    """A finished answer."""

    invitation = serializers.CharField(source="invitation.number")
    campaign = serializers.IntegerField(source="invitation.campaign_id")
    client = Coded(source="invitation.client")
    channel = serializers.ChoiceField(Channel.choices)
    given_at = Moment()
    finished_at = Moment()
    keyed_by = Person(allow_null=True)
    score = serializers.DecimalField(
        max_digits=4,
        decimal_places=1,
        allow_null=True,
        help_text=_("Weighted mean satisfaction in per cent."),
    )
    is_bad = serializers.BooleanField(help_text=_("A bad number, or a complaint ticked as one."))
    is_complaint = serializers.BooleanField()
    wants_reply = serializers.BooleanField()
    answers = serializers.SerializerMethodField()

    @extend_schema_field(AnswerSerializer(many=True))
    def get_answers(self, sheet: AnswerSheet) -> Any:
        found: list[Answer] = list(sheet.answers.all())
        return AnswerSerializer(found, many=True).data


class InvitationSerializer(serializers.Serializer):
    """Who was asked about what. Attributions are as they were at sending."""

    id = serializers.CharField(source="number", help_text=_("As it stands on paper."))
    campaign = serializers.IntegerField(source="campaign_id")
    client = Coded()
    contact = Named()
    ticket = serializers.SerializerMethodField(help_text=_("The record that it is about."))
    group = Coded()
    engineer = Person(allow_null=True)
    grade = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(InvitationState.choices)
    channel = serializers.ChoiceField(Channel.choices, help_text=_("By which way it is tried now."))
    sent_at = Moment(allow_null=True)
    reminders = serializers.IntegerField()

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_ticket(self, invitation: Invitation) -> str | None:
        return invitation.ticket.number if invitation.ticket else None


class InvitationWithAnswerSerializer(InvitationSerializer):
    questionnaire = serializers.IntegerField(source="version.questionnaire_id")
    version = serializers.IntegerField(source="version.number")
    questions = QuestionSerializer(source="version.questions", many=True)
    answer = serializers.SerializerMethodField()

    @extend_schema_field(SheetSerializer(allow_null=True))
    def get_answer(self, invitation: Invitation) -> Any:
        sheet = getattr(invitation, "sheet", None)
        if sheet is None or sheet.finished_at is None:
            return None
        return SheetSerializer(sheet, context=self.context).data
