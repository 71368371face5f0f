"""Mail servers for tests, both real and on loopback: one takes mail by SMTP, one serves it by IMAP."""

from __future__ import annotations

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

NAME, PASSWORD = "desk@house.test", "p@ss/w:rd"
DONE = "Processed"


class Mailbox:
    """The IMAP server's mailbox, filled and looked into by its own protocol."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"imap://{quote(NAME)}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/INBOX"

    @contextmanager
    def connected(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=20) as box:
            box.login(NAME, PASSWORD)
            yield box

    def put(self, raw: bytes, at: datetime | None = None) -> None:
        """Deliver an e-mail, as the mail server of the house does."""
        with self.connected() as box:
            status, why = box.append("INBOX", None, imaplib.Time2Internaldate(at) if at else None, raw)
            assert status == "OK", why

    def count(self, folder: str = "INBOX") -> int:
        with self.connected() as box:
            status, found = box.select(folder, readonly=True)
            return int(found[0]) if status == "OK" else 0

    def empty(self) -> None:
        with self.connected() as box:
            for folder in ("INBOX", DONE):
                if box.select(folder)[0] == "OK" and int(box.select(folder)[1][0]):
                    box.store("1:*", "+FLAGS", r"(\Deleted)")
                    box.expunge()


@contextmanager
def imap_server() -> Iterator[Mailbox]:
    """Run an IMAP server in a process of its own until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict"]
    command += ["--demo-user", NAME, "--demo-password", PASSWORD]
    server = subprocess.Popen(
        [sys.executable, "-c", "from pymap.main import main; main()", *command], stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(port, server)
        yield Mailbox(port)
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the IMAP server of the tests does not answer")


class Post:
    """What an SMTP server has taken: for our mailbox it is delivered there, the rest is kept for the test."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.sent: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        if NAME in envelope.rcpt_tos:
            self.mailbox.put(content)
        else:
            self.sent.append(content)
        return "250 taken"


@contextmanager
def smtp_server(mailbox: Mailbox) -> Iterator[tuple[Post, int]]:
    """Run an SMTP server until the block ends; yield what it takes, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    post = Post(mailbox)
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield post, port
    finally:
        controller.stop()


@pytest.fixture(scope="session")
def imap() -> Iterator[Mailbox]:
    with imap_server() as box:
        yield box


@pytest.fixture
def mailbox(imap: Mailbox, settings) -> Mailbox:
    """The house's mailbox, empty, and the settings that name it."""
    imap.empty()
    settings.MAIL_IN_URL, settings.MAIL_IN_DONE = imap.url, DONE
    settings.DEFAULT_FROM_EMAIL, settings.MAIL_ADDRESS = f"OpsDesk <{NAME}>", NAME
    settings.MAIL_DOMAIN, settings.MAIL_OWN_ADDRESSES = "house.test", frozenset({NAME})
    return imap


@pytest.fixture
def post_office(mailbox: Mailbox, settings) -> Iterator[Post]:
    """Mail goes out by SMTP, and what is sent to the house's mailbox comes in there."""
    with smtp_server(mailbox) as (post, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield post
