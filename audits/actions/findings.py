"""A finding is raised, becomes a record or a corrective action, is answered, and verified (§4.1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audits.actions.common import check_may_audit, locked, log
from audits.actions.notices import tell_answered, tell_closed, tell_raised, tell_returned
from audits.following import Step, Terms, Told, needs_order
from audits.kinds import AuditState, EventKind, FindingKind, FindingState
from audits.models import Audit, Check, Finding, FindingOrder
from audits.standing import standing_of, terms_since
from clients.models import Channel, Client
from staff.models import User
from staff.refused import Refused, require
from surveys.actions.opening import open_of_audit
from surveys.correcting import CorrectiveState
from tickets.actions.intake import Call, log_call
from tickets.models import Status

LONGEST_TITLE = 200
VERIFIED = (CorrectiveState.VERIFIED, CorrectiveState.CLOSED)


@transaction.atomic
def raise_finding(
    audit: Audit,
    *,
    kind: str,
    title: str,
    details: str = "",
    check: Check | None = None,
    client: Client | None = None,
    owner: User | None = None,
    due_on: date | None = None,
    by: User,
    now: datetime,
) -> Finding:
    """Raise a finding, while the audit is held. Its day is given, or follows from its kind."""
    check_may_audit(by)
    fresh = locked(Audit, audit, "group", "system__client", "auditor")
    if fresh.state != AuditState.RUNNING:
        raise Refused(_("Findings are raised while the audit is being held."), code="wrong_status")
    if kind not in FindingKind.values:
        raise Refused(_("Choose how grave it is."), field="kind", code="required")
    if check is not None and check.audit_id != fresh.pk:
        raise Refused(_("This item belongs to another audit."), field="check", code="invalid")
    ticket = check.sampled.ticket if check is not None and check.sampled else None
    system = fresh.system or (ticket.system if ticket else None)
    # What the record or the system says is so, even where the client has moved to another group since.
    follows = system.client if system else ticket.client if ticket else None
    if follows is None and client is not None and client.group_id != fresh.group_id:
        raise Refused(_("This client belongs to another group."), field="client", code="invalid")
    if owner is not None and not (
        owner.may_work and (owner.group_id == fresh.group_id or owner.sees_everything)
    ):
        raise Refused(_("The owner works in the group, or for all groups."), field="owner", code="invalid")
    terms = terms_since(now)
    if due_on is not None and due_on < timezone.localdate(now):
        raise Refused(_("This day is over."), field="due_on", code="past")
    finding = Finding(
        audit=fresh,
        check_of=check,
        kind=FindingKind(kind),
        title=require(title, "title", longest=LONGEST_TITLE),
        details=details.strip(),
        group=fresh.group,
        client=follows or client,
        system=system,
        ticket=ticket,
        owner=owner,
        due_on=due_on or terms.due_on(kind, now),
        raised_at=now,
        raised_by=by,
    )
    _settle(finding, terms)
    finding.save(force_insert=True)
    fresh.save(update_fields=["version"])
    log(finding, EventKind.RAISED, by=by, now=now, text=finding.title)
    tell_raised(finding, by=by, now=now)
    return finding


def open_record(finding: Finding, *, client: Client | None = None, by: User, now: datetime) -> Finding:
    """Have a maintenance record opened of it by the intake: the order goes down, the auditor touches none."""
    with stepping(finding, Step.OPEN_RECORD, by=by, now=now) as (fresh, _terms):
        whose = _client_of(fresh, client)
        call = Call(
            client=whose,
            system=fresh.system,
            caller_name=by.name,
            callback_number=by.phone,
            title=fresh.title,
            details="\n".join(filter(None, [f"{fresh.audit.number} {fresh.number}", fresh.details])),
            channel=Channel.WEB,
        )
        owner = fresh.owner if fresh.owner is not None and fresh.owner.may_work else None
        ticket = log_call(call, by=None, now=now, owner=owner, changes={"finding": [None, fresh.pk]})
        FindingOrder.objects.create(finding=fresh, round=fresh.round, ticket=ticket, at=now, by=by)
        fresh.client = whose
        log(fresh, EventKind.RECORD, by=by, now=now, text=ticket.number)
    return fresh


def open_corrective(finding: Finding, *, client: Client | None = None, by: User, now: datetime) -> Finding:
    """Have a corrective action opened of it; it is the group's superior's to carry out."""
    with stepping(finding, Step.OPEN_CORRECTIVE, by=by, now=now) as (fresh, _terms):
        whose = _client_of(fresh, client)
        corrective = open_of_audit(
            client=whose,
            title=fresh.title,
            words="\n".join(filter(None, [f"{fresh.audit.number} {fresh.number}", fresh.details])),
            ticket=fresh.ticket,
            system=fresh.system,
            by=by,
            now=now,
        )
        FindingOrder.objects.create(finding=fresh, round=fresh.round, corrective=corrective, at=now, by=by)
        fresh.client = whose
        log(fresh, EventKind.CORRECTIVE, by=by, now=now, text=corrective.number)
    return fresh


def answer_finding(finding: Finding, *, answer: str, by: User, now: datetime) -> Finding:
    """Report what was done; the auditor is told. Of a problem or danger what was ordered must be through."""
    with stepping(finding, Step.ANSWER, by=by, now=now) as (fresh, _terms):
        answer = require(answer, "answer")
        if unfinished := missing_of(fresh):
            raise Refused(unfinished, field="answer", code="missing")
        fresh.answer, fresh.answered_at, fresh.answered_by = answer, now, by
        fresh.state = FindingState.ANSWERED
        log(fresh, EventKind.ANSWERED, by=by, now=now, text=answer)
        tell_answered(fresh, by=by, now=now)
    return fresh


def verify_finding(finding: Finding, *, is_effective: bool, note: str, by: User, now: datetime) -> Finding:
    """Close it as effective, or give it back: then a new round owes a remedy by a new day."""
    with stepping(finding, Step.VERIFY, by=by, now=now) as (fresh, terms):
        note = require(note, "note")
        if is_effective:
            if unfinished := missing_of(fresh):
                raise Refused(unfinished, field="is_effective", code="missing")
            fresh.verification, fresh.verified_at, fresh.verified_by = note, now, by
            fresh.state = FindingState.CLOSED
            log(fresh, EventKind.VERIFIED, by=by, now=now, text=note)
            tell_closed(fresh, now=now)
        else:
            fresh.round += 1
            fresh.answer, fresh.answered_at, fresh.answered_by = "", None, None
            fresh.state, fresh.due_on = FindingState.OPEN, terms.due_on(fresh.kind, now)
            log(fresh, EventKind.RETURNED, by=by, now=now, text=note)
            tell_returned(fresh, note, now=now)
    return fresh


def withdraw_finding(finding: Finding, *, reason: str, by: User, now: datetime) -> Finding:
    """Take it back: it was none. What was ordered of it goes its own way."""
    with stepping(finding, Step.WITHDRAW, by=by, now=now) as (fresh, _terms):
        fresh.withdrawn_because = require(reason, "reason")
        fresh.state = FindingState.WITHDRAWN
        log(fresh, EventKind.WITHDRAWN, by=by, now=now, text=fresh.withdrawn_because)
    return fresh


def missing_of(finding: Finding) -> str:
    """Say what stands between a finding and its being closed; empty where nothing does."""
    order = order_of(finding)
    if order is None:
        if needs_order(finding.kind):
            return _("A maintenance record or a corrective action has to be opened of it first.")
        return ""
    if order.ticket is not None and order.ticket.status != Status.CLOSED:
        return _("Record %(number)s is not closed yet.") % {"number": order.ticket.number}
    if order.corrective is not None and order.corrective.state not in VERIFIED:
        return _("Corrective action %(number)s is not verified yet.") % {"number": order.corrective.number}
    return ""


def order_of(finding: Finding) -> FindingOrder | None:
    """What was ordered in this round."""
    rows = FindingOrder.objects.select_related("ticket", "corrective")
    return rows.filter(finding=finding, round=finding.round).first()


@contextmanager
def stepping(finding: Finding, step: Step, *, by: User, now: datetime) -> Iterator[tuple[Finding, Terms]]:
    """Lock it, yield it fresh with the days in force where this person may take the step, and save it."""
    with transaction.atomic():
        related = ("audit__auditor", "group", "client", "system__client", "ticket", "owner")
        fresh = locked(Finding, finding, *related)
        standing = standing_of(fresh, by, has_order=order_of(fresh) is not None)
        if reason := standing.refusal(step):
            raise Refused(_why_not(reason, fresh), code="forbidden" if reason == "own_finding" else reason)
        terms = terms_since(min(now, fresh.raised_at))
        yield fresh, terms
        _settle(fresh, terms)
        if not fresh.is_open:
            fresh.over_at = now
        fresh.save()


def _settle(finding: Finding, terms: Terms) -> None:
    """Set when the next step is due and told of; whoever takes a step knows of one due within the day."""
    due_at = terms.due_at(finding.state, finding.due_on, finding.answered_at)
    if due_at != finding.due_at:
        finding.due_at, finding.told = due_at, Told.NOBODY
        finding.tell_at = terms.tell_at(due_at, Told.NOBODY) if due_at else None


def _client_of(finding: Finding, given: Client | None) -> Client:
    if finding.client is not None:
        return finding.client
    if given is None:
        raise Refused(_("Choose the client whose matter it is."), field="client", code="required")
    if given.group_id != finding.group_id:
        raise Refused(_("This client belongs to another group."), field="client", code="invalid")
    return given


def _why_not(reason: str, finding: Finding) -> str:
    words = {
        "forbidden": _("Auditors order and verify; the owner and his superiors answer."),
        "own_finding": _("Somebody other than its owner and whoever answered has to do this."),
        "has_order": _("Something was opened of it already."),
        "wrong_status": _("Not possible while it is “%(state)s”.") % {"state": finding.get_state_display()},
    }
    return words[reason]
