"""Who works here."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.bilingual import as_read
from staff.topics import Topic


def all_topics() -> list[str]:
    """What goes out by e-mail unless somebody chooses otherwise."""
    return list(Topic.values)


class Bilingual(models.Model):
    """A thing with a Chinese name and, beside it, an English one."""

    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language; the Chinese one where there is no other."""
        return as_read(self.name, self.name_en)


class Role(models.TextChoices):
    OPERATOR = "operator", _("Operator")
    ENGINEER = "engineer", _("Engineer")
    SUPERVISOR = "supervisor", _("Supervisor")
    SPECIALIST = "specialist", _("Specialist")
    AUDITOR = "auditor", _("QA auditor")
    LEADER = "leader", _("Company leader")
    CONTACT = "contact", _("Client contact")
    ADMINISTRATOR = "administrator", _("Administrator")


GROUP_ROLES = (Role.OPERATOR, Role.ENGINEER, Role.SUPERVISOR)
# The company's technical team helps every group (§5.4.1.2); leaders and QA read everything (§1.2).
ALL_SEEING_ROLES = (Role.SPECIALIST, Role.AUDITOR, Role.LEADER, Role.ADMINISTRATOR)
# Who may change a maintenance record. Auditors and leaders read.
WORKING_ROLES = (Role.OPERATOR, Role.ENGINEER, Role.SUPERVISOR, Role.SPECIALIST, Role.ADMINISTRATOR)


class ManagementLevel(models.IntegerChoices):
    """The ladder a fault is reported up (§5.4)."""

    NONE = 0, _("No management level")
    SUPERVISOR = 1, _("Group supervisor")
    TECHNICAL_LEAD = 2, _("Technical lead")
    DEPARTMENT_MANAGER = 3, _("Department manager")
    GENERAL_MANAGER = 4, _("General manager")


class Group(Bilingual):
    """A regional O&M group."""

    code = models.SlugField(_("code"), unique=True)

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        ordering = ["code"]


class UserQuerySet(models.QuerySet["User"]):
    def working(self) -> UserQuerySet:
        """People who may handle maintenance records."""
        return self.filter(is_active=True, role__in=WORKING_ROLES)

    def in_group(self, group: Group) -> UserQuerySet:
        return self.filter(is_active=True, group=group)

    def at_level(self, level: int, group: Group) -> UserQuerySet:
        """The people of one management level: a group's own supervisors, company-wide above that."""
        people = self.filter(is_active=True, management_level=level)
        return people.filter(group=group) if level == ManagementLevel.SUPERVISOR else people

    def visible_to(self, user: User) -> UserQuerySet:
        if user.sees_everything:
            return self.exclude(role=Role.CONTACT)
        if user.is_contact or user.group_id is None:
            return self.filter(pk=user.pk)
        return self.filter(group=user.group_id)


class Manager(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    pass


class User(AbstractUser):
    first_name = None
    last_name = None
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.OPERATOR)
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("group")
    )
    management_level = models.PositiveSmallIntegerField(
        _("management level"), choices=ManagementLevel.choices, default=ManagementLevel.NONE
    )
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=[("", _("as the browser asks")), ("zh-hans", _("Simplified Chinese")), ("en", _("English"))],
    )
    theme = models.CharField(
        _("theme"),
        max_length=5,
        default="auto",
        choices=[("auto", _("as the system")), ("light", _("light")), ("dark", _("dark"))],
    )
    density = models.CharField(
        _("density"),
        max_length=12,
        default="compact",
        choices=[("compact", _("compact")), ("comfortable", _("comfortable"))],
    )
    time_format = models.CharField(
        _("time format"), max_length=2, default="24", choices=[("24", "14:35"), ("12", "2:35 PM")]
    )
    email_notices = models.BooleanField(_("send notices by e-mail too"), default=True)
    email_topics = ArrayField(
        models.CharField(max_length=12, choices=Topic.choices), default=all_topics, editable=False
    )
    single_keys = models.BooleanField(
        _("single keys do things"),
        default=True,
        help_text=_(
            "j and k walk through a list, ? shows all of them. "
            "Switch them off if you dictate or press keys by chance."
        ),
    )

    objects = Manager()

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                name="staff_user_group_roles_have_a_group",
                condition=~Q(role__in=["operator", "engineer", "supervisor"]) | Q(group__isnull=False),
                violation_error_message=_("An operator, engineer or supervisor belongs to a group."),
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return as_read(self.name, self.name_en) or self.username

    def get_full_name(self) -> str:
        return self.label

    def get_short_name(self) -> str:
        return self.label

    @property
    def is_contact(self) -> bool:
        return self.role == Role.CONTACT

    @property
    def sees_everything(self) -> bool:
        return self.role in ALL_SEEING_ROLES

    @property
    def may_work(self) -> bool:
        """Whether the person may change maintenance records."""
        return self.is_active and self.role in WORKING_ROLES

    @property
    def may_supervise(self) -> bool:
        return self.is_active and self.role in (Role.SUPERVISOR, Role.ADMINISTRATOR)

    @property
    def may_administer(self) -> bool:
        return self.is_active and self.role == Role.ADMINISTRATOR
