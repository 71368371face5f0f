"""Questionnaires: what is asked, in versions (§4.1.2)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.bilingual import as_read
from staff.models import Bilingual, User
from surveys.questions import Asked, QuestionKind

LONGEST_WORDS = 2000


class Dimension(models.TextChoices):
    """What a question is about: its answers are compared under this name, whatever the wording."""

    OVERALL = "overall", _("Overall satisfaction")
    RESPONSE = "response", _("Speed of response")
    ATTITUDE = "attitude", _("Attitude")
    TECHNICAL = "technical", _("Technical ability")
    THOROUGHNESS = "thoroughness", _("Thoroughness")
    COMMUNICATION = "communication", _("Communication")
    STABILITY = "stability", _("Stability of the systems")
    DOCUMENTATION = "documentation", _("Documents and training")
    RECOMMEND = "recommend", _("Recommendation")
    EFFORT = "effort", _("Effort for the client")
    RESULT = "result", _("Result of the handling")
    OTHER = "other", _("Something else")


class QuestionnaireQuerySet(models.QuerySet["Questionnaire"]):
    def visible_to(self, user: User) -> QuestionnaireQuerySet:
        """The whole house: what clients are asked is no secret inside. Contacts see what they are sent."""
        return self.none() if user.is_contact else self

    def in_use(self) -> QuestionnaireQuerySet:
        return self.filter(retired_at=None)


class Questionnaire(Bilingual):
    retired_at = models.DateTimeField(null=True, editable=False)

    objects = QuestionnaireQuerySet.as_manager()

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="surveys_questionnaire_name_once",
                fields=["name"],
                condition=Q(retired_at=None),
                violation_error_message=_("There is a questionnaire of this name already."),
            )
        ]


class QuestionnaireVersion(models.Model):
    """A wording of a questionnaire. Once published it never changes; at most one is being written.

    `edition` rises with each change of a draft: who saves over another's change is told.
    """

    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    intro = models.TextField(_("greeting"), max_length=LONGEST_WORDS, blank=True)
    intro_en = models.TextField(_("greeting in English"), max_length=LONGEST_WORDS, blank=True)
    thanks = models.TextField(_("thanks"), max_length=LONGEST_WORDS, blank=True)
    thanks_en = models.TextField(_("thanks in English"), max_length=LONGEST_WORDS, blank=True)
    script = models.TextField(_("script for the phone"), max_length=LONGEST_WORDS, blank=True)
    script_en = models.TextField(_("script for the phone in English"), max_length=LONGEST_WORDS, blank=True)
    asks_complaint = models.BooleanField(_("asks whether this is a complaint"), default=True)
    asks_reply = models.BooleanField(_("asks whether a reply is wanted"), default=True)
    edition = models.PositiveIntegerField(default=1, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        verbose_name = _("version of a questionnaire")
        verbose_name_plural = _("versions of questionnaires")
        ordering = ["questionnaire", "-number"]
        constraints = [
            models.UniqueConstraint(name="surveys_version_once", fields=["questionnaire", "number"]),
            models.UniqueConstraint(
                name="surveys_one_draft", fields=["questionnaire"], condition=Q(published_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire_id} v{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    @property
    def greeting(self) -> str:
        return as_read(self.intro, self.intro_en)

    @property
    def farewell(self) -> str:
        return as_read(self.thanks, self.thanks_en)

    @property
    def spoken(self) -> str:
        return as_read(self.script, self.script_en)


class Question(models.Model):
    """One thing that is asked. `line` stays the same in all versions, so that answers make a trend.

    `anchors` says in words what the points of a scale mean, from the lowest up: `[{"text", "text_en"}, …]`.
    `options` (one or several of several) and `rows` (of a matrix) are `[{"key", "text", "text_en"}, …]`.
    Points at or below `bad_at` are bad, those at or below `why_at` ask why; of yes and no, 0 is no.
    """

    version = models.ForeignKey(QuestionnaireVersion, models.CASCADE, related_name="questions")
    line = models.PositiveIntegerField(editable=False)
    position = models.PositiveIntegerField(editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=QuestionKind.choices, default=QuestionKind.SCALE)
    dimension = models.CharField(
        _("about"), max_length=16, choices=Dimension.choices, default=Dimension.OTHER
    )
    text = models.CharField(_("question"), max_length=300)
    text_en = models.CharField(_("question in English"), max_length=300, blank=True)
    anchors = models.JSONField(default=list, blank=True)
    options = models.JSONField(default=list, blank=True)
    rows = models.JSONField(default=list, blank=True)
    is_required = models.BooleanField(_("must be answered"), default=False)
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, default=1)
    bad_at = models.PositiveSmallIntegerField(_("bad at or below"), null=True, blank=True)
    why_at = models.PositiveSmallIntegerField(_("asks why at or below"), null=True, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(name="surveys_question_once", fields=["version", "line"]),
            models.CheckConstraint(name="surveys_question_weight", condition=Q(weight__gte=0)),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return as_read(self.text, self.text_en)

    @property
    def asked(self) -> Asked:
        return Asked(
            QuestionKind(self.kind),
            self.is_required,
            tuple(one["key"] for one in self.options),
            tuple(one["key"] for one in self.rows),
            self.weight,
            self.bad_at,
            self.why_at,
        )

    def shown(self, value: Any) -> str:
        """An answer's value in the reader's words."""
        match self.kind:
            case QuestionKind.YES_NO:
                return str(_("Yes") if value == "yes" else _("No"))
            case QuestionKind.SINGLE:
                return words_of(self.options, value)
            case QuestionKind.MULTI:
                return ", ".join(words_of(self.options, key) for key in value)
            case QuestionKind.MATRIX:
                return " · ".join(f"{words_of(self.rows, key)} {point}" for key, point in value.items())
            case QuestionKind.SCALE | QuestionKind.NPS | QuestionKind.CES:
                anchor = self.anchor(value)
                return f"{value} {anchor}" if anchor else str(value)
        return str(value)

    def anchor(self, point: int) -> str:
        """What a point of the scale means, where that is said."""
        low = {QuestionKind.NPS: 0}.get(QuestionKind(self.kind), 1)
        place = point - low
        if 0 <= place < len(self.anchors):
            return as_read(self.anchors[place].get("text", ""), self.anchors[place].get("text_en", ""))
        return ""


def words_of(options: list[dict[str, str]], key: str) -> str:
    found = next((one for one in options if one["key"] == key), None)
    return as_read(found["text"], found.get("text_en", "")) if found else key
