"""A change on paper: its plan, to be signed before, and its result, after. Drawn from how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from tickets.changeconflicts import Conflict
from tickets.changes import ChangeState
from tickets.documents.structure import Document, Pairs, Section, Table, Tone
from tickets.documents.words import moment, numbered, pairs, rows_or_none, texts
from tickets.models import Change, ChangeDocument, Entry


class PaperKind(StrEnum):
    PLAN = "plan"
    RESULT = "result"


def paper_of(
    change: Change,
    kind: PaperKind,
    *,
    papers: Sequence[ChangeDocument],
    conflicts: Sequence[Conflict],
    entries: Sequence[Entry],
    now: datetime,
) -> Document:
    """Return the paper in the language spoken; `change` with its names, `entries` the steps taken on it."""
    ticket = change.ticket
    if kind == PaperKind.PLAN:
        title, sections = _("Change plan"), [*_plan(change, conflicts), _documents(papers)]
        signatures = (
            (_("Planned by"), change.planner.label),
            (_("Approved by"), ""),
            (_("Signature of the client"), ""),
        )
    else:
        title = _("Change report")
        sections = [*_result(change), *_plan(change, ()), _documents(papers), _course(entries)]
        done_by = change.finished_by or change.started_by
        who = done_by.label if done_by else ""
        signatures = ((_("Carried out by"), who), (_("Reviewer"), ""), (_("Signature of the client"), ""))
    return Document(
        language=get_language() or "zh-hans",
        title=title,
        number=f"{change.number}-{'P' if kind == PaperKind.PLAN else 'R'}",
        subject=ticket.title,
        head=pairs(
            (_("Client"), ticket.client.label),
            (_("System"), ticket.system.label if ticket.system else ""),
            (_("Work type"), change.type.label),
            (_("State"), str(change.get_state_display())),
            (_("Owner"), ticket.owner.label if ticket.owner else ""),
            (_("As of"), _at(now)),
        ).rows,
        sections=numbered(sections),
        signatures=signatures,
        footnote=f"{ticket.group.label} · {change.number}",
        page_words=_("Page {page} of {pages}"),
        left_out="",
        issued_at=timezone.localtime(now).isoformat(timespec="seconds"),
    )


def _plan(change: Change, conflicts: Sequence[Conflict]) -> list[Section]:
    is_approved = change.decided_by is not None and change.state != ChangeState.REJECTED
    approved = (
        f"{change.decided_by.label} · {_at(change.decided_at)}" if is_approved and change.decided_by else ""
    )
    facts = [
        (_("Planned by"), change.planner.label),
        (_("Risk"), str(change.get_risk_display())),
        (_("Approved by"), approved),
    ]
    if change.needs_client or change.client_at:
        said = f"{change.client_by} · {change.get_client_how_display()} · {_at(change.client_at)}"
        facts.append((_("Client's confirmation"), said if change.client_at else ""))
    if change.window:
        facts.append((pgettext("of a change", "Window"), " – ".join(map(_at, change.window))))
    facts += [(_("Conflict"), _words(conflict)) for conflict in conflicts]
    return [
        Section(_("Plan at a glance"), (pairs(*facts),)),
        Section(_("Steps of the plan"), texts(change.plan)),
        Section(_("What is affected"), texts(change.impact)),
        Section(_("Rollback plan"), texts(change.rollback)),
        Section(_("How success is checked"), texts(change.checks)),
    ]


def _result(change: Change) -> list[Section]:
    started = f"{change.started_by.label} · {_at(change.started_at)}" if change.started_by else ""
    finished = f"{change.finished_by.label} · {_at(change.finished_at)}" if change.finished_by else ""
    facts = [(_("Outcome"), str(change.get_outcome_display())), (_("Begun"), started), (_("Ended"), finished)]
    if change.overruled:
        facts.append((_("Outside the window, because"), change.overruled))
    found = [
        Section(_("Result"), (pairs(*facts), *texts(change.result))),
    ]
    if change.reviewed_by:
        facts = [(_("Reviewer"), f"{change.reviewed_by.label} · {_at(change.reviewed_at)}")]
        found.append(Section(_("Review"), (Pairs(tuple(facts)), *texts(change.review))))
    return found


def _documents(papers: Sequence[ChangeDocument]) -> Section:
    table = Table(
        (_("Step"), _("Document"), _("File or reason"), _("State")),
        (14, 30, 38, 18),
        tuple((str(one.get_step_display()), one.label, _kept(one), _standing(one)) for one in papers),
        tuple(Tone.GOOD if one.is_settled else Tone.BAD for one in papers),
    )
    return Section(_("Required documents"), rows_or_none(table))


def _kept(one: ChangeDocument) -> str:
    if one.waived_because:
        return one.waived_because
    return one.file.name if one.file and one.is_settled else "–"


def _standing(one: ChangeDocument) -> str:
    if one.waived_because:
        return _("not needed")
    return _("there") if one.is_settled else _("missing")


def _course(entries: Sequence[Entry]) -> Section:
    steps = [entry for entry in entries if "change_state" in entry.changes]
    table = Table(
        (_("When"), _("What"), _("Who"), _("In words")),
        (18, 20, 14, 48),
        tuple(
            (_at(entry.at), _state(entry), entry.by.label if entry.by else "", entry.text or "–")
            for entry in steps
        ),
    )
    return Section(_("Course of the change"), rows_or_none(table))


def _state(entry: Entry) -> str:
    state = entry.changes.get("change_state", [None, ""])[1]
    return str(ChangeState(state).label) if state in ChangeState.values else ""


def _words(conflict: Conflict) -> str:
    about = conflict.about or (f"T-{conflict.other}" if conflict.other else "")
    return f"{conflict.kind.label}: {about}" if about else str(conflict.kind.label)


def _at(instant: datetime | None) -> str:
    return moment(timezone.localtime(instant) if instant else None)
