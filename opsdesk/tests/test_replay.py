"""The replay of a log: what each kind of row becomes, and that a broken one harms nobody else."""

import csv
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clients.models import Client
from opsdesk.replay import replay
from opsdesk.replay.rows import COLUMNS, Unreadable
from opsdesk.replay.summary import Summary
from opsdesk.testing import Cast, at
from staff.models import Delivery, Notice, Role, User
from tickets.models import Clock, ClockKind, Entry, EntryKind, Grade, Pause, PauseReason, Status, Ticket

pytestmark = pytest.mark.django_db

ROW = {
    "number": "INC1",
    "incident_state": "New",
    "reassignment_count": "0",
    "reopen_count": "0",
    "caller_id": "Caller 7",
    "opened_at": "01-03-2016 09:00",
    "sys_created_at": "01-03-2016 09:05",
    "sys_updated_by": "Updated by 21",
    "sys_updated_at": "01-03-2016 09:10",
    "location": "Location 143",
    "category": "Category 55",
    "subcategory": "Subcategory 170",
    "u_symptom": "Symptom 72",
    "priority": "3 - Moderate",
    "assignment_group": "Group 56",
    "assigned_to": "Resolver 13",
    "closed_code": "code 5",
    "resolved_by": "Resolved by 149",
    "resolved_at": "01-03-2016 15:00",
    "closed_at": "06-03-2016 15:00",
}


def row(state: str = "New", time: str = "01-03 09:10", **more: str) -> dict[str, str]:
    day, clock = time.split()
    return {**ROW, "incident_state": state, "sys_updated_at": f"{day}-2016 {clock}", **more}


def written(folder: Path, *rows: dict[str, str] | str) -> Path:
    """A log file of these rows; a text stands for a line as it is."""
    out = io.StringIO()
    log = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    log.writeheader()
    for each in rows:
        if isinstance(each, str):
            out.write(each + "\n")
        else:
            log.writerow(each)
    path = folder / "log.csv"
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


@pytest.fixture
def run(tmp_path):
    def feed(*rows: dict[str, str] | str, **more: object) -> Summary:
        return replay(written(tmp_path, *rows), **more)  # type: ignore[arg-type]

    return feed


LIFE = [
    row(),
    row("Active", "01-03 10:00"),
    row("Resolved", "01-03 15:00"),
    row("Closed", "06-03 15:00"),
]


def kinds(ticket: Ticket) -> list[str]:
    house = (EntryKind.NEAR, EntryKind.BREACHED, EntryKind.REPORTED_UP)
    return [entry.kind for entry in ticket.entries.all() if entry.kind not in house]


def test_one_incident_becomes_one_record_at_its_own_instants(run) -> None:
    summary = run(*LIFE)
    ticket = Ticket.objects.get(external_ref="INC1")
    assert ticket.status == Status.CLOSED
    assert ticket.reported_at == at("2016-03-01 09:00")
    assert ticket.logged_at == at("2016-03-01 09:05")
    assert ticket.acknowledged_at == at("2016-03-01 10:00")
    assert ticket.resolved_at == at("2016-03-01 15:00")
    assert ticket.closed_at == at("2016-03-06 15:00")
    assert ticket.client.name == "Location 143"
    assert ticket.system.name == "Category 55 / Subcategory 170"
    assert (ticket.contact.name, ticket.caller_name) == ("Caller 7", "Caller 7")
    assert ticket.title == "Symptom 72"
    assert ticket.solution == "code 5, Resolved by 149"
    assert (ticket.group.name, ticket.owner.name) == ("Group 56", "Resolver 13")
    assert kinds(ticket) == ["logged", "graded", "assigned", "acknowledged", "resolved", "confirmed"]
    assert (summary.rows, summary.rows_placed, summary.outcome.steps["notes"]) == (4, 4, 0)


@pytest.mark.parametrize(
    ("priority", "grade"),
    [
        ("1 - Critical", Grade.ONE),
        ("2 - High", Grade.TWO),
        ("3 - Moderate", Grade.THREE),
        ("4 - Low", Grade.THREE),
    ],
)
def test_the_priority_gives_the_grade(run, priority: str, grade: Grade) -> None:
    run(row(priority=priority))
    assert Ticket.objects.get().grade == grade


def test_where_nobody_is_named_the_groups_supervisor_acts(run) -> None:
    run(row(assigned_to="?"), row("Active", "01-03 10:00", assigned_to="?"))
    assert Ticket.objects.get().owner.username == "replay-group-56-supervisor"


def test_nobody_of_the_log_can_sign_in(run) -> None:
    run(*LIFE)
    people = User.objects.filter(username__startswith="replay")
    assert people.count() == 3
    assert not any(person.has_usable_password() for person in people)


