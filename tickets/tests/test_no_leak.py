"""The whole story with one marked password: it is in no table, log, export, answer, page, mail or report."""

from __future__ import annotations

import base64
import io
import json
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as configured
from django.core import mail
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.views.debug import ExceptionReporter

from opsdesk.testing import PASSWORD, Cast
from opsdesk.tests.rest import caller, record_for, with_authorisation
from opsdesk.tests.test_schema import READS
from staff.delivery import deliver
from tickets import actions, vault
from tickets.models import Custody, Ticket
from tickets.tests.test_views import signed_in

SECRET = "Zebra7Quark9Umbra"
FORMS = [
    SECRET,
    SECRET.lower(),
    SECRET[::-1],
    base64.b64encode(SECRET.encode()).decode().rstrip("="),
    SECRET.encode().hex(),
]


def leaks(text: str) -> list[str]:
    return [form for form in FORMS if form in text]


class Everything(logging.Handler):
    """Every log record of every logger, with its traceback, as it would be written down."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self.lines.append(logging.Formatter("%(name)s %(message)s").format(record) + repr(record.args))


@pytest.fixture
def log() -> Iterator[Everything]:
    handler, root = Everything(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


def tables() -> dict[str, str]:
    """The whole content of every table of the database, as text."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        found = {}
        for name in names:
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{name}" t')
            found[name] = cursor.fetchone()[0] or ""
    return found


def pages(ticket: Ticket, access: int, cast: Cast) -> Iterator[tuple[str, bytes]]:
    """Every page, export and REST answer in which the record or the search for the password shows."""
    at = reverse("tickets:remote_access", args=[ticket.pk, access])
    paths = [
        reverse("tickets:detail", args=[ticket.pk]),
        at,
        f"{at}passwords/new/",
        *(f"{at}passwords/{pk}/" for pk in Custody.objects.values_list("pk", flat=True)),
        reverse("tickets:remote"),
        reverse("tickets:list") + f"?queue=all&q={ticket.number}",
        reverse("tickets:export") + "?queue=all",
        reverse("tickets:export_xlsx") + "?queue=all",
        reverse("palette") + f"?q={ticket.number}&record={ticket.pk}",
        reverse("staff:inbox"),
        "/admin/",
    ]
    for who in (cast.wang, cast.admin):
        browser = signed_in(who)
        for path in paths:
            answer = browser.get(path)
            yield f"{who.username} {path}", body(answer)
    sun = signed_in(cast.sun)
    for path in (reverse("portal:report", args=[ticket.pk]), reverse("portal:reports")):
        yield f"sun {path}", body(sun.get(path))
    for who in (cast.li, cast.sun):
        for path in READS:
            path = path.replace("{id}", ticket.number).replace("{code}", "hospital")
            yield f"{who.username} {path}", body(caller(who).get(path))


