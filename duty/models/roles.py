"""The duties of a roster, and where a shift comes from."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from duty.resolving import Source


class DutyRole(models.TextChoices):
    PRIMARY = "primary", _("On duty")
    BACKUP = "backup", _("Backup")
    SUPERVISOR = "supervisor", _("Duty supervisor")


class ShiftSource(models.TextChoices):
    """What put somebody on duty, the weakest first (`duty/resolving.py`)."""

    ROTATION = Source.ROTATION.value, _("Rotation")
    LAYER = Source.LAYER.value, _("Layer")
    HOLIDAY = Source.HOLIDAY.value, _("Holiday layer")
    TEMPORARY = Source.TEMPORARY.value, _("Temporary schedule")
    SWAP = Source.SWAP.value, _("Swap")
    OVERRIDE = Source.OVERRIDE.value, _("Change")
