"""Who may do what with a monthly report, and what of it he reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Q

from clients.models import Client
from reports.models import MonthlyReport, MonthlyTerms
from reports.monthly.composing import LANGUAGES, with_words
from reports.monthly.kinds import COMMENT, Edition
from reports.monthly.sections import ASSESSMENT, CHAPTERS
from staff.models import Role, User
from tickets.documents import structure
from tickets.documents.structure import Document, Text
from tickets.models.overrun import reads_all, supervises


def terms() -> MonthlyTerms:
    """The terms in force; where nobody has set any, the usual ones."""
    return MonthlyTerms.objects.filter(pk=1).first() or MonthlyTerms(pk=1)


def leads(user: User) -> bool:
    return user.is_active and (user.role == Role.LEADER or user.may_administer)


def may_agree(user: User, client: Client) -> bool:
    """Say whether somebody settles if a client gets a report, and who there is told."""
    return leads(user) or (
        user.is_active and user.role == Role.SUPERVISOR and user.group_id == client.group_id
    )


def may_edit(user: User, report: MonthlyReport, by_terms: MonthlyTerms) -> bool:
    """Say whether somebody writes the words of a report and publishes it.

    A group's report, and those of its clients, its supervisor; the department's the editors that the leaders
    chose, without any the QA auditors.
    """
    if not user.is_active or user.is_contact:
        return False
    if user.may_administer:
        return True
    if report.edition == Edition.DEPARTMENT:
        chosen = by_terms.editor_ids if by_terms._state.adding is False else set()
        return user.pk in chosen if chosen else user.role == Role.AUDITOR
    group = report.group_id if report.edition == Edition.GROUP else report.client.group_id  # type: ignore[union-attr]
    return user.role == Role.SUPERVISOR and user.group_id == group


def edited_by(user: User) -> Q | None:
    """Which reports are somebody's to write, by his office; administrators, who only may, have none."""
    if not user.is_active or user.is_contact:
        return None
    by_terms = terms()
    chosen = by_terms.editor_ids if not by_terms._state.adding else set()
    found = None
    if user.pk in chosen or not chosen and user.role == Role.AUDITOR:
        found = Q(edition=Edition.DEPARTMENT)
    if user.role == Role.SUPERVISOR and user.group_id is not None:
        own = Q(edition=Edition.GROUP, group=user.group_id)
        own |= Q(edition=Edition.CLIENT, client__group=user.group_id)
        found = own if found is None else found | own
    return found


def is_told_of_all(user: User) -> bool:
    """Say whether the terms name him among those who are told of each report of the house."""
    in_force = terms()
    chosen = set() if in_force._state.adding else in_force.reader_ids
    return user.pk in chosen if chosen else user.role == Role.LEADER


def may_acknowledge(user: User, report: MonthlyReport) -> bool:
    """Leaders say that they have read what the house reports to them."""
    return user.role == Role.LEADER and report.is_published and report.edition != Edition.CLIENT


def reads_section(user: User, report: MonthlyReport, key: str) -> bool:
    """Say whether somebody may read a section of a report that he sees: persons are not for everybody."""
    if not (key in CHAPTERS and CHAPTERS[key].is_restricted):
        return True
    own = supervises(user, report.group_id)
    if key == ASSESSMENT:
        return not user.is_contact and (user.role == Role.LEADER or own)
    return not user.is_contact and (reads_all(user) or own)


def content_of(report: MonthlyReport) -> Mapping[str, Any]:
    """What a report says: as published, or the draft with the words so far; empty while it is not counted."""
    if report.is_published:
        return report.snapshot.content
    return with_words(report.content, report.words) if report.content else {}


def document_for(report: MonthlyReport, user: User, language: str) -> Document | None:
    """The report in a language as somebody may read it; in place of the rest stands that it is left out.

    None while there is nothing counted yet.
    """
    if not (content := content_of(report)):
        return None
    document = structure.read(content[language if language in LANGUAGES else LANGUAGES[0]])
    hidden = (Text(document.left_out),)
    sections = tuple(
        section if reads_section(user, report, key) else replace(section, parts=hidden)
        for key, section in zip(content["keys"], document.sections, strict=True)
    )
    return replace(document, sections=sections)


def words_for(report: MonthlyReport, user: User) -> dict[str, str]:
    """What its editors wrote, without comments on sections that he does not read."""
    return {
        name: text
        for name, text in report.words.items()
        if reads_section(user, report, name.removeprefix(COMMENT))
    }