def test_awaiting_is_a_pause_with_its_reason_until_it_is_active_again(run) -> None:
    run(
        row("Active"),
        row("Awaiting User Info", "01-03 10:00"),
        row("Awaiting User Info", "01-03 11:00"),
        row("Awaiting Problem", "01-03 12:00"),
        row("Active", "01-03 14:00"),
    )
    first, second = Pause.objects.all()
    assert (first.reason, first.started_at, first.ended_at) == (
        PauseReason.CLIENT,
        at("2016-03-01 10:00"),
        at("2016-03-01 12:00"),
    )
    assert (second.reason, second.ended_at) == (PauseReason.THIRD_PARTY, at("2016-03-01 14:00"))
    assert Ticket.objects.get().status == Status.IN_PROGRESS


def test_a_critical_incident_never_waits_and_the_row_becomes_a_note(run) -> None:
    summary = run(
        row("Active", priority="1 - Critical"),
        row("Awaiting User Info", "01-03 10:00", priority="1 - Critical"),
    )
    assert Ticket.objects.get().status == Status.IN_PROGRESS
    assert list(summary.outcome.noted.values()) == [[3]]
    assert Entry.objects.get(kind=EntryKind.NOTE).text == "Awaiting User Info. Updated by 21"


def test_a_hand_over_changes_group_and_person(run) -> None:
    summary = run(
        row(),
        row("New", "01-03 09:30", assignment_group="Group 70", assigned_to="?", reassignment_count="1"),
        row(
            "New",
            "01-03 09:40",
            assignment_group="Group 70",
            assigned_to="Resolver 13",
            reassignment_count="1",
        ),
        row("New", "01-03 09:50", assignment_group="?", assigned_to="?", reassignment_count="2"),
        row("New", "01-03 09:55", assignment_group="?", assigned_to="?", reassignment_count="3"),
    )
    ticket = Ticket.objects.get()
    assert (ticket.group.code, ticket.owner) == ("replay", None)
    assert summary.outcome.steps["handed over"] == 3
    assert summary.outcome.steps["handed to another group"] == 2
    assert summary.outcome.noted == {"counted as reassigned, but group and person stay: a note": [6]}
    assert User.objects.get(username="replay-resolver-13").role == Role.SPECIALIST  # at home in two groups


def test_who_works_in_one_group_is_its_engineer(run) -> None:
    run(*LIFE)
    person = User.objects.get(username="replay-resolver-13")
    assert (person.role, person.group.name) == (Role.ENGINEER, "Group 56")


def test_a_reopening_starts_another_cycle(run) -> None:
    run(
        *LIFE[:3],
        row("Active", "02-03 09:00", reopen_count="1"),
        row("Resolved", "02-03 11:00", reopen_count="1"),
        row("Closed", "06-03 15:00", reopen_count="1"),
    )
    ticket = Ticket.objects.get()
    assert (ticket.reopened_count, ticket.status) == (1, Status.CLOSED)
    assert ticket.resolved_at == at("2016-03-02 11:00")
    assert Clock.objects.filter(kind=ClockKind.RESOLUTION).current().count() == 2


def test_closed_without_a_solution_is_resolved_first_at_the_time_that_the_log_gives(run) -> None:
    summary = run(*LIFE[:2], LIFE[3])
    ticket = Ticket.objects.get()
    assert ticket.resolved_at == at("2016-03-01 15:00")
    assert ticket.closed_at == at("2016-03-06 15:00")
    assert list(summary.outcome.adjusted.values()) == [[4]]


def test_closed_before_it_was_resolved_stays_in_the_order_of_the_rows(run) -> None:
    late = {"resolved_at": "09-03-2016 15:00", "closed_at": "?"}
    run(*LIFE[:2], row("Closed", "06-03 15:00", **late))
    ticket = Ticket.objects.get()
    assert ticket.resolved_at == ticket.closed_at == at("2016-03-06 15:00")


def test_the_time_of_closing_is_closed_at(run) -> None:
    summary = run(*LIFE[:3], row("Closed", "06-03 14:00"), row("Closed", "06-03 14:30"))
    assert Ticket.objects.get().closed_at == at("2016-03-06 15:00")
    assert Entry.objects.get(kind=EntryKind.NOTE).at == at("2016-03-06 15:00")
    assert sorted(sum(summary.outcome.adjusted.values(), [])) == [5, 6]


def test_time_never_goes_backwards(run) -> None:
    summary = run(
        row("Resolved", "01-03 15:00"),
        row("Active", "01-03 10:00"),
        row("New", "01-03 08:30"),
        row("Closed", "06-03 15:00"),
    )
    ticket = Ticket.objects.get()
    assert ticket.reported_at == ticket.logged_at == at("2016-03-01 08:30")
    times = list(ticket.entries.order_by("id").values_list("at", flat=True))
    assert times == sorted(times)
    assert kinds(ticket)[-3:] == ["acknowledged", "resolved", "confirmed"]
    reasons = {reason.partition(":")[0]: lines for reason, lines in summary.outcome.adjusted.items()}
    assert reasons == {"stands in the file after a later row": [3, 4], "updated before it was opened": [4]}


