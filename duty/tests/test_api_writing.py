"""What the REST interface does to the roster and the calendar, and every refusal at its field."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import product

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from duty import actions
from duty.actions import Duty
from duty.models import (
    CalendarDay,
    DutyRole,
    Leave,
    Override,
    RosterDraft,
    RosterTerms,
    Rotation,
    Shift,
    SwapRequest,
    TemporarySchedule,
    Wish,
)
from duty.tests.rosters import defined
from duty.tests.world import DAY, build_world, noon, send
from opsdesk.apidocs import schema_in
from opsdesk.testing import build_cast
from opsdesk.tests.rest import ROOT, at_once, caller, faults
from opsdesk.tests.test_problems import HOSTILE

TODAY = timezone.localdate()
QUERIES = ("", "x" * 400, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "\x00")


def day(number: int) -> str:
    return (TODAY + number * DAY).isoformat()


def span(first: int, last: int, **more: object) -> dict[str, object]:
    return {"starts_at": noon(first).isoformat(), "ends_at": noon(last).isoformat()} | more


@pytest.fixture
def world(cast):
    return build_world(cast)


@pytest.fixture
def wang(cast):
    return caller(cast.wang)


@pytest.fixture
def li(cast):
    return caller(cast.li)


TURNS = {
    "group": "south",
    "name": "Backup",
    "duty": "backup",
    "people": ["li", "chen"],
    "starts": "12:00",
    "ends": "12:00",
    "first_day": day(2),
    "since": noon(2).isoformat(),
}


def test_a_rotation_is_defined_changed_from_then_on_and_ended(cast, wang):
    made = wang.post("/duty/rotations/", TURNS)
    assert made.status_code == 201
    address = made["Location"].partition(ROOT)[2]
    assert wang.get(address).json() == made.json()
    assert [one["id"] for one in made.json()["people"]] == ["li", "chen"]
    later = {name: value for name, value in TURNS.items() if name != "group"} | {
        "people": ["wang"],
        "since": noon(9).isoformat(),
        "weekdays": [6, 0, 6],
    }
    version = wang.post(f"{address}change/", later).json()
    assert version["id"] != made.json()["id"] and version["line"] == made.json()["id"]
    assert version["weekdays"] == [0, 6]
    assert wang.get(address).json()["until"] == version["since"]
    rows = wang.get("/duty/rotations/", {"group": "south"}).json()["results"]
    assert [row["id"] for row in rows] == [version["id"], made.json()["id"]]
    assert wang.post(f"{address}end/").status_code == 204
    assert not Rotation.objects.exists() and not Shift.objects.exists()


def test_somebody_is_put_in_and_the_change_taken_back_once(world, wang):
    made = wang.post("/duty/changes/", span(8, 9, group="south", kind="replace", person="hu", reason="ill"))
    assert made.status_code == 201 and made.json()["person"]["id"] == "hu"
    assert Shift.objects.get(starts_at=noon(8), role="primary").user == world.hu
    back = f"/duty/changes/{made.json()['id']}/end/"
    assert wang.post(back).json()["ended_at"]
    assert Shift.objects.get(starts_at=noon(8), role="primary").user == world.cast.li
    again = wang.post(back)
    assert (again.status_code, again.json()["code"]) == (409, "moved")


def test_a_shift_is_taken_back_and_leaves_a_gap(world, wang):
    one_day = {"since": noon(5).isoformat(), "until": noon(6).isoformat()}
    shifts = wang.get("/duty/shifts/", one_day).json()["results"]
    (held,) = [one["id"] for one in shifts if one["duty"] == "primary"]
    assert wang.post(f"/duty/shifts/{held}/remove/").status_code == 204
    assert not Shift.objects.filter(starts_at=noon(5), role="primary").exists()


def test_a_block_of_days_is_planned_and_taken_back(world, wang):
    shifts = [span(30, 31, person="hu"), span(31, 32, person="wang", duty="backup")]
    body = {"group": "south", "name": "Block", "first_day": day(30), "last_day": day(31), "shifts": shifts}
    made = wang.post("/duty/temporary/", body)
    assert made.status_code == 201, made.json()
    assert [one["person"]["id"] for one in made.json()["shifts"]] == ["hu", "wang"]
    assert Shift.objects.get(starts_at=noon(30), role="primary").source == "temporary"
    twice = wang.post("/duty/temporary/", body)
    assert faults(twice).keys() == {"#/shifts/0"}
    assert wang.post(f"/duty/temporary/{made.json()['id']}/end/").json()["ended_at"]
    assert Shift.objects.get(starts_at=noon(30), role="primary").source == "rotation"


def test_leave_is_asked_for_seen_decided_on_and_withdrawn(world, li, wang):
    made = li.post("/duty/leave/", span(5, 6, reason="fever"))
    assert made.status_code == 201 and made.json()["state"] == "asked"
    assert [one["starts_at"] for one in made.json()["empties"]] == [noon(5).isoformat()]
    one = f"/duty/leave/{made.json()['id']}/"
    assert [row["id"] for row in li.get("/duty/leave/").json()["results"]] == [made.json()["id"]]
    assert {row["person"]["id"] for row in wang.get("/duty/leave/").json()["results"]} == {"chen", "li"}
    assert len(wang.get("/duty/leave/", {"person": "li", "state": "asked"}).json()["results"]) == 1
    assert faults(wang.post(f"{one}decline/")) == {"#/answer": "required"}
    assert wang.post(f"{one}approve/", {"answer": "get well"}).json()["state"] == "approved"
    assert wang.post(f"{one}decline/", {"answer": "no"}).json()["code"] == "moved"
    cover = li.get("/duty/swaps/", {"whose": "mine", "state": "open"}).json()["results"]
    assert noon(5).isoformat() in {row["starts_at"] for row in cover}
    assert li.post(f"{one}withdraw/").json()["state"] == "withdrawn"


def test_a_supervisor_writes_leave_down_for_somebody_of_his_group(world, wang, li):
    assert wang.post("/duty/leave/", span(5, 6, person="li")).json()["person"]["id"] == "li"
    assert li.post("/duty/leave/", span(5, 6, person="chen")).json()["code"] == "forbidden"
    assert faults(wang.post("/duty/leave/", span(5, 6, person="outsider"))) == {"#/person": "does_not_exist"}


def test_a_swap_is_asked_for_taken_and_undone(world, li, wang):
    back = span(9, 10, duty="primary")
    made = li.post("/duty/swaps/", span(5, 6, asked="wang", back=back))
    assert made.status_code == 201 and made.json()["back"]["starts_at"] == noon(9).isoformat()
    one = f"/duty/swaps/{made.json()['id']}/"
    assert made.json()["id"] in {
        row["id"] for row in wang.get("/duty/swaps/", {"whose": "to_me"}).json()["results"]
    }
    hu = caller(world.hu)
    assert hu.post(f"{one}take/").status_code == 403
    refused = wang.post(f"{one}take/")  # his own day is the next one
    assert (refused.status_code, refused.json()["code"]) == (422, "too_long")
    assert li.post(f"{one}withdraw/").json()["state"] == "withdrawn"
    cover = li.post("/duty/swaps/", span(5, 6)).json()["id"]
    assert hu.post(f"/duty/swaps/{cover}/take/").json()["taker"]["id"] == "hu"
    assert Shift.objects.get(starts_at=noon(5), role="primary").user == world.hu
    assert wang.post(f"/duty/swaps/{cover}/undo/").json()["state"] == "undone"


def test_a_wish_is_ones_own(world, li, wang):
    assert li.put(f"/duty/wishes/{day(30)}/", {"kind": "wanted"}).json()["kind"] == "wanted"
    assert day(30) in {row["day"] for row in li.get("/duty/wishes/").json()["results"]}
    assert wang.get("/duty/wishes/").json()["results"] == []
    for _twice in range(2):
        assert li.delete(f"/duty/wishes/{day(30)}/").status_code == 204
    assert not Wish.objects.filter(day=day(30)).exists()


def test_a_draft_is_proposed_explained_changed_by_hand_and_published(world, wang):
    body = {
        "group": "south",
        "name": "Four",
        "first_day": day(70),
        "last_day": day(73),
        "shifts": [{"duty": "primary", "starts": "12:00", "ends": "12:00"}],
        "people": [{"person": name, "duties": ["primary"]} for name in ("chen", "li", "wang")],
    }
    made = wang.post("/duty/drafts/", body).json()
    one = f"/duty/drafts/{made['id']}/"
    assert len(made["slots"]) == 4 and not made["unfilled"]
    assert {line["person"]["id"] for line in made["fairness"]} == {"chen", "li", "wang"}
    assert sum(line["after"]["points"] - line["before"]["points"] for line in made["fairness"]) >= 4
    first = made["slots"][0]
    slot = f"{one}slots/{first['id']}/"
    asked = wang.get(slot).json()
    assert {each["person"]["id"] for each in asked["candidates"]} == {"chen", "li", "wang"}
    against = {each["person"]["id"]: each for each in asked["candidates"] if each["obstacle"]}
    assert against and all(each["why"] for each in against.values())
    for name, each in against.items():
        refused = wang.post(f"{slot}give/", {"person": name})
        assert faults(refused) == {"#/person": each["obstacle"]}
    assert wang.post(f"{slot}give/", {"person": None}).json()["is_changed"] is True
    empty = wang.get(one).json()["unfilled"]
    assert [gap["slot"] for gap in empty] == [first["id"]]
    assert faults(wang.post(f"{one}publish/")).keys() == {"#/even_so"}
    assert wang.post(f"{slot}give/", {"person": first["person"]["id"]}).json()["is_changed"] is False
    published = wang.post(f"{one}publish/").json()
    assert TemporarySchedule.objects.get(pk=published["schedule"]).shifts.count() == 4
    for verb in ("anew", "publish", "discard"):
        assert wang.post(f"{one}{verb}/").json()["code"] == "moved"
    states = {state: wang.get("/duty/drafts/", {"state": state}).json() for state in ("open", "published")}
    assert [row["name"] for row in states["published"]["results"]] == ["Four"]
    assert [row["name"] for row in states["open"]["results"]] == ["Later", "Next"]


def test_who_suits_a_span_is_told_with_what_is_wrong_with_the_others(world, wang):
    actions.approve_leave(Leave.objects.earliest("pk"), by=world.cast.wang, now=timezone.now())
    found = wang.get("/duty/groups/south/candidates/", span(17, 18)).json()["results"]
    misfits = {one["person"]["id"]: one["misfit"] for one in found}
    assert misfits == {"hu": None, "gu": None, "li": None, "chen": None, "wang": "too_long"}
    assert found[-1]["why"] and not found[0]["why"]
    misfits = {
        one["person"]["id"]: one["misfit"]
        for one in wang.get("/duty/groups/south/candidates/", span(16, 17)).json()["results"]
    }
    assert misfits["chen"] == "absent" and misfits["hu"] is None
    backwards = wang.get("/duty/groups/south/candidates/", span(17, 16))
    assert faults(backwards).keys() == {"ends_at"}


def test_the_calendar_of_a_year_and_one_day_of_it(world, wang):
    year = wang.get("/duty/calendar/2026/").json()
    kinds = {one["date"]: one["kind"] for one in year["days"]}
    assert len(kinds) == 365 and year["is_known"] and kinds["2026-10-01"] == "statutory"
    far = wang.get("/duty/calendar/2099/").json()
    assert not far["is_known"] and len(far["days"]) == 365
    edited = wang.put("/duty/calendar/2026-12-24/", {"kind": "day_in_lieu", "name": "公司日"})
    assert edited.status_code == 200 and edited.json()["is_edited"]
    assert CalendarDay.objects.get(date="2026-12-24").name == "公司日"
    assert faults(wang.put("/duty/calendar/2026-12-24/", {"kind": "weekend"})).keys() == {"#/kind"}
    for _twice in range(2):
        again = wang.delete("/duty/calendar/2026-12-24/").json()
        assert (again["kind"], again["name"], again["is_edited"]) == ("workday", "", False)
    for nonsense in ("/duty/calendar/1999/", "/duty/calendar/2026-13-40/", "/duty/calendar/1999-12-31/"):
        assert wang.get(nonsense).status_code == 404


def test_the_rest_of_a_group(world, wang):
    assert wang.get("/duty/groups/south/terms/").json() == {"rest_hours": 10, "longest_hours": 24}
    body = {"rest_hours": 8, "longest_hours": None}
    assert wang.put("/duty/groups/south/terms/", body).json() == body
    assert RosterTerms.objects.get().longest is None
    assert [one["kind"] for one in wang.get("/duty/events/", {"limit": 1}).json()["results"]] == [
        "terms_changed"
    ]


BLOCK = {"group": "south", "name": "Block", "first_day": day(30), "last_day": day(31)}
SHIFTS = [{"starts": "12:00", "ends": "12:00"}]
DRAFT = BLOCK | {"shifts": SHIFTS, "people": [{"person": "li", "duties": ["primary"]}]}
FAR = {"person": "hu", "starts_at": "9998-12-31T23:59:58Z", "ends_at": "9998-12-31T23:59:59Z"}
CHANGE = span(8, 9, group="south", kind="replace", person="hu")
REFUSED = [
    ("rotations", TURNS | {"people": ["li", "li"]}, "#/people", "refused"),
    ("rotations", TURNS | {"people": []}, "#/people", "required"),
    ("rotations", TURNS | {"people": ["li", "outsider"]}, "#/people/1", "does_not_exist"),
    ("rotations", TURNS | {"every": 61}, "#/every", "max_value"),
    ("rotations", TURNS | {"since": noon(-1).isoformat()}, "#/since", "refused"),
    ("rotations", TURNS | {"since": "2099-01-01T00:00:00+08:00"}, "#/since", "too_far"),
    ("rotations", TURNS | {"first_day": "1999-12-31"}, "#/first_day", "too_far"),
    ("rotations", TURNS | {"first_day": "9999-12-31"}, "#/first_day", "too_far"),
    ("rotations", TURNS | {"weekdays": [7]}, "#/weekdays/0", "max_value"),
    ("rotations", TURNS | {"colour": "red"}, "#/colour", "unknown_field"),
    ("rotations", TURNS | {"group": "north"}, "#/group", "does_not_exist"),
    ("changes", CHANGE | {"person": None}, "#/person", "required"),
    ("changes", CHANGE | {"person": "wang"}, "#/person", "too_long"),
    ("changes", CHANGE | {"kind": "add"}, "#/starts_at", "refused"),
    ("changes", CHANGE | {"duty": "backup"}, "#/instead_of", "refused"),
    ("changes", CHANGE | span(9, 8), "#/ends_at", "refused"),
    ("changes", CHANGE | span(-3, -2), "#/ends_at", "refused"),
    ("changes", CHANGE | span(8, 800), "#/ends_at", "too_far"),
    ("temporary", BLOCK | {"shifts": []}, None, "required"),
    ("temporary", BLOCK | {"shifts": [span(29, 30, person="hu")]}, "#/shifts/0", "refused"),
    ("temporary", BLOCK | {"shifts": [span(32, 33, person="hu")]}, "#/shifts/0", "refused"),
    ("temporary", BLOCK | {"shifts": [span(31, 34, person="hu")]}, "#/shifts/0", "refused"),
    ("temporary", BLOCK | {"shifts": [span(31, 30, person="hu")]}, "#/shifts/0", "refused"),
    ("temporary", BLOCK | {"shifts": [span(30, 31, person="x")]}, "#/shifts/0/person", "does_not_exist"),
    ("temporary", BLOCK | {"shifts": [FAR]}, "#/shifts/0", "refused"),
    ("temporary", BLOCK | {"shifts": [span(30, 31)]}, "#/shifts/0/person", "required"),
    ("temporary", BLOCK | {"shifts": [span(30, 31, person="li")]}, "#/shifts/0", "too_long"),
    ("temporary", BLOCK | {"last_day": day(200), "shifts": []}, "#/last_day", "out_of_range"),
    ("temporary", BLOCK | {"last_day": day(1), "shifts": []}, "#/last_day", "refused"),
    ("leave", span(800, 801), "#/starts_at", "too_far"),
    ("leave", span(5, 5), "#/ends_at", "refused"),
    ("swaps", span(6, 7, asked="chen", back=span(8, 7)), "#/back", "refused"),
    ("swaps", span(6, 7, asked="chen", back=span(8, 9)), "#/back", "refused"),
    ("swaps", span(6, 7, back=span(7, 8)), "#/asked", "required"),
    ("swaps", span(6, 7, asked="wang"), "#/asked", "refused"),
    ("swaps", span(5, 6), "#/starts_at", "refused"),
    ("drafts", DRAFT | {"people": []}, "#/people", "required"),
    ("drafts", DRAFT | {"shifts": []}, "#/shifts", "required"),
    ("drafts", DRAFT | {"shifts": [*SHIFTS, {"starts": "08:00", "ends": "20:00"}]}, "#/shifts", "refused"),
    ("drafts", DRAFT | {"people": [{"person": "li", "duties": []}]}, "#/people/0/duties", "min_length"),
    ("drafts", DRAFT | {"last_day": day(150)}, "#/last_day", "refused"),
    ("drafts", DRAFT | {"first_day": day(-1)}, "#/first_day", "refused"),
    ("drafts", DRAFT | {"first_day": "9999-12-31", "last_day": "9999-12-31"}, "#/first_day", "too_far"),
    ("drafts", DRAFT | {"rest_days": 15}, "#/rest_days", "max_value"),
]


def test_every_refusal_is_at_its_field_and_nothing_is_kept(world, wang):
    models = (Rotation, Override, TemporarySchedule, Leave, SwapRequest, RosterDraft)
    counts = [model.objects.count() for model in models]
    wrong = []
    for thing, body, pointer, code in REFUSED:
        answer = wang.post(f"/duty/{thing}/", body)
        found = faults(answer) or {None: answer.json().get("code")}
        if answer.status_code != 422 or found != {pointer: code}:
            wrong.append((thing, pointer, code, answer.status_code, found))
    assert not wrong
    past = caller(world.cast.li).put(f"/duty/wishes/{day(0)}/", {"kind": "wanted"})
    assert faults(past) == {"day": "refused"}
    assert counts == [model.objects.count() for model in models]


def test_the_same_request_sent_twice_is_done_once(world, li, wang):
    for _twice in range(2):
        made = li.post("/duty/leave/", span(5, 6), key="once")
        assert made.status_code == 201
    assert made["Idempotent-Replayed"] == "true" and Leave.objects.filter(user=world.cast.li).count() == 1
    end = f"/duty/rotations/{world.ids['rotations']}/end/"
    ended = [wang.post(end, key="end") for _twice in range(2)]
    assert [one.status_code for one in ended] == [204, 204] and not ended[1].content


LISTS = ("rotations", "changes", "temporary", "leave", "swaps", "drafts", "wishes", "events")


@pytest.mark.parametrize("name", LISTS)
def test_a_list_comes_in_pages_and_costs_the_same_however_long_it_is(world, wang, li, name):
    who, costs = (li if name == "wishes" else wang), []
    who.get(f"/duty/{name}/")  # notes that the token is in use
    for limit in (1, 200):
        with CaptureQueriesContext(connection) as asked:
            page = who.get(f"/duty/{name}/", {"limit": limit}).json()
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 6 and len(page["results"]) >= 2
    first = who.get(f"/duty/{name}/", {"limit": 1}).json()
    rest = who.get(first["next"].partition(ROOT)[2]).json()
    assert [*first["results"], *rest["results"]] == page["results"][:2]
    assert page["results"][0] == first["results"][0]
    assert faults(who.get(f"/duty/{name}/", {"colour": "red"})) == {"colour": "unknown_field"}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_one_duty_at_the_same_instant_one_has_it():
    cast, now = build_cast(), timezone.now()
    defined(
        cast,
        people=[cast.li],
        since=noon(1),
        now=now,
        first_day=noon(1).date(),
        starts=noon(1).time(),
        ends=noon(1).time(),
    )
    actions.set_terms(cast.south, rest_hours=0, longest_hours=None, by=cast.wang, now=now)
    swap = actions.ask_swap(Duty(DutyRole.PRIMARY, noon(3), noon(4)), by=cast.li, now=now)
    people = [caller(cast.chen), caller(cast.wang)]
    take = f"/duty/swaps/{swap.pk}/take/"
    answers = at_once(*(lambda who=who: who.post(take) for who in people))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (late,) = [answer for answer in answers if answer.status_code == 409]
    assert late.json()["code"] == "moved"
    swap.refresh_from_db()
    assert Shift.objects.get(starts_at=noon(3)).user == swap.taker


def spoiled(value: object) -> Iterator[object]:
    """A body with HOSTILE in place of each of its parts, one at a time, however deep."""
    yield "HOSTILE"
    if isinstance(value, dict):
        for name, part in value.items():
            yield from ({**value, name: bad} for bad in spoiled(part))
    elif isinstance(value, list) and value:
        yield from ([bad, *value[1:]] for bad in spoiled(value[0]))


def test_whatever_is_thrown_at_it_is_refused_and_never_our_mistake(world, wang, li):
    """Each part of each body in turn, and the queries, with values that nobody expects."""
    rng, values, schema = random.Random(20261126), list(HOSTILE.values()), schema_in("en")
    for path, methods in schema["paths"].items():
        if not path.startswith(f"{ROOT}/duty/"):
            continue
        address = world.fits(path.removeprefix(ROOT))
        who = li if world.who_does(address) == world.cast.li else wang
        for method, operation in methods.items():
            media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for example in media.get("examples", {}).values():
                fields = schema["components"]["schemas"][media["schema"]["$ref"].rpartition("/")[2]]
                given = json.loads(world.fits(json.dumps(example["value"])))
                left_out = ({**given, name: "HOSTILE"} for name in fields["properties"].keys() - given.keys())
                for body in [*spoiled(given), *left_out]:
                    for value in rng.sample(values, 4):
                        text = json.dumps(body).replace('"HOSTILE"', value)
                        with transaction.atomic():
                            answer = send(who, method, address, text)
                            transaction.set_rollback(True)
                        assert answer.status_code < 500, (address, text[:300])
            queries = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
            for name, value in product(queries, QUERIES):
                assert who.get(address, {name: value}).status_code < 500, (address, name, value)
