"""What clients have answered, how it came in, and who keyed it (§4.1.2)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Channel
from staff.models import StoredFile, User
from surveys.models.invitation import Invitation
from surveys.models.questionnaire import Question

# How an answer comes in: by the link, or by one of the ways that a person keys.
CAME_BY = (Channel.WEB, Channel.PHONE, Channel.ON_SITE, Channel.LETTER, Channel.FAX, Channel.EMAIL)
KEYED = tuple(way for way in CAME_BY if way != Channel.WEB)
PAPER = (Channel.ON_SITE, Channel.LETTER, Channel.FAX)


class AnswerSheetQuerySet(models.QuerySet["AnswerSheet"]):
    def visible_to(self, user: User) -> AnswerSheetQuerySet:
        return self.filter(invitation__in=Invitation.objects.visible_to(user))

    def finished(self) -> AnswerSheetQuerySet:
        """Those that count: what is only begun, or keyed once of twice, does not yet."""
        return self.filter(finished_at__isnull=False)

    def bad(self) -> AnswerSheetQuerySet:
        """Those that something must follow: a bad number or a complaint ticked as one."""
        return self.finished().filter(is_bad=True)


class AnswerSheet(models.Model):
    """The answers to one invitation: there is one at most. Before `finished_at` they are only begun.

    `channel` is how they came in: web is the link, whatever carried it. `given_at` is when the client gave
    them, `collected_by` who asked or took the paper along. `score` is the weighted mean in per cent.
    """

    invitation = models.OneToOneField(Invitation, models.PROTECT, related_name="sheet")
    channel = models.CharField(_("came by"), max_length=8, choices=Channel.choices)
    language = models.CharField(max_length=10, blank=True)
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(_("finished"), null=True)
    given_at = models.DateTimeField(_("answered at"), null=True)
    collected_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("asked by")
    )
    keyed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("keyed by")
    )
    keyed_at = models.DateTimeField(null=True)
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    is_complaint = models.BooleanField(_("this is a complaint"), default=False)
    wants_reply = models.BooleanField(_("wants a reply"), default=False)
    is_bad = models.BooleanField(default=False)
    score = models.DecimalField(_("satisfaction, %"), max_digits=4, decimal_places=1, null=True)

    objects = AnswerSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer sheet")
        verbose_name_plural = _("answer sheets")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="surveys_keyed_by_somebody",
                condition=Q(keyed_by=None, keyed_at=None, channel=Channel.WEB)
                | (Q(keyed_by__isnull=False, keyed_at__isnull=False) & ~Q(channel=Channel.WEB)),
            ),
            models.CheckConstraint(
                name="surveys_finished_was_given",
                condition=Q(finished_at=None) | Q(given_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="surveys_sheet_finished",
                fields=["finished_at"],
                condition=Q(finished_at__isnull=False),
            ),
            models.Index(
                name="surveys_sheet_bad",
                fields=["finished_at"],
                condition=Q(is_bad=True, finished_at__isnull=False),
            ),
            # What waits to be keyed a second time.
            models.Index(
                name="surveys_sheet_keyed_once",
                fields=["-id"],
                condition=Q(keyed_at__isnull=False, finished_at=None),
            ),
            # The statistics of a period read nothing else of a sheet.
            models.Index(
                name="surveys_sheet_given",
                fields=["given_at"],
                include=["id", "invitation", "channel", "score", "is_bad"],
                condition=Q(finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invitation_id} {self.channel}"


class Answer(models.Model):
    """What was said to one question. `number` are its points, of a matrix their mean.

    `is_bad` is the fact that something follows from: `surveys.scoring.is_bad`, kept as it was at that time.
    """

    sheet = models.ForeignKey(AnswerSheet, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    value = models.JSONField()
    number = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    why = models.TextField(_("why"), blank=True)
    is_bad = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["sheet", "question__position"]
        constraints = [models.UniqueConstraint(name="surveys_answer_once", fields=["sheet", "question"])]
        indexes = [models.Index(name="surveys_answer_number", fields=["question", "number"])]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.question_id}"

    @property
    def shown(self) -> str:
        return self.question.shown(self.value)


class SecondKeying(models.Model):
    """The same paper keyed by somebody else. Where the two differ the sheet waits until that is settled.

    `facts` is all that was keyed; `differences` are the lines (and `is_complaint`, `wants_reply`)
    that differ.
    """

    sheet = models.OneToOneField(AnswerSheet, models.CASCADE, related_name="second")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    facts: Any = models.JSONField()
    differences: Any = models.JSONField(default=list)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("second keying")
        verbose_name_plural = _("second keyings")

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.by_id}"


class SheetFileQuerySet(models.QuerySet["SheetFile"]):
    def visible_to(self, user: User) -> SheetFileQuerySet:
        return self.filter(sheet__in=AnswerSheet.objects.visible_to(user))


class SheetFile(StoredFile):
    """The scan of the paper."""

    sheet = models.ForeignKey(AnswerSheet, models.CASCADE, related_name="files")

    objects = SheetFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("scan of an answer sheet")
        verbose_name_plural = _("scans of answer sheets")
        ordering = ["pk"]
