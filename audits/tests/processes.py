"""What the tests of the process register have in common: our text in force since the cast's Monday."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from audits.actions import clauses
from audits.actions.suggestions import adopt, file_suggestion
from audits.models import Clause, ProcessVersion, Suggestion
from opsdesk.testing import MONDAY, Cast
from staff.models import User

DAY = timedelta(days=1)


def loaded(now: datetime = MONDAY) -> ProcessVersion:
    clauses.load_defaults(now=now)
    return ProcessVersion.objects.get(number=1)


def clause_of(number: str) -> Clause:
    rows = Clause.objects.filter(number=number, version__state="published").select_related("version")
    return rows.latest("version__number")


def filed(cast: Cast, now: datetime = MONDAY, *, number: str = "3.2", **more: Any) -> Suggestion:
    """One that 李敏 filed: nobody says who answers for it at night."""
    if not ProcessVersion.objects.exists():
        loaded(now)
    facts = {"text": "夜里由谁跟进?", "by": cast.li, "now": now} | more
    return file_suggestion(clause_of(number), **facts)


def changed(version: ProcessVersion, number: str, cast: Cast, **facts: str) -> Clause:
    """A clause of the draft with some of its words changed by the auditor."""
    found = version.clauses.get(number=number)
    words = {name: getattr(found, name) for name in clauses.TEXTS} | facts
    return clauses.save_clause(version, words, line=found.line, by=cast.zhou)


def story(cast: Cast) -> Suggestion:
    """Version 1 in force, a suggestion adopted in the draft of version 2, and one that waits."""
    now = timezone.now()
    loaded(now - 20 * DAY)
    one = filed(cast, now - 5 * DAY)
    adopt(one, answer="写进下一版", by=cast.zhou, now=now)
    changed(ProcessVersion.objects.get(number=2), "3.2", cast, text_en="Whoever is on duty follows it.")
    return filed(cast, now - DAY, number="5.1", by=cast.chen)


def process_command(command: str, verb: str, cast: Cast) -> tuple[str, User]:
    """A documented command about something that there is, and who may run it."""
    waiting = story(cast)
    command = command.replace("/suggestions/1/", f"/suggestions/{waiting.pk}/")
    if verb in ("clauses", "publish"):
        command = command.replace("/versions/1/", "/versions/2/")
    return command, cast.chen if verb == "withdraw" else cast.zhou
