"""What an operator has typed of a call that is not saved yet."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from staff.models import User


class CallDraft(models.Model):
    """One a person. It outlives a session that ended, a server that restarted and a tab that was closed."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+", verbose_name=_("person"))
    fields = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("draft of a call")
        verbose_name_plural = _("drafts of calls")

    def __str__(self) -> str:
        return f"{self.user_id} {self.saved_at:%Y-%m-%d %H:%M}"
