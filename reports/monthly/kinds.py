"""The words of monthly reports: whose they are, how they stand, what happens to them. Pure."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Edition(TextChoices):
    DEPARTMENT = "department", pgettext_lazy("monthly report", "Department")
    GROUP = "group", pgettext_lazy("monthly report", "Group")
    CLIENT = "client", pgettext_lazy("monthly report", "Client")


HOUSE = (Edition.DEPARTMENT, Edition.GROUP)
EVERYBODY = (*HOUSE, Edition.CLIENT)


class ReportState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class ReportEventKind(TextChoices):
    DRAFTED = "drafted", pgettext_lazy("monthly report", "Drafted")
    ASKED = "asked", pgettext_lazy("monthly report", "To be counted anew")
    COUNTED = "counted", pgettext_lazy("event of a monthly report", "Counted")
    PUBLISHED = "published", pgettext_lazy("monthly report", "Published")
    ACKNOWLEDGED = "acknowledged", pgettext_lazy("monthly report", "Acknowledged")
    COMMENTED = "commented", pgettext_lazy("monthly report", "Commented")
    REMINDED = "reminded", pgettext_lazy("monthly report", "Not published in time, told")
    ADJUSTED = "adjusted", pgettext_lazy("monthly report", "Figures adjusted since")
    TERMS = "terms", pgettext_lazy("monthly report", "Terms changed")
    AGREED = "agreed", pgettext_lazy("monthly report", "Agreed with the client")


# The short lists of the first page, one line each; so many and so long that the page holds them.
LISTS: dict[str, Promise] = {
    "achievements": _("Achievements"),
    "risks": pgettext_lazy("monthly report", "Risks"),
    "decisions": _("Decisions asked of the leaders"),
}
OF_CLIENT: dict[str, Promise] = LISTS | {"decisions": _("Decisions asked of you")}


def lists_of(edition: str) -> dict[str, Promise]:
    """The labels of the lists by name; a client is asked himself."""
    return OF_CLIENT if edition == Edition.CLIENT else LISTS


MOST_LINES, LONGEST_LINE = 3, 72
LONGEST_COMMENT = 2000
COMMENT = "comment_"  # before the key of the section that it is about
