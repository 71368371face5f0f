"""Related records on the pages: the card, the typed search, many at once, and the walls around them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from opsdesk.testing import Cast
from tickets import actions
from tickets.models import Cause, EntryKind, Grade, Link, LinkKind, OutgoingMail, Status, Ticket
from tickets.tests.test_bulk import do, row, said
from tickets.tests.test_views import act, detail, signed_in

FIND = reverse("tickets:find")
MIN = timedelta(minutes=1)


@pytest.fixture
def li(cast: Cast) -> Browser:
    return signed_in(cast.li)


@pytest.fixture
def pair(cast: Cast) -> tuple[Ticket, Ticket]:
    now = timezone.now() - 3 * MIN
    return cast.ticket(now), cast.ticket(now + MIN)


@pytest.fixture
def foreign(cast: Cast) -> Ticket:
    school = Client.objects.create(
        code="school", name="一中", type=cast.hospital.type, group=cast.north, hours=cast.hospital.hours
    )
    call = cast.call(client=school, system=None, contact=None, title="别组的打印机")
    return actions.log_call(call, by=cast.outsider, now=timezone.now() - MIN)


def taken(cast: Cast, ticket: Ticket) -> Ticket:
    now = timezone.now()
    ticket = actions.grade(ticket, Grade.THREE, reason="clause", by=cast.li, now=now)
    return actions.acknowledge(ticket, by=cast.chen, now=now)


def status(ticket: Ticket) -> str:
    return Ticket.objects.get(pk=ticket.pk).status


def test_a_record_is_linked_and_unlinked_on_its_page(cast: Cast, li: Browser, pair) -> None:
    earlier, later = pair
    answer = act(li, later, "link", other=earlier.number, kind="repeat", reason="同一个交换机")
    assert answer.status_code == 302
    for ticket, label in ((later, "Repeats"), (earlier, "Came back as")):
        page = li.get(detail(ticket)).content.decode()
        assert label in page and "同一个交换机" in page
    act(li, earlier, "unlink", other=later.number, kind="repeat", reason="doch nicht")
    assert not Link.objects.exists()


@pytest.mark.parametrize("typed", ["", "别的", "T-99999999999999999999", "0"])
def test_what_names_no_record_is_said_at_the_field_and_nothing_typed_is_lost(
    cast: Cast, li: Browser, pair, typed: str
) -> None:
    answer = act(li, pair[1], "link", other=typed, kind="related", reason="同一个交换机")
    assert answer.status_code == 422
    assert answer.context["forms"]["link"].errors["other"]
    page = answer.content.decode()
    assert "同一个交换机" in page and f'value="{typed}"' in page or not typed


def test_what_the_rules_refuse_is_said_at_its_field(cast: Cast, li: Browser, pair) -> None:
    earlier, later = pair
    answer = act(li, earlier, "link", other=later.number, kind="repeat")
    assert answer.status_code == 422
    assert "reported later" in str(answer.context["forms"]["link"].errors["other"])
    answer = act(li, earlier, "merge", into=earlier.number)
    assert "itself" in str(answer.context["forms"]["merge"].errors)


def test_a_duplicate_is_merged_and_the_merge_undone_on_its_page(cast: Cast, li: Browser, pair) -> None:
    earlier, later = pair
    act(li, later, "merge", into=earlier.number, text="同一件事")
    assert status(later) == Status.MERGED
    page = li.get(detail(later)).content.decode()
    assert f'Handled under <a class="number" href="{detail(earlier)}">{earlier.number}</a>' in page
    assert "verb-unmerge" in page and "verb-merge" not in page
    assert act(li, later, "unmerge", reason="").status_code == 422
    act(li, later, "unmerge", reason="两件事")
    assert status(later) == Status.LOGGED


def test_a_second_click_on_merge_is_answered_and_changes_nothing(cast: Cast, li: Browser, pair) -> None:
    earlier, later = pair
    sent = {"merge-into": earlier.number, "seen_status": "logged"}
    url = reverse("tickets:act", args=[later.pk, "merge"])
    assert [li.post(url, sent).status_code for _time in range(2)] == [302, 409]
    assert earlier.entries.filter(kind=EntryKind.ABSORBED).count() == 1


def test_a_second_matter_is_split_off_since_the_entry_that_told_of_it(cast: Cast, li: Browser, pair) -> None:
    ticket = pair[0]
    told = actions.add_note(ticket, text="打印机也坏了", by=cast.li, now=timezone.now() - MIN)
    assert act(li, ticket, "split", title="").status_code == 422
    act(li, ticket, "split", title="打印机坏了", text="三楼", since=told.pk)
    second = Ticket.objects.latest("pk")
    assert (second.title, second.details, second.reported_at) == ("打印机坏了", "三楼", told.at)
    assert (second.client, second.system, second.contact) == (cast.hospital, cast.his, cast.contact)
    assert second.clocks.get().started_at == told.at
    assert second.links.get(kind=LinkKind.SPLIT).other == ticket
    assert ticket.entries.get(kind=EntryKind.SPLIT).changes == {"split_off": [None, second.number]}


def test_a_split_without_an_entry_counts_from_the_first_report(cast: Cast, li: Browser, pair) -> None:
    act(li, pair[0], "split", title="打印机坏了")
    assert Ticket.objects.latest("pk").reported_at == pair[0].reported_at
    elsewhere = actions.add_note(pair[1], text="x", by=cast.li, now=timezone.now())
    assert act(li, pair[0], "split", title="又一件", since=elsewhere.pk).status_code == 422


# A mass fault


def test_parts_are_solved_with_the_mass_fault_each_with_its_answer(cast: Cast, li: Browser, pair) -> None:
    whole, ungraded = taken(cast, pair[0]), pair[1]
    waiting = actions.grade(
        cast.ticket(timezone.now()), Grade.THREE, reason="x", by=cast.li, now=timezone.now()
    )
    for part in (ungraded, waiting):
        act(li, whole, "adopt", child=part.number)
    url = reverse("tickets:resolve_parts", args=[whole.pk])
    li.post(url)
    assert status(waiting) == Status.LOGGED  # the mass fault has no solution yet
    actions.resolve(whole, solution="换板卡", cause=Cause.NETWORK, by=cast.chen, now=timezone.now())
    page = li.get(li.post(url).url).content.decode()
    assert "1 record done" in page and "1 refused" in page and "Grade the fault first." in page
    done = Ticket.objects.get(pk=waiting.pk)
    assert (done.status, done.solution, done.cause) == (Status.RESOLVED, "换板卡", Cause.NETWORK)
    assert done.confirmed_by == ""  # its own client is asked (§3.2)
    assert status(ungraded) == Status.LOGGED
    assert "1 of 2 solved" in li.get(detail(whole)).content.decode()


def test_one_message_reaches_all_callers_of_a_mass_fault(cast: Cast, li: Browser, pair) -> None:
    whole, part = pair
    third = cast.ticket(timezone.now(), contact=None)
    cast.contact.email = "sun@example.test"
    cast.contact.save()
    for each in (part, third):
        act(li, whole, "adopt", child=each.number)
    url = reverse("tickets:write_to_all", args=[whole.pk])
    failed = li.post(url, {"parts-text": " "})
    assert failed.status_code == 422 and failed.context["parts_form"].errors
    page = li.get(li.post(url, {"parts-text": "运营商十点修好"}).url).content.decode()
    assert "3 records done" in page
    for ticket in (whole, part, third):
        assert ticket.entries.get(kind=EntryKind.MESSAGE).text == "运营商十点修好"
    assert OutgoingMail.objects.count() == 2


def test_ticked_records_are_put_under_a_mass_fault(cast: Cast, li: Browser, pair) -> None:
    whole = cast.ticket(timezone.now())
    do(li, "adopt", [row(each) for each in (*pair, whole)], parent=whole.number)
    result = said(li)
    assert [item["number"] for item in result["done"]] == [ticket.number for ticket in pair]
    assert [item["number"] for item in result["refused"]] == [whole.number]
    assert Link.objects.filter(kind=LinkKind.CHILD, other=whole).count() == 2
    answer = do(li, "adopt", [row(pair[0])], parent="")
    assert answer.status_code == 422 and answer.context["bulk"].errors["parent"]


# The search for the other record


def found(browser: Browser, words: str, **more: object) -> str:
    query = {"field": "link-other", "link-other": words, "for": "link"} | more
    return browser.get(FIND, query).content.decode()


def test_the_other_record_is_found_by_number_or_words(cast: Cast, li: Browser, pair) -> None:
    other = cast.ticket(timezone.now(), title="血库冰箱告警")
    for words in (other.number, str(other.pk), "血库", "冰箱 告警"):
        assert other.number in found(li, words), words
    assert found(li, "系统崩溃", record=pair[0].pk).count('role="option"') == 1
    assert found(li, "").strip() == found(li, "没有这样的").strip() == ""


def test_ten_records_are_offered_at_the_most_and_none_beforehand(cast: Cast, li: Browser) -> None:
    tickets = [cast.ticket(timezone.now()) for _ in range(14)]
    assert found(li, "系统崩溃").count('role="option"') == 10
    page = li.get(detail(tickets[0])).content.decode()
    assert f'data-number="{tickets[1].number}"' not in page and f">{tickets[1].number} " not in page


def test_what_is_over_is_not_offered_to_a_merge(cast: Cast, li: Browser, pair) -> None:
    earlier, later = pair
    act(li, later, "merge", into=earlier.number)
    for verb in ("merge", "link", "adopt"):
        assert later.number not in found(li, later.number, **{"for": verb})
    third = cast.ticket(timezone.now())
    assert earlier.number in found(li, "系统崩溃", **{"for": "merge", "record": third.pk})


def test_a_merge_is_offered_the_same_clients_records_and_a_mass_fault_what_is_no_part(
    cast: Cast, li: Browser, pair
) -> None:
    whole, part = pair
    school = Client.objects.create(
        code="school", name="一中", type=cast.hospital.type, group=cast.south, hours=cast.hospital.hours
    )
    call = cast.call(client=school, system=None, contact=None)
    elsewhere = actions.log_call(call, by=cast.li, now=timezone.now())
    act(li, whole, "adopt", child=part.number)
    merges = found(li, "系统崩溃", **{"for": "merge", "record": whole.pk})
    assert part.number in merges and elsewhere.number not in merges
    adopts = found(li, "系统崩溃", **{"for": "adopt", "record": whole.pk})
    assert elsewhere.number in adopts and part.number not in adopts


def test_the_search_costs_few_queries(cast: Cast, li: Browser) -> None:
    for _time in range(12):
        cast.ticket(timezone.now())
    found(li, "系统崩溃")
    with CaptureQueriesContext(connection) as captured:
        found(li, "系统崩溃")
    assert len(captured) <= 5  # session, person, how frequent the words are, the rows


# The walls


def test_a_foreign_record_can_be_neither_found_nor_named_nor_asked_for(
    cast: Cast, li: Browser, pair, foreign: Ticket
) -> None:
    own = pair[0]
    assert found(li, foreign.number).strip() == found(li, "别组的打印机").strip() == ""
    fields = {"link": "other", "merge": "into", "adopt": "child"}
    for verb, field in fields.items():
        answer = act(li, own, verb, **{field: foreign.number, "kind": "related"})
        assert answer.status_code == 422 and "no such record" in str(answer.context["forms"][verb].errors)
        assert act(li, foreign, verb, **{field: own.number, "kind": "related"}).status_code == 404
    for name in ("resolve_parts", "write_to_all"):
        assert li.post(reverse(f"tickets:{name}", args=[foreign.pk])).status_code == 404
    assert do(li, "adopt", [row(own)], parent=foreign.number).status_code == 422
    assert not Link.objects.exists()


def test_a_foreign_end_is_shown_nowhere_not_even_its_number(
    cast: Cast, li: Browser, pair, foreign: Ticket
) -> None:
    own, now = pair[0], timezone.now()
    actions.link(own, other=foreign, kind=LinkKind.CHILD, by=cast.admin, now=now)
    page = li.get(detail(own)).content.decode()
    assert foreign.number not in page and foreign.title not in page and "T-…" in page
    assert own.number not in signed_in(cast.outsider).get(detail(foreign)).content.decode()
    assert foreign.number in signed_in(cast.admin).get(detail(own)).content.decode()


def test_a_contact_reads_what_answers_for_his_call_and_nothing_of_the_house(cast: Cast, pair) -> None:
    target, own = cast.ticket(timezone.now(), contact=None, caller_name="护士长", title="别人报的"), pair[0]
    actions.merge(own, into=target, text="internal word", by=cast.li, now=timezone.now())
    sun = signed_in(cast.sun)
    page = sun.get(reverse("portal:report", args=[own.pk])).content.decode()
    assert f'It goes on under <span class="number">{target.number}</span>' in page
    for hidden in (
        "别人报的",
        "internal word",
        "Related records",
        "护士长",
        'id="verb-link"',
        detail(target),
    ):
        assert hidden not in page
    assert sun.get(reverse("portal:report", args=[target.pk])).status_code == 404
    assert sun.get(FIND, {"field": "q", "q": target.number}).status_code == 403
    assert act(sun, own, "unmerge", reason="x").status_code == 403
    assert status(own) == Status.MERGED
    sun.post(reverse("portal:say", args=[own.pk, "add"]), {"add-text": "还是不行"})
    assert target.entries.get(kind=EntryKind.NOTE).text == "还是不行"


@pytest.mark.parametrize("who", ["zhou", "zhao"])
def test_who_only_reads_sees_the_card_and_no_forms(cast: Cast, pair, who: str) -> None:
    earlier, later = pair
    actions.link(later, other=earlier, kind=LinkKind.RELATED, by=cast.li, now=timezone.now())
    page = signed_in(getattr(cast, who)).get(detail(later)).content.decode()
    assert earlier.number in page and "verb-link" not in page and "unlink-other" not in page
    assert (
        signed_in(getattr(cast, who)).post(reverse("tickets:resolve_parts", args=[later.pk])).status_code
        == 403
    )


def test_nothing_is_changed_by_a_get(cast: Cast, li: Browser, pair) -> None:
    for url in (
        reverse("tickets:act", args=[pair[0].pk, "merge"]),
        reverse("tickets:resolve_parts", args=[pair[0].pk]),
        reverse("tickets:write_to_all", args=[pair[0].pk]),
    ):
        assert li.get(url).status_code == 405


def test_the_card_costs_the_same_however_much_is_tied(cast: Cast, li: Browser, pair) -> None:
    whole = pair[0]

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            li.get(detail(whole))
        return len(captured)

    act(li, whole, "adopt", child=pair[1].number)
    queries()
    few = queries()
    for _time in range(12):
        act(li, whole, "adopt", child=cast.ticket(timezone.now()).number)
    assert queries() == few


def test_the_policy_page_tells_the_window_of_repeats(cast: Cast, li: Browser) -> None:
    assert "within 30 d of the solution" in li.get(reverse("tickets:policy")).content.decode()
