"""Page, PDF, Word and Excel say the same numbers; the leader's page is one sheet; what is out stays."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from pypdf import PdfReader

from reports.models import MonthlySnapshot
from reports.monthly import actions as monthly
from reports.monthly.composing import canonical, digest_of
from reports.monthly.kinds import LONGEST_LINE, Edition
from reports.monthly.papers import workbook
from reports.monthly.papers.making import Paper, paper
from reports.monthly.reading import document_for
from reports.tests.monthly.parsing import of_excel, of_page, of_pdf, of_word, squeezed
from reports.tests.monthly.world import COMMENTED, DRAFTED
from tickets import actions
from tickets.documents import pdf, structure, word
from tickets.documents.structure import Table


def test_the_four_papers_say_the_same_numbers(world, client):
    language = "zh-hans"
    full = "\n".join(["字" * LONGEST_LINE] * 3)
    report = world.publish(
        Edition.DEPARTMENT,
        achievements=full,
        risks=full,
        decisions=full,
        comment_faults=COMMENTED,
    )
    document = document_for(report, world.cast.zhao, language)
    tables = [part for section in document.sections for part in section.parts if isinstance(part, Table)]
    wanted = [list(row) for table in tables for row in table.rows]
    assert len(wanted) > 20 and any("%" in cell for row in wanted for cell in row)

    content = document.as_json()
    client.force_login(world.cast.zhao)
    address = reverse("reports:monthly:report", args=[report.pk])
    said_page, page = of_page(client.get(f"{address}?language={language}").content)
    said_word, in_word = of_word(word.write(content))
    said_excel, in_excel = of_excel(workbook.write(content))
    made = pdf.write(content)
    said_pdf, pages = of_pdf(made)
    for rows in (page, in_word, in_excel):
        there = [[squeezed(cell) for cell in row] for row in rows]
        assert not [row for row in wanted if [squeezed(cell) for cell in row] not in there]
    assert not [cell for row in wanted for cell in row if squeezed(cell) not in said_pdf]
    # The map of the week is a table in Word and Excel; its busiest hour stands in the words of all.
    (week,) = (part for section in document.sections for part in section.parts if getattr(part, "is_map", 0))
    hours = [
        [label, *(str(values[place]) for _day, values in week.series)]
        for place, label in enumerate(week.labels)
    ]
    assert all(row in in_word and row in in_excel for row in hours) and hours[10][1] == "4"
    for said in (said_page, said_word, said_excel, said_pdf):
        assert "周一10:00" in squeezed(said)
        assert squeezed(COMMENTED) in squeezed(said)
        assert "系统崩溃,无法登录" in squeezed(said)  # Chinese can be found in the PDF
    # The leader's page is one sheet, as full as it can get.
    second = PdfReader(BytesIO(made)).pages[1].extract_text()
    assert pages > 3 and squeezed(document.sections[1].title) in squeezed(second)
    assert squeezed(document.sections[0].title) not in squeezed(second)


def test_nothing_that_happens_later_changes_a_byte_of_what_was_published(world):
    report = world.publish(Edition.GROUP, achievements="一")
    snapshot = report.snapshot
    before = canonical(snapshot.content, snapshot.figures)
    files = [paper(document_for(report, world.cast.wang, "zh-hans"), form) for form in Paper]
    assert digest_of(snapshot.content, snapshot.figures) == snapshot.digest

    now = DRAFTED + timedelta(days=5)
    for ticket in world.faults:
        ticket.refresh_from_db()
        actions.reopen(ticket, reason="又坏了", by=world.cast.li, now=now)
    world.cast.south.name = "改名后的组"
    world.cast.south.save()
    assert monthly.compare_published(now=now + timedelta(days=1))

    again = world.report(Edition.GROUP)
    assert canonical(again.snapshot.content, again.snapshot.figures) == before
    assert [paper(document_for(again, world.cast.wang, "zh-hans"), form) for form in Paper] == files
    for statement in (
        "UPDATE reports_monthlysnapshot SET digest = ''",
        "DELETE FROM reports_monthlysnapshot",
    ):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert MonthlySnapshot.objects.get(pk=snapshot.pk).digest == snapshot.digest


def test_a_month_counted_again_from_the_same_records_comes_to_the_same(world):
    report = world.report(Edition.DEPARTMENT)
    first = canonical(report.content, report.figures)
    asked = monthly.ask_to_count(report, by=world.cast.zhou, now=DRAFTED)
    asked.wanted_at = DRAFTED + timedelta(seconds=1)
    asked.save()
    assert asked.is_counting
    assert monthly.count_report(asked, now=DRAFTED + timedelta(seconds=2))
    again = world.report(Edition.DEPARTMENT)
    assert canonical(again.content, again.figures) == first.replace(b"02:00:00", b"02:00:02")


def test_an_empty_section_says_so_and_prints_no_empty_table(world):
    content = world.report(Edition.CLIENT).content
    for language in ("zh-hans", "en"):
        document = structure.read(content[language])
        for section in document.sections:
            assert section.parts, section.title
            for part in section.parts:
                assert not isinstance(part, Table) or part.rows, section.title
    assert "Nothing in this month." in json.dumps(content["en"])
