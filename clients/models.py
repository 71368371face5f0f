"""The client archive (§5.3): who they are, what they run, when and how they want to be reached."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from staff.models import Bilingual, Group, User


class Channel(models.TextChoices):
    """How somebody reaches somebody: calls, callbacks and surveys share this list (§3.1, §4.1.2)."""

    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    LETTER = "letter", _("Letter")
    FAX = "fax", _("Fax")
    ON_SITE = "on_site", _("On site")
    WEB = "web", _("Web form")
    API = "api", _("REST interface")


class ServiceHours(Bilingual):
    """A timetable in which a client is served; working-time clocks run inside it (§2.3)."""

    code = models.SlugField(_("code"), unique=True)
    round_the_clock = models.BooleanField(_("round the clock"), default=False)
    open_on_holidays = models.BooleanField(_("open on statutory holidays"), default=False)

    class Meta:
        verbose_name = _("service hours")
        verbose_name_plural = _("service hours")
        ordering = ["code"]


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class ServiceSpan(models.Model):
    """One span of a weekday, half-open; an end of 00:00 means midnight. Several a day: lunch is a gap."""

    hours = models.ForeignKey(ServiceHours, models.CASCADE, related_name="spans")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))

    class Meta:
        verbose_name = _("service span")
        verbose_name_plural = _("service spans")
        ordering = ["weekday", "starts"]
        constraints = [
            models.UniqueConstraint(name="clients_span_once", fields=["hours", "weekday", "starts"]),
            models.CheckConstraint(
                name="clients_span_has_length",
                condition=Q(ends__gt=F("starts")) | Q(ends="00:00"),
                violation_error_message=_("The end must come after the start."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


class ClientType(Bilingual):
    """A class of client (§5.3); callback frequency and method will hang on it."""

    code = models.SlugField(_("code"), unique=True)

    class Meta:
        verbose_name = _("client type")
        verbose_name_plural = _("client types")
        ordering = ["code"]


# What a client is called, as one text. The database keeps statistics of just this expression (migration
# 0002), or it would expect one client of any name and read all of them.
NAMES = Func(
    *("name", "name_en", "code"),
    template="lower(%(expressions)s)",
    arg_joiner=r" || E'\n' || ",
    output_field=models.TextField(),
)


class ClientQuerySet(models.QuerySet["Client"]):
    def visible_to(self, user: User) -> ClientQuerySet:
        if user.sees_everything:
            return self
        if user.is_contact:
            return self.filter(contacts__user=user)
        return self.filter(group=user.group_id) if user.group_id else self.none()

    def active(self) -> ClientQuerySet:
        return self.filter(is_active=True)

    def matching(self, words: str) -> ClientQuerySet:
        """Clients whose code or name contains `words`, any case: read as one text, in a third of the time."""
        return self.alias(names=NAMES).filter(names__contains=words.lower())


class Client(Bilingual):
    code = models.SlugField(_("code"), unique=True)
    type = models.ForeignKey(ClientType, models.PROTECT, verbose_name=_("client type"))
    group = models.ForeignKey(Group, models.PROTECT, related_name="clients", verbose_name=_("O&M group"))
    hours = models.ForeignKey(ServiceHours, models.PROTECT, verbose_name=_("service hours"))
    address = models.CharField(_("address"), max_length=200, blank=True)
    preferred_channel = models.CharField(
        _("preferred channel"), max_length=8, choices=Channel.choices, blank=True
    )
    preferences = models.TextField(
        _("habits and preferences"),
        blank=True,
        help_text=_("Shown wherever somebody is about to contact this client (§4.3)."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        ordering = ["code"]


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: User) -> ContactQuerySet:
        if user.sees_everything:
            return self
        if user.is_contact:
            return self.filter(user=user)
        return self.filter(client__group=user.group_id) if user.group_id else self.none()


class Contact(Bilingual):
    client = models.ForeignKey(Client, models.PROTECT, related_name="contacts", verbose_name=_("client"))
    job_title = models.CharField(_("position"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    preferred_channel = models.CharField(
        _("preferred channel"), max_length=8, choices=Channel.choices, blank=True
    )
    preferences = models.TextField(_("habits and preferences"), blank=True)
    user = models.OneToOneField(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="contact",
        verbose_name=_("sign-in account"),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["pk"]


class Phone(models.Model):
    """A number of a contact: as written, and its digits as `clients.phones.normalise` gives them."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="phones")
    number = models.CharField(_("number"), max_length=40)
    digits = models.CharField(max_length=20, editable=False)
    extension = models.CharField(max_length=8, blank=True, editable=False)

    class Meta:
        verbose_name = _("phone number")
        verbose_name_plural = _("phone numbers")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="clients_phone_once", fields=["contact", "digits", "extension"])
        ]
        indexes = [
            models.Index(name="clients_phone_digits", fields=["digits"], opclasses=["text_pattern_ops"])
        ]

    def __str__(self) -> str:
        return self.number


class SystemQuerySet(models.QuerySet["System"]):
    def visible_to(self, user: User) -> SystemQuerySet:
        if user.sees_everything:
            return self
        if user.is_contact:
            return self.filter(client__contacts__user=user)
        return self.filter(client__group=user.group_id) if user.group_id else self.none()


class System(Bilingual):
    """A system in use at a client, with its dedicated maintainer and his backup (§5.1)."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="systems", verbose_name=_("client"))
    kind = models.CharField(_("kind"), max_length=60, blank=True)
    version = models.CharField(_("version"), max_length=60, blank=True)
    environment = models.CharField(_("environment"), max_length=200, blank=True)
    maintainer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("dedicated maintainer")
    )
    backup = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("backup")
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = SystemQuerySet.as_manager()

    class Meta:
        verbose_name = _("system")
        verbose_name_plural = _("systems")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="clients_system_backup_is_another",
                condition=Q(backup__isnull=True) | Q(maintainer__isnull=True) | ~Q(backup=F("maintainer")),
                violation_error_message=_("The backup must be another person than the maintainer."),
            )
        ]


class ContractQuerySet(models.QuerySet["Contract"]):
    def visible_to(self, user: User) -> ContractQuerySet:
        if user.sees_everything:
            return self
        return self.filter(client__group=user.group_id) if user.group_id else self.none()

    def covering(self, client: Client | int, system: System | int | None, on: date) -> ContractQuerySet:
        """Contracts of the client in force on that day for that system (§2.2); no list means all systems."""
        in_force = self.filter(client=client, starts_on__lte=on, ends_on__gte=on)
        listed = Contract.systems.through.objects.filter(contract=models.OuterRef("pk"))
        covers = ~models.Exists(listed) | models.Exists(listed.filter(system=system))
        return in_force.filter(covers) if system else in_force


class Contract(models.Model):
    client = models.ForeignKey(Client, models.PROTECT, related_name="contracts", verbose_name=_("client"))
    number = models.CharField(_("contract number"), max_length=40, unique=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to (inclusive)"))
    systems = models.ManyToManyField(
        System, blank=True, verbose_name=_("systems covered"), help_text=_("None chosen: all of them.")
    )
    grade_two_round_the_clock = models.BooleanField(
        _("grade-2 clocks run round the clock"),
        default=True,
        help_text=_("Otherwise they run in the client's service hours."),
    )

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["-ends_on"]
        constraints = [
            models.CheckConstraint(
                name="clients_contract_has_length",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The contract must end on or after the day it starts."),
            )
        ]

    def __str__(self) -> str:
        return self.number
