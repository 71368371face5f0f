"""What happens to people: notices are written here, tokens issued, settings, channels and terms saved."""

from staff.actions.channels import (
    Trial,
    choose_topics,
    may_change,
    remove_channel,
    resend,
    save_channel,
    try_channel,
)
from staff.actions.notices import Occasion, mark_read, notify, notify_of, ways_to
from staff.actions.people import TOKEN_PREFIX, digest_of, issue_token, revoke_token, save_settings
from staff.actions.shelf import sweep_shelf
from staff.actions.terms import log_terms, save_terms

__all__ = [
    "TOKEN_PREFIX",
    "Occasion",
    "Trial",
    "choose_topics",
    "digest_of",
    "issue_token",
    "log_terms",
    "mark_read",
    "may_change",
    "notify",
    "notify_of",
    "remove_channel",
    "resend",
    "revoke_token",
    "save_channel",
    "save_settings",
    "save_terms",
    "sweep_shelf",
    "try_channel",
    "ways_to",
]
