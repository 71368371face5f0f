"""How often and how clients are called back: a plan for each client type, and where each client stands."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from clients.models import Client, ClientType, System
from visits.kinds import Kind, Method
from visits.planning import Every, Rhythm, Share, Unit

MOST_DAYS = 60


def _days(label: object, default: int, least: int = 1) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        label,  # type: ignore[arg-type]
        default=default,
        validators=[MinValueValidator(least), MaxValueValidator(MOST_DAYS)],
    )


def _percent(label: object, default: int) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(label, default=default, validators=[MaxValueValidator(100)])  # type: ignore[arg-type]


def _every(label: object) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(label, default=0, validators=[MaxValueValidator(60)])  # type: ignore[arg-type]


class CallbackPlan(models.Model):
    """How the clients of one type are called back (§5.3), or those with a new system (`is_phase`, no type).

    All its figures are defaults of ours, not from the process document. `limit_*` and `*_within` are working
    days. Faults solved before `runs_since` are not drawn. What is planned keeps what it was planned by.
    """

    type = models.OneToOneField(
        ClientType, models.PROTECT, null=True, related_name="+", verbose_name=_("client type")
    )
    is_phase = models.BooleanField(default=False)
    phase_months = models.PositiveSmallIntegerField(
        _("months after it came into use"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(24)],
    )
    phone_every = _every(_("phone: every"))
    phone_unit = models.CharField(_("unit"), max_length=5, choices=Unit.choices, default=Unit.MONTH)
    phone_within = _days(_("to be made within (working days)"), 5)
    site_every = _every(_("on site: every"))
    site_unit = models.CharField(_("unit"), max_length=5, choices=Unit.choices, default=Unit.MONTH)
    site_within = _days(_("to be made within (working days)"), 15)
    share_one = _percent(_("grade 1: percent"), 100)
    limit_one = _days(_("grade 1: within (working days)"), 1)
    share_two = _percent(_("grade 2: percent"), 100)
    limit_two = _days(_("grade 2: within (working days)"), 2)
    share_three = _percent(_("grade 3: percent"), 0)
    limit_three = _days(_("grade 3: within (working days)"), 5)
    gap_days = _days(_("days between two contacts with one person"), 7, least=0)
    close_days = _days(_("an after-fault callback so many days away counts as the periodic one"), 7, least=0)
    tries = models.PositiveSmallIntegerField(
        _("attempts on different half-days"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(9)],
    )
    is_default = models.BooleanField(default=True, editable=False)
    runs_since = models.DateTimeField(editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("callback plan")
        verbose_name_plural = _("callback plans")
        ordering = ["is_phase", "type__code"]
        constraints = [
            models.UniqueConstraint(
                name="visits_one_plan_of_new_systems", fields=["is_phase"], condition=Q(is_phase=True)
            ),
            models.CheckConstraint(
                name="visits_plan_is_of_a_type_or_of_new_systems",
                condition=Q(is_phase=True, type__isnull=True) | Q(is_phase=False, type__isnull=False),
            ),
            models.CheckConstraint(
                name="visits_plan_share_is_percent",
                condition=Q(share_one__lte=100, share_two__lte=100, share_three__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return self.type.label if self.type else pgettext("callback", "New system")

    @property
    def code(self) -> str:
        """What an address calls it."""
        return self.type.code if self.type else "new-system"

    @property
    def kind(self) -> Kind:
        return Kind.NEW_SYSTEM if self.is_phase else Kind.PERIODIC

    def rhythm(self, method: Method) -> Rhythm | None:
        """How often by this way; None: not at all."""
        phone = method == Method.PHONE
        every, unit = (self.phone_every, self.phone_unit) if phone else (self.site_every, self.site_unit)
        within = self.phone_within if phone else self.site_within
        return Rhythm(Every(every, Unit(unit)), within) if every else None

    def share(self, grade: int | None) -> Share:
        """Which share of solved faults of a grade is called back, and within how many working days."""
        match grade:
            case 1:
                return Share(self.share_one, self.limit_one)
            case 2:
                return Share(self.share_two, self.limit_two)
            case 3:
                return Share(self.share_three, self.limit_three)
        return Share(0, self.limit_three)


class Cadence(models.Model):
    """How far a client's periodic callbacks by one way are written; with a system, those of its first months.

    `plan` is by which `next_on` was reckoned; `last_on` the slot that was written last. Without a next slot
    nothing is due by this way.
    """

    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    system = models.ForeignKey(System, models.CASCADE, null=True, related_name="+")
    method = models.CharField(max_length=8, choices=Method.choices)
    plan = models.ForeignKey(CallbackPlan, models.PROTECT, related_name="+")
    plan_version = models.PositiveIntegerField()
    last_on = models.DateField(null=True)
    next_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("rhythm of a client's callbacks")
        verbose_name_plural = _("rhythms of clients' callbacks")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="visits_cadence_once", fields=["client", "method"], condition=Q(system__isnull=True)
            ),
            models.UniqueConstraint(
                name="visits_cadence_once_a_system",
                fields=["system", "method"],
                condition=Q(system__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="visits_cadence_next", fields=["next_on"], condition=Q(next_on__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.method} {self.next_on}"


class CallbackScript(models.Model):
    """What is said and asked in a callback of one kind: a guide, one question a line, in both languages."""

    kind = models.CharField(_("kind"), max_length=11, choices=Kind.choices, primary_key=True)
    opening = models.TextField(_("opening"), blank=True, max_length=1000)
    opening_en = models.TextField(_("opening in English"), blank=True, max_length=1000)
    questions = models.TextField(_("questions"), max_length=4000, help_text=_("One a line."))
    questions_en = models.TextField(
        _("questions in English"), blank=True, max_length=4000, help_text=_("One a line.")
    )
    closing = models.TextField(_("closing"), blank=True, max_length=1000)
    closing_en = models.TextField(_("closing in English"), blank=True, max_length=1000)
    is_default = models.BooleanField(default=True, editable=False)

    class Meta:
        verbose_name = _("guide for a callback")
        verbose_name_plural = _("guides for callbacks")
        ordering = ["kind"]

    def __str__(self) -> str:
        return str(self.get_kind_display())
