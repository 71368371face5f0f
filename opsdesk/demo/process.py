"""The process register: two versions, a draft, suggestions in every state, and who has read what (§1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from audits.actions import clauses, suggestions
from audits.models import Clause, ProcessVersion, Reading, Suggestion
from opsdesk.demo.people import HOME, Staff
from opsdesk.demo.texts import load
from staff.models import ManagementLevel, Role, User

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIRST, SECOND = 400 * DAY, 60 * DAY  # ago
NOT_YET = 7  # every so-manieth person has not read the version in force


def improve(staff: Staff, *, now: datetime) -> None:
    """File, answer and publish as it was at that time; readings are written in bulk."""
    words = load("process")
    home = next(team for team in staff.teams if team.group.code == HOME)
    auditor = next(person for person in staff.everyone if person.role == Role.AUDITOR)
    manager = next(
        one for one in staff.everyone if one.management_level == ManagementLevel.DEPARTMENT_MANAGER
    )
    clauses.load_defaults(now=now - FIRST)
    authors = [*home.operators, *home.engineers]
    rows = list(enumerate(words["suggestions"]))
    for place, row in rows:
        if now - row["days"] * DAY < now - SECOND:
            _file(row, authors[place % len(authors)], auditor, now)
    _publish(words["versions"][0], auditor, manager, now=now - SECOND)
    for place, row in rows:
        if now - row["days"] * DAY >= now - SECOND:
            _file(row, authors[place % len(authors)], auditor, now)
    _write(words["versions"][1], auditor)
    _read(staff, now)
    suggestions.tend_suggestions(now=now)


def _file(row: Mapping[str, Any], author: User, auditor: User, now: datetime) -> None:
    then = now - row["days"] * DAY
    version = ProcessVersion.objects.in_force(timezone.localdate(then))
    clause = Clause.objects.select_related("version").get(
        version__in=version.values("pk"), number=row["clause"]
    )
    made = suggestions.file_suggestion(clause, text=row["text"], wording=row["wording"], by=author, now=then)
    _answer(made, row, author, auditor, then + row["after"] * DAY)


def _answer(made: Suggestion, row: Mapping[str, Any], author: User, auditor: User, then: datetime) -> None:
    match row["step"]:
        case "adopt":
            suggestions.adopt(made, answer=row["answer"], by=auditor, now=then)
        case "decline":
            suggestions.decline(made, answer=row["answer"], by=auditor, now=then)
        case "review":
            suggestions.review(made, by=auditor, now=then)
        case "withdraw":
            suggestions.withdraw(made, by=author, now=then)


def _write(words: Mapping[str, Any], by: User) -> ProcessVersion:
    draft = ProcessVersion.objects.get(state="draft")
    for clause in draft.clauses.filter(number__in=words["clauses"]):
        facts = {name: getattr(clause, name) for name in clauses.TEXTS} | words["clauses"][clause.number]
        clauses.save_clause(draft, facts, line=clause.line, by=by)
    return draft


def _publish(words: Mapping[str, Any], auditor: User, manager: User, *, now: datetime) -> None:
    draft = _write(words, auditor)
    day = timezone.localdate(now)
    clauses.publish_version(draft, in_force_on=day, note=words["note"], by=manager, now=now)


def _read(staff: Staff, now: datetime) -> None:
    versions = ProcessVersion.objects.published().order_by("number")
    Reading.objects.bulk_create(
        Reading(version=version, person=person, at=now - SECOND + (place % 30) * DAY + HOUR)
        for version in versions
        for place, person in enumerate(staff.everyone)
        if version.number == 1 or place % NOT_YET
    )
