"""Files as the apps keep them: what each is, and where it lies."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from staff.files import IMAGE_TYPES
from staff.models.people import User


class StoredFile(models.Model):
    """A file on the shelf, under the random name `stored`. Whatever keeps files is one of these.

    So the sweep of the shelf knows by itself which files somebody has claimed.
    """

    name = models.CharField(_("name"), max_length=120)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    stored = models.CharField(max_length=32)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("from"))
    at = models.DateTimeField(_("since"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        """Whether it may be shown in a page: a picture that was drawn anew when it came in."""
        return self.media_type in IMAGE_TYPES