def body(answer) -> bytes:
    """An answer's content with its headers; an Excel file is unpacked."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            content = b"".join(file.read(name) for name in file.namelist())
    return content + repr(answer.headers).encode()


def test_the_password_is_nowhere_but_on_the_one_page(
    cast: Cast, settings, log: Everything, monkeypatch
) -> None:
    settings.CUSTODY_KEYS = [Fernet.generate_key().decode()]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    ticket = record_for("pause", cast)
    access = with_authorisation(ticket, cast)
    at = reverse("tickets:remote_access", args=[ticket.pk, access.pk])
    li, chen = signed_in(cast.li), signed_in(cast.chen)
    swept: dict[str, str] = {}

    with CaptureQueriesContext(connection) as queries:
        # Refused, broken, then taken in: each with the password in the body of the request.
        rest = caller(cast.li)
        rest.post(f"/tickets/{ticket.number}/deposit_password/", {"password": SECRET})
        rest.post(f"/tickets/{ticket.number}/open_remote/", {"authorisation": access.pk, "password": SECRET})
        li.post(f"{at}passwords/new/", {"account": "", "password": SECRET})
        reports = broken_deposit(cast, f"{at}passwords/new/", log, monkeypatch)
        for account in ("oracle", "root", "admin"):
            answer = li.post(f"{at}passwords/new/", {"account": account, "password": SECRET})
            assert answer.status_code == 302, answer.content.decode()
            swept[f"deposited {account}"] = answer.content.decode() + repr(answer.headers)
        chen.post(f"{at}open/")
        looked, destroyed, _waits = Custody.objects.order_by("pk")
        li.post(f"{at}passwords/{destroyed.pk}/destroy/")
        chen.post(f"{at}passwords/{looked.pk}/", {"reason": "登录", "password": "wrong-one"})
        shown = chen.post(f"{at}passwords/{looked.pk}/", {"reason": "登录", "password": PASSWORD})
        assert shown.content.decode().count(SECRET) == 1  # the one page
        sweep(swept, pages(ticket, access.pk, cast))
        chen.post(
            f"{at}close/", {"close-session": "", "session": access.sessions.get().pk, "close-summary": "x"}
        )
        actions.watch_windows(now=access.window_to)
        while deliver(now=timezone.now()):
            pass
    assert Custody.objects.held().count() == 0 and Custody.objects.count() == 3
    swept |= {f"table {name}": rows for name, rows in tables().items()}
    swept |= {f"log {number}": line for number, line in enumerate(log.lines)}
    swept |= {f"query {number}": query["sql"] for number, query in enumerate(queries.captured_queries)}
    swept |= {f"error report {number}": report for number, report in enumerate(reports)}
    swept |= {f"mail {number}": str(each.message()) for number, each in enumerate(mail.outbox)}
    swept["drafts"] = json.dumps([path.name for path in Path(configured.MEDIA_ROOT).rglob("*")])

    assert len(swept) > 300 and "table tickets_custody" in swept and mail.outbox
    assert {name: found for name, text in swept.items() if (found := leaks(text))} == {}


def sweep(swept: dict[str, str], found: Iterator[tuple[str, bytes]]) -> None:
    for number, (name, content) in enumerate(found, start=len(swept)):
        swept[f"{name} #{number}"] = content.decode("utf-8", "replace")


def broken_deposit(cast: Cast, path: str, log: Everything, monkeypatch) -> list[str]:
    """The error page and the reports that a failure in the middle of it leaves behind."""

    def fails(key: str) -> None:
        raise RuntimeError("the library is broken")

    browser = Browser(raise_request_exception=False)
    browser.force_login(cast.li, backend="django.contrib.auth.backends.ModelBackend")
    with monkeypatch.context() as broken:
        broken.setattr(vault, "Fernet", fails)
        answer = browser.post(path, {"account": "visible-account", "password": SECRET})
    assert answer.status_code == 500
    [record] = [each for each in log.records if each.exc_info and each.name == "django.request"]
    reporter = ExceptionReporter(record.request, *record.exc_info)
    reports = [answer.content.decode(), reporter.get_traceback_text(), reporter.get_traceback_html()]
    assert "visible-account" in reports[1]  # the control: the report does tell of the request
    return reports


# The controls: a planted leak is found by each of the sweeps. -----------------------------------------------


def test_a_leak_in_the_history_is_found_in_table_page_export_and_answer(cast: Cast) -> None:
    ticket = record_for("pause", cast)
    access = with_authorisation(ticket, cast)
    actions.add_note(ticket, text=f"oops {SECRET}", by=cast.li, now=timezone.now())
    Ticket.objects.update(title=f"x {SECRET}")
    assert {"tickets_entry", "tickets_ticket"} <= {name for name, rows in tables().items() if leaks(rows)}
    swept: dict[str, str] = {}
    sweep(swept, pages(ticket, access.pk, cast))
    places = " ".join(name for name, text in swept.items() if leaks(text))
    for name in (reverse("tickets:detail", args=[ticket.pk]), "/entries/", "export.csv", "export.xlsx"):
        assert name in places


def test_a_leak_in_the_log_is_found(log: Everything) -> None:
    logging.getLogger("somewhere.deep").debug("typed: %s", SECRET)
    assert any(leaks(line) for line in log.lines)


def test_a_report_of_an_error_without_protection_is_found() -> None:
    def careless(password: str) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError) as error:
        careless(SECRET)
    reporter = ExceptionReporter(None, *error._excinfo)
    assert leaks(reporter.get_traceback_html())
