"""The report of an audit as one structure, from which page, PDF and Word are written alike (decision 14)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from audits.kinds import FindingKind, FindingState, Result
from audits.models import Audit, AuditFile, Check, Finding, SampledRecord
from surveys.statistics import Share
from tickets.documents.structure import Document, Pairs, Section, Table, Text, Tone

TONES = {Result.DEVIATES: Tone.BAD, Result.CONFORMS: Tone.GOOD}


def document(audit: Audit, *, now: datetime) -> Document:
    """Return the report as it stands now, in the reader's language."""
    checks = list(
        audit.checks.select_related("item", "sampled__ticket").order_by("sampled__place", "item__position")
    )
    general = [one for one in checks if one.sampled_id is None]
    of_records = [one for one in checks if one.sampled_id is not None]
    findings = list(
        audit.findings.select_related("owner").prefetch_related("orders__ticket", "orders__corrective")
    )
    sections = [
        Section(
            _("What it comes to"),
            (Text(audit.conclusion or _("Not reported yet.")), _counts(checks, findings)),
        ),
        Section(_("Findings"), tuple(_findings(findings))),
    ]
    if audit.drawn_at:
        sections.append(Section(_("Sampled records"), tuple(_sample(audit, of_records))))
    sections.append(Section(_("Items looked at"), (_items(general),)))
    if evidence := list(audit.files.select_related("check_of__item")):
        sections.append(Section(pgettext("audit", "Evidence"), (_evidence(evidence),)))
    sections.append(Section(_("Statement of the group"), (Text(audit.statement or _("None yet.")),)))
    return Document(
        language=get_language() or "",
        title=_("Report of a quality audit"),
        number=audit.number,
        subject=f"{audit.get_kind_display()} · {audit.subject}",
        head=tuple(_head(audit)),
        sections=tuple(sections),
        signatures=(
            (_("Auditor"), audit.auditor.label),
            (_("Audited group"), audit.stated_by.label if audit.stated_by else ""),
        ),
        footnote=_("%(number)s, as it stood on %(when)s.") % {"number": audit.number, "when": _when(now)},
        page_words=_("Page {page} of {pages}"),
        left_out="",
        issued_at=timezone.localtime(
            audit.closed_at or audit.stated_at or audit.reported_at or audit.begun_at
        ).isoformat(timespec="seconds"),
    )


def _head(audit: Audit) -> Iterable[tuple[str, str]]:
    yield _("Kind"), str(audit.get_kind_display())
    yield _("Audited"), audit.subject
    yield _("Group"), audit.group.label
    yield _("Auditor"), audit.auditor.label
    yield pgettext("audit", "Begun"), _when(audit.begun_at)
    yield _("State"), str(audit.get_state_display())
    yield _("Checklist"), _("version %(n)s") % {"n": audit.checklist.number}
    if audit.reported_at:
        yield pgettext("audit", "Reported"), _when(audit.reported_at)
    if audit.closed_at:
        yield _("Closed"), _when(audit.closed_at)


def _counts(checks: list[Check], findings: list[Finding]) -> Pairs:
    applies = [one for one in checks if one.result in (Result.CONFORMS, Result.DEVIATES)]
    conforms = Share(sum(one.result == Result.CONFORMS for one in applies), len(applies))
    kinds = [(str(kind.label), str(sum(one.kind == kind for one in findings))) for kind in FindingKind]
    return Pairs(((_("Conforms"), str(conforms)), *kinds))


def _findings(findings: list[Finding]) -> Iterable[Table | Text]:
    if not findings:
        yield Text(_("Nothing was found."))
        return
    head = (
        _("Number"),
        _("How grave"),
        pgettext("audit", "What was found"),
        _("Owner"),
        _("To be remedied by"),
        _("State"),
    )
    rows, tones = [], []
    for one in sorted(findings, key=lambda each: each.pk):
        ordered = ", ".join(order.number for order in one.orders.all())
        said = [one.title, one.details, _("Opened: %(numbers)s") % {"numbers": ordered} if ordered else ""]
        said += [one.answer, one.verification, one.withdrawn_because]
        rows.append(
            (
                one.number,
                str(one.get_kind_display()),
                "\n".join(filter(None, said)),
                one.owner.label if one.owner else "—",
                one.due_on.isoformat(),
                str(one.get_state_display()),
            )
        )
        grave = one.kind == FindingKind.DANGER and one.is_open
        tones.append(Tone.GOOD if one.state == FindingState.CLOSED else Tone.BAD if grave else Tone.PLAIN)
    yield Table(head, (3, 3, 9, 3, 4, 4), tuple(rows), tuple(tones))


def _sample(audit: Audit, checks: list[Check]) -> Iterable[Pairs | Table]:
    strata = ", ".join(
        _("%(grade)s: %(taken)s of %(there)s")
        % {"grade": grade if grade != "0" else _("no grade"), "taken": taken, "there": there}
        for grade, (there, taken) in sorted(audit.strata.items())
    )
    whose = audit.system.label if audit.system else audit.group.label
    facts = {"since": audit.sample_from, "until": audit.sample_until, "whose": whose}
    yield Pairs(
        (
            (_("Drawn from"), _("records of %(whose)s closed from %(since)s to %(until)s") % facts),
            (_("Sample of population"), f"{audit.sample_size} / {audit.population_size}"),
            (_("By grade"), strata),
            (_("Seed"), audit.seed),
            (_("Fingerprint of the population"), audit.population_digest[:16]),
        )
    )
    by_record: dict[int, list[Check]] = {}
    for one in checks:
        by_record.setdefault(one.sampled_id or 0, []).append(one)
    rows, tones = [], []
    for own in by_record.values():
        sampled = own[0].sampled
        assert isinstance(sampled, SampledRecord)
        bad = [one for one in own if one.result == Result.DEVIATES]
        said = "\n".join(f"{one.item.label}: {one.note}" for one in bad)
        looked = sum(bool(one.result) for one in own)
        rows.append(
            (
                sampled.ticket.number,
                str(sampled.grade or "—"),
                f"{looked} / {len(own)}",
                str(len(bad)),
                said or "—",
            )
        )
        tones.append(Tone.BAD if bad else Tone.PLAIN)
    head = (_("Record"), _("Grade"), pgettext("audit", "Looked at"), _("Does not conform"), _("What"))
    yield Table(head, (3, 2, 2, 3, 12), tuple(rows), tuple(tones))


def _items(checks: list[Check]) -> Table:
    rows = tuple(
        (
            one.item.label,
            one.item.clause or "—",
            one.note or "—",
            str(one.get_result_display()) if one.result else _("not yet"),
        )
        for one in checks
    )
    tones = tuple(TONES.get(Result(one.result), Tone.PLAIN) if one.result else Tone.PLAIN for one in checks)
    return Table((_("What has to be"), _("Clause"), _("Note"), _("Result")), (9, 3, 8, 4), rows, tones)


def _evidence(files: Iterable[AuditFile]) -> Table:
    rows = tuple(
        (one.name, one.check_of.item.label if one.check_of else "—", one.sha256[:16]) for one in files
    )
    return Table((_("File"), _("Of"), "SHA-256"), (6, 8, 5), rows)


def _when(at: datetime) -> str:
    return date_format(timezone.localtime(at), "Y-m-d H:i")
