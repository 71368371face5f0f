"""What notices are about: by this a person chooses which way each of them takes."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Topic(TextChoices):
    REPORT_UP = "report_up", _("Report-ups and exceeded limits")
    MINE = "mine", _("Records given to you")
    CLIENT = "client", _("What clients write and say")
    DUTY = "duty", _("Roster, swaps and leave")
    REMINDER = "reminder", _("Reminders of your duties")
    MENTION = "mention", _("Mentions")
    HOUSE = "house", _("Everything else")


TOPICS: Mapping[str, Topic] = {
    "report_up": Topic.REPORT_UP,
    "audit": Topic.REPORT_UP,
    "convened": Topic.REPORT_UP,
    "overrun": Topic.REPORT_UP,
    "remote_overrun": Topic.REPORT_UP,
    "remote_written_overdue": Topic.REPORT_UP,
    "inspection_missed": Topic.REPORT_UP,
    "inspection_due": Topic.MINE,
    "holes": Topic.REPORT_UP,
    "holiday_cover": Topic.REPORT_UP,
    "handover_unsigned": Topic.REPORT_UP,
    "callback_overdue": Topic.REPORT_UP,
    "promise_overdue": Topic.REPORT_UP,
    "handover_overruled": Topic.REPORT_UP,
    "corrective_overdue": Topic.REPORT_UP,
    "audit_missed": Topic.REPORT_UP,
    "finding_overdue": Topic.REPORT_UP,
    "audit_report": Topic.MINE,
    "finding": Topic.MINE,
    "change": Topic.MINE,
    "meeting_overdue": Topic.REPORT_UP,
    "decision_overdue": Topic.REPORT_UP,
    "suggestion_overdue": Topic.REPORT_UP,
    "suggestion": Topic.MINE,
    "corrective": Topic.MINE,
    "meeting": Topic.MINE,
    "decision": Topic.MINE,
    "assessment": Topic.MINE,
    "assigned": Topic.MINE,
    "verdict": Topic.MINE,
    "follow_up": Topic.MINE,
    "follow_up_overdue": Topic.REPORT_UP,
    "dispatched": Topic.MINE,
    "called_off": Topic.MINE,
    "arrived": Topic.MINE,
    "not_solved_on_site": Topic.MINE,
    "remote_ending": Topic.MINE,
    "remote_change_password": Topic.MINE,
    "handover": Topic.MINE,
    "callback": Topic.MINE,
    "promise": Topic.MINE,
    "need": Topic.MINE,
    "callbacks_today": Topic.REMINDER,
    "weekly_report": Topic.REMINDER,
    "weekly_reports_late": Topic.REPORT_UP,
    "monthly_report": Topic.MINE,
    "monthly_report_due": Topic.REMINDER,
    "remote_revoked": Topic.CLIENT,
    "client_mail": Topic.CLIENT,
    "client_note": Topic.CLIENT,
    "mail_returned": Topic.CLIENT,
    "not_solved": Topic.CLIENT,
    "repeat_contact": Topic.CLIENT,
    "roster_changed": Topic.DUTY,
    "swap": Topic.DUTY,
    "leave": Topic.DUTY,
    "cover_wanted": Topic.DUTY,
    "address_revoked": Topic.DUTY,
    "duty_ahead": Topic.REMINDER,
    "holiday_duty": Topic.REMINDER,
    "mentioned": Topic.MENTION,
    "process_version": Topic.HOUSE,
    "contract_ending": Topic.CLIENT,
}
# What a new channel is for: whatever somebody waits for. A mention is in the inbox.
USUAL = (Topic.REPORT_UP, Topic.MINE, Topic.CLIENT, Topic.DUTY, Topic.REMINDER)


def topic_of(kind: str) -> Topic:
    """Return what a notice of this kind is about; a kind that nobody has placed is of the house."""
    return TOPICS.get(kind, Topic.HOUSE)


def never_waits(params: Mapping[str, object]) -> bool:
    """Say whether a notice with these parameters goes out in quiet hours: of grade 1, or nobody on duty."""
    return params.get("grade") == 1 or params.get("nobody_now") is True
