"""Records through the REST interface: the same verbs, rules and walls as on the pages."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client, Contact, System
from opsdesk.tests.rest import at_once, caller, faults
from staff.models import Role, User
from tickets import actions
from tickets.models import Cause, Entry, Grade, Ticket

CALL = {"client": "hospital", "caller_name": "孙主任", "title": "系统崩溃,无法登录"}


@pytest.fixture
def li(cast):
    return caller(cast.li)


def at(ticket, verb=""):
    return f"/tickets/{ticket.number}/" + (f"{verb}/" if verb else "")


def graded(cast, grade=Grade.TWO):
    return actions.grade(cast.ticket(), grade, reason="§5.4.1.1", by=cast.li, now=timezone.now())


def taken(cast, grade=Grade.TWO):
    return actions.acknowledge(graded(cast, grade), by=cast.chen, now=timezone.now())


def solved(cast):
    return actions.resolve(
        taken(cast), solution="重启", cause=Cause.SOFTWARE, by=cast.chen, now=timezone.now()
    )


# A call comes in


def test_a_call_is_logged_with_three_fields(cast, li):
    answer = li.post("/tickets/", CALL)
    assert answer.status_code == 201
    ticket, shown = Ticket.objects.get(), answer.json()
    assert shown["id"] == ticket.number and shown["status"] == "logged" and shown["kind"] == "fault"
    assert shown["channel"] == "api" and shown["taken_by"]["id"] == "li" and shown["grade"] is None
    assert answer["Location"].endswith(f"/api/v1/tickets/{ticket.number}/")
    assert answer["ETag"] == f'"{ticket.version}"' and shown["version"] == ticket.version
    assert [clock["kind"] for clock in shown["clocks"]] == ["response"]
    assert li.get(at(ticket)).json()["clocks"][0]["state"] in ("running", "near")


def test_a_call_with_everything(cast, li):
    reported = timezone.now() - timedelta(minutes=5)
    more = {
        "system": cast.his.pk,
        "contact": cast.contact.pk,
        "callback_number": "0755-8888 8877",
        "details": "三楼",
        "channel": "phone",
        "reported_at": reported.isoformat(),
        "external_ref": "ER-1",
        "grade": 1,
        "grade_reason": "全院停诊",
    }
    shown = li.post("/tickets/", CALL | more).json()
    assert shown["system"]["id"] == cast.his.pk and shown["contact"]["id"] == cast.contact.pk
    assert shown["owner"]["id"] == "chen" and shown["external_ref"] == "ER-1"
    assert (shown["grade"], shown["grade_label"], shown["grade_reason"]) == (1, "Grade 1", "全院停诊")
    assert {clock["kind"] for clock in shown["clocks"]} == {"response", "diagnosis", "resolution"}
    assert shown["reported_at"].endswith("+08:00")


def test_a_grade_without_a_reason_quotes_the_clause(cast, li):
    assert "§5.4.1.1" in li.post("/tickets/", CALL | {"grade": 3}).json()["grade_reason"]


def test_a_grade_that_the_rules_refuse_leaves_no_record(cast, li):
    answer = li.post("/tickets/", CALL | {"kind": "request", "grade": 1})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_fault")
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"client": "nobody"}, {"#/client": "does_not_exist"}),
        ({"client": None}, {"#/client": "null"}),
        ({"system": 99999999}, {"#/system": "does_not_exist"}),
        ({"contact": 99999999}, {"#/contact": "does_not_exist"}),
        ({"title": "  "}, {"#/title": "blank"}),
        ({"title": "x" * 201}, {"#/title": "max_length"}),
        ({"kind": "party"}, {"#/kind": "invalid_choice"}),
        ({"reported_at": "2026-11-23T10:00:00"}, {"#/reported_at": "offset"}),
        ({"reported_at": "2026-11-23"}, {"#/reported_at": "offset"}),
        ({"reported_at": "9999-01-01T00:00:00Z"}, {"#/reported_at": "invalid"}),
        ({"reported_at": "0001-01-01T00:00:00Z"}, {"#/reported_at": "invalid"}),
        ({"reported_at": "0001-01-01T00:00:00+14:00"}, {"#/reported_at": "overflow"}),
        ({"title": "", "grade": 7}, {"#/title": "blank", "#/grade": "invalid_choice"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(cast, li, change, fault):
    answer = li.post("/tickets/", CALL | change)
    assert answer.status_code == 422
    assert faults(answer) == fault
    assert not Ticket.objects.exists()


def test_who_and_what_are_asked_for(cast, li):
    assert faults(li.post("/tickets/", {})) == {"#/title": "required"}
    assert faults(li.post("/tickets/", {"title": "x"})) == {"#/client": "does_not_exist"}
    assert faults(li.post("/tickets/", {"title": "x", "client": "hospital"})) == {"#/caller_name": "required"}


def test_a_system_or_contact_of_another_client_is_not_to_be_found(cast, li):
    other = Client.objects.create(
        code="school", name="一中", type=cast.hospital.type, group=cast.south, hours=cast.hospital.hours
    )
    system = System.objects.create(client=other, name="OA")
    contact = Contact.objects.create(client=other, name="校长")
    assert faults(li.post("/tickets/", CALL | {"system": system.pk})) == {"#/system": "does_not_exist"}
    assert faults(li.post("/tickets/", CALL | {"contact": contact.pk})) == {"#/contact": "does_not_exist"}


def test_the_callers_own_number_is_unique(cast, li):
    assert li.post("/tickets/", CALL | {"external_ref": "ER-1"}).status_code == 201
    again = li.post("/tickets/", CALL | {"external_ref": "ER-1"})
    assert (again.status_code, again.json()["code"]) == (422, "taken")
    assert faults(again) == {"#/external_ref": "taken"}


def test_anyone_on_the_staff_records_for_any_client(cast):
    answer = caller(cast.outsider).post("/tickets/", CALL)
    assert answer.status_code == 201 and answer.json()["group"]["id"] == "south"
    assert caller(cast.outsider).get(f"/tickets/{answer.json()['id']}/").status_code == 200


@pytest.mark.parametrize("who", ["zhou", "zhao"])
def test_auditors_and_leaders_only_read(cast, who):
    ticket, reader = cast.ticket(), caller(getattr(cast, who))
    assert reader.get(at(ticket)).status_code == 200
    for answer in (reader.post("/tickets/", CALL), reader.post(at(ticket, "acknowledge"))):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


MODEL_FIELDS = sorted({field.name for field in Ticket._meta.get_fields() if field.concrete})
CALL_FIELDS = {
    *("client", "system", "contact", "caller_name", "callback_number", "title", "details", "kind"),
    *("channel", "reported_at", "external_ref", "grade", "grade_reason"),
}


@pytest.mark.parametrize("name", [name for name in MODEL_FIELDS if name not in CALL_FIELDS])
def test_no_field_can_be_smuggled_in(cast, li, name):
    answer = li.post("/tickets/", CALL | {name: "closed"})
    assert answer.status_code == 422 and faults(answer) == {f"#/{name}": "unknown_field"}
    ticket = cast.ticket()
    assert faults(li.post(at(ticket, "acknowledge"), {name: 1})) == {f"#/{name}": "unknown_field"}


# The life of a record


def test_a_record_lives_from_the_ring_to_the_clients_word(cast):
    chen = caller(cast.chen)
    number = caller(cast.li).post("/tickets/", CALL | {"system": cast.his.pk}).json()["id"]

    def does(verb, body=None):
        answer = chen.post(f"/tickets/{number}/{verb}/", body)
        assert answer.status_code == 200, answer.json()
        assert answer["ETag"] == f'"{answer.json()["version"]}"'
        return answer.json()

    assert does("acknowledge")["status"] == "in_progress"
    assert does("grade", {"grade": 2, "reason": "不稳定"})["grade"] == 2
    assert does("diagnose", {"diagnosis": "磁盘满", "cause": "hardware"})["cause_label"] == "Hardware"
    assert does("notes", {"text": "已联系厂家"})["status"] == "in_progress"
    assert does("messages", {"text": "硬盘明天到"})["status"] == "in_progress"
    until = (timezone.now() + timedelta(days=1)).isoformat()
    waiting = does("pause", {"reason": "parts", "text": "等硬盘", "until": until})
    assert waiting["status"] == "waiting"
    states = {clock["kind"]: clock["state"] for clock in waiting["clocks"]}
    assert states["resolution"] == "paused" and states["next_step"] == "running"
    assert does("resume", {"text": "到货"})["status"] == "in_progress"
    assert does("resolve", {"solution": "换盘", "cause": "hardware"})["status"] == "resolved"
    assert does("reopen", {"reason": "又满了"})["reopened_count"] == 1
    does("resolve", {"solution": "扩容", "cause": "hardware"})
    closed = does("confirm", {"confirmed_by": "孙主任", "channel": "phone"})
    assert closed["status"] == "closed" and closed["next_due_at"] is None and closed["closed_at"]

    page = chen.get(f"/tickets/{number}/entries/").json()
    kinds = [entry["kind"] for entry in page["results"]]
    assert kinds[:3] == ["logged", "acknowledged", "graded"] and kinds[-1] == "confirmed"
    assert page["results"][-1]["changes"]["confirmed_by"] == [None, "孙主任"]


def test_a_record_is_assigned_to_a_person_or_to_another_group(cast, li):
    ticket = cast.ticket()
    assert li.post(at(ticket, "assign"), {"owner": "wang"}).json()["owner"]["id"] == "wang"
    moved = li.post(at(ticket, "assign"), {"group": "north", "text": "请接手"}).json()
    assert moved["group"]["id"] == "north" and moved["owner"] is None


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, {"#": "invalid"}),
        ({"owner": "wang", "group": "north"}, {"#": "invalid"}),
        ({"owner": "outsider"}, {"#/owner": "does_not_exist"}),
        ({"owner": "zhou"}, {"#/owner": "does_not_exist"}),
        ({"owner": "sun"}, {"#/owner": "does_not_exist"}),
        ({"group": "nowhere"}, {"#/group": "does_not_exist"}),
    ],
)
def test_an_owner_is_of_the_group(cast, li, body, fault):
    assert faults(li.post(at(cast.ticket(), "assign"), body)) == fault


def test_what_the_status_does_not_allow_is_a_conflict(cast, li):
    for verb, body in {
        "resume": {},
        "confirm": {"confirmed_by": "孙主任"},
        "reopen": {"reason": "x"},
        "diagnose": {"diagnosis": "x", "cause": "other"},
    }.items():
        answer = li.post(at(cast.ticket(), verb), body)
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong_status"), verb


def test_what_the_rules_refuse_has_its_own_code(cast, li):
    ungraded = actions.acknowledge(cast.ticket(), by=cast.chen, now=timezone.now())
    answer = li.post(at(ungraded, "resolve"), {"solution": "x", "cause": "other"})
    assert (answer.status_code, answer.json()["code"]) == (422, "ungraded")
    until = (timezone.now() + timedelta(hours=1)).isoformat()
    answer = li.post(at(taken(cast, Grade.ONE), "pause"), {"reason": "parts", "text": "x", "until": until})
    assert (answer.status_code, answer.json()["code"]) == (422, "grade_one")
    answer = li.post(at(graded(cast, Grade.ONE), "grade"), {"grade": 3, "reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "until", ["2020-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "9999-12-31T00:00:00Z"]
)
def test_nothing_waits_for_ever(cast, li, until):
    answer = li.post(at(taken(cast), "pause"), {"reason": "parts", "text": "x", "until": until})
    assert answer.status_code == 422 and "#/until" in faults(answer)


# Two at once


def test_a_stale_version_is_refused_with_the_present_one(cast, li):
    ticket = cast.ticket()
    seen = li.get(at(ticket))["ETag"]
    assert li.post(at(ticket, "acknowledge"), If_Match=seen).status_code == 200
    late = li.post(at(ticket, "notes"), {"text": "x"}, If_Match=seen)
    assert (late.status_code, late.json()["code"]) == (412, "stale")
    assert not Entry.objects.filter(kind="note").exists()
    fresh = li.get(at(ticket))["ETag"]
    assert late["ETag"] == fresh
    assert li.post(at(ticket, "notes"), {"text": "x"}, If_Match=f'W/{fresh}, "x"').status_code == 200
    assert li.post(at(ticket, "notes"), {"text": "x"}, If_Match="*").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_who_read_the_same_version_one_is_told_that_he_is_late(cast, li):
    for _round in range(10):
        ticket = cast.ticket()
        seen = li.get(at(ticket))["ETag"]
        answers = at_once(
            *[lambda t=ticket, tag=seen: li.post(at(t, "notes"), {"text": "x"}, If_Match=tag)] * 2
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        assert Entry.objects.filter(ticket=ticket, kind="note").count() == 1


@pytest.mark.parametrize("tag", ["", "17", '"', "x" * 5000, "\xff"])
def test_a_broken_if_match_matches_nothing(cast, li, tag):
    assert li.post(at(cast.ticket(), "notes"), {"text": "x"}, If_Match=tag).status_code == 412


# Walls


def test_another_groups_record_is_not_there(cast):
    ticket, outsider = solved(cast), caller(cast.outsider)
    assert outsider.get(at(ticket)).status_code == 404
    assert outsider.get(at(ticket, "entries")).status_code == 404
    bodies = {
        "grade": {"grade": 1, "reason": "x"},
        "assign": {"owner": "li"},
        "acknowledge": {},
        "diagnose": {"diagnosis": "x", "cause": "other"},
        "notes": {"text": "x"},
        "messages": {"text": "x"},
        "pause": {"reason": "parts", "text": "x", "until": "2026-12-01T00:00:00Z"},
        "resume": {},
        "resolve": {"solution": "x", "cause": "other"},
        "confirm": {"confirmed_by": "x"},
        "reopen": {"reason": "x"},
    }
    for verb, body in bodies.items():
        foreign, absent = (
            outsider.post(at(ticket, verb), body),
            outsider.post(f"/tickets/T-99999/{verb}/", body),
        )
        assert foreign.status_code == absent.status_code == 404, verb
        for answer in (foreign, absent):
            assert answer.json()["detail"] == absent.json()["detail"]
    assert outsider.get("/tickets/").json()["results"] == []


@pytest.mark.parametrize(
    "number",
    ["10001", "T-", "T-0", "T-010001", "t-10001", "T-1e4", "T-" + "9" * 18, "T-" + "9" * 19, "T-%00"],
)
def test_what_is_no_number_of_a_record_is_not_there(cast, li, number):
    cast.ticket()
    assert li.get(f"/tickets/{number}/").status_code == 404
    assert li.post(f"/tickets/{number}/acknowledge/").status_code == 404


@pytest.fixture
def another_patient(cast):
    """Another contact of the same hospital, with a record of his own."""
    user = User.objects.create_user("zheng", name="郑主任", role=Role.CONTACT)
    contact = Contact.objects.create(client=cast.hospital, name="郑主任", user=user)
    return cast.ticket(contact=contact)


def test_a_contact_sees_only_his_own_records(cast, another_patient):
    own, sun = cast.ticket(), caller(cast.sun)
    assert [row["id"] for row in sun.get("/tickets/").json()["results"]] == [own.number]
    assert sun.get(at(own)).status_code == 200
    for answer in (sun.get(at(another_patient)), sun.post(at(another_patient, "notes"), {"text": "x"})):
        assert answer.status_code == 404


def test_a_contact_does_not_read_what_the_house_keeps_to_itself(cast):
    ticket, sun = solved(cast), caller(cast.sun)
    actions.add_note(ticket, text="internal-sentinel", by=cast.li, now=timezone.now())
    actions.enforce_deadlines(now=timezone.now() + timedelta(days=3))
    shown = sun.get(at(ticket)).json()
    assert shown["solution"] == "重启" and shown["owner"] == {"id": None, "name": "陈工", "name_en": ""}
    assert [shown[name] for name in ("cause", "cause_label", "in_coverage")] == [None, None, None]
    assert {clock["kind"] for clock in shown["clocks"]} <= {"response", "diagnosis", "resolution"}
    page = sun.get(at(ticket, "entries")).json()["results"]
    assert {entry["kind"] for entry in page} <= {"logged", "graded", "acknowledged", "resolved"}
    assert all(entry["changes"] == {} for entry in page)
    everything = str(shown) + str(page)
    assert "internal-sentinel" not in everything and "software" not in everything


def test_nobody_reads_a_phone_number(cast, li):
    cast.chen.phone = "13800001111"
    cast.chen.save()
    ticket = cast.ticket(callback_number="0755-88888877")
    for who in (li, caller(cast.sun)):
        text = who.get(at(ticket)).content.decode() + who.get("/tickets/").content.decode()
        assert "13800001111" not in text and "88888877" not in text


def test_a_contact_reports_for_himself_and_need_not_say_who_he_is(cast, another_patient):
    sun = caller(cast.sun)
    answer = sun.post("/tickets/", {"title": "打不开"})
    assert answer.status_code == 201
    ticket = Ticket.objects.get(pk=answer.json()["id"][2:])
    assert (ticket.client, ticket.contact, ticket.caller_name) == (cast.hospital, cast.contact, "孙主任")
    other = sun.post("/tickets/", {"title": "x", "contact": another_patient.contact_id})
    assert (other.status_code, other.json()["code"]) == (403, "forbidden")
    Client.objects.create(
        code="school", name="一中", type=cast.hospital.type, group=cast.south, hours=cast.hospital.hours
    )
    foreign = sun.post("/tickets/", {"title": "x", "client": "school"})
    assert faults(foreign) == {"#/client": "does_not_exist"}
    assert sun.post("/tickets/", {"title": "x", "grade": 1}).status_code == 403


def test_a_contact_confirms_in_his_own_name(cast):
    ticket, sun = solved(cast), caller(cast.sun)
    assert sun.post(at(ticket, "acknowledge")).status_code == 403
    closed = sun.post(at(ticket, "confirm"), {}).json()
    assert (closed["status"], closed["confirmed_by"], closed["confirmed_channel"]) == (
        "closed",
        "孙主任",
        "api",
    )
    assert sun.post(at(ticket, "reopen"), {"reason": "还是不行"}).json()["status"] == "in_progress"


def test_a_contact_whom_no_client_has_named_may_do_nothing(cast):
    nobody = caller(User.objects.create_user("gone", name="某人", role=Role.CONTACT))
    assert nobody.get("/tickets/").json()["results"] == []
    assert nobody.post("/tickets/", {"title": "x"}).status_code == 403


# Lists


def test_pages_follow_each_other_by_keyset(cast, li):
    numbers = [cast.ticket().number for _time in range(5)][::-1]
    first = li.get("/tickets/", {"limit": 2})
    page = first.json()
    assert [row["id"] for row in page["results"]] == numbers[:2]
    assert first["Link"] == f'<{page["next"]}>; rel="next"'
    cast.ticket()  # shifts nothing
    second = li.get(page["next"].partition("/api/v1")[2]).json()
    assert [row["id"] for row in second["results"]] == numbers[2:4]
    last = li.get(second["next"].partition("/api/v1")[2])
    assert [row["id"] for row in last.json()["results"]] == numbers[4:]
    assert last.json()["next"] is None and "Link" not in last


def test_a_page_that_has_run_empty_is_empty_and_the_end(cast, li):
    cast.ticket(), cast.ticket()
    page = li.get("/tickets/", {"limit": 1, "status": "logged"}).json()
    Ticket.objects.update(status="in_progress", acknowledged_at=timezone.now())
    assert li.get(page["next"].partition("/api/v1")[2]).json() == {"results": [], "next": None}


def test_lists_are_filtered(cast, li):
    now = timezone.now()
    logged, mine = cast.ticket(now), actions.acknowledge(cast.ticket(now), by=cast.li, now=now)
    grave = actions.grade(cast.ticket(now), Grade.ONE, reason="x", by=cast.li, now=now)
    other = Client.objects.create(
        code="school", name="一中", type=cast.hospital.type, group=cast.north, hours=cast.hospital.hours
    )
    foreign = cast.ticket(now, client=other, system=None, contact=None)
    long_ago = cast.ticket(now - timedelta(days=30))

    def found(**query):
        return {row["id"] for row in li.get("/tickets/", query).json()["results"]}

    everything = {ticket.number for ticket in (logged, mine, grave, foreign, long_ago)}
    assert found() == everything
    assert found(status="in_progress") == {mine.number}
    assert found(grade="1") == {grave.number}
    assert found(grade="none") == everything - {grave.number}
    assert found(group="north") == {foreign.number} == found(client="school")
    assert found(group="nowhere") == set()
    assert found(owner="me") == {mine.number}
    assert found(channel="phone") == everything and found(channel="fax") == set()
    assert found(overdue="1") == {long_ago.number}
    assert found(updated_since=(now - timedelta(hours=1)).isoformat()) == everything - {long_ago.number}
    assert found(status="logged", grade="none", client="hospital", overdue="true") == {long_ago.number}


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ({"limit": 0}, {"limit": "min_value"}),
        ({"limit": 201}, {"limit": "max_value"}),
        ({"limit": "9" * 4000}, {"limit": "max_string_length"}),
        ({"limit": "x"}, {"limit": "invalid"}),
        ({"cursor": "x"}, {"cursor": "invalid"}),
        ({"cursor": "WzFd:x:y"}, {"cursor": "invalid"}),
        ({"state": "closed"}, {"state": "unknown_field"}),
        ({"page": 2}, {"page": "unknown_field"}),
        ({"status": "done"}, {"status": "invalid_choice"}),
        ({"grade": "4"}, {"grade": "invalid_choice"}),
        ({"owner": "li"}, {"owner": "invalid_choice"}),
        ({"overdue": "perhaps"}, {"overdue": "invalid"}),
        ({"client": "\0"}, {"client": "null_characters_not_allowed"}),
        ({"updated_since": "yesterday"}, {"updated_since": "invalid"}),
        ({"updated_since": "2026-11-23T10:00:00"}, {"updated_since": "offset"}),
    ],
)
def test_a_broken_question_is_answered_with_what_is_wrong(cast, li, query, fault):
    answer = li.get("/tickets/", query)
    assert answer.status_code == 422 and faults(answer) == fault


def test_a_cursor_of_another_list_is_not_taken(cast, li):
    cast.ticket(), cast.ticket()
    cursor = li.get("/tickets/", {"limit": 1}).json()["next"].partition("cursor=")[2]
    assert li.get(f"/systems/?cursor={cursor}").status_code == 422


def queries_of(question):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = question()
    assert answer.status_code == 200
    return len(captured), len(answer.json()["results"])


def test_a_list_costs_the_same_queries_however_long_it_is(cast, li):
    li.get("/me/")  # the first use of a token in a minute is noted down
    for _time in range(5):
        graded(cast)
    few, rows = queries_of(lambda: li.get("/tickets/"))
    assert rows == 5
    for _time in range(45):
        graded(cast)
    many, rows = queries_of(lambda: li.get("/tickets/"))
    assert rows == 50
    assert few == many <= 4


def test_a_history_costs_the_same_queries_however_long_it_is(cast, li):
    li.get("/me/")
    ticket = graded(cast)
    few, _rows = queries_of(lambda: li.get(at(ticket, "entries")))
    for number in range(40):
        actions.add_note(ticket, text=str(number), by=cast.li, now=timezone.now())
    many, rows = queries_of(lambda: li.get(at(ticket, "entries")))
    assert rows > 40 and few == many <= 4


# Words


def test_codes_are_stable_and_labels_follow_the_language(cast):
    ticket = graded(cast)
    english, chinese = (
        caller(cast.li, "en").get(at(ticket)).json(),
        caller(cast.li, "zh-CN").get(at(ticket)).json(),
    )
    for shown in (english, chinese):
        assert (shown["status"], shown["kind"], shown["grade"]) == ("logged", "fault", 2)
    assert english["status_label"] == "Recorded" and english["grade_label"] == "Grade 2"
    assert english["clocks"][0]["kind_label"] == "Response"


def test_times_carry_their_offset(cast, li):
    shown = li.get(at(solved(cast))).json()
    times = [shown[name] for name in shown if name.endswith("_at") and shown[name]]
    times += [
        clock[name] for clock in shown["clocks"] for name in clock if name.endswith("_at") and clock[name]
    ]
    assert times and all(time.endswith("+08:00") for time in times)


def test_a_clock_says_what_is_left(cast, li):
    cast.ticket(timezone.now())
    (clock,) = li.get("/tickets/" + Ticket.objects.get().number + "/").json()["clocks"]
    assert clock["remaining_seconds"] > 0 and clock["limit_seconds"] > 0 and clock["stopped_at"] is None
    (stopped, *_rest) = li.post(f"/tickets/{Ticket.objects.get().number}/acknowledge/").json()["clocks"]
    assert stopped["state"] == "met" and stopped["remaining_seconds"] is None
