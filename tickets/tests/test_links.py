"""Records that are tied together: what may be, what it writes, and what the database refuses."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from clients.models import Client
from opsdesk.testing import MONDAY, Cast, sunk
from tickets import actions
from tickets.lifecycle import Refused
from tickets.linking import ENDS, REFUSALS, End, refusal
from tickets.models import Entry, EntryKind, Kind, Link, LinkKind, Ticket
from tickets.related import HIDDEN, NAMES, masked, related, untied

HOUR = timedelta(hours=1)
RELATED, REPEAT, CHILD, DUPLICATE = LinkKind.RELATED, LinkKind.REPEAT, LinkKind.CHILD, LinkKind.DUPLICATE
LATER = End(2, client=1, is_fault=True, reported_at=MONDAY + HOUR)
EARLIER = End(1, client=1, is_fault=True, reported_at=MONDAY)


@pytest.mark.parametrize(
    ("kind", "record", "other", "expected"),
    [
        (RELATED, {}, {}, ""),
        (RELATED, {"number": 1}, {}, "itself"),
        (RELATED, {"client": 2, "is_fault": False}, {}, ""),
        (REPEAT, {}, {}, ""),
        (REPEAT, {"is_fault": False}, {}, "not_a_fault"),
        (REPEAT, {}, {"is_fault": False}, "not_a_fault"),
        (REPEAT, {"reported_at": MONDAY - HOUR}, {}, "not_later"),
        (REPEAT, {"reported_at": MONDAY}, {}, ""),
        (CHILD, {}, {}, ""),
        (CHILD, {"client": 2}, {"has_parts": True}, ""),
        (CHILD, {"has_parts": True}, {}, "is_a_mass_fault"),
        (CHILD, {}, {"part_of": 7}, "is_a_part"),
        (CHILD, {"part_of": 7}, {}, "has_a_mass_fault"),
        (CHILD, {"part_of": 1}, {"has_parts": True}, ""),
        (DUPLICATE, {}, {}, ""),
        (DUPLICATE, {"client": 2}, {}, "another_client"),
        (DUPLICATE, {"has_parts": True}, {}, "has_parts"),
        (DUPLICATE, {"part_of": 7}, {"has_parts": True}, ""),
        (DUPLICATE, {"number": 1}, {}, "itself"),
        (LinkKind.SPLIT, {}, {}, ""),
    ],
)
def test_what_may_be_tied_to_what(kind, record, other, expected) -> None:
    assert refusal(kind, replace(LATER, **record), replace(EARLIER, **other)) == expected
    assert not expected or REFUSALS[expected]


def test_every_kind_has_a_name_at_both_of_its_ends() -> None:
    assert set(ENDS) == set(LinkKind)
    assert {name for pair in ENDS.values() for name in pair} == set(NAMES)


@pytest.fixture
def pair(cast: Cast) -> tuple[Ticket, Ticket]:
    return cast.ticket(MONDAY), cast.ticket(MONDAY + HOUR)


def link(ticket: Ticket, other: Ticket, cast: Cast, kind=RELATED, **more) -> Ticket:
    return actions.link(ticket, other=other, kind=kind, by=cast.li, now=MONDAY + 2 * HOUR, **more)


def test_a_link_stands_in_the_history_of_both_with_its_reason(cast: Cast, pair) -> None:
    earlier, later = pair
    link(later, earlier, cast, REPEAT, reason="同一个交换机")
    tie = Link.objects.get()
    assert (tie.record, tie.other, tie.by, tie.reason) == (later, earlier, cast.li, "同一个交换机")
    said = Entry.objects.filter(kind=EntryKind.LINKED).order_by("ticket_id")
    assert [(entry.ticket, entry.changes, entry.text) for entry in said] == [
        (earlier, {"repeated_by": [None, later.number]}, "同一个交换机"),
        (later, {"repeat_of": [None, earlier.number]}, "同一个交换机"),
    ]
    assert sunk(MONDAY + 2 * HOUR) == []


def test_the_same_link_again_or_the_other_way_round_changes_nothing(cast: Cast, pair) -> None:
    earlier, later = pair
    link(earlier, later, cast)
    before = Entry.objects.count()
    link(earlier, later, cast)
    link(later, earlier, cast)
    assert (Link.objects.count(), Entry.objects.count()) == (1, before)
    link(later, earlier, cast, REPEAT)  # another kind is another statement
    assert Link.objects.count() == 2


def test_what_was_tied_is_untied_from_either_end_and_once(cast: Cast, pair) -> None:
    earlier, later = pair
    link(later, earlier, cast, CHILD)
    who = {"by": cast.chen, "now": MONDAY + 3 * HOUR}
    for _time in range(2):
        actions.unlink(earlier, other=later, kind=CHILD, reason="另一处", **who)
    assert not Link.objects.exists()
    said = Entry.objects.filter(kind=EntryKind.UNLINKED).order_by("ticket_id")
    assert [entry.changes for entry in said] == [
        {"part": [later.number, None]},
        {"part_of": [earlier.number, None]},
    ]


@pytest.mark.parametrize("kind", [DUPLICATE, LinkKind.SPLIT])
def test_what_comes_with_a_verb_of_its_own_is_not_tied_or_untied_by_hand(cast: Cast, pair, kind) -> None:
    earlier, later = pair
    for verb in (actions.link, actions.unlink):
        with pytest.raises(Refused) as refused:
            verb(later, other=earlier, kind=kind, by=cast.li, now=MONDAY + 2 * HOUR)
        assert refused.value.field == "kind"


def test_a_mass_fault_has_parts_and_is_part_of_nothing(cast: Cast, pair) -> None:
    whole, part = pair
    third = cast.ticket(MONDAY + HOUR)
    actions.adopt(whole, child=part, by=cast.li, now=MONDAY + 2 * HOUR)
    for ticket, other, code in ((third, part, "is_a_part"), (whole, third, "is_a_mass_fault")):
        with pytest.raises(Refused) as refused:
            link(ticket, other, cast, CHILD)
        assert (refused.value.field, refused.value.code) == ("other", code)
    with pytest.raises(Refused) as refused:
        actions.adopt(part, child=third, by=cast.li, now=MONDAY + 2 * HOUR)
    assert refused.value.field == "child"
    assert Link.objects.count() == 1


def test_a_request_repeats_no_fault(cast: Cast) -> None:
    request, fault = cast.ticket(MONDAY, kind=Kind.REQUEST), cast.ticket(MONDAY)
    with pytest.raises(Refused):
        link(request, fault, cast, REPEAT)


@pytest.mark.parametrize("who", ["zhou", "zhao", "sun"])
def test_who_does_not_work_on_records_ties_nothing(cast: Cast, pair, who: str) -> None:
    earlier, later = pair
    facts = {"by": getattr(cast, who), "now": MONDAY + 2 * HOUR}
    for deed in (
        lambda: actions.link(later, other=earlier, kind=RELATED, **facts),
        lambda: actions.merge(later, into=earlier, **facts),
        lambda: actions.split(later, title="x", **facts),
        lambda: actions.adopt(later, child=earlier, **facts),
    ):
        with pytest.raises(Refused) as refused:
            deed()
        assert refused.value.code == "forbidden"
    assert not Link.objects.exists()


# The database


def made(record: Ticket, other: Ticket, cast: Cast, kind=RELATED) -> Link:
    with transaction.atomic():
        return Link.objects.create(record=record, other=other, kind=kind, by=cast.li, at=MONDAY)


@pytest.mark.parametrize("kind", LinkKind)
def test_the_database_refuses_a_link_to_itself_and_the_same_link_twice(cast: Cast, pair, kind) -> None:
    earlier, later = pair
    with pytest.raises(IntegrityError):
        made(earlier, earlier, cast, kind)
    made(later, earlier, cast, kind)
    for record, other in (pair, reversed(pair)):
        with pytest.raises(IntegrityError):
            made(record, other, cast, kind)


@pytest.mark.parametrize("kind", [CHILD, DUPLICATE, LinkKind.SPLIT])
def test_the_database_refuses_circles_and_two_above(cast: Cast, pair, kind) -> None:
    first, second = pair
    third = cast.ticket(MONDAY + HOUR)
    made(second, first, cast, kind)
    made(third, second, cast, kind)
    with pytest.raises(IntegrityError, match="circle"):
        made(first, third, cast, kind)
    with pytest.raises(IntegrityError, match="one_parent|merged_once|split_once"):
        made(third, first, cast, kind)
    made(first, third, cast, RELATED) if first.pk > third.pk else made(third, first, cast, RELATED)


def test_the_rule_ties_nothing_but_repeats(cast: Cast, pair) -> None:
    earlier, later = pair
    with pytest.raises(IntegrityError, match="of_the_rule"):
        Link.objects.create(record=later, other=earlier, kind=RELATED, by=None, at=MONDAY)


# Who sees what


@pytest.fixture
def foreign(cast: Cast) -> Ticket:
    """A record that 李敏 does not see."""
    school = Client.objects.create(
        code="school", name="一中", type=cast.hospital.type, group=cast.north, hours=cast.hospital.hours
    )
    call = cast.call(client=school, system=None, contact=None, title="别组的事")
    return actions.log_call(call, by=cast.outsider, now=MONDAY)


def test_a_link_with_a_record_that_one_may_not_see_is_not_there(cast: Cast, foreign: Ticket) -> None:
    own = cast.ticket(MONDAY + HOUR)
    actions.link(own, other=foreign, kind=RELATED, by=cast.admin, now=MONDAY + 2 * HOUR)
    assert [tie.ticket for tie in related(own, cast.admin).bundles[0].ties] == [foreign]
    for reader in (cast.li, cast.outsider, cast.sun):
        assert not Link.objects.visible_to(reader).exists()
        assert related(own, reader).bundles == []


def test_its_number_is_hidden_in_the_history_too(cast: Cast, foreign: Ticket) -> None:
    own, near = cast.ticket(MONDAY + HOUR), cast.ticket(MONDAY + HOUR)
    for other in (foreign, near):
        actions.link(own, other=other, kind=RELATED, by=cast.admin, now=MONDAY + 2 * HOUR)

    def read(user) -> list[object]:
        entries = Entry.objects.visible_to(user).filter(ticket=own, kind=EntryKind.LINKED)
        return [entry.changes["related"][1] for entry in masked(entries, user)]

    assert read(cast.admin) == [foreign.number, near.number]
    assert read(cast.li) == [HIDDEN, near.number]
    assert Entry.objects.filter(changes__related__1=foreign.number).count() == 1  # the history stays


def test_the_card_counts_all_parts_and_shows_the_newest(cast: Cast) -> None:
    whole = cast.ticket(MONDAY)
    for number in range(23):
        part = cast.ticket(MONDAY + HOUR)
        actions.adopt(whole, child=part, by=cast.li, now=MONDAY + 2 * HOUR)
        if number < 3:
            actions.merge(cast.ticket(MONDAY + HOUR), into=part, by=cast.li, now=MONDAY + 2 * HOUR)
    Ticket.objects.filter(pk=part.pk).update(status="resolved", resolved_at=MONDAY, acknowledged_at=MONDAY)
    card = related(whole, cast.li)
    assert (card.parts.total, card.parts.solved, len(card.parts.ties), card.parts.left_off) == (23, 1, 20, 3)
    assert card.parts.ties[0].ticket == part


def test_without_any_link_the_open_records_of_the_same_system_are_shown(cast: Cast, pair) -> None:
    earlier, later = pair
    other_system = cast.ticket(MONDAY, system=None)
    assert untied(later, cast.li).hints == [earlier]
    assert untied(other_system, cast.li).hints == []
    link(later, earlier, cast)
    assert related(later, cast.li).hints == []
