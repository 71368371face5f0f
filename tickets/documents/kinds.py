"""Which documents there are, for whom, and when one may be issued (§5.4, 7.3). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from tickets.grading import Grade
from tickets.lifecycle import Move, may


class DocumentKind(TextChoices):
    NOTICE = "notice", _("Major-fault notice")
    REPORT = "report", _("Fault report")


class Edition(TextChoices):
    INTERNAL = "internal", _("Internal")
    CLIENT = "client", _("For the client")


MOVES = {DocumentKind.NOTICE: Move.ISSUE_NOTICE, DocumentKind.REPORT: Move.ISSUE_REPORT}
LETTERS = {"notice": "N", "report": "R", "internal": "I", "client": "C"}
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Entered:
    """What somebody writes himself, beside all that the record knows; each kind has its own."""

    affected: str = ""
    done: str = ""
    next_step: str = ""
    next_message_at: datetime | None = None
    impact: str = ""
    root_cause: str = ""
    measures: str = ""


# The texts of each kind in the order of its form, and those that it cannot do without. A notice also says
# when the next message comes.
FIELDS: Mapping[str, tuple[str, ...]] = {
    DocumentKind.NOTICE: ("affected", "done", "next_step"),
    DocumentKind.REPORT: ("impact", "root_cause", "measures"),
}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    DocumentKind.NOTICE: ("affected", "next_step"),
    DocumentKind.REPORT: ("impact", "measures"),
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be issued: which document, for whom, in which language, with what somebody wrote."""

    kind: DocumentKind
    edition: Edition
    language: str
    entered: Entered


def may_be_issued(kind: DocumentKind, *, is_fault: bool, grade: int | None, status: str) -> bool:
    """Say whether a record has this document now.

    A notice while a fault of grade 1 runs; a report of every graded fault, once it is solved.
    """
    if not is_fault or grade is None or (kind == DocumentKind.NOTICE and grade != Grade.ONE):
        return False
    return may(MOVES[kind], status)


def reference(record: str, kind: str, edition: str, number: int) -> str:
    """Return what one issue is called: T-10234-NC2 is the second notice on T-10234 for the client."""
    return f"{record}-{LETTERS[kind]}{LETTERS[edition]}{number}"
