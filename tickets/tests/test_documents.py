"""Major-fault notices and fault reports: what they say to whom, and that they stay as they were given out."""

from __future__ import annotations

from dataclasses import fields

import pytest
from django.db import Error, transaction

from opsdesk.testing import MONDAY, Cast
from tickets import actions
from tickets.documents import notice, report
from tickets.documents.drafting import draft
from tickets.documents.facts import Facts
from tickets.documents.gathering import gather
from tickets.documents.kinds import DocumentKind, Edition, Entered, Order, may_be_issued
from tickets.documents.structure import read
from tickets.lifecycle import Refused, Status
from tickets.models import Entry, EntryKind, Grade, IssuedDocument, Ticket
from tickets.tests.story import HOUR, INSIDE, MINUTE, PASSWORD, running, solved

LATER = MONDAY + HOUR


def ordered(kind: str, edition: str = "internal", language: str = "zh-hans", **more: object) -> Order:
    texts: dict[str, object] = {
        "notice": {"affected": "住院收费全停", "next_step": "换控制器", "next_message_at": LATER + HOUR},
        "report": {"impact": "停业五小时", "measures": "李敏:加装告警"},
    }[kind]
    return Order(DocumentKind(kind), Edition(edition), language, Entered(**(texts | more)))  # type: ignore[arg-type]


def said(document) -> str:
    return "\n".join(document.texts())


def section(document, title: str):
    return next(each for each in document.sections if title in each.title)


def row(document, title: str, beginning: str) -> list[str]:
    """The cells of a section's table row that begins so."""
    rows = (cells for part in section(document, title).parts for cells in getattr(part, "rows", ()))
    return next(list(cells) for cells in rows if cells[0] == beginning)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("grade", [None, 1, 2, 3])
@pytest.mark.parametrize("is_fault", [True, False])
def test_a_notice_is_of_a_grade_one_that_runs_and_a_report_of_what_is_solved(
    status: str, grade: int | None, is_fault: bool
) -> None:
    facts = {"is_fault": is_fault, "grade": grade, "status": status}
    runs = status in (Status.LOGGED, Status.IN_PROGRESS, Status.WAITING)
    is_over = status in (Status.RESOLVED, Status.CLOSED)
    assert may_be_issued(DocumentKind.NOTICE, **facts) == (is_fault and grade == 1 and runs)
    assert may_be_issued(DocumentKind.REPORT, **facts) == (is_fault and grade is not None and is_over)


def test_an_internal_notice_says_who_does_what_and_what_was_reported_up(cast: Cast) -> None:
    ticket = running(cast)
    issued = actions.issue_document(ticket, ordered("notice", language="en"), by=cast.li, now=LATER)
    text = said(issued.document)
    assert issued.reference == f"{ticket.number}-NI1" and issued.document.number == issued.reference
    for expected in (
        "Major-fault notice",
        "Grade 1",
        "§5.4.1.1 Grade 1",
        "业务全停",
        "住院收费全停",
        "1 h",
        "内部备注",
        "陈工 (on the way)",
        "换控制器",
        "2026-11-23 11:30",
    ):
        assert expected in text, expected
    assert row(issued.document, "next", "Response")[-1] == "exceeded by 7 min"
    assert row(issued.document, "next", "Diagnosis")[-1] == "running"
    [up] = section(issued.document, "Reported up").parts
    assert {cells[2] for cells in up.rows} >= {"Owner", "Group supervisor"}
    assert any("王强" in cells[3] for cells in up.rows)


def test_the_client_reads_neither_report_ups_nor_notes_nor_reasons_from_inside(cast: Cast) -> None:
    ticket = running(cast)
    text = said(actions.issue_document(ticket, ordered("notice", "client"), by=cast.li, now=LATER).document)
    ticket = solved(cast)
    closed_at = MONDAY + 9 * HOUR
    text += said(
        actions.issue_document(ticket, ordered("report", "client"), by=cast.li, now=closed_at).document
    )
    for inside in (*INSIDE, "业务全停", "上报", "王强", "刘工", "周姐"):
        assert inside not in text, inside
    for expected in ("已在处理", "双控制器损坏", "更换控制器", "孙主任", "停业五小时", "加装告警"):
        assert expected in text, expected


