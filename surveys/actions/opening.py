"""Corrective actions are opened: from a bad answer, a complaint, a callback, or by hand; of each source once.

The unique columns of the sources decide that, however many workers look at once and however often.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from clients.models import Client, Contact, System
from staff.models import ManagementLevel, User
from staff.refused import Refused, require
from surveys.actions.corrective import log, settle
from surveys.actions.correctivenotices import from_level, tell_opened
from surveys.correcting import Source, Told
from surveys.correctives import may_open, terms_in_force
from surveys.models import AnswerSheet, CorrectiveAction, CorrectiveEventKind
from surveys.models.corrective import LONGEST
from surveys.questions import QuestionKind
from tickets.models import Kind, Status, Ticket
from visits.models import Callback

# How far back the sweep looks: far enough for any time that it may have stood still, and an old archive is
# not opened in one flood.
LOOK_BACK = timedelta(days=30)
BATCH = 50
HOUSE = "zh-hans"  # what the clock writes is in the language of the house
LONGEST_TITLE = 200


def open_due(*, now: datetime) -> int:
    """Open one for each bad answer, complaint and callback of the last 30 days without one; say how many."""
    opened = 0
    with override(HOUSE):
        for look in (_of_answers, _of_complaints, _of_callbacks):
            while found := look(now):
                opened += found
    return opened


def open_from_answer(sheet: AnswerSheet, *, now: datetime) -> CorrectiveAction | None:
    """Open one of a bad answer at once, in the transaction that finishes it; None where nothing is bad.

    What makes an answer bad is a number, or a complaint ticked as one; never a word: "Thank you!" opens none.
    """
    if not AnswerSheet.objects.bad().filter(pk=sheet.pk).exists():
        return None
    with override(HOUSE):
        return _open(_from_answer(sheet), by=None, now=now)


@transaction.atomic
def open_by_hand(
    *,
    client: Client,
    title: str,
    words: str = "",
    ticket: Ticket | None = None,
    contact: Contact | None = None,
    system: System | None = None,
    by: User,
    now: datetime,
) -> CorrectiveAction:
    """Open one from a record or a client. Of one record several may be opened: by hand is on purpose."""
    if not may_open(by, client.group_id):
        raise Refused(_("You may not open one for this client."), code="forbidden")
    if ticket is not None and ticket.client_id != client.pk:
        raise Refused(_("This record is another client's."), field="ticket", code="invalid")
    if contact is not None and contact.client_id != client.pk:
        raise Refused(_("This contact belongs to another client."), field="contact", code="invalid")
    if system is not None and system.client_id != client.pk:
        raise Refused(_("This system belongs to another client."), field="system", code="invalid")
    action = CorrectiveAction(
        source=Source.RECORD if ticket else Source.CLIENT,
        ticket=ticket,
        client=client,
        contact=contact or (ticket.contact if ticket else None),
        system=system or (ticket.system if ticket else None),
        group=client.group,
        title=require(title, "title")[:LONGEST_TITLE],
        words=words.strip(),
    )
    opened = _open(action, by=by, now=now)
    assert opened is not None  # nothing of it is unique
    return opened


def open_of_audit(
    *,
    client: Client,
    title: str,
    words: str,
    ticket: Ticket | None = None,
    system: System | None = None,
    by: User,
    now: datetime,
) -> CorrectiveAction:
    """Open one of what a quality audit found (§4.1.1). Not a verb: audits order it, who may audit is theirs.

    Its owner is the superior of the client's group; nobody outside the house waits for an answer.
    """
    action = CorrectiveAction(
        source=Source.AUDIT,
        ticket=ticket,
        client=client,
        system=system,
        group=client.group,
        title=require(title, "title")[:LONGEST_TITLE],
        words=words.strip()[:LONGEST],
    )
    opened = _open(action, by=by, now=now)
    assert opened is not None  # nothing of it is unique
    return opened


def _of_answers(now: datetime) -> int:
    known = CorrectiveAction.objects.filter(answer=OuterRef("pk"))
    due = AnswerSheet.objects.bad().filter(finished_at__range=(now - LOOK_BACK, now)).filter(~Exists(known))
    related = ("invitation__client", "invitation__contact", "invitation__group", "invitation__ticket")
    return _open_each(due.select_related(*related).order_by("finished_at", "pk"), _from_answer, now)


def _of_complaints(now: datetime) -> int:
    known = CorrectiveAction.objects.filter(complaint=OuterRef("pk"))
    due = Ticket.objects.filter(kind=Kind.COMPLAINT, logged_at__range=(now - LOOK_BACK, now))
    due = (
        due.filter(~Exists(known))
        .exclude(status=Status.MERGED)
        .select_related("client", "contact", "group", "system")
    )
    return _open_each(due.order_by("pk"), _from_complaint, now)


def _of_callbacks(now: datetime) -> int:
    known = CorrectiveAction.objects.filter(callback=OuterRef("pk"))
    due = Callback.objects.disappointed().filter(done_at__range=(now - LOOK_BACK, now))
    related = ("client", "contact", "group", "system", "ticket")
    due = due.filter(~Exists(known)).select_related(*related)
    return _open_each(due.order_by("done_at", "pk"), _from_callback, now)


@transaction.atomic
def _open_each(due: QuerySet[Any], make: Callable[[Any], CorrectiveAction], now: datetime) -> int:
    """Open one for each of a batch; the rows of the sources are not locked: the unique column decides."""
    batch = list(due[:BATCH])
    return sum(_open(make(each), by=None, now=now) is not None for each in batch)


def _open(action: CorrectiveAction, *, by: User | None, now: datetime) -> CorrectiveAction | None:
    """Write it with its history and notices, unless there is one of the same source: then None."""
    action.opened_at = action.since = now
    action.opened_by = by
    superiors = from_level(ManagementLevel.SUPERVISOR, action)
    action.owner = next((one for one in superiors if one.may_work), None)
    settle(action, terms_in_force(since=now.date()))
    if action.tell_at is not None and action.tell_at <= now:
        action.told = Told.REMINDED  # the notice that it was opened says the same
        action.tell_at = action.due_at
    try:
        with transaction.atomic():
            action.save(force_insert=True)  # waits for a twin that is at it
    except IntegrityError:
        if by is None:
            return None  # the source has one by now
        raise
    log(action, CorrectiveEventKind.OPENED, by=by, now=now, text=action.title)
    tell_opened(action, by=by, now=now)
    return action


def _from_answer(sheet: AnswerSheet) -> CorrectiveAction:
    """The title says which question was answered badly; the words are what the client wrote."""
    invitation = sheet.invitation
    answers = list(sheet.answers.select_related("question").order_by("question__position"))
    bad = [answer for answer in answers if answer.is_bad]
    if bad:
        worst = min(bad, key=lambda answer: answer.number if answer.number is not None else 0)
        title = _("Survey %(number)s: %(question)s %(value)s") % {
            "number": invitation.number,
            "question": worst.question.label,
            "value": worst.shown,
        }
    else:
        title = _("Survey %(number)s: the client complains") % {"number": invitation.number}
    said = [answer.why for answer in answers if answer.why]
    said += [answer.shown for answer in answers if answer.question.kind == QuestionKind.TEXT]
    return CorrectiveAction(
        source=Source.ANSWER,
        answer=sheet,
        ticket=invitation.ticket,
        client=invitation.client,
        contact=invitation.contact,
        system=invitation.system,
        group=invitation.group,
        title=title[:LONGEST_TITLE],
        words="\n".join(dict.fromkeys(said))[:LONGEST],
    )


def _from_complaint(ticket: Ticket) -> CorrectiveAction:
    return CorrectiveAction(
        source=Source.COMPLAINT,
        complaint=ticket,
        ticket=ticket,
        client=ticket.client,
        contact=ticket.contact,
        system=ticket.system,
        group=ticket.group,
        title=ticket.title[:LONGEST_TITLE],
        words=ticket.details[:LONGEST],
    )


def _from_callback(callback: Callback) -> CorrectiveAction:
    title = _("Callback %(number)s: an expectation was not met") % {"number": callback.number}
    return CorrectiveAction(
        source=Source.CALLBACK,
        callback=callback,
        ticket=callback.ticket,
        client=callback.client,
        contact=callback.contact,
        system=callback.system,
        group=callback.group,
        title=title,
        words=callback.expectation_words,
    )
