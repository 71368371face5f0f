"""Auditors see all and change nothing but audits: every writing address of records, walked and refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.db import connection, transaction
from django.test import Client as Browser
from django.urls import URLPattern, get_resolver

from clients.models import Client
from opsdesk.apidocs import schema_in
from opsdesk.testing import Cast
from opsdesk.tests.rest import ROOT, caller, handover_for, overrun_for, record_for
from staff.models import User
from tickets.models import Ticket
from tickets.views.asked import record_of
from tickets.views.verbtable import VERBS, form_of

pytestmark = pytest.mark.django_db
# What anybody keeps for himself: his drafts and views, and that he looks at a record. No record has them.
OWN = {"tickets_presence", "tickets_calldraft", "tickets_savedview", "tickets_heartbeat"}
GIVEN = {
    "kind": "notice",
    "step": "explain",
    "code": "south",
    "stamp": "2026-11-23T0830",
    "number": "1",
    "form": "pdf",
    "place": "0",
}
TEXTS = (
    "title",
    "text",
    "reason",
    "note",
    "solution",
    "details",
    "name",
    "caller_name",
    "statement",
    "to_do",
)
IN_HTML = ("tickets.urls", "tickets.handover_urls", "tickets.portal_urls")
IN_REST = ("/tickets/", "/dispatches/", "/handovers/", "/overruns/", "/replies/", "/policy/", "/complaints/")


def state() -> dict[str, int]:
    """How many rows of each table of records were written in this transaction so far, undone ones too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables "
            "WHERE starts_with(relname, 'tickets_')"
        )
        return {table: n for table, n in cursor.fetchall() if table not in OWN}


def html_addresses(ticket: Ticket) -> Iterator[str]:
    """Every address of records, with this one in place of what they ask for, and each verb once."""
    for resolver in get_resolver().url_patterns:
        if getattr(getattr(resolver, "urlconf_name", None), "__name__", "") not in IN_HTML:
            continue
        for pattern in resolver.url_patterns:
            assert isinstance(pattern, URLPattern)
            path = f"/{resolver.pattern}{pattern.pattern}"
            given = {**GIVEN, "pk": str(ticket.pk)}
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: given.get(found[1], found[0]), path)  # noqa: B023
            if "<slug:verb>" in path:
                yield from (path.replace("<slug:verb>", verb) for verb in VERBS)
            else:
                yield re.sub(r"<(?:\w+:)?(\w+)>", "1", path)


def typed(form: forms.Form) -> dict[str, Any]:
    """What somebody may type into a form: the first choice of each, and a text where there is none."""
    said: dict[str, Any] = {}
    for name, field in form.fields.items():
        value: Any = form.get_initial_for_field(field, name) or "x"
        if isinstance(field, forms.ModelChoiceField):
            value = getattr(field.queryset.last(), "pk", "")
        elif isinstance(field, forms.ChoiceField):
            value = next((key for key, _label in field.choices if key), "")
        elif isinstance(field, (forms.DateTimeField, forms.DateField)):
            value = "2099-01-05T10:00" if isinstance(field, forms.DateTimeField) else "2099-01-05"
        elif isinstance(field, (forms.IntegerField, forms.FileField, forms.BooleanField)):
            value = "1" if isinstance(field, forms.IntegerField) and field.required else ""
        said[form.add_prefix(name)] = value
    return said


def body_for(path: str, ticket: Ticket, user: User) -> dict[str, Any]:
    """The form of a verb typed in, of a call what it needs; else a text in whatever is asked for."""
    body: dict[str, Any] = dict.fromkeys(TEXTS, "x")
    body |= {
        "client": str(Client.objects.get().pk),
        "channel": "phone",
        "kind": "fault",
        "tickets": ticket.pk,
    }
    body |= {"grade": "3", "do": "save", "version": ticket.version}
    verb = path.rstrip("/").rpartition("/")[2]
    shown = record_of(ticket.pk, user)
    return body | (typed(form_of(verb, shown, user)) if shown and verb in VERBS else {})


def html_changes(cast: Cast, who: User, *, verbs_alone: bool = False) -> set[str]:
    """POST to every address in this person's name; return those at which any record's table changed."""
    browser = Browser(raise_request_exception=False)
    browser.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    changed = set()
    records = {verb: record_for(verb, cast) for verb in VERBS}
    other = record_for("note", cast)
    paths = sorted(set(html_addresses(other)))
    assert len(paths) > 100
    for path in paths:
        verb = path.rstrip("/").rpartition("/")[2]
        if verbs_alone and verb not in VERBS:
            continue
        ticket = records.get(verb, other)
        path = path.replace(f"/{other.pk}/", f"/{ticket.pk}/")
        with transaction.atomic():
            before = state()
            answer = browser.post(path, body_for(path, ticket, cast.li))
            if state() != before:
                changed.add(re.sub(r"/\d+", "", path))
            assert who != cast.zhou or answer.status_code != 500, path
            transaction.set_rollback(True)
    return changed


@pytest.mark.slow
def test_no_address_of_the_pages_lets_an_auditor_change_a_record(cast: Cast) -> None:
    assert html_changes(cast, cast.zhou) == set()
    # The control: whoever works changes them at these same addresses by these same bodies, at those of verbs.
    assert len(html_changes(cast, cast.li, verbs_alone=True)) > 12


def rest_writes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every writing operation on records with each of its examples."""
    for path, methods in schema_in("en")["paths"].items():
        short = path.removeprefix(ROOT)
        if not short.startswith(IN_REST):
            continue
        for method, operation in methods.items():
            if method == "get":
                continue
            media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for example in media.get("examples", {"": {"value": {}}}).values():
                yield method, short, example["value"]


@pytest.mark.slow
def test_no_address_of_rest_lets_an_auditor_change_a_record(cast: Cast) -> None:
    auditor, worker = caller(cast.zhou), caller(cast.li)
    writes, changed, refused = list(rest_writes()), set(), 0
    for _method, path, body in writes:
        with transaction.atomic():
            verb = path.rstrip("/").rpartition("/")[2]
            at = path
            if "/overruns/" in path:
                at = re.sub(r"\{\w+\}", str(overrun_for(verb, cast)[0].pk), path)
            elif "/handovers/{" in path:
                at = re.sub(r"\{\w+\}", str(handover_for(verb, cast)[0].pk), path)
            ticket = record_for(verb, cast)
            at = at.replace("{id}", ticket.number).replace("{record}", ticket.number)
            at = re.sub(r"\{\w+\}", "1", at)
            text = json.dumps(body).replace("T-10234", ticket.number).replace("T-10233", ticket.number)
            before = state()
            answer = auditor.post(at, text)
            assert state() == before, at
            assert 400 <= answer.status_code < 500, (at, answer.content)
            refused += answer.status_code == 403
            worker.post(at, text)
            if state() != before:
                changed.add(path)
            transaction.set_rollback(True)
    assert refused > 25 and len(writes) > 40
    assert len(changed) > 12  # the control
