"""Suggestions against a clause: filed, reviewed, answered; and what the clock does to them (§1.1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from audits.actions.clauses import check_may_answer, open_draft
from audits.models import Clause, ProcessEvent, ProcessEventKind, ProcessTerms, Suggestion
from audits.register import standing_of, terms_in_force
from audits.suggesting import Step, SuggestionState, Told
from staff.actions import notify, save_terms
from staff.models import ManagementLevel, Role, User
from staff.refused import Refused

BATCH = 100
LEVELS = {
    Told.DEPARTMENT_MANAGER: ManagementLevel.DEPARTMENT_MANAGER,
    Told.GENERAL_MANAGER: ManagementLevel.GENERAL_MANAGER,
}


@transaction.atomic
def file_suggestion(clause: Clause, *, text: str, wording: str = "", by: User, now: datetime) -> Suggestion:
    """File one against a clause of a published version; QA is told. Raises `Refused` naming the field."""
    if by.is_contact or not by.is_active:
        raise Refused(_("This is for the people of the house."), code="forbidden")
    if clause.version.is_draft:
        raise Refused(_("Suggestions are filed against published text."), code="wrong_status")
    if not text.strip():
        raise Refused(_("Say what is wrong or missing."), field="text", code="required")
    terms = terms_in_force(since=now.date())
    due_at = terms.due_at(now)
    made = Suggestion.objects.create(
        clause=clause,
        line=clause.line,
        text=text.strip(),
        wording=wording.strip(),
        by=by,
        filed_at=now,
        due_at=due_at,
        tell_at=terms.tell_at(due_at, Told.NOBODY),
    )
    _log(made, ProcessEventKind.FILED, by=by, now=now)
    _tell(made, [person for person in _answerers(made) if person.pk != by.pk], "filed", now)
    return made


@transaction.atomic
def review(suggestion: Suggestion, *, by: User, now: datetime) -> Suggestion:
    """Take it under review: its author sees that somebody looks at it. The limit for the answer stays."""
    found = _locked(suggestion, Step.REVIEW, by)
    found.state, found.reviewer = SuggestionState.REVIEW, by
    found.save(update_fields=["state", "reviewer"])
    _log(found, ProcessEventKind.REVIEWED, by=by, now=now)
    return found


@transaction.atomic
def adopt(suggestion: Suggestion, *, answer: str, by: User, now: datetime) -> Suggestion:
    """Adopt it in the version that is being drafted; where none is, the next one is begun."""
    found = _locked(suggestion, Step.ADOPT, by)
    found.adopted_in = open_draft(by=by, now=now)
    return _answer(found, SuggestionState.ADOPTED, answer, by, now)


@transaction.atomic
def decline(suggestion: Suggestion, *, answer: str, by: User, now: datetime) -> Suggestion:
    """Decline it for a reason, which its author reads. Raises `Refused` where none is given."""
    return _answer(_locked(suggestion, Step.DECLINE, by), SuggestionState.DECLINED, answer, by, now)


@transaction.atomic
def withdraw(suggestion: Suggestion, *, by: User, now: datetime) -> Suggestion:
    found = _locked(suggestion, Step.WITHDRAW, by)
    found.state, found.over_at, found.tell_at = SuggestionState.WITHDRAWN, now, None
    found.save(update_fields=["state", "over_at", "tell_at"])
    _log(found, ProcessEventKind.WITHDRAWN, by=by, now=now)
    return found


@transaction.atomic
def set_terms(terms: ProcessTerms, *, by: User, now: datetime) -> ProcessTerms:
    """Set how long answers may take; what is filed already keeps its day."""
    check_may_answer(by)
    terms.pk = 1
    terms.full_clean(validate_unique=False)
    save_terms(terms, by=by, now=now)
    return terms


def tend_suggestions(*, now: datetime) -> None:
    """Tell of what is due without an answer, level by level; a second run changes nothing."""
    while _tell_batch(now):
        pass


@transaction.atomic
def _tell_batch(now: datetime) -> int:
    rows = Suggestion.objects.to_tell(now).select_for_update(of=("self",), skip_locked=True)
    batch = list(rows.select_related("clause", "by").order_by("tell_at", "pk")[:BATCH])
    if not batch:
        return 0
    terms = terms_in_force(since=min(one.due_at for one in batch).date())
    for one in batch:
        told = Told(min(one.told + 1, Told.GENERAL_MANAGER))
        people = _answerers(one) if told == Told.ANSWERERS else _at_level(LEVELS[told], one)
        _tell(one, people, "overdue", now)
        names = ", ".join(person.name for person in people)
        _log(one, ProcessEventKind.REPORTED_UP, by=None, now=now, text=names)
        one.told, one.tell_at = told, terms.tell_at(one.due_at, told, last=now)
    Suggestion.objects.bulk_update(batch, ["told", "tell_at"])
    return len(batch)


def _locked(suggestion: Suggestion, step: Step, by: User) -> Suggestion:
    """The row as it is now, locked; refused where the step is not his, or was overtaken."""
    found = Suggestion.objects.select_for_update(of=("self",)).select_related("clause", "by")
    one = found.get(pk=suggestion.pk)
    if step in standing_of(one, by).possible():
        return one
    if not one.is_open or (step == Step.REVIEW and one.state != SuggestionState.FILED):
        message = _("Somebody was faster: it is %(state)s now.") % {"state": one.get_state_display()}
        raise Refused(message, code="moved")
    if step == Step.WITHDRAW:
        raise Refused(_("Only who filed it withdraws it."), code="forbidden")
    if one.by_id == by.pk:
        raise Refused(_("Nobody answers his own suggestion."), code="forbidden")
    check_may_answer(by)
    raise AssertionError(step)


def _answer(one: Suggestion, state: SuggestionState, answer: str, by: User, now: datetime) -> Suggestion:
    if not answer.strip():
        raise Refused(_("Its author reads this: say why."), field="answer", code="required")
    one.state, one.answer, one.answered_by = state, answer.strip(), by
    one.over_at, one.tell_at = now, None
    one.save(update_fields=["state", "answer", "answered_by", "adopted_in", "over_at", "tell_at"])
    is_adopted = state == SuggestionState.ADOPTED
    kind = ProcessEventKind.ADOPTED if is_adopted else ProcessEventKind.DECLINED
    _log(one, kind, by=by, now=now, text=one.answer)
    _tell(one, [one.by] if one.by.is_active else [], state.value, now)
    return one


def _answerers(one: Suggestion) -> list[User]:
    """QA; where nobody is left of them besides its author, the department manager, and so on up."""
    auditors = User.objects.filter(is_active=True, role=Role.AUDITOR).exclude(pk=one.by_id)
    return list(auditors.order_by("pk")) or _at_level(ManagementLevel.DEPARTMENT_MANAGER, one)


def _at_level(level: int, one: Suggestion) -> list[User]:
    """The people of a level, else of the next one that has any; at the end the administrators."""
    people = User.objects.filter(is_active=True).exclude(pk=one.by_id).exclude(role=Role.CONTACT)
    for step in range(level, ManagementLevel.GENERAL_MANAGER + 1):
        if found := list(people.filter(management_level=step).order_by("pk")):
            return found
    return list(people.filter(role=Role.ADMINISTRATOR).order_by("pk"))


def _log(one: Suggestion, kind: ProcessEventKind, *, by: User | None, now: datetime, text: str = "") -> None:
    ProcessEvent.objects.create(suggestion=one, kind=kind, at=now, by=by, text=text)


def _tell(one: Suggestion, people: Iterable[User], what: str, now: datetime) -> None:
    """`what` is filed, overdue, adopted or declined; of one suggestion and instant each is said once."""
    notify(
        people,
        "suggestion_overdue" if what == "overdue" else "suggestion",
        {
            "what": what,
            "number": one.number,
            "clause": one.clause.number,
            "title": one.clause.title,
            "title_en": one.clause.title_en,
            "by": one.by.name,
            "by_en": one.by.name_en,
            "version": one.adopted_in.number if one.adopted_in else None,
            "until_at": one.due_at.isoformat(),
            "note": one.answer or one.text,
        },
        url=reverse("process:suggestion", args=[one.pk]),
        key=f"suggestion:{one.pk}:{what}:{now.isoformat()}",
        now=now,
    )
