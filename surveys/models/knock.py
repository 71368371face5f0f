"""How often somebody has tried links, so that guessing and flooding end soon."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Knock(models.Model):
    """Tries of one kind from one address in one span of time. `who` is a digest: no address is kept."""

    who = models.CharField(max_length=64)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("tries of links to surveys")
        verbose_name_plural = _("tries of links to surveys")
        constraints = [models.UniqueConstraint(name="surveys_knock_once", fields=["who", "since"])]

    def __str__(self) -> str:
        return f"{self.who[:8]} {self.count}"
