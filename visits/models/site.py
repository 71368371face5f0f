"""A callback on site: who was there, where, from when to when, and the files that show it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models import Contact
from staff.models import StoredFile, User
from visits.kinds import FileKind, Side
from visits.models.callback import Callback


class CallbackFileQuerySet(models.QuerySet["CallbackFile"]):
    def visible_to(self, user: User) -> CallbackFileQuerySet:
        return self.filter(callback__in=Callback.objects.visible_to(user))


class CallbackFile(StoredFile):
    """A photo, the scan of a signed sheet, a signature drawn on a phone, or another file of a callback."""

    callback = models.ForeignKey(Callback, models.PROTECT, related_name="files")
    kind = models.CharField(_("kind"), max_length=9, choices=FileKind.choices, default=FileKind.OTHER)

    objects = CallbackFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a callback")
        verbose_name_plural = _("files of callbacks")
        ordering = ["pk"]


class Attendance(models.Model):
    """The attendance sheet of a callback on site."""

    callback = models.OneToOneField(Callback, models.PROTECT, related_name="attendance")
    place = models.CharField(_("place"), max_length=200)
    began_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("to"))
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("attendance sheet")
        verbose_name_plural = _("attendance sheets")
        constraints = [
            models.CheckConstraint(
                name="visits_attendance_has_length", condition=Q(ended_at__gt=F("began_at"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.callback_id} {self.place}"


class Attendee(models.Model):
    """One person who was there: one of ours, or one of the client's."""

    attendance = models.ForeignKey(Attendance, models.CASCADE, related_name="people")
    side = models.CharField(max_length=6, choices=Side.choices)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    job_title = models.CharField(_("position"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("person present")
        verbose_name_plural = _("people present")
        ordering = ["attendance", "side", "pk"]
        constraints = [
            models.CheckConstraint(
                name="visits_attendee_is_on_one_side",
                condition=Q(side=Side.OURS, contact__isnull=True) | Q(side=Side.THEIRS, user__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.name
