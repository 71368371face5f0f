"""The words of a report: typed by its editors, kept while they type. No number is among them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from reports.models import MonthlyReport
from reports.monthly.actions.common import editing
from reports.monthly.kinds import COMMENT, LISTS, LONGEST_COMMENT, LONGEST_LINE, MOST_LINES
from reports.monthly.reading import reads_section
from reports.monthly.sections import COMMENTED
from staff.models import User
from staff.refused import Refused, refuse_too_long


@transaction.atomic
def write_report(
    report: MonthlyReport, words: Mapping[str, str], *, by: User, now: datetime
) -> MonthlyReport:
    """Keep what an editor has typed so far; what is not given stays. No history: nothing has happened yet.

    Raises `Moved` where it was written to elsewhere since, `Refused` at its field for what is too long.
    """
    fresh = editing(report, by)
    set_words(fresh, words, by=by)
    fresh.edited_at = now
    return save(fresh, "words", "edited_at")


def set_words(report: MonthlyReport, words: Mapping[str, str], *, by: User) -> None:
    """Put words into a locked draft. Refuses fields that there are not, and those that he may not read."""
    kept = dict(report.words)
    for name, text in words.items():
        key = name.removeprefix(COMMENT)
        is_list = name in LISTS
        if not is_list and not (name.startswith(COMMENT) and key in COMMENTED):
            raise Refused(_("There is no such field."), field=name, code="invalid")
        if not is_list and not reads_section(by, report, key):
            raise Refused(_("Only who reads this section comments on it."), field=name, code="forbidden")
        kept[name] = _lines(text, name) if is_list else _comment(text, name)
    report.words = {name: text for name, text in kept.items() if text}


def _lines(text: str, name: str) -> str:
    """A short list, as many lines as its page holds."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise Refused(_("At most %(n)s lines.") % {"n": MOST_LINES}, field=name, code="max_length")
    for line in lines:
        refuse_too_long(line, name, longest=LONGEST_LINE)
    return "\n".join(lines)


def _comment(text: str, name: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    refuse_too_long(text, name, longest=LONGEST_COMMENT)
    return text


def save(report: MonthlyReport, *fields: str) -> MonthlyReport:
    report.version += 1
    report.words_version += 1
    report.save(update_fields=[*fields, "version", "words_version"])
    return report
