"""What happened to a callback, a plan, a need or a promise: entries of a history, never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.models import User
from visits.kinds import EventKind
from visits.models.callback import Callback
from visits.models.collected import Need, Promise
from visits.models.plan import CallbackPlan, CallbackScript


class CallbackEvent(models.Model):
    """One thing that happened, to one of the five. `by` is empty where the clock did it.

    `changes` maps a field's name to `[old, new]` as they were to be read at that time.
    """

    callback = models.ForeignKey(Callback, models.PROTECT, null=True, related_name="events")
    need = models.ForeignKey(Need, models.PROTECT, null=True, related_name="events")
    promise = models.ForeignKey(Promise, models.PROTECT, null=True, related_name="events")
    plan = models.ForeignKey(CallbackPlan, models.PROTECT, null=True, related_name="events")
    script = models.ForeignKey(CallbackScript, models.PROTECT, null=True, related_name="events")
    kind = models.CharField(max_length=14, choices=EventKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    changes = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("entry of a callback's history")
        verbose_name_plural = _("history of callbacks")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="visits_event_is_of_one_thing",
                condition=Q(callback__isnull=False, need=None, promise=None, plan=None, script=None)
                | Q(callback=None, need__isnull=False, promise=None, plan=None, script=None)
                | Q(callback=None, need=None, promise__isnull=False, plan=None, script=None)
                | Q(callback=None, need=None, promise=None, plan__isnull=False, script=None)
                | Q(callback=None, need=None, promise=None, plan=None, script__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
