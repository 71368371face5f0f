"""A document as a Word file. Runs in the process of `maker`: it knows neither Django nor the database."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from tickets.documents.drawing import DARK_FROM, LEVELS, level_of

# What Word has in both languages; where it is missing, Word takes another of the same kind.
LATIN, HAN = "Segoe UI", "Microsoft YaHei"
INK, QUIET = RGBColor(0x0B, 0x4F, 0x52), RGBColor(0x5A, 0x5A, 0x5A)
TONES = {"good": RGBColor(0x0F, 0x55, 0x30), "bad": RGBColor(0x9C, 0x0F, 0x2A)}
BLOCKS, SHADES = 30, "█▓▒░"  # the longest bar, and what the series are made of
PAGE, MARGIN = (Mm(210), Mm(297)), Mm(18)
# XML knows none of these, not even written in numbers.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write(document: dict[str, Any]) -> bytes:
    """Return the Word file of a document."""
    file = docx.Document()
    _set_up(file, document)
    _say(file.add_paragraph(style="Title"), document["title"])
    _say(file.add_paragraph(), document["number"], colour=QUIET)
    _say(file.add_paragraph(), document["subject"], bold=True, size=Pt(12))
    _pairs(file, document["head"])
    for section in document["sections"]:
        heading = file.add_heading(level=1)
        heading.paragraph_format.page_break_before = section.get("new_page") or None
        _say(heading, section["title"])
        for part in section["parts"]:
            WRITERS[part["kind"]](file, part)
    _signatures(file, document["signatures"])
    _say(file.add_paragraph(), document["footnote"], colour=QUIET, size=Pt(8))
    written = BytesIO()
    file.save(written)
    return _without_times(written)


def _without_times(written: BytesIO) -> bytes:
    """The same file with no time of its making in it, so that the same document gives the same bytes."""
    packed = BytesIO()
    with ZipFile(written) as source, ZipFile(packed, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), source.read(name), ZIP_DEFLATED)
    return packed.getvalue()


def _set_up(file: Document, document: dict[str, Any]) -> None:
    """A4, the faces of both scripts, the header and the numbers of the pages."""
    for name in ("Normal", "Title", "Heading 1"):
        style = file.styles[name]
        style.font.name, style.font.color.rgb = LATIN, None if name == "Normal" else INK
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script, face in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", HAN)):
            fonts.set(qn(f"w:{script}"), face)
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
    file.styles["Normal"].font.size = Pt(10)
    file.styles["Title"].font.size = Pt(20)
    file.styles["Heading 1"].font.size = Pt(12)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-GB")
    language.set(qn("w:eastAsia"), "zh-CN")
    file.styles["Normal"].element.get_or_add_rPr().append(language)
    section = file.sections[0]
    section.page_width, section.page_height = PAGE
    section.left_margin = section.right_margin = MARGIN
    section.top_margin = section.bottom_margin = Mm(20)
    _say(section.header.paragraphs[0], f"{document['number']}  {document['title']}", colour=QUIET, size=Pt(8))
    _number(section.footer.paragraphs[0], document["page_words"])
    issued_at = datetime.fromisoformat(document["issued_at"]).astimezone(UTC).replace(tzinfo=None)
    about = file.core_properties
    about.title, about.author, about.comments = (
        f"{_plain(document['title'])} {document['number']}"[:255],
        "OpsDesk",
        "",
    )
    about.created = about.modified = issued_at
    about.language, about.last_modified_by = document["language"], "OpsDesk"


def _text(file: Document, part: dict[str, Any]) -> None:
    _say(file.add_paragraph(), part["text"])


def _pairs_part(file: Document, part: dict[str, Any]) -> None:
    _pairs(file, part["rows"])


def _pairs(file: Document, rows: list[list[str]]) -> None:
    table = _table(file, [26, 74])
    for name, value in rows:
        cells = table.add_row().cells
        _say(cells[0].paragraphs[0], name, colour=QUIET)
        _say(cells[1].paragraphs[0], value)
    file.add_paragraph().paragraph_format.space_after = Pt(0)


def _rows(file: Document, part: dict[str, Any]) -> None:
    table = _table(file, part["widths"])
    head = table.add_row()
    for cell, name in zip(head.cells, part["head"], strict=True):
        _say(cell.paragraphs[0], name, bold=True, size=Pt(9))
        _shade(cell)
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    head._tr.get_or_add_trPr().append(repeated)
    for place, row in enumerate(part["rows"]):
        tone = part["tones"][place] if place < len(part["tones"]) else ""
        cells = table.add_row().cells
        for column, (cell, text) in enumerate(zip(cells, row, strict=True)):
            last = column == len(row) - 1
            _say(cell.paragraphs[0], text, size=Pt(9), colour=TONES.get(tone) if last else None)
    file.add_paragraph().paragraph_format.space_after = Pt(0)


def _chart(file: Document, part: dict[str, Any]) -> None:
    """Bars of blocks, as Word cannot take the drawing: a row a label, its values, its bar."""
    if part.get("is_map"):
        _map(file, part)
        return
    _say(file.add_paragraph(), part["title"], bold=True, size=Pt(9))
    totals = [sum(values) for values in zip(*(values for _name, values in part["series"]), strict=True)]
    unit = max([*totals, 1]) / BLOCKS
    names = [name for name, _values in part["series"]]
    table = _table(file, [22, *(8 for _name in names), 78 - 8 * len(names)])
    for cell, name in zip(table.add_row().cells, ["", *names, ""], strict=True):
        _say(cell.paragraphs[0], name, bold=True, size=Pt(8))
        _shade(cell)
    for place, label in enumerate(part["labels"]):
        values = [values[place] for _name, values in part["series"]]
        bar = "".join(
            SHADES[number % len(SHADES)] * round(value / unit) for number, value in enumerate(values)
        )
        for cell, text in zip(table.add_row().cells, [label, *map(str, values), bar], strict=True):
            _say(cell.paragraphs[0], text, size=Pt(8))
    file.add_paragraph().paragraph_format.space_after = Pt(0)


def _map(file: Document, part: dict[str, Any]) -> None:
    """A row a label, a field a series: its number, darker where there is more."""
    _say(file.add_paragraph(), part["title"], bold=True, size=Pt(9))
    most = max((value for _name, values in part["series"] for value in values), default=0)
    table = _table(file, [10, *(90 // len(part["series"]) for _each in part["series"])])
    head = ["", *(name for name, _values in part["series"])]
    for cell, name in zip(table.add_row().cells, head, strict=True):
        _say(cell.paragraphs[0], name, bold=True, size=Pt(8))
        _shade(cell)
    for place, label in enumerate(part["labels"]):
        label_cell, *cells = table.add_row().cells
        _say(label_cell.paragraphs[0], label, size=Pt(8))
        for cell, (_name, values) in zip(cells, part["series"], strict=True):
            level = level_of(values[place], most)
            white = RGBColor(0xFF, 0xFF, 0xFF) if level > DARK_FROM else None
            _say(cell.paragraphs[0], str(values[place]), size=Pt(8), colour=white)
            if level:
                _shade(cell, LEVELS[level - 1].removeprefix("#").upper())
    file.add_paragraph().paragraph_format.space_after = Pt(0)


def _signatures(file: Document, signatures: list[list[str]]) -> None:
    if not signatures:
        return
    file.add_paragraph()
    table = file.add_table(rows=1, cols=len(signatures))
    for cell, (name, who) in zip(table.rows[0].cells, signatures, strict=True):
        _say(cell.paragraphs[0], name, colour=QUIET)
        _say(cell.add_paragraph(), who)
        _say(cell.add_paragraph(), "_" * 18, colour=QUIET)


WRITERS = {"text": _text, "pairs": _pairs_part, "table": _rows, "chart": _chart}


def _table(file: Document, shares: list[int]) -> Table:
    table = file.add_table(rows=0, cols=len(shares), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, share in zip(table.columns, shares, strict=True):
        column.width = (PAGE[0] - 2 * MARGIN) * share // sum(shares)
    return table


def _say(
    paragraph: Paragraph,
    text: str,
    *,
    bold: bool = False,
    size: Pt | None = None,
    colour: RGBColor | None = None,
) -> None:
    """Write a text into a paragraph; its line breaks stay."""
    run = paragraph.add_run(_plain(text))
    run.bold = bold or None
    run.font.size = size
    if colour is not None:
        run.font.color.rgb = colour
    paragraph.paragraph_format.space_after = Pt(3)


def _plain(text: str) -> str:
    return UNWRITABLE.sub("\ufffd", text)


def _number(paragraph: Paragraph, words: str) -> None:
    """Write the number of the page and of all pages where the words have their places."""
    for piece in re.split(r"(\{pages?\})", words):
        run = paragraph.add_run("" if piece.startswith("{") else piece)
        run.font.size, run.font.color.rgb = Pt(8), QUIET
        if piece.startswith("{"):
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), "NUMPAGES" if piece == "{pages}" else "PAGE")
            run._r.addprevious(field)
            field.append(run._r)


def _shade(cell: _Cell, fill: str = "F0F0F0") -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), fill)
    cell._tc.get_or_add_tcPr().append(shade)
