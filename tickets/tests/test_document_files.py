"""The same document on the page, as PDF and as Word file: equal in every word, whatever was typed."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser

import docx
import pytest
from django.template.loader import render_to_string
from pypdf import PdfReader

from opsdesk.testing import MONDAY, Cast
from tickets.documents import making
from tickets.documents.drafting import draft
from tickets.documents.making import Form, NotMade, made
from tickets.documents.structure import Document, Pairs, Section, Table, Text, Tone
from tickets.tests.story import HOUR, running, solved
from tickets.tests.test_documents import ordered

HOSTILE = (
    '#read("/etc/passwd")',
    '#import "@preview/cetz:0.3.0"',
    "$ x^2 $ \\ @nobody <label> *bold* _it_ `raw` // no comment /* none */ = heading - list + enum ~ -- ---",
    "#panic() #{while true {}} #let x = 1 #sys.inputs ]) #[ [ ( {page} {pages}",
    "<script>alert(1)</script> &amp; <w:p/> ]]> \"quoted\" 'single'",
    "=HYPERLINK(1) %(name)s {0} {{ 7 }} {% load x %}",
    "第一行\n第二行\n\n\t缩进  两格",
)


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def words_of_pdf(document: Document) -> str:
    """The text of all pages, with the head and the foot of each."""
    pages = PdfReader(io.BytesIO(made(document, Form.PDF))).pages
    return bare("".join(page.extract_text() for page in pages))


def words_of_word(document: Document) -> str:
    """The text of the body in its order: paragraphs, and tables cell by cell."""
    body = docx.Document(io.BytesIO(made(document, Form.WORD))).element.body
    return bare("".join(node.text or "" for node in body.iter() if node.tag.endswith("}t")))


class Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def words_of_page(document: Document) -> str:
    reader = Words()
    reader.feed(render_to_string("documents/_sheet.html", {"document": document}))
    return bare("".join(reader.found))


def words_of_itself(document: Document) -> str:
    return bare("".join(document.texts()))


def in_order(text: str, document: Document) -> list[str]:
    """The texts of the document that are not in `text`, or not after those before them."""
    missing, place = [], 0
    for each in document.texts():
        found = text.find(bare(each), place)
        if found < 0:
            missing.append(each)
        else:
            place = found + len(bare(each))
    return missing


def made_up(*texts: str) -> Document:
    return Document(
        language="zh-hans",
        title="重大故障通报",
        number="T-1-NI1",
        subject=texts[0],
        head=(("客户", texts[-1]),),
        sections=(
            Section("1. 影响", tuple(Text(text) for text in texts)),
            Section(
                "2. 经过", (Table(("何时", "何事"), (1, 3), tuple(("9:30", t) for t in texts), (Tone.BAD,)),)
            ),
            Section("3. 其他", (Pairs(tuple(("名称", text) for text in texts)),)),
        ),
        signatures=(("签发", texts[0]), ("审核", "")),
        footnote="依据维护记录",
        page_words="第 {page} 页，共 {pages} 页",
        left_out="此处略",
        issued_at="2026-11-23T10:00:00+08:00",
    )


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(("kind", "edition"), [("notice", "client"), ("report", "internal")])
def test_page_pdf_and_word_say_the_same_words_in_the_same_order(
    cast: Cast, kind: str, edition: str, language: str
) -> None:
    ticket = running(cast) if kind == "notice" else solved(cast)
    now = MONDAY + (HOUR if kind == "notice" else 9 * HOUR)
    document = draft(ticket, ordered(kind, edition, language), number=1, by=cast.li, now=now)
    itself = words_of_itself(document)
    assert words_of_page(document) == itself
    assert words_of_word(document).replace("_" * 18, "") == itself
    # In the PDF the head and the foot of each page stand between.
    assert in_order(words_of_pdf(document), document) == []


def test_what_somebody_typed_is_text_and_nothing_else() -> None:
    document = made_up(*HOSTILE)
    itself = words_of_itself(document)
    assert words_of_page(document) == itself
    assert words_of_word(document).replace("_" * 18, "") == itself
    text = words_of_pdf(document)
    assert in_order(text, document) == []
    assert "root:" not in text and text.count(bare(HOSTILE[0])) == itself.count(bare(HOSTILE[0]))


def test_the_check_finds_a_word_that_differs() -> None:
    document, other = made_up("甲 12 分钟"), made_up("甲 13 分钟")
    assert in_order(words_of_pdf(other), document) != []
    assert words_of_word(other).replace("_" * 18, "") != words_of_itself(document)
    assert words_of_page(other) != words_of_itself(document)


def test_line_breaks_stay_in_the_word_file() -> None:
    file = docx.Document(io.BytesIO(made(made_up("第一行\n第二行"), Form.WORD)))
    assert "第一行\n第二行" in [paragraph.text for paragraph in file.paragraphs]


def test_what_no_file_can_hold_is_left_out_and_the_rest_stays() -> None:
    document = made_up("前\x00\x0b\ud800\ufffe后")
    for words in (words_of_pdf(document), words_of_word(document)):
        assert "前" in words and "后" in words


def test_the_same_document_is_the_same_pdf_with_the_time_of_its_issue() -> None:
    document = made_up("系统崩溃")
    first, second = made(document, Form.PDF), made(document, Form.PDF)
    assert first == second
    about = PdfReader(io.BytesIO(first)).metadata
    assert about is not None
    assert about.creation_date == datetime.fromisoformat(document.issued_at)
    assert about.title == "重大故障通报 T-1-NI1" and about.author == "OpsDesk"


def test_chinese_is_set_in_a_font_that_travels_with_the_file() -> None:
    reader = PdfReader(io.BytesIO(made(made_up("系统崩溃"), Form.PDF)))
    fonts = reader.pages[0]["/Resources"]["/Font"].values()
    names = {font.get_object()["/BaseFont"] for font in fonts}
    assert names and all("NotoSansSC" in name and "+" in name for name in names), names
    file = docx.Document(io.BytesIO(made(made_up("系统崩溃"), Form.WORD)))
    face = file.styles["Normal"].element.rPr.rFonts
    assert face.get(face.nsmap and docx.oxml.ns.qn("w:eastAsia")) == "Microsoft YaHei"


def test_a_maker_that_takes_too_long_is_stopped() -> None:
    begun = time.monotonic()
    with pytest.raises(NotMade, match="too slow"):
        made(made_up("x"), Form.PDF, within=0.001)
    assert time.monotonic() - begun < 5


def test_a_maker_that_fails_says_so_in_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    broken = replace(made_up("秘密内容"), issued_at="nonsense")
    with pytest.raises(NotMade, match="the maker failed"):
        made(broken, Form.PDF)
    assert "T-1-NI1" in caplog.text and "秘密内容" not in caplog.text


def test_no_more_than_two_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "WAIT_FOR_TURN", 0.05)
    held = [making._turns.acquire(blocking=False) for _ in range(making.AT_ONCE)]
    try:
        assert held == [True, True]
        with pytest.raises(NotMade, match="too many at once"):
            made(made_up("x"), Form.PDF)
    finally:
        for _ in held:
            making._turns.release()
    assert made(made_up("x"), Form.PDF).startswith(b"%PDF")


def test_the_maker_knows_neither_django_nor_the_database() -> None:
    code = (
        "import sys, tickets.documents.maker, tickets.documents.pdf, tickets.documents.word; "
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'psycopg2')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=making.HERE, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
