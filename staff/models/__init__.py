"""Who works here, what each of them must be told, and by which way."""

from staff.models.channels import (
    BOTH_LANGUAGES,
    EMAIL,
    GROUP_KINDS,
    ROBOTS,
    SIGNED_KINDS,
    WAYS,
    ChangeKind,
    ChannelChange,
    ChannelKind,
    NoticeChannel,
    WebhookHost,
)
from staff.models.files import StoredFile
from staff.models.notices import Delivery, DeliveryState, Notice, Outgoing
from staff.models.people import (
    ALL_SEEING_ROLES,
    GROUP_ROLES,
    WORKING_ROLES,
    Bilingual,
    Group,
    ManagementLevel,
    Manager,
    Role,
    User,
)
from staff.models.terms import TermsChange
from staff.models.tokens import ApiToken, IdempotencyKey

__all__ = [
    "ALL_SEEING_ROLES",
    "BOTH_LANGUAGES",
    "EMAIL",
    "GROUP_KINDS",
    "GROUP_ROLES",
    "ROBOTS",
    "SIGNED_KINDS",
    "WAYS",
    "WORKING_ROLES",
    "ApiToken",
    "Bilingual",
    "ChangeKind",
    "ChannelChange",
    "ChannelKind",
    "Delivery",
    "DeliveryState",
    "Group",
    "IdempotencyKey",
    "ManagementLevel",
    "Manager",
    "Notice",
    "NoticeChannel",
    "Outgoing",
    "Role",
    "StoredFile",
    "TermsChange",
    "User",
    "WebhookHost",
]
