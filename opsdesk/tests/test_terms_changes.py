"""Every change of the house's or a group's terms has its entry, shown on the page of these terms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import pytest
from django.db import InternalError, connection, transaction
from django.db.models import Model
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audits.actions import set_audit_terms
from audits.actions.suggestions import set_terms as set_process_terms
from audits.models import AuditTerms, ProcessTerms
from clients.actions import set_renewal_terms
from clients.models import RenewalTerm
from opsdesk.testing import MONDAY, Cast
from staff.models import TermsChange, User
from surveys.actions.corrective import set_terms as set_corrective_terms
from surveys.models import CorrectiveTerms
from tickets.actions import set_handover_terms
from tickets.models import HandoverTerms

pytestmark = pytest.mark.django_db


class Setter(NamedTuple):
    model: type[Model]
    who: str
    address: str
    act: Callable[[Cast, User, datetime], object]
    changes: dict[str, list[object]]
    english: str
    chinese: str


SETTERS = [
    Setter(
        AuditTerms,
        "zhou",
        "audits:terms",
        lambda cast, by, now: set_audit_terms(AuditTerms(danger=7, verify=4), by=by, now=now),
        {"danger": [5, 7], "verify": [5, 4]},
        "Remedy of a hidden danger: 5 → 7",
        "隐患整改: 5 → 7",
    ),
    Setter(
        ProcessTerms,
        "zhou",
        "process:terms",
        lambda cast, by, now: set_process_terms(ProcessTerms(answer=2), by=by, now=now),
        {"answer": [10, 2]},
        "Working days for an answer: 10 → 2",
        ": 10 → 2",
    ),
    Setter(
        CorrectiveTerms,
        "admin",
        "satisfaction:corrective_terms",
        lambda cast, by, now: set_corrective_terms(CorrectiveTerms(reply=1), by=by, now=now),
        {"reply": [2, 1]},
        "Working days to answer the client: 2 → 1",
        ": 2 → 1",
    ),
    Setter(
        HandoverTerms,
        "wang",
        "handovers:terms",
        lambda cast, by, now: set_handover_terms(
            HandoverTerms(group=cast.south, sign_within=None, points="电源\n空调"), by=by, now=now
        ),
        {"sign_within": [15, None], "points": ["", "电源\n空调"]},
        "Points to go through: — → 电源 · 空调",
        ": 15 → —",
    ),
    Setter(
        RenewalTerm,
        "wang",
        "clients:terms",
        lambda cast, by, now: set_renewal_terms([90, 30], by=by, now=now),
        {"days": [[60, 30, 7], [90, 30]]},
        "Days before the end: 60, 30, 7 → 90, 30",
        ": 60, 30, 7 → 90, 30",
    ),
]
EACH = pytest.mark.parametrize("setter", SETTERS, ids=lambda one: one.model.__name__)


@EACH
def test_a_change_leaves_one_entry_and_an_equal_save_none(cast: Cast, setter: Setter) -> None:
    by = getattr(cast, setter.who)
    setter.act(cast, by, MONDAY)
    setter.act(cast, by, MONDAY)
    of = cast.south.pk if setter.model is HandoverTerms else ""
    entry = TermsChange.objects.get()
    assert list(TermsChange.objects.newest(setter.model, of)) == [entry]
    assert (entry.by, entry.at, entry.changes) == (by, MONDAY, setter.changes)


@EACH
def test_the_page_shows_it_in_both_languages(cast: Cast, setter: Setter) -> None:
    by = getattr(cast, setter.who)
    address = reverse(setter.address, args=["south"] if setter.model is HandoverTerms else [])
    assert "terms-changes" not in _page(by, "en", address)
    setter.act(cast, by, MONDAY)
    english, chinese = _page(by, "en", address), _page(by, "zh-hans", address)
    assert ">Changes</h2>" in english and setter.english in english and by.label in english
    assert ">变更记录</h2>" in chinese and setter.chinese in chinese
    assert setter.english.split(":")[0] not in chinese


def test_a_group_reads_of_its_own_terms_alone(cast: Cast) -> None:
    set_handover_terms(HandoverTerms(group=cast.north, opens_before=90), by=cast.admin, now=MONDAY)
    assert not TermsChange.objects.newest(HandoverTerms, cast.south.pk)
    assert TermsChange.objects.newest(HandoverTerms, cast.north.pk)[0].lines[0][1:] == ("60", "90")


def test_the_page_has_the_newest_twenty_in_as_many_queries_as_one(cast: Cast) -> None:
    address, counts = reverse("audits:terms"), []
    for days in range(6, 31):
        set_audit_terms(AuditTerms(danger=days), by=cast.zhou, now=MONDAY)
        if days in (6, 30):
            _page(cast.zhou, "en", address)
            with CaptureQueriesContext(connection) as asked:
                page = _page(cast.zhou, "en", address)
            counts.append(len(asked))
    assert counts[0] == counts[1]
    assert page.count(" → ") == 20 and page.index("29 → 30") < page.index("10 → 11")
    assert "9 → 10" not in page


def test_the_history_is_append_only(cast: Cast) -> None:
    set_audit_terms(AuditTerms(danger=7), by=cast.zhou, now=MONDAY)
    for statement in ("UPDATE staff_termschange SET of = 'x'", "DELETE FROM staff_termschange"):
        with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def _page(by: User, language: str, address: str) -> str:
    User.objects.filter(pk=by.pk).update(language=language)
    browser = Browser()
    browser.force_login(User.objects.get(pk=by.pk))
    return browser.get(address).content.decode()
