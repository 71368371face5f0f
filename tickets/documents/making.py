"""Has the PDF or the Word file of a document made, in bounds: of time, of size, of how many at once."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

from django.db.models import TextChoices

from tickets.documents.maker import MOST_SECONDS
from tickets.documents.structure import Document

log = logging.getLogger(__name__)
HERE = Path(__file__).resolve().parents[2]
AT_ONCE = 2  # of a web process; its other threads go on answering
WAIT_FOR_TURN = 10  # seconds


class Form(TextChoices):
    """The files that a document is given out as; the value is the name's extension."""

    PDF = "pdf", "PDF"
    WORD = "docx", "Word"

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self]


MEDIA_TYPES = {
    Form.PDF: "application/pdf",
    Form.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_turns = BoundedSemaphore(AT_ONCE)


class NotMade(Exception):
    """The file could not be made within its bounds; the document itself is untouched."""


def made(document: Document, form: Form, *, within: float = MOST_SECONDS) -> bytes:
    """Return the file of a document. Raises `NotMade` after `within` seconds, or where the maker fails."""
    content = json.dumps(document.as_json(), ensure_ascii=False).encode("utf-8", "replace")
    name = f"{form.label} of {document.number}"
    return run_maker("tickets.documents.maker", form.value, content, name=name, within=within)


def run_maker(module: str, argument: str, content: bytes, *, name: str, within: float) -> bytes:
    """Return what the process of a maker makes of `content`. Raises `NotMade`; `name` is for the log."""
    if not _turns.acquire(timeout=min(WAIT_FOR_TURN, within)):
        raise NotMade("too many at once")
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, argument],
            input=content,
            capture_output=True,
            cwd=HERE,
            env={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"},
            timeout=within,
            check=True,
        )
    except subprocess.TimeoutExpired:
        log.error("The %s was not made within %s s", name, within)
        raise NotMade("too slow") from None
    except subprocess.CalledProcessError as failed:
        why = failed.stderr.decode(errors="replace")[-2000:]
        log.error("The %s was not made: %s", name, why)
        raise NotMade("the maker failed") from None
    finally:
        _turns.release()
    return done.stdout
