"""Today's post: messages to clients, what they have answered, and e-mails that wait for a decision."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage

from django.db.models import Max

from opsdesk.demo.people import HOME
from opsdesk.demo.texts import load
from staff.models import DeliveryState
from tickets.actions import take_mail, write_to_client
from tickets.mailing import read
from tickets.models import OutgoingMail, Status, Ticket

MINUTE = timedelta(minutes=1)


def write(*, now: datetime) -> None:
    """Write today's post as it stands at `now`; what went out has left the house already."""
    words, at = load("mail"), now - 12 * MINUTE
    calm = Ticket.objects.open().filter(group__code=HOME, status=Status.IN_PROGRESS, contact__isnull=False)
    calm = calm.exclude(contact__email="").annotate(last=Max("entries__at")).filter(last__lt=at)
    tickets = list(calm.select_related("owner", "contact").order_by("-pk")[: len(words["messages"])])
    for ticket, text in zip(tickets, words["messages"], strict=False):
        write_to_client(ticket, text=text, by=ticket.owner, now=at)
    OutgoingMail.objects.update(state=DeliveryState.SENT, sent_at=at)
    sent = list(OutgoingMail.objects.select_related("ticket__contact").order_by("pk"))
    if len(sent) == len(words["messages"]):
        asked, waits = sent[1], sent[2]
        _arrive(asked.to, f"Re: {asked.subject}", words["answer"], now - 9 * MINUTE, answers=asked.message_id)
        _arrive(waits.to, f"Re: {waits.subject}", words["again"], now - 4 * MINUTE)
        _arrive(waits.to, **words["absence"], at=now - 11 * MINUTE, is_automatic=True)
    number = sent[0].ticket.number if sent else "T-10001"
    for minutes, name in ((34, "doubled"), (21, "foreign"), (6, "unknown")):
        facts = words[name] | {"subject": words[name]["subject"].format(number=number)}
        _arrive(**facts, at=now - minutes * MINUTE)


def _arrive(
    sender: str, subject: str, text: str, at: datetime, *, answers: str = "", is_automatic: bool = False
) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = sender, subject
    if answers:
        message["In-Reply-To"] = answers
    if is_automatic:
        message["Auto-Submitted"] = "auto-replied"
    message.set_content(text)
    raw = message.as_bytes()
    take_mail(read(raw), raw, arrived_at=at, now=at)