def test_another_priority_is_another_grade_also_a_lower_one(run) -> None:
    summary = run(row(priority="1 - Critical"), row("Active", "01-03 09:20", priority="4 - Low"))
    assert Ticket.objects.get().grade == Grade.THREE
    assert summary.outcome.steps["regraded"] == 1
    assert not Entry.objects.filter(kind=EntryKind.NOTE).exists()


def test_what_no_verb_carries_is_written_down(run) -> None:
    run(row(), row("New", "01-03 09:20", category="Category 40", u_symptom="?"))
    text = Entry.objects.get(kind=EntryKind.NOTE).text
    assert text == "New. Updated by 21. category: Category 55 → Category 40. symptom: Symptom 72 → ?"


# Broken logs ----------------------------------------------------------------------------------------------


def test_a_broken_row_is_reported_with_its_line_and_the_rest_goes_on(run) -> None:
    summary = run(
        row(),
        "INC1,only,three",
        row("Active", "31-02 10:00"),
        row("Pending", "01-03 10:00"),
        row("Active", "01-03 10:00", number="?"),
        row("Active", "01-03 10:00", reopen_count="two"),
        row("Active", "01-03 10:00", u_symptom="x" * 61),
        row("Resolved", "01-03 15:00"),
        row(number="INC2", priority="9 - Whatever"),
        row(number="INC3", priority="?"),
        row(number="INC4"),
    )
    assert {broken.line: broken.reason.split()[0] for broken in summary.log.broken} == {
        3: "wrong",
        4: "sys_updated_at",
        5: "unknown",
        6: "no",
        7: "reopen_count",
        8: "u_symptom",
        10: "unknown",
    }
    assert summary.replayed == ["INC1", "INC4"]
    assert summary.failed == {"INC3": "no row names a priority"}
    assert Ticket.objects.get(external_ref="INC1").status == Status.RESOLVED
    text = "\n".join(summary.lines())
    assert "wrong number of columns (line 3)" in text
    assert "INC3: no row names a priority" in text


def test_an_incident_that_fails_half_way_leaves_nothing_behind(run) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_entry ADD CHECK (text NOT LIKE '%code 666%')")
    bad = [{**each, "number": "INC2", "closed_code": "code 666"} for each in LIFE]
    summary = run(*bad, *LIFE)
    assert list(summary.failed) == ["INC2"]
    assert list(Ticket.objects.values_list("external_ref", flat=True)) == ["INC1"]
    assert not Entry.objects.exclude(ticket__external_ref="INC1").exists()


def test_a_second_run_changes_nothing_and_says_so(run) -> None:
    run(*LIFE)
    before = [
        *Entry.objects.values_list("pk", "at"),
        *Ticket.objects.values_list("pk", "version"),
        User.objects.count(),
    ]
    summary = run(*LIFE)
    assert [
        *Entry.objects.values_list("pk", "at"),
        *Ticket.objects.values_list("pk", "version"),
        User.objects.count(),
    ] == before
    assert list(summary.lines()) == ["1 already there, nothing changed"]


def test_an_interrupted_replay_goes_on_where_it_stopped(run) -> None:
    both = [*LIFE, *({**each, "number": "INC2"} for each in LIFE)]
    run(*both, limit=1)
    summary = run(*both)
    assert summary.already_there == 1
    assert summary.replayed == ["INC2"]


def test_nobody_is_called_on_about_what_is_long_over(cast: Cast, run) -> None:
    critical = [{**each, "priority": "1 - Critical"} for each in LIFE]
    run(*critical)
    assert Notice.objects.filter(recipient=cast.liu, kind="report_up").exists()  # the technical lead
    assert not Notice.objects.unread().exists()
    assert not Delivery.objects.exists()


# The command ----------------------------------------------------------------------------------------------


def test_the_clients_belong_to_the_group_that_is_named(cast: Cast, tmp_path, capsys) -> None:
    call_command("replay", str(written(tmp_path, *LIFE)), "--group", "north")
    assert Client.objects.get(code="replay-location-143").group == cast.north
    assert User.objects.get(username="replay-desk").management_level == 0  # not told of the group's own
    out = capsys.readouterr().out
    assert "1 of 1 incidents" in out
    assert "Every row was placed." in out


def test_an_unknown_group_is_refused(tmp_path) -> None:
    with pytest.raises(CommandError, match="no group with the code moon"):
        call_command("replay", str(written(tmp_path, *LIFE)), "--group", "moon")
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("content", [None, b"", b"a,b\n1,2\n", b"\xff\xfe\x00\x01"])
def test_a_file_that_is_no_log_ends_with_two(tmp_path, content: bytes | None) -> None:
    path = tmp_path / "log.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError) as refused:
        call_command("replay", str(path))
    assert refused.value.returncode == 2
    assert isinstance(refused.value.__cause__, Unreadable)
