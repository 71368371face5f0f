"""E-mail that comes in: taken once, into the record where it belongs, or before somebody's eyes (§3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from clients.models import Channel, Contact
from duty.models import DutyRole, Shift
from staff.actions import notify
from staff.files import Upload
from staff.models import DeliveryState, Role, User
from tickets.actions.attaching import keep
from tickets.actions.intake import Call, log_call
from tickets.actions.journal import changing, record
from tickets.actions.messages import send
from tickets.actions.telling import tell
from tickets.actions.work import end_wait_for_client
from tickets.lifecycle import Move, Refused
from tickets.mailing import Facts, File, Letter, Outcome, Reason, Thread, decide, ignored, ticket_in
from tickets.models import Attachment, Entry, EntryKind, IntakeMail, Link, OutgoingMail, ReceivedMail, Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OLDEST = timedelta(days=7)  # what lay in the mailbox longer was not sent to this installation
LONGEST_DETAILS, LONGEST_ENTRY = 10_000, 20_000
MOST_NAMED = 20


@transaction.atomic
def take_mail(
    letter: Letter, raw: bytes, *, size: int | None = None, arrived_at: datetime, now: datetime
) -> ReceivedMail | None:
    """Take an e-mail to where it belongs; None when it was taken before. `arrived_at` is the mail server's.

    `size` is that of the whole, where `raw` is only its beginning. From a contact it makes a record, or an
    entry in the one that it answers or names; what nobody may take for granted waits for a decision; what a
    machine wrote is only logged. The same e-mail taken twice, or by two at once, is taken once.
    """
    mail, is_new = ReceivedMail.objects.get_or_create(
        key=letter.key,
        defaults={
            "sender": letter.sender,
            "sender_name": letter.sender_name[:120],
            "subject": letter.subject[:250],
            "text": letter.text,
            "outcome": Outcome.QUEUED,
            "received_at": arrived_at if now - OLDEST <= arrived_at <= now else now,
            "taken_at": now,
        },
    )
    if not is_new:
        return None
    if (reason := ignored(letter, own=settings.MAIL_OWN_ADDRESSES)) is not None:
        _note(mail, Outcome.IGNORED, reason)
        _tell_of_returned(letter, now)
        return mail
    contacts, (ticket, thread) = contacts_at(letter.sender), _thread_of(letter)
    verdict = decide(letter, _facts(mail, contacts, thread, is_whole=size is None), now=now)
    if verdict.outcome == Outcome.RECORD:
        _record(mail, letter, contacts[0], now=now)
    elif verdict.outcome == Outcome.ENTRY and ticket is not None:
        kind = EntryKind.MAIL if verdict.is_repeat else EntryKind.REPLY
        add_letter(mail, letter, ticket, kind, by=None, now=now)
    else:
        _queue(mail, verdict.reason or Reason.FAILED, raw, size or len(raw), now=now)
    return mail


@transaction.atomic
def queue_unread(raw: bytes, *, key: str, size: int, error: str, now: datetime) -> ReceivedMail | None:
    """Put what could not be read, or ended whoever tried, before somebody's eyes; None when it is there."""
    defaults = {"subject": error[:250], "outcome": Outcome.QUEUED, "received_at": now, "taken_at": now}
    mail, is_new = ReceivedMail.objects.get_or_create(key=key, defaults=defaults)
    if not is_new:
        return None
    _queue(mail, Reason.FAILED, raw, size, now=now)
    return mail


def contacts_at(address: str) -> list[Contact]:
    """Return the contacts of active clients with this e-mail address."""
    if not address:
        return []
    found = Contact.objects.filter(email__iexact=address, is_active=True, client__is_active=True)
    return list(found.select_related("client__group", "user").order_by("pk")[:MOST_NAMED])


