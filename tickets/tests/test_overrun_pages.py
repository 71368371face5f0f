"""The pages and REST addresses of overruns: what each person finds there, and that nothing typed is lost."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from opsdesk.tests.rest import caller, faults
from tickets import actions
from tickets.models import Overrun, OverrunState

MIN, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIST = reverse("tickets:overruns")
CASE = r'href="/records/overruns/\d+/"'  # of one row
WORDS = "漏看提醒,已改进"


@pytest.fixture
def case(cast: Cast) -> Overrun:
    """An hour ago a call came that nobody answered."""
    now = timezone.now()
    cast.ticket(now - HOUR)
    actions.enforce_deadlines(now=now)
    return Overrun.objects.get()


def explained(case: Overrun) -> Overrun:
    return actions.explain(case, text=WORDS, cause="own", by=case.person, now=timezone.now())


def page(client, user, path: str = LIST, **more) -> str:
    client.force_login(user)
    answer = client.get(path, more or None, headers={"Accept-Language": "en"})
    assert answer.status_code == 200, path
    return answer.content.decode()


def address(case: Overrun, step: str = "") -> str:
    name = "tickets:overrun_step" if step else "tickets:overrun"
    return reverse(name, args=[case.pk, step] if step else [case.pk])


def send(client, user, case: Overrun, step: str, **typed):
    client.force_login(user)
    typed = {f"{step}-{name}": value for name, value in typed.items()} | {"seen_state": case.state}
    return client.post(address(case, step), typed, headers={"Accept-Language": "en"})


def test_contacts_and_other_groups_find_nothing(client, cast: Cast, case: Overrun) -> None:
    for user, codes in ((cast.sun, (404, 404)), (cast.outsider, (200, 404))):
        client.force_login(user)
        assert (client.get(LIST).status_code, client.get(address(case)).status_code) == codes
        assert send(client, user, case, "explain", cause="own", text="x").status_code == 404
    assert case.ticket.number not in page(client, cast.outsider)
    assert Overrun.objects.get().state == OverrunState.OPEN


def test_the_person_reads_everything_and_a_colleague_only_that_there_is_a_case(
    client, cast: Cast, case: Overrun
) -> None:
    explained(case)
    for user, reads in ((cast.chen, True), (cast.wang, True), (cast.zhou, True), (cast.li, False)):
        for text in (page(client, user, address(case)), page(client, user)):
            assert (cast.chen.name in text) == reads, user
            assert case.ticket.number in text
        assert (WORDS in page(client, user, address(case))) == reads


def test_a_filter_tells_a_colleague_nothing(client, cast: Cast, case: Overrun) -> None:
    explained(case)
    for asked in ({"person": "chen"}, {"cause": "none"}, {"excused": "0"}):
        assert case.ticket.number in page(client, cast.wang, **asked)
        assert case.ticket.number not in page(client, cast.li, **asked)


def test_the_list_is_filtered(client, cast: Cast, case: Overrun) -> None:
    this_month = f"{timezone.localtime(case.due_at):%Y-%m}"
    found = {
        **dict.fromkeys(
            ["", "state=open", "state=all", "clock=response", "group=south", "client=hospital"], True
        ),
        f"month={this_month}": True,
        "person=chen": True,
        **dict.fromkeys(["state=settled", "state=overdue", "state=set_aside", "clock=diagnosis"], False),
        **dict.fromkeys(["group=north", "person=li", "month=2020-01", "cause=own", "excused=1"], False),
    }
    client.force_login(cast.zhao)
    for query, is_there in found.items():
        text = client.get(f"{LIST}?{query}").content.decode()
        assert (f">{case.ticket.number}<" in text) == is_there, query
    for query in ("state=x", "clock=x", "month=2026-13", "month=0001-01"):
        assert client.get(f"{LIST}?{query}").status_code == 404


def test_every_figure_of_the_month_leads_to_its_rows(client, cast: Cast, case: Overrun) -> None:
    explained(case)
    now = timezone.now()
    actions.rule(case, cause="client", is_excused=True, reason="x", by=cast.wang, now=now)
    other = cast.ticket(now - HOUR)
    actions.enforce_deadlines(now=now)
    text = page(client, cast.wang, month=f"{timezone.localtime(case.due_at):%Y-%m}")
    table = re.search(r'aria-labelledby="month-head"><table.*?</table>', text, re.DOTALL)[0]
    links = re.findall(r'href="\?([^"]+)">(?:<b>)?(\d+)', table)
    assert [int(number) for _query, number in links] in ([1, 1, 2], [1, 1])  # at midnight of a new month
    for query, number in links:
        rows = page(client, cast.wang, f"{LIST}?{query.replace('&amp;', '&')}")
        assert sum(f">{ticket.number}<" in rows for ticket in (case.ticket, other)) == int(number), query
    assert "month-head" not in page(client, cast.chen)


def test_the_whole_way_on_the_pages(client, cast: Cast, case: Overrun) -> None:
    judged = {"cause": "own", "reason": "属实"}
    for user, step, typed, state in (
        (cast.chen, "explain", {"cause": "own", "text": WORDS}, "explained"),
        (cast.wang, "rule", judged, "ruled"),
        (cast.chen, "appeal", {"text": "请复核"}, "appealed"),
        (cast.liu, "decide", {"cause": "client", "is_excused": "on", "reason": "更正"}, "settled"),
    ):
        assert f'id="step-{step}"' in page(client, user, address(case))
        assert f'id="step-{step}"' not in page(client, cast.li, address(case))
        answer = send(client, user, case, step, **typed)
        assert answer.status_code == 302, answer.content.decode()
        case = Overrun.objects.get()
        assert case.state == state
    text = page(client, cast.li, reverse("tickets:detail", args=[case.ticket_id]))
    assert "Ruling on an overrun" in text and "更正" not in text


def test_what_is_refused_comes_back_with_what_was_typed(client, cast: Cast, case: Overrun) -> None:
    answer = send(client, cast.chen, case, "explain", cause="own", text="")
    assert answer.status_code == 422
    explained(case)
    fresh = Overrun.objects.get()
    answer = send(client, cast.wang, fresh, "rule", cause="own", is_excused="on", reason=WORDS * 2)
    assert answer.status_code == 422
    assert WORDS * 2 in answer.content.decode() and "no excuse" in answer.content.decode()
    actions.rule(fresh, cause="own", is_excused=False, reason="x", by=cast.liu, now=timezone.now())
    fresh.state = OverrunState.EXPLAINED  # as the page of the second one shows it
    answer = send(client, cast.wang, fresh, "rule", cause="own", reason=WORDS * 2)
    assert answer.status_code == 409
    assert WORDS * 2 in answer.content.decode() and "Somebody was faster" in answer.content.decode()
    assert client.get(address(case, "rule")).status_code == 405
    assert send(client, cast.wang, fresh, "nonsense").status_code == 404


def test_a_record_shows_its_cases_and_asks_nothing_where_there_are_none(
    client, cast: Cast, case: Overrun, django_assert_max_num_queries
) -> None:
    text = page(client, cast.wang, reverse("tickets:detail", args=[case.ticket_id]))
    assert address(case) in text
    fresh = reverse("tickets:detail", args=[cast.ticket(timezone.now()).pk])
    with django_assert_max_num_queries(40) as asked:
        assert 'id="overruns-head"' not in page(client, cast.wang, fresh)
    overruns = [query["sql"] for query in asked.captured_queries if "tickets_overrun" in query["sql"]]
    assert len(overruns) == 1 and overruns[0].startswith('SELECT "tickets_ticket"')  # the annotation


def test_the_desk_says_what_waits(client, cast: Cast, case: Overrun) -> None:
    assert "1 overrun to explain" in page(client, cast.chen, "/")
    assert "to explain" not in page(client, cast.wang, "/")
    explained(case)
    assert "1 overrun to rule on" in page(client, cast.wang, "/")


def test_a_long_list_has_pages_and_a_fixed_cost(client, cast: Cast, django_assert_max_num_queries) -> None:
    now = timezone.now()
    for _number in range(3):
        cast.ticket(now - HOUR)
    actions.enforce_deadlines(now=now)
    ticket, clock = Overrun.objects.first().ticket, Overrun.objects.first().clock
    for number in range(55):
        clock.pk, clock.kind, clock.stopped_at, clock.next_at = None, "progress", now, None
        clock.cycle = number + 1
        clock.save()
        Overrun.objects.create(
            ticket=ticket,
            clock=clock,
            kind="progress",
            group=cast.south,
            person=cast.chen,
            due_at=now - HOUR,
            opened_at=now,
        )
    client.force_login(cast.wang)
    with django_assert_max_num_queries(13):
        text = client.get(LIST).content.decode()
    assert len(re.findall(CASE, text)) == 50
    older = re.search(r'rel="next" href="([^"]+)"', text)[1].replace("&amp;", "&")
    assert len(re.findall(CASE, page(client, cast.wang, LIST + older))) == 8


# REST


def test_the_addresses_do_what_the_pages_do(cast: Cast, case: Overrun) -> None:
    path = f"/overruns/{case.pk}/"
    assert caller(cast.sun).get(path).status_code == caller(cast.outsider).get(path).status_code == 404
    chen, wang, li = caller(cast.chen), caller(cast.wang), caller(cast.li)
    body = {"cause": "own", "text": WORDS}
    assert li.post(f"{path}explain/", body).json()["code"] == "forbidden"
    assert chen.post(f"{path}explain/", body).json()["state"] == "explained"
    assert wang.post(f"{path}explain/", body).status_code == 403
    answer = wang.post(f"{path}rule/", {"cause": "own", "is_excused": True, "reason": "x"})
    assert (answer.status_code, faults(answer)) == (422, {"#/is_excused": "own_cause"})
    assert wang.post(f"{path}rule/", {"cause": "own", "reason": "x"}).json()["state"] == "ruled"
    assert wang.post(f"{path}rule/", {"cause": "own", "reason": "x"}).json()["code"] == "wrong_status"
    assert chen.post(f"{path}appeal/", {"text": "x"}).json()["state"] == "appealed"
    decided = caller(cast.liu).post(f"{path}decide/", {"cause": "client", "is_excused": True, "reason": "x"})
    assert decided.json()["cause"] == "client"
    assert decided.json()["person"]["id"] == "chen"
    seen = li.get(path).json()
    assert seen["state"] == "settled" and seen["is_readable"] is False
    assert {seen[name] for name in ("person", "explanation", "ruling", "cause", "is_excused")} == {None}


def test_a_step_is_taken_once_however_often_it_is_sent(cast: Cast, case: Overrun) -> None:
    chen, body = caller(cast.chen), {"cause": "own", "text": WORDS}
    first = chen.post(f"/overruns/{case.pk}/explain/", body, key="once")
    again = chen.post(f"/overruns/{case.pk}/explain/", body, key="once")
    assert first.status_code == again.status_code == 200
    assert again["Idempotent-Replayed"] == "true"


def test_the_list_takes_the_same_filters(cast: Cast, case: Overrun) -> None:
    wang = caller(cast.wang)

    def ids(who=wang, **query) -> list[int]:
        return [row["id"] for row in who.get("/overruns/", query).json()["results"]]

    assert ids() == ids(state="open", clock="response", person="chen", client="hospital") == [case.pk]
    assert ids(state="settled") == ids(cause="own") == ids(client="x") == ids(caller(cast.sun)) == []
    assert ids(caller(cast.li), person="chen") == []
    assert wang.get("/overruns/", {"state": "x"}).status_code == 422
