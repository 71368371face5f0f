"""Puts a record's document together: what is previewed, and what is frozen when it is issued."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from staff.models import User
from tickets.documents import notice, report, words
from tickets.documents.facts import Facts
from tickets.documents.gathering import gather, local
from tickets.documents.kinds import DocumentKind, Edition, Order, reference
from tickets.documents.structure import Document
from tickets.models import Ticket

SECTIONS = {DocumentKind.NOTICE: notice.sections, DocumentKind.REPORT: report.sections}


def draft(ticket: Ticket, order: Order, *, number: int, by: User, now: datetime) -> Document:
    """Return the document as it would be issued now, as issue `number`, in the language of the order.

    A grade is presumed: `kinds.may_be_issued` says of what there is a document at all.
    """
    with translation.override(order.language):
        facts = gather(ticket, now=now)
        next_message_at = local(order.entered.next_message_at)
        order = replace(order, entered=replace(order.entered, next_message_at=next_message_at))
        return Document(
            language=order.language,
            title=str(order.kind.label),
            number=reference(facts.number, order.kind, order.edition, number),
            subject=facts.title,
            head=_head(facts, order, number),
            sections=SECTIONS[order.kind](facts, order),
            signatures=_signatures(order, by),
            footnote=words.footnote(facts),
            page_words=_("Page {page} of {pages}"),
            left_out=_("Left out here: it is for the persons concerned, supervisors, auditors and leaders."),
            issued_at=timezone.localtime(now).isoformat(timespec="seconds"),
        )


def _head(facts: Facts, order: Order, number: int) -> tuple[tuple[str, str], ...]:
    return words.pairs(
        (_("Client"), facts.client),
        (_("System"), facts.system),
        (_("Grade"), facts.grade),
        (_("Issue no."), str(number)),
        (_("Edition"), str(order.edition.label)),
        (_("As of"), words.moment(facts.now)),
    ).rows


def _signatures(order: Order, by: User) -> tuple[tuple[str, str], ...]:
    client = ((_("For the client"), ""),) if order.edition == Edition.CLIENT else ()
    return ((_("Issued by"), by.label), (_("Reviewed by"), ""), *client)