def test_an_internal_report_tells_all_of_it(cast: Cast) -> None:
    ticket = solved(cast)
    issued = actions.issue_document(
        ticket, ordered("report", language="en", root_cause="批次缺陷"), by=cast.wang, now=MONDAY + 9 * HOUR
    )
    text = said(issued.document)
    for expected in (*INSIDE, "批次缺陷", "signed by 孙主任", "5 h", "75 min", "not excused", "授权书.txt"):
        assert expected in text, expected
    assert row(issued.document, "limits", "Arrival on site")[-1] == "met"
    assert row(issued.document, "limits", "Response")[-1] == "exceeded by 7 min"
    assert row(issued.document, "limits", "Diagnosis")[-1] == "exceeded by 2 h"
    assert row(issued.document, "Who", "陈工")[1] == "owner, on site, remotely, worked on it"


def test_no_password_and_no_look_at_one_is_told(cast: Cast) -> None:
    ticket = running(cast)
    for kind in (EntryKind.DEPOSITED, EntryKind.REVEALED, EntryKind.PURGED, EntryKind.RULED):
        Entry.objects.create(
            ticket=ticket,
            kind=kind,
            at=LATER,
            by=cast.chen,
            text=PASSWORD,
            changes={"account": [None, "root"]},
        )
    document = draft(ticket, ordered("notice"), number=1, by=cast.li, now=LATER)
    assert PASSWORD not in said(document) and "root" not in said(document)


def test_issues_are_counted_for_each_document_and_edition_and_stay_as_given_out(cast: Cast) -> None:
    ticket = running(cast)
    first = actions.issue_document(ticket, ordered("notice"), by=cast.li, now=LATER)
    before = said(first.document)
    actions.diagnose(ticket, diagnosis="控制器", cause="hardware", by=cast.chen, now=LATER + MINUTE)
    second = actions.issue_document(ticket, ordered("notice"), by=cast.li, now=LATER + 2 * MINUTE)
    client = actions.issue_document(
        ticket, ordered("notice", "client", "en"), by=cast.li, now=LATER + 2 * MINUTE
    )
    numbers = [issued.reference.rpartition("-")[2] for issued in (first, second, client)]
    assert numbers == ["NI1", "NI2", "NC1"]
    again = IssuedDocument.objects.get(pk=first.pk)
    assert said(again.document) == before != said(second.document)
    for change in (
        lambda: IssuedDocument.objects.filter(pk=first.pk).update(number=9),
        lambda: IssuedDocument.objects.filter(pk=first.pk).delete(),
    ):
        with pytest.raises(Error), transaction.atomic():
            change()


def test_an_issue_is_one_entry_of_the_history_and_no_more(cast: Cast) -> None:
    ticket = running(cast)
    actions.enforce_deadlines(now=LATER)
    before = ticket.entries.count()
    issued = actions.issue_document(ticket, ordered("notice"), by=cast.li, now=LATER)
    assert ticket.entries.count() == before + 1
    entry = ticket.entries.latest("pk")
    assert (entry.kind, entry.by, issued.entry) == (EntryKind.ISSUED, cast.li, entry)
    assert entry.changes == {"document": [None, issued.reference], "edition": [None, "internal"]}
    assert not Entry.objects.visible_to(cast.sun).filter(pk=entry.pk).exists()
    assert issued.entered == {"affected": "住院收费全停", "next_step": "换控制器"}


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"affected": " "}, "affected", "required"),
        ({"next_step": ""}, "next_step", "required"),
        ({"done": "x" * 4001}, "done", "max_length"),
        ({"next_message_at": None}, "next_message_at", "required"),
        ({"next_message_at": MONDAY}, "next_message_at", "invalid"),
        ({"language": "fr"}, "language", "invalid"),
    ],
)
def test_what_is_missing_or_wrong_is_refused_at_its_field(
    cast: Cast, more: dict[str, object], field: str, code: str
) -> None:
    ticket = running(cast)
    language = str(more.pop("language", "en"))
    with pytest.raises(Refused) as refused:
        actions.issue_document(ticket, ordered("notice", language=language, **more), by=cast.li, now=LATER)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert not IssuedDocument.objects.exists()


