"""Corrective actions are opened exactly once of each source, whoever looks and however often (§4.3, P4.3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from opsdesk.testing import MONDAY, Cast, build_cast
from staff.models import Notice
from staff.refused import Refused
from surveys.actions import Given
from surveys.actions.opening import open_by_hand, open_due, open_from_answer
from surveys.actions.sheets import finish, read_all, write
from surveys.models import AnswerSheet, CorrectiveAction
from surveys.tests.correcting import DAY, HOUR, answered, disappointed, invited, questionnaire
from tickets.models import Kind, Status, Ticket

THANKS = "Thank you! 谢谢,服务很好!!!"


def sources(cast: Cast) -> None:
    """One bad answer, one complaint, one callback that says so; and good ones of each."""
    version = questionnaire(cast)
    answered(cast, version, 1, "等了三天")
    answered(cast, version, 5, THANKS)
    cast.ticket(MONDAY, kind=Kind.COMPLAINT, title="没人回电")
    cast.ticket(MONDAY, kind=Kind.REQUEST)
    disappointed(cast)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("points", "text", "is_complaint", "opens"),
    [
        (None, THANKS, False, False),  # any word is no complaint
        (5, THANKS, False, False),
        (3, "太慢了,投诉!", False, False),  # nor is this: who complains ticks it
        (1, "", False, True),
        (2, THANKS, False, True),
        (5, THANKS, True, True),
        (None, "", True, True),
    ],
)
def test_a_number_or_a_tick_opens_one_and_never_a_word(
    cast: Cast, points: int | None, text: str, is_complaint: bool, opens: bool
) -> None:
    sheet = answered(cast, questionnaire(cast), points, text, is_complaint=is_complaint)
    assert (open_from_answer(sheet, now=MONDAY) is not None) == opens
    assert CorrectiveAction.objects.count() == opens


@pytest.mark.django_db
def test_each_source_opens_one_however_often_it_is_looked_at(cast: Cast) -> None:
    sources(cast)
    assert open_due(now=MONDAY + HOUR) == 3
    for hour in range(2, 6):
        assert open_due(now=MONDAY + hour * HOUR) == 0
    kinds = CorrectiveAction.objects.order_by("source").values_list("source", flat=True)
    assert list(kinds) == ["answer", "callback", "complaint"]
    told = Notice.objects.filter(kind="corrective", params__what="opened")
    assert {notice.recipient for notice in told} == {cast.wang} and told.count() == 3


@pytest.mark.django_db
def test_what_it_says_is_what_the_client_said(cast: Cast) -> None:
    sources(cast)
    open_due(now=MONDAY + HOUR)
    by_source = {action.source: action for action in CorrectiveAction.objects.all()}
    answer = by_source["answer"]
    assert "总体" in answer.title and answer.words == "太慢\n等了三天"
    assert (answer.client, answer.contact, answer.group) == (cast.hospital, cast.contact, cast.south)
    assert by_source["callback"].words == "说好周一来,周三才来"
    assert by_source["complaint"].title == "没人回电"
    assert by_source["complaint"].ticket == by_source["complaint"].complaint


@pytest.mark.django_db
def test_finishing_a_bad_sheet_opens_one_at_once(cast: Cast) -> None:
    version = questionnaire(cast)
    invitation = invited(cast, version)
    sheet = AnswerSheet.objects.create(invitation=invitation, channel="web", begun_at=MONDAY)
    given = Given({1: 1, 2: THANKS}, {}, False, False)
    readings, faults = read_all(list(version.questions.all()), given)
    assert not faults
    write(sheet, readings, given)
    finish(sheet, readings, given_at=MONDAY, now=MONDAY)
    assert CorrectiveAction.objects.get().answer == sheet
    assert open_due(now=MONDAY + HOUR) == 0


@pytest.mark.django_db
def test_an_old_archive_opens_nothing(cast: Cast) -> None:
    sources(cast)
    assert open_due(now=MONDAY + 31 * DAY) == 0


@pytest.mark.django_db
def test_a_merged_complaint_is_another_records_matter(cast: Cast) -> None:
    cast.ticket(MONDAY, kind=Kind.COMPLAINT)
    Ticket.objects.update(status=Status.MERGED, next_due_at=None)
    assert open_due(now=MONDAY + HOUR) == 0


@pytest.mark.django_db
def test_by_hand_from_a_client_or_a_record(cast: Cast) -> None:
    ticket = cast.ticket(MONDAY)
    facts = {"client": cast.hospital, "by": cast.chen, "now": MONDAY}
    first = open_by_hand(title="x", ticket=ticket, **facts)  # type: ignore[arg-type]
    second = open_by_hand(title="x", ticket=ticket, **facts)  # type: ignore[arg-type]
    assert first.pk != second.pk and first.system == ticket.system
    assert open_by_hand(title="x", **facts).source == "client"  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        open_by_hand(title=" ", **facts)  # type: ignore[arg-type]
    assert refused.value.field == "title"


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["outsider", "zhou", "zhao", "sun"])
def test_not_by_strangers_nor_by_who_only_reads(cast: Cast, who: str) -> None:
    with pytest.raises(Refused):
        open_by_hand(client=cast.hospital, title="x", by=getattr(cast, who), now=MONDAY)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_open_one(transactional_db: None) -> None:
    cast = build_cast()
    sources(cast)
    barrier = Barrier(4)

    def work() -> int:
        barrier.wait()
        try:
            return open_due(now=MONDAY + HOUR)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        opened = sum(future.result() for future in [pool.submit(work) for _number in range(4)])
    assert opened == CorrectiveAction.objects.count() == 3
