"""Who works here, and what each of them must be told."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


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
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


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
        english = (get_language() or "").startswith("en")
        return (self.name_en if english and self.name_en else self.name) or self.username

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


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> NoticeQuerySet:
        return self.filter(recipient=user)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """What one person must know. The row itself is the copy in his inbox, there from the commit on.

    `kind` names the template `templates/notices/<kind>.txt`, rendered with `params` in the reader's language.
    `key` is the identity of the occasion: the same occasion never makes a second notice for a person.
    """

    recipient = models.ForeignKey(User, models.PROTECT, related_name="notices", verbose_name=_("recipient"))
    kind = models.SlugField()
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(name="staff_notice_once", fields=["recipient", "key"]),
        ]
        indexes = [
            models.Index(name="staff_notice_unread", fields=["recipient"], condition=Q(read_at__isnull=True)),
            models.Index(name="staff_notice_inbox", fields=["recipient", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient_id}"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    FAILED = "failed", _("given up")


class Outgoing(models.Model):
    """What is on its way out of the house: leased, sent, then marked (at least once).

    `lease` rises with every lease, so that a sender that slept through its own lease marks nothing. Each kind
    has a partial index on `next_try_at` where it still waits.
    """

    state = models.CharField(max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    next_try_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class Delivery(Outgoing):
    """One copy of a notice on its way out of the house."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    channel = models.SlugField(choices=[("email", _("e-mail"))])

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(name="staff_delivery_once", fields=["notice", "channel"])]
        indexes = [
            models.Index(
                name="staff_delivery_waiting",
                fields=["next_try_at"],
                condition=Q(state=DeliveryState.WAITING),
            )
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.channel} {self.state}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, user: User) -> ApiTokenQuerySet:
        return self.filter(user=user)

    def valid(self, now: datetime) -> ApiTokenQuerySet:
        return self.filter(revoked_at__isnull=True, expires_at__gt=now, user__is_active=True)


class ApiToken(models.Model):
    """A bearer token of the REST interface. Only its SHA-256 is stored: 192 random bits need no slow hash."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("what it is for"), max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=12)
    may_write = models.BooleanField(_("may change records"), default=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"


class IdempotencyKey(models.Model):
    """A request of the REST interface that was answered, and its answer: a retry is given the same.

    Written by `staff.idempotency` in the transaction of what the request does. Deleted after a day.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    endpoint = models.CharField(max_length=200)
    body_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [models.UniqueConstraint(name="staff_idempotency_key_once", fields=["user", "key"])]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.key}"
