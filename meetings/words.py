"""What the facts of an agenda are in words, in the language spoken; on the page and in the minutes alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from audits.kinds import FindingKind
from meetings.agenda import Bit, Line
from meetings.kinds import DecisionState
from surveys.correcting import CorrectiveState
from tickets.lifecycle import Status
from tickets.models import ClockKind, Grade
from tickets.names import is_english


def said(bit: Bit) -> str:
    """One fact in words. What nobody has words for is said as it stands."""
    value = bit.value_en if bit.value_en and is_english() else bit.value
    return SAID.get(bit.kind, str)(value)


def title_of(line: Line) -> str:
    """What a line is about: a name in the reader's language, or one of our own words."""
    if line.title.startswith("clock:"):
        return str(ClockKind(line.title.removeprefix("clock:")).label)
    return line.title_en if line.title_en and is_english() else line.title


def told(line: Line) -> str:
    """What a line says besides its title."""
    return " · ".join(filter(None, map(said, line.bits)))


def moment(text: str) -> str:
    """A day, or an instant to the minute, always with its year."""
    if "T" not in text:
        return date.fromisoformat(text).isoformat()
    return (
        f"{timezone.localtime(datetime.fromisoformat(text), timezone.get_default_timezone()):%Y-%m-%d %H:%M}"
    )


def _kinds(value: str) -> str:
    names = pgettext("between names in a list", ", ").join(
        str(ClockKind(kind).label) for kind in value.split(",")
    )
    return _("missed: %(limits)s") % {"limits": names}


def _times(value: str) -> str:
    number = int(value)
    return ngettext("came back once, overdue", "came back %(n)s times, overdue", number) % {"n": number}


def _abnormal(value: str) -> str:
    return ngettext("%(n)s item abnormal", "%(n)s items abnormal", int(value)) % {"n": value}


def _lacks(value: str) -> str:
    return ngettext("%(n)s gap in its cover", "%(n)s gaps in its cover", int(value)) % {"n": value}


def _inspection(value: str) -> str:
    return _("finished late") if value == "late" else _("missed")


SAID: Mapping[str, Callable[[str], str]] = {
    "grade": lambda value: str(Grade(int(value)).label),
    "status": lambda value: str(Status(value).label),
    "decision": lambda value: str(DecisionState(value).label),
    "corrective": lambda value: str(CorrectiveState(value).label),
    "inspection": _inspection,
    "finding": lambda value: str(FindingKind(value).label),
    "help": lambda value: _("help wanted: %(words)s") % {"words": value},
    "overdue": lambda value: _("overdue since %(when)s") % {"when": moment(value)},
    "due": lambda value: _("due %(when)s") % {"when": moment(value)},
    "reported": lambda value: _("reported %(when)s") % {"when": moment(value)},
    "met_at": lambda value: _("met %(when)s") % {"when": moment(value)},
    "from": lambda value: _("from %(when)s") % {"when": moment(value)},
    "until": lambda value: _("until %(when)s") % {"when": moment(value)},
    "paper_by": lambda value: _("paper due %(when)s") % {"when": moment(value)},
    "allowed_by": lambda value: _("allowed by %(name)s") % {"name": value},
    "day": moment,
    "missed": _kinds,
    "kept": lambda value: _("limits kept"),
    "rate": lambda value: _("kept %(share)s") % {"share": value},
    "before": lambda value: _("the time before %(share)s") % {"share": value},
    "came_back": _times,
    "abnormal": _abnormal,
    "lacks": _lacks,
    "covered": lambda value: _("covered"),
}