def add_letter(
    mail: ReceivedMail, letter: Letter, ticket: Ticket, kind: EntryKind, *, by: User | None, now: datetime
) -> Ticket:
    """Write an e-mail into the history of a record, with its files. Not a verb: the verbs call this.

    What the client writes ends a wait for him, and the owner is told of it.
    """
    with changing(ticket, Move.MAIL, by=by, now=now) as fresh:
        kept, refused = _keep(fresh, letter.files, by=by, now=now)
        entry = record(
            fresh,
            kind,
            by=by,
            now=now,
            text=letter.said[:LONGEST_ENTRY],
            changes=origin_of(mail) | _files_of(kept, refused),
        )
        Attachment.objects.filter(pk__in=[file.pk for file in kept]).update(entry=entry)
        if kind in (EntryKind.MAIL, EntryKind.REPLY):
            if fresh.is_open:
                end_wait_for_client(fresh, by=by, now=now)
            if fresh.owner != by:
                tell(fresh, "client_mail", key=f"mail:{entry.pk}", now=now)
    place(mail, entry)
    return fresh


def keep_files_of(letter: Letter, logged: Entry, *, by: User | None, now: datetime) -> None:
    """Keep the files of the e-mail that a record was made of: the client sees them with his call. Not a verb.

    One more entry names them, and those that were refused with the reasons.
    """
    if not letter.files:
        return
    with changing(logged.ticket, Move.MAIL, by=by, now=now) as fresh:
        kept, refused = _keep(fresh, letter.files, by=by, now=now)
        record(fresh, EntryKind.ATTACHED, by=by, now=now, changes=_files_of(kept, refused))
        Attachment.objects.filter(pk__in=[file.pk for file in kept]).update(entry=logged)


def origin_of(mail: ReceivedMail) -> dict[str, object]:
    """What the history says of the e-mail that an entry comes from; its number leads to the whole of it."""
    name = mail.sender_name if mail.sender_name != mail.sender.partition("@")[0] else ""
    shown = f"{name} <{mail.sender}>" if name else mail.sender
    return {"sender": [None, shown or _("unknown")], "mail": [None, mail.pk]}


def place(mail: ReceivedMail, entry: Entry) -> None:
    """Note which entry an e-mail became, so that answers to it find the record. Not a verb."""
    mail.ticket, mail.entry = entry.ticket, entry
    mail.outcome = Outcome.RECORD if entry.kind == EntryKind.LOGGED else Outcome.ENTRY
    mail.save(update_fields=["ticket", "entry", "outcome"])


def _record(mail: ReceivedMail, letter: Letter, contact: Contact, *, now: datetime) -> Ticket:
    systems = list(contact.client.systems.filter(is_active=True)[:2])
    call = Call(
        client=contact.client,
        system=systems[0] if len(systems) == 1 else None,
        contact=contact,
        caller_name=contact.name,
        title=letter.title or _("E-mail without a subject"),
        details=letter.said[:LONGEST_DETAILS],
        channel=Channel.EMAIL,
        reported_at=mail.received_at,
    )
    acknowledged = {"confirmed_to": [None, contact.email]} if _may_acknowledge(contact.email, now) else {}
    ticket = log_call(call, by=None, now=now, changes=origin_of(mail) | acknowledged)
    logged = ticket.entries.get(kind=EntryKind.LOGGED)
    place(mail, logged)
    keep_files_of(letter, logged, by=None, now=now)
    if acknowledged:
        send(logged, to=contact.email, text=_acknowledgement(ticket), now=now, is_automatic=True)
    return ticket


def _thread_of(letter: Letter) -> tuple[Ticket | None, Thread | None]:
    """Find the record that an e-mail answers, else the one that its subject names."""
    ours = OutgoingMail.objects.filter(message_id__in=letter.answers).select_related("ticket__owner")
    sent = {mail.message_id: mail for mail in ours}
    for key in letter.answers:
        if (mail := sent.get(key)) is not None:
            answering = _answering(mail.ticket)
            return answering, _thread(answering, is_ours=True, is_answer=not mail.is_automatic)
    theirs = ReceivedMail.objects.filter(key__in=letter.answers, ticket__isnull=False)
    ticket = next((found.ticket for found in theirs.select_related("ticket__owner").order_by("-pk")), None)
    if ticket is None and (number := ticket_in(letter.subject)) is not None:
        ticket = Ticket.objects.filter(pk=number).select_related("owner").first()
    if ticket is None:
        return None, None
    answering = _answering(ticket)
    return answering, _thread(answering)


def _answering(ticket: Ticket) -> Ticket:
    """The record that answers for a merged one; any other for itself."""
    return Link.objects.answering_for(ticket) or ticket


