"""A document as PDF. Runs in the process of `maker`: it knows neither Django nor the database."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as fonts
import typst

from tickets.documents.drawing import drawn

TEMPLATE = Path(__file__).with_name("document.typ")


def write(document: dict[str, Any]) -> bytes:
    """Return the PDF of a document; of the same document always the same bytes."""
    compiler = typst.Compiler(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        font_paths=[str(Path(fonts.sans_path()).parent)],
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(_with_drawings(document), ensure_ascii=False)},
    )
    written = compiler.compile(format="pdf", timestamp=datetime.fromisoformat(document["issued_at"]))
    assert isinstance(written, bytes)
    return written


def _with_drawings(document: dict[str, Any]) -> dict[str, Any]:
    """The document with each chart drawn; the others as they are."""
    sections = [
        section | {"parts": [_with_drawing(part) for part in section["parts"]]}
        for section in document["sections"]
    ]
    return document | {"sections": sections}


def _with_drawing(part: dict[str, Any]) -> dict[str, Any]:
    if part["kind"] != "chart":
        return part
    bars = part["title"], part["labels"], part["series"]
    shape = {name: part.get(name, False) for name in ("is_lying", "is_map")}
    return part | {"drawing": drawn(*bars, **shape, ink="#1a1a1a")}
