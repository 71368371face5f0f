"""What the papers of a report say, read back from each of them: tables as rows of texts."""

from __future__ import annotations

import io
import re
from typing import Any

import docx
from lxml import html
from openpyxl import load_workbook
from pypdf import PdfReader

Rows = list[list[str]]


def of_page(content: bytes) -> tuple[str, Rows]:
    """All text of a page's sheet, and the cells of its tables."""
    (sheet,) = html.fromstring(content.decode()).xpath("//article[contains(@class, 'sheet')]")
    rows = [
        ["\n".join(cell.itertext()).strip() for cell in row.xpath("./td|./th")]
        for row in sheet.xpath(".//tr")
    ]
    return " ".join(sheet.itertext()), rows


def of_word(content: bytes) -> tuple[str, Rows]:
    file = docx.Document(io.BytesIO(content))
    rows = [[cell.text for cell in row.cells] for table in file.tables for row in table.rows]
    texts = [paragraph.text for paragraph in file.paragraphs] + [cell for row in rows for cell in row]
    return "\n".join(texts), rows


def of_excel(content: bytes) -> tuple[str, Rows]:
    """Cells as they are shown: a number in the shape that its format gives it."""
    rows = []
    for sheet in load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            rows.append([_shown(cell) for cell in row if cell.value is not None])
    return "\n".join(cell for row in rows for cell in row), rows


def _shown(cell: Any) -> str:
    if not isinstance(cell.value, int | float):
        return str(cell.value)
    found = re.fullmatch(r'0(?:\.(0+))?(?:"(.*)")?', cell.number_format)
    assert found, cell.number_format
    places, unit = found.groups()
    return f"{cell.value:.{len(places or '')}f}{unit or ''}"


def of_pdf(content: bytes) -> tuple[str, int]:
    """All its text without any blanks, where lines are broken somewhere; and how many pages it has."""
    pages = PdfReader(io.BytesIO(content)).pages
    return squeezed("".join(page.extract_text() for page in pages)), len(pages)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)