def _thread(ticket: Ticket, *, is_ours: bool = False, is_answer: bool = False) -> Thread:
    return Thread(
        client=ticket.client_id,
        status=ticket.status,
        closed_at=ticket.closed_at,
        has_owner=ticket.owner is not None and ticket.owner.is_active,
        is_ours=is_ours,
        is_answer=is_answer,
    )


def _facts(
    mail: ReceivedMail, contacts: Sequence[Contact], thread: Thread | None, *, is_whole: bool
) -> Facts:
    since = mail.taken_at - HOUR
    recent = ReceivedMail.objects.filter(sender=mail.sender, taken_at__gt=since).exclude(pk=mail.pk)
    return Facts(
        clients=tuple(contact.client_id for contact in contacts),
        thread=thread,
        recent=recent.exclude(outcome=Outcome.IGNORED)[: settings.MAIL_PER_SENDER_AN_HOUR].count(),
        most_recent=settings.MAIL_PER_SENDER_AN_HOUR,
        most_files=settings.MAIL_MOST_FILES,
        answers_for=timedelta(days=settings.MAIL_ANSWERS_DAYS),
        is_too_large=not is_whole,
    )


def _queue(mail: ReceivedMail, reason: Reason, raw: bytes, size: int, *, now: datetime) -> None:
    _note(mail, Outcome.QUEUED, reason)
    IntakeMail.objects.create(mail=mail, raw=raw, size=size)
    on_duty = Shift.objects.at(now).filter(role=DutyRole.PRIMARY, user__is_active=True).select_related("user")
    people = [shift.user for shift in on_duty]
    people = people or list(User.objects.filter(is_active=True, role=Role.ADMINISTRATOR))
    # Once an hour: a flood of e-mail must not become a flood of notices.
    notify(people, "intake", {}, url=reverse("tickets:intake"), key=f"intake:{now:%Y-%m-%dT%H}", now=now)


def _note(mail: ReceivedMail, outcome: Outcome, reason: Reason) -> None:
    mail.outcome, mail.reason = outcome, reason
    mail.save(update_fields=["outcome", "reason"])


def _tell_of_returned(letter: Letter, now: datetime) -> None:
    """Mark our own e-mails that a mail server hands back, and tell the owners: the client does not know."""
    returned = OutgoingMail.objects.filter(message_id__in=letter.returned).exclude(state=DeliveryState.FAILED)
    for mail in returned.select_related("ticket__owner", "ticket__client"):
        OutgoingMail.objects.filter(pk=mail.pk).update(
            state=DeliveryState.FAILED, error="returned by a mail server"
        )
        if not mail.is_automatic:
            tell(mail.ticket, "mail_returned", key=f"returned:{mail.pk}", now=now)


def _keep(
    ticket: Ticket, files: Sequence[File], *, by: User | None, now: datetime
) -> tuple[list[Attachment], list[str]]:
    """Keep what can be taken of the files; return it, and what was refused with the reasons."""
    kept, refused = [], []
    for file in files:
        try:
            upload = Upload(file.name, BytesIO(file.content), file.claimed_type)
            kept.append(keep(ticket, None, upload, by=by, now=now))
        except Refused as fault:
            refused.append(str(fault))
    return kept, refused


def _files_of(kept: Sequence[Attachment], refused: Sequence[str]) -> dict[str, object]:
    """What the history says of files: their names, and of each that was refused why."""
    facts: dict[str, object] = {}
    if kept:
        facts["files"] = [None, _listed([file.name for file in kept])]
    if refused:
        facts["refused"] = [None, _listed(refused)]
    return facts


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    shown = ", ".join(names[:MOST_NAMED])
    return shown if more <= 0 else _("%(names)s and %(more)s more") % {"names": shown, "more": more}


def _may_acknowledge(address: str, now: datetime) -> bool:
    """Whether he is sent a confirmation: a few a day, so that no two machines can talk for long."""
    sent = OutgoingMail.objects.filter(to=address, is_automatic=True, created_at__gt=now - DAY)
    return sent[: settings.MAIL_CONFIRM_PER_DAY].count() < settings.MAIL_CONFIRM_PER_DAY


def _acknowledgement(ticket: Ticket) -> str:
    reader = ticket.contact.user if ticket.contact else None
    with translation.override((reader and reader.language) or settings.LANGUAGE_CODE):
        return render_to_string("mail/recorded.txt", {"ticket": ticket}).strip()