def test_who_does_not_work_on_records_issues_nothing_nor_of_what_has_no_document(cast: Cast) -> None:
    ticket = running(cast)
    for who in (cast.zhao, cast.zhou, cast.sun):
        with pytest.raises(Refused) as refused:
            actions.issue_document(ticket, ordered("notice"), by=who, now=LATER)
        assert refused.value.code == "forbidden"
    with pytest.raises(Refused) as refused:
        actions.issue_document(ticket, ordered("report"), by=cast.li, now=LATER)
    assert refused.value.code == "wrong_status"
    light = actions.grade(cast.ticket(LATER), Grade.TWO, reason="x", by=cast.li, now=LATER)
    with pytest.raises(Refused) as refused:
        actions.issue_document(light, ordered("notice"), by=cast.li, now=LATER)
    assert refused.value.code == "no_such_document"


def test_who_sees_which_editions(cast: Cast) -> None:
    ticket = running(cast)
    for edition in Edition:
        actions.issue_document(ticket, ordered("notice", edition), by=cast.li, now=LATER)

    def seen(user) -> set[str]:
        return set(IssuedDocument.objects.visible_to(user).values_list("edition", flat=True))

    assert seen(cast.li) == seen(cast.zhou) == {"internal", "client"}
    assert seen(cast.sun) == {"client"}
    assert seen(cast.outsider) == set()
    Ticket.objects.filter(pk=ticket.pk).update(contact=None)
    assert seen(cast.sun) == set()


def test_a_long_story_is_told_by_its_beginning_and_its_end(cast: Cast) -> None:
    ticket = running(cast)
    Entry.objects.bulk_create(
        Entry(ticket=ticket, kind=EntryKind.NOTE, at=LATER, by=cast.chen, text=f"第 {n} 次 {'长' * 900}")
        for n in range(400)
    )
    document = draft(ticket, ordered("notice", language="en"), number=1, by=cast.li, now=LATER)
    table, rest = section(document, "been done").parts
    assert len(table.rows) == 200 and "more entries are in the record." in rest.text
    assert table.rows[0][1] == "Call recorded" and "第 399 次" in table.rows[-1][3]
    assert "(goes on in the record)" in table.rows[-1][3] and len(table.rows[-1][3]) < 700
    # The client is told all that concerns him, and not how much else there is.
    document = draft(ticket, ordered("notice", "client", "en"), number=1, by=cast.li, now=LATER)
    [table] = section(document, "been done").parts
    assert table.rows[-1][1] == "Engineer sent" and len(table.rows) < 20


def test_reading_takes_as_many_queries_however_long_the_story(
    cast: Cast, django_assert_max_num_queries
) -> None:
    ticket = solved(cast)
    with django_assert_max_num_queries(17):
        gather(ticket, now=MONDAY + 9 * HOUR)


def test_what_is_frozen_reads_back_as_it_was(cast: Cast) -> None:
    ticket = solved(cast)
    document = draft(ticket, ordered("report"), number=1, by=cast.li, now=MONDAY + 9 * HOUR)
    assert read(document.as_json()) == document
    issued = actions.issue_document(ticket, ordered("report"), by=cast.li, now=MONDAY + 9 * HOUR)
    assert IssuedDocument.objects.get(pk=issued.pk).document == document


def test_the_assembler_is_a_rule_that_needs_no_database() -> None:
    """Facts made up by hand, all empty: every section stands, and says that there is nothing."""
    none = ("acknowledged_at", "diagnosed_at", "resolved_at", "closed_at")
    lists = ("files", "happenings", "limits", "report_ups", "visits", "meetings", "sessions", "cases")
    made_up: dict[str, object] = {field.name: "" for field in fields(Facts)}
    made_up |= dict.fromkeys(("now", "reported_at", "logged_at"), MONDAY) | dict.fromkeys(none)
    made_up |= dict.fromkeys((*lists, "workers"), ()) | {"reopened": 0}
    facts = Facts(**made_up)  # type: ignore[arg-type]
    assert len(notice.sections(facts, ordered("notice"))) == 6
    assert len(notice.sections(facts, ordered("notice", "client"))) == 5
    assert len(report.sections(facts, ordered("report"))) == 14
    assert len(report.sections(facts, ordered("report", "client"))) == 12
