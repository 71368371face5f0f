"""The process that sets paper: `python -m surveys.paper.maker pdf`, facts in, the file out.

It knows neither Django nor the database; what it needs is loaded here and gone with it.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as fonts
import typst

TEMPLATE = Path(__file__).with_name("paper.typ")
MOST_SECONDS, MOST_MEMORY = 20, 2 * 2**30


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    sys.stdout.buffer.write(write(json.load(sys.stdin.buffer)))


def write(paper: dict[str, Any]) -> bytes:
    compiler = typst.Compiler(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        font_paths=[str(Path(fonts.sans_path()).parent)],
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(paper, ensure_ascii=False)},
    )
    written = compiler.compile(format="pdf", timestamp=datetime.fromisoformat(paper["printed_at"]))
    assert isinstance(written, bytes)
    return written


if __name__ == "__main__":
    main()
