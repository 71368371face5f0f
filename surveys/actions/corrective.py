"""A corrective action, step by step: analysed, planned, carried out, answered, verified, checked (§4.3).

Closing needs all of it. What is missing is named at its field, all of it at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Channel
from staff.actions import save_terms
from staff.models import User
from staff.refused import Refused, require
from surveys.actions.correctivenotices import (
    tell_dropped,
    tell_effect,
    tell_owner,
    tell_returned,
    tell_verifiers,
)
from surveys.actions.correctivereplies import answer_client
from surveys.actions.correctivewords import missing_words
from surveys.correcting import MOST_WHYS, STEPS, CorrectiveState, Effect, Part, RootCause, Step, Terms, Told
from surveys.correctives import may_set_terms, standing_of, terms_for
from surveys.models import CorrectiveAction, CorrectiveEvent, CorrectiveEventKind, CorrectiveTerms

DAY = timedelta(days=1)
LONGEST_WHY = 500


class PartsMissing(Refused):
    """Closing is refused: each part that is missing, by the field that it is missing at."""

    def __init__(self, parts: Sequence[Part]) -> None:
        words = {part: missing_words(part) for part in parts}
        super().__init__(words[parts[0]], field=parts[0].value, code="missing")
        self.faults: Mapping[str, str] = {part.value: text for part, text in words.items()}


def analyse(
    action: CorrectiveAction, *, whys: Sequence[str], root_cause: str, by: User, now: datetime
) -> CorrectiveAction:
    """Write down why it happened, asked up to five times, and what kind of cause lies at the root."""
    with stepping(action, Step.ANALYSE, by=by, now=now) as (fresh, _terms):
        asked = [why.strip() for why in whys if why.strip()]
        if not asked:
            raise Refused(_("Ask why at least once."), field="whys", code="required")
        if len(asked) > MOST_WHYS or max(map(len, asked)) > LONGEST_WHY:
            message = _("At most %(most)s whys, of %(longest)s characters each.")
            facts = {"most": MOST_WHYS, "longest": LONGEST_WHY}
            raise Refused(message % facts, field="whys", code="too_long")
        if root_cause not in RootCause.values:
            raise Refused(_("Choose the root cause."), field="root_cause", code="required")
        fresh.whys, fresh.root_cause = asked, RootCause(root_cause)
        text = "\n".join(f"{number}. {why}" for number, why in enumerate(asked, start=1))
        changes = {"root_cause": [None, fresh.root_cause]}
        log(fresh, CorrectiveEventKind.ANALYSED, by=by, now=now, text=text, changes=changes)
    return fresh


def plan_measure(
    action: CorrectiveAction, *, measure: str, owner: User, due_on: date, by: User, now: datetime
) -> CorrectiveAction:
    """Say what is done against it, by whom and by when; the owner is told where it is another."""
    with stepping(action, Step.PLAN, by=by, now=now) as (fresh, _terms):
        measure = require(measure, "measure")
        if not owner.may_work or not (owner.group_id == fresh.group_id or owner.sees_everything):
            raise Refused(
                _("The owner works in the group, or for all groups."), field="owner", code="invalid"
            )
        if due_on < timezone.localdate(now):
            raise Refused(_("This day is over."), field="due_on", code="past")
        before = fresh.owner_id
        changes = {
            "owner": [fresh.owner.name if fresh.owner else None, owner.name],
            "due_on": [fresh.due_on and fresh.due_on.isoformat(), due_on.isoformat()],
        }
        fresh.measure, fresh.owner, fresh.due_on = measure, owner, due_on
        log(fresh, CorrectiveEventKind.PLANNED, by=by, now=now, text=measure, changes=changes)
        if owner.pk not in (before, by.pk):
            tell_owner(fresh, now=now)
    return fresh


def carry_out(action: CorrectiveAction, *, result: str, by: User, now: datetime) -> CorrectiveAction:
    """Report that the measure is carried out; those who may verify it are told."""
    with stepping(action, Step.CARRY_OUT, by=by, now=now) as (fresh, terms):
        fresh.result, fresh.carried_out_at = require(result, "result"), now
        fresh.was_late = fresh.due_on is not None and now >= terms.end_of(fresh.due_on)
        log(fresh, CorrectiveEventKind.CARRIED_OUT, by=by, now=now, text=fresh.result)
        tell_verifiers(fresh, by=by, now=now)
    return fresh


def reply_to_client(
    action: CorrectiveAction,
    *,
    text: str,
    how: str,
    told: str = "",
    told_at: datetime | None = None,
    by: User,
    now: datetime,
) -> CorrectiveAction:
    """Give the client an answer: sent by e-mail, or told by a person, and then whom and when (§4.3).

    Where there is a maintenance record the answer stands in its history, where its contact can read it.
    """
    with stepping(action, Step.REPLY, by=by, now=now) as (fresh, _terms):
        text = require(text, "reply")
        if how not in Channel.values:
            raise Refused(_("Say how the client was answered."), field="reply_how", code="required")
        if told_at is not None and told_at > now:
            raise Refused(_("This lies in the future."), field="replied_at", code="invalid")
        if told_at is not None and told_at < fresh.opened_at:
            raise Refused(_("This was before it was opened."), field="replied_at", code="invalid")
        fresh.reply, fresh.reply_how, fresh.replied_by = text, Channel(how), by
        fresh.reply_to = answer_client(fresh, text=text, how=Channel(how), told=told, by=by, now=now)
        fresh.replied_at = now if how == Channel.EMAIL else told_at or now
        changes = {
            "how": [None, how],
            "told": [None, fresh.reply_to],
            "at": [None, fresh.replied_at.isoformat()],
        }
        log(fresh, CorrectiveEventKind.REPLIED, by=by, now=now, text=text, changes=changes)
    return fresh


def verify(
    action: CorrectiveAction, *, is_done: bool, note: str, by: User, now: datetime
) -> CorrectiveAction:
    """Say, as somebody else than the owner, whether the measure is really carried out.

    Where it is not, it goes back to the owner; where it is, the effect is to be checked some days later.
    """
    with stepping(action, Step.VERIFY, by=by, now=now) as (fresh, terms):
        note = require(note, "verification")
        if not is_done:
            fresh.result, fresh.carried_out_at = "", None
            log(fresh, CorrectiveEventKind.RETURNED, by=by, now=now, text=note)
            tell_returned(fresh, note, now=now)
        else:
            fresh.verification, fresh.verified_by, fresh.verified_at = note, by, now
            fresh.effect_due_on = timezone.localdate(now) + terms.days.effect * DAY
            changes = {"effect_due_on": [None, fresh.effect_due_on.isoformat()]}
            log(fresh, CorrectiveEventKind.VERIFIED, by=by, now=now, text=note, changes=changes)
    return fresh


def check_effect(
    action: CorrectiveAction, *, effect: str, note: str, by: User, now: datetime
) -> CorrectiveAction:
    """Say whether it helped. Where it did not, cause, measure and reply are owed anew."""
    with stepping(action, Step.CHECK_EFFECT, by=by, now=now) as (fresh, _terms):
        note = require(note, "effect_note")
        if effect not in Effect.values:
            raise Refused(_("Say whether it helped."), field="effect", code="required")
        fresh.effect, fresh.effect_note, fresh.effect_at, fresh.effect_by = Effect(effect), note, now, by
        if effect == Effect.EFFECTIVE:
            log(fresh, CorrectiveEventKind.EFFECTIVE, by=by, now=now, text=note)
        else:
            log(fresh, CorrectiveEventKind.NOT_EFFECTIVE, by=by, now=now, text=note)
            _begin_anew(fresh, now)
            tell_effect(fresh, note, by=by, now=now)
    return fresh


def close_corrective(action: CorrectiveAction, *, by: User, now: datetime) -> CorrectiveAction:
    """Close it. Raises `PartsMissing` with every part that is missing, each at its field."""
    with stepping(action, Step.CLOSE, by=by, now=now) as (fresh, _terms):
        if parts := fresh.facts.missing():
            raise PartsMissing(parts)
        fresh.state, fresh.over_at = CorrectiveState.CLOSED, now
        log(fresh, CorrectiveEventKind.CLOSED, by=by, now=now)
    return fresh


def drop_corrective(
    action: CorrectiveAction, *, reason: str, by: User, now: datetime, needs_reply: bool = True
) -> CorrectiveAction:
    """Drop what needs no measure, as a superior who does not own it; the client is answered all the same.

    The answer to a complaint that was ruled unfounded is its record's, which only the client's word closes.
    """
    with stepping(action, Step.DROP, by=by, now=now) as (fresh, _terms):
        fresh.dropped_because = require(reason, "reason")
        if needs_reply and fresh.owes_reply and fresh.replied_at is None:
            raise PartsMissing([Part.REPLY])
        fresh.state, fresh.over_at = CorrectiveState.DROPPED, now
        log(fresh, CorrectiveEventKind.DROPPED, by=by, now=now, text=fresh.dropped_because)
        tell_dropped(fresh, by=by, now=now)
    return fresh


def set_terms(terms: CorrectiveTerms, *, by: User, now: datetime) -> CorrectiveTerms:
    """Set how long the steps may take; what is due already stays so until its next step."""
    if not may_set_terms(by):
        raise Refused(_("The terms are the house's."), code="forbidden")
    terms.pk = 1
    save_terms(terms, by=by, now=now)
    return terms


def settle(action: CorrectiveAction, terms: Terms) -> None:
    """Set state, and when the next step is due and told of, from the facts. Whoever calls it saves."""
    if action.is_open:
        action.state = action.facts.state()
    due_at = terms.due_at(action.dates)
    if due_at != action.due_at or due_at is None:
        action.due_at, action.told = due_at, Told.NOBODY
        action.tell_at = terms.tell_at(due_at, Told.NOBODY) if due_at else None


def log(
    action: CorrectiveAction,
    kind: CorrectiveEventKind,
    *,
    by: User | None,
    now: datetime,
    text: str = "",
    changes: Mapping[str, object] | None = None,
) -> CorrectiveEvent:
    """Append one entry to the history."""
    return CorrectiveEvent.objects.create(
        action=action, kind=kind, at=now, by=by, text=text, changes=dict(changes or {})
    )


class Moved(Refused):
    """It is no longer as the person saw it: somebody was faster."""

    def __init__(self, action: CorrectiveAction) -> None:
        message = _("Somebody was faster: it is now “%(state)s”.") % {"state": action.get_state_display()}
        super().__init__(message, code="moved")


@contextmanager
def stepping(
    action: CorrectiveAction, step: Step, *, by: User, now: datetime
) -> Iterator[tuple[CorrectiveAction, Terms]]:
    """Lock it, yield it fresh with the terms in force where this person may take the step, and save it."""
    with transaction.atomic():
        fresh = locked(action.pk)
        terms = terms_for(fresh, now)
        if reason := standing_of(fresh, by).refusal(step):
            if reason == "wrong_status" and CorrectiveState(action.state) in STEPS[step]:
                raise Moved(fresh)
            raise Refused(_why_not(reason, fresh), code="forbidden" if reason == "own_action" else reason)
        yield fresh, terms
        settle(fresh, terms)
        if fresh.told == Told.NOBODY and fresh.tell_at is not None and fresh.tell_at <= now:
            # Whoever takes a step knows what is due next: a reminder within the day would say it again.
            fresh.told, fresh.tell_at = Told.REMINDED, terms.tell_at(fresh.due_at or now, Told.REMINDED)
        fresh.version += 1
        fresh.save()


def locked(pk: int) -> CorrectiveAction:
    rows = CorrectiveAction.objects.select_for_update(of=("self",))
    people = ("contact__user", "contact__client", "owner", "verified_by", "ticket__contact")
    related = ("client", "group", "answer__invitation", *people)
    return rows.select_related(*related).get(pk=pk)


def _why_not(reason: str, action: CorrectiveAction) -> str:
    words = {
        "forbidden": _("This is not yours to do in this corrective action."),
        "own_action": _("Somebody other than the owner has to do this."),
        "wrong_status": _("Not possible while it is “%(state)s”.") % {"state": action.get_state_display()},
    }
    return words[reason]


def _begin_anew(action: CorrectiveAction, now: datetime) -> None:
    """The second round owes everything again; what was said before stands in the history."""
    action.round, action.since = action.round + 1, now
    action.whys, action.root_cause, action.measure, action.due_on = [], "", "", None
    action.result, action.carried_out_at, action.was_late = "", None, False
    action.reply, action.reply_how, action.reply_to = "", "", ""
    action.replied_at = action.replied_by = None
    action.verification, action.verified_at, action.verified_by = "", None, None
    action.effect, action.effect_note, action.effect_due_on = "", "", None
    action.effect_at = action.effect_by = None
    action.resurvey = None
