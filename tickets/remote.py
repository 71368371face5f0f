"""Whether a remote session may begin, and why not (§4.2.2). Pure: facts and instants in, a reason out.

The process asks for the client's authorisation and says nothing of numbers; those here are the product's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from staff.refused import Refused

WRITTEN_WITHIN = timedelta(hours=24)  # after an authorisation by phone
LONGEST_WINDOW = timedelta(days=30)
MOST_SESSIONS = 50
WARNED_BEFORE = timedelta(minutes=15)  # the window's end


class HowGiven(TextChoices):
    """How the client gave his authorisation. What comes by phone is a word, the others leave a paper."""

    LETTER = "letter", _("By letter")
    FAX = "fax", _("By fax")
    EMAIL = "email", _("By e-mail")
    PHONE = "phone", _("By phone, recorded")
    ON_SITE = "on_site", _("Signed on site")


class Bar(TextChoices):
    """Why no session may begin: the value is stable, the label is what a person reads."""

    REVOKED = "revoked", _("The authorisation has been withdrawn.")
    TOO_EARLY = "too_early", _("Its window has not begun yet.")
    TOO_LATE = "too_late", _("Its window is over.")
    USED_UP = "used_up", _("All sessions that the client allowed have been used.")
    NO_EVIDENCE = (
        "no_evidence",
        _("The evidence is missing: attach the letter, the fax, the e-mail or the form."),
    )
    NOT_GRADE_ONE = (
        "not_grade_one",
        _("It was given by phone, which is enough for a grade-1 fault alone. Attach what the client wrote."),
    )
    WRITTEN_OVERDUE = (
        "written_overdue",
        _("What the client was to send in writing within 24 hours has not come."),
    )


class Standing(TextChoices):
    """How an authorisation stands, in a word."""

    VALID = "valid", _("valid")
    PLANNED = "planned", _("not begun")
    BLOCKED = "blocked", _("not usable")
    OVER = "over", _("over")
    REVOKED = "revoked", _("withdrawn")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is to be known of an authorisation; instants are aware. `has_evidence`: the file is there.

    For one by phone `has_evidence` means what came in writing afterwards, and `written_due_at` is set.
    """

    how: str
    window_from: datetime
    window_to: datetime
    max_sessions: int
    sessions_begun: int
    has_evidence: bool
    is_grade_one: bool
    is_revoked: bool
    written_due_at: datetime | None = None


def is_verbal(how: str) -> bool:
    """Say whether it was given by word of mouth, so that something written has to follow."""
    return how == HowGiven.PHONE


def bar(facts: Facts, now: datetime) -> Bar | None:
    """Return why no session may begin at `now`, or None where one may."""
    if (found := bar_to_work(facts, now)) is not None:
        return found
    return Bar.USED_UP if facts.sessions_begun >= facts.max_sessions else None


def bar_to_work(facts: Facts, now: datetime) -> Bar | None:
    """Return why nobody may work under it at `now`, even in a session that has begun.

    The window is [from, to). How many sessions there may be is no matter: his is one of them.
    """
    if facts.is_revoked:
        return Bar.REVOKED
    if now < facts.window_from:
        return Bar.TOO_EARLY
    if now >= facts.window_to:
        return Bar.TOO_LATE
    return _unproven(facts, now)


def standing(facts: Facts, now: datetime) -> Standing:
    """Say in a word how an authorisation stands at `now`."""
    match bar(facts, now):
        case None:
            return Standing.VALID
        case Bar.REVOKED:
            return Standing.REVOKED
        case Bar.TOO_EARLY:
            return Standing.PLANNED
        case Bar.TOO_LATE:
            return Standing.OVER
        case _:
            return Standing.BLOCKED


def written_due_at(how: str, given_at: datetime) -> datetime | None:
    """Return until when something written must follow; None where the authorisation is written itself."""
    return given_at + WRITTEN_WITHIN if is_verbal(how) else None


def refuse_unfit(
    *,
    how: str,
    callback_number: str,
    window_from: datetime,
    window_to: datetime,
    max_sessions: int,
    given_at: datetime,
    is_grade_one: bool,
    now: datetime,
) -> None:
    """Raise `Refused`, naming the field, when such an authorisation is not one that can be recorded."""
    fault = _unfit(
        {
            "how": is_verbal(how) and not is_grade_one,
            "callback_number": is_verbal(how) and not callback_number,
            "given_at": given_at > now,
            "window_to": window_to <= window_from,
            "window_over": window_to <= now,
            "window_long": window_to - window_from > LONGEST_WINDOW,
            "max_sessions": not 1 <= max_sessions <= MOST_SESSIONS,
        }
    )
    if fault is not None:
        field, code, words = UNFIT[fault]
        raise Refused(words, field=field, code=code)


UNFIT: Mapping[str, tuple[str, str, object]] = {
    "how": (
        "how",
        "not_grade_one",
        _("By phone is enough for a grade-1 fault alone. Ask the client to write, fax, mail or sign."),
    ),
    "callback_number": (
        "callback_number",
        "required",
        _("An authorisation by phone needs the number on which you called him back."),
    ),
    "given_at": ("given_at", "invalid", _("It cannot have been given in the future.")),
    "window_to": ("window_to", "invalid", _("The window must end after it begins.")),
    "window_over": ("window_to", "too_late", _("This window is over already.")),
    "window_long": (
        "window_to",
        "too_long",
        _("A window has at most 30 days; then the client is asked anew."),
    ),
    "max_sessions": ("max_sessions", "invalid", _("Between 1 and 50 sessions.")),
}


def _unfit(faults: Mapping[str, bool]) -> str | None:
    return next((name for name, is_so in faults.items() if is_so), None)


def _unproven(facts: Facts, now: datetime) -> Bar | None:
    """What is missing of the proof: paper, or for a word by phone what makes it enough for the time being."""
    if facts.has_evidence:
        return None
    if not is_verbal(facts.how):
        return Bar.NO_EVIDENCE
    if not facts.is_grade_one:
        return Bar.NOT_GRADE_ONE
    is_overdue = facts.written_due_at is not None and now >= facts.written_due_at
    return Bar.WRITTEN_OVERDUE if is_overdue else None
