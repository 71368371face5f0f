"""The witness outside: a mail server in a process of its own that notes the id of every copy it is given.

`python -m opsdesk.tests.faults.witness PORT FILE` appends one line a message: it loses none when it ends.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from email.parser import BytesHeaderParser
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Noting:
    def __init__(self, file: str) -> None:
        self.notes = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        header = BytesHeaderParser().parsebytes(envelope.content or b"")
        os.write(self.notes, f"{header['Message-ID']}\n".encode())
        return "250 noted"


def noted(file: Path) -> Counter[str]:
    """How often each message came."""
    return Counter(file.read_text().split()) if file.exists() else Counter()


def main(port: str, file: str) -> None:
    server = Controller(Noting(file), hostname="127.0.0.1", port=int(port))
    server.start()
    signal.sigwait({signal.SIGTERM})
    server.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
