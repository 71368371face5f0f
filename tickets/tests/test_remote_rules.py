"""When a remote session may begin: the rule as a table, and the same answer from the database (§4.2.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from itertools import product

import pytest
from django.utils import timezone

from opsdesk.testing import MONDAY, Cast
from opsdesk.tests.rest import record_for, with_authorisation
from staff.files import Upload
from staff.refused import Refused
from tickets import actions
from tickets.models import Grade, HowGiven, RemoteAuthorisation, RemoteSession, Ticket
from tickets.remote import Bar, Facts, Standing, bar, refuse_unfit, standing

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
FROM, TO = MONDAY, MONDAY + 4 * HOUR
PAPER = Facts(
    how=HowGiven.FAX,
    window_from=FROM,
    window_to=TO,
    max_sessions=2,
    sessions_begun=0,
    has_evidence=True,
    is_grade_one=False,
    is_revoked=False,
)
WORD = replace(
    PAPER, how=HowGiven.PHONE, has_evidence=False, is_grade_one=True, written_due_at=FROM + 3 * HOUR
)


@pytest.mark.parametrize(
    ("facts", "at", "expected"),
    [
        (PAPER, FROM, None),
        (PAPER, FROM - SECOND, Bar.TOO_EARLY),
        (PAPER, TO - SECOND, None),
        (PAPER, TO, Bar.TOO_LATE),
        (replace(PAPER, is_revoked=True), FROM, Bar.REVOKED),
        (replace(PAPER, is_revoked=True), TO, Bar.REVOKED),
        (replace(PAPER, has_evidence=False), FROM, Bar.NO_EVIDENCE),
        (replace(PAPER, has_evidence=False, is_grade_one=True), FROM, Bar.NO_EVIDENCE),
        (replace(PAPER, sessions_begun=1), FROM, None),
        (replace(PAPER, sessions_begun=2), FROM, Bar.USED_UP),
        (WORD, FROM, None),
        (WORD, FROM + 3 * HOUR - SECOND, None),
        (WORD, FROM + 3 * HOUR, Bar.WRITTEN_OVERDUE),
        (replace(WORD, has_evidence=True), FROM + 3 * HOUR, None),
        (replace(WORD, is_grade_one=False), FROM, Bar.NOT_GRADE_ONE),
        (replace(WORD, is_grade_one=False, has_evidence=True), FROM, None),
        (replace(WORD, sessions_begun=2), FROM, Bar.USED_UP),
    ],
)
def test_a_session_may_begin_or_one_reason_says_why_not(facts: Facts, at, expected: Bar | None) -> None:
    assert bar(facts, at) is expected
    assert (standing(facts, at) == Standing.VALID) is (expected is None)


FIT = {
    "how": HowGiven.LETTER,
    "callback_number": "",
    "window_from": FROM,
    "window_to": TO,
    "max_sessions": 1,
    "given_at": FROM,
    "is_grade_one": False,
    "now": FROM,
}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, None),
        ({"how": HowGiven.PHONE, "callback_number": "1", "is_grade_one": True}, None),
        ({"how": HowGiven.PHONE, "callback_number": "1"}, "how"),
        ({"how": HowGiven.PHONE, "is_grade_one": True}, "callback_number"),
        ({"window_to": FROM}, "window_to"),
        ({"now": TO}, "window_to"),
        ({"window_to": FROM + timedelta(days=30)}, None),
        ({"window_to": FROM + timedelta(days=30) + SECOND}, "window_to"),
        ({"max_sessions": 0}, "max_sessions"),
        ({"max_sessions": 51}, "max_sessions"),
        ({"given_at": FROM + SECOND}, "given_at"),
    ],
)
def test_what_cannot_be_recorded_is_refused_at_its_field(more: dict, field: str | None) -> None:
    if field is None:
        refuse_unfit(**(FIT | more))
        return
    with pytest.raises(Refused) as refused:
        refuse_unfit(**(FIT | more))
    assert refused.value.field == field


def test_the_database_finds_the_same_ones_valid_as_the_rule(cast: Cast) -> None:
    """Every combination of what the rule looks at, each asked of both at seven instants."""
    now = timezone.now()
    ticket = record_for("pause", cast)
    [file] = actions.attach(ticket, [Upload("a.txt", BytesIO(b"x"))], by=cast.li, now=now).attachments.all()
    common = {
        "ticket": ticket,
        "given_by": "孙主任",
        "purpose": "x",
        "given_at": now - 30 * HOUR,
        "window_from": now - HOUR,
        "window_to": now + HOUR,
        "recorded_by": cast.li,
        "recorded_at": now - 30 * HOUR,
    }
    for how, has_paper, begun, revoked in product(
        (HowGiven.FAX, HowGiven.PHONE), (False, True), (0, 1), (False, True)
    ):
        is_verbal = how == HowGiven.PHONE
        more = {"callback_number": "1", "written_due_at": now} if is_verbal else {}
        if has_paper:
            more |= (
                {"written_evidence": file, "written_received_at": now} if is_verbal else {"evidence": file}
            )
        if revoked:
            more |= {"revoked_at": now, "revoked_by": cast.li, "revoked_reason": "x"}
        access = RemoteAuthorisation.objects.create(how=how, **common, **more)
        for _number in range(begun):
            RemoteSession.objects.create(authorisation=access, operator=cast.li, started_at=now)
    answers = set()
    instants = [now + shift for shift in (-2 * HOUR, -HOUR, -SECOND, 0 * HOUR, HOUR - SECOND, HOUR, 2 * HOUR)]
    for grade, withdrawn, at in product((Grade.ONE, Grade.TWO), (None, now), instants):
        Ticket.objects.update(grade=grade)
        facts = {"withdrawn_at": withdrawn, "withdrawn_by": withdrawn and cast.li}
        ticket.attachments.update(**facts, stored="" if withdrawn else file.stored)
        rows = RemoteAuthorisation.objects.with_sessions()
        rows = rows.select_related("ticket", "evidence", "written_evidence")
        by_rule = {row.pk for row in rows if bar(row.facts, at) is None}
        assert by_rule == set(RemoteAuthorisation.objects.valid(at).values_list("pk", flat=True))
        answers.add(frozenset(by_rule))
    assert len(answers) >= 4  # the control: they do not all say the same


def test_the_paper_is_gone_when_its_file_is_withdrawn(cast: Cast) -> None:
    access = with_authorisation(record_for("pause", cast), cast)
    actions.withdraw(access.evidence, reason="wrong", by=cast.wang, now=timezone.now())
    with pytest.raises(Refused) as refused:
        actions.open_remote(access, by=cast.chen, now=timezone.now())
    assert refused.value.code == Bar.NO_EVIDENCE
