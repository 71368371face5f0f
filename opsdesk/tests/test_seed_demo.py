"""The command that fills an empty house."""

import os
import random
import stat
from datetime import timedelta

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.management import call_command
from django.db import transaction
from django.db.models import F

from clients.models import Client, Phone
from opsdesk import demo
from opsdesk.demo import accounts
from opsdesk.demo.people import ACCOUNTS
from opsdesk.testing import at
from reports.models import Assessment, SchemeVersion
from staff.models import User
from tickets.audit import problems
from tickets.models import Attachment, Clock, ClockKind, Entry, Grade, Kind, Status, Ticket

NOW = at("2026-11-23 14:20")
PASSWORD = "maple-river-teapot-27"
DRILL = "OPSDESK_DRILL" in os.environ
# A year of which no plan is known, a New Year's night, and the middle of two breaks.
INSTANTS = ["2028-02-29 23:59", "2027-01-01 00:05", "2026-02-17 03:00", "2026-10-02 00:00:30"]
# What makes no record.
AROUND = {
    demo.inspections: "inspect",
    demo.callbacks: "call_back",
    demo.handovers: "hand_over",
    demo.surveys: "ask",
    demo.archive: "furnish",
    demo.satisfaction: "satisfy",
    demo.weekly: "meet",
    demo.weeklyreports: "report",
    demo.meetingwork: "meet",
    demo.audits: "audit",
    demo.changes: "change",
    demo.process: "improve",
    demo.telephone: "ring",
    demo.figures: "count_anew",
    demo.assessment: "assess",
    demo.monthly: "report",
}


def only_the_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a house be made up to its records, without what happens around them."""
    for work, verb in AROUND.items():
        monkeypatch.setattr(work, verb, lambda *args, **more: None)


@pytest.mark.drill("house")
@pytest.mark.django_db
def test_the_same_seed_and_instant_give_the_same_house(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every day without what takes longest: records under way and all around them; the drill has both."""
    if not DRILL:
        monkeypatch.setattr(demo.current, "write", lambda *args, **more: 0)
        only_the_beginning(monkeypatch)

    def digest() -> list[object]:
        with transaction.atomic():
            demo.seed(now=NOW, present=lambda: NOW, password=PASSWORD, records=60)
            found = [
                *Ticket.objects.order_by("pk").values_list(
                    "title", "reported_at", "owner__username", "status"
                ),
                *Attachment.objects.order_by("pk").values_list("name", "sha256", "at"),
                *Clock.objects.order_by("pk").values_list("kind", "due_at", "stopped_at"),
                *Phone.objects.order_by("pk").values_list("contact__name", "contact__client__code", "digits"),
            ]
            transaction.set_rollback(True)
        return found

    state = random.getstate()
    first, second = digest(), digest()
    assert first == second
    assert random.getstate() == state  # the global source is left alone


@pytest.mark.django_db
def test_the_sign_ins_are_written_for_their_owner_alone(settings, tmp_path, capsys, monkeypatch) -> None:
    settings.DATA_DIR = tmp_path / "data"
    monkeypatch.setattr(demo.current, "write", lambda *args, **more: 0)  # takes longest, and makes no sign-in
    only_the_beginning(monkeypatch)
    call_command("seed_demo", "--now", NOW.isoformat(), "--records", "30")
    call_command("load_defaults")  # as the server does, at each start
    path = tmp_path / "data" / "demo-logins.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = path.read_text().splitlines()
    assert lines[0].split() == ["role", "user", "password"]
    assert {line.split()[1] for line in lines[1:]} == set(ACCOUNTS.values())
    [password] = {line.split()[2] for line in lines[1:]}
    assert User.objects.get(username="operator").check_password(password)
    assert password in capsys.readouterr().out


def test_a_house_with_people_in_it_is_left_alone(cast, capsys) -> None:
    call_command("seed_demo")
    assert capsys.readouterr().out.count("\n") == 1
    assert Client.objects.count() == 1


def test_an_interrupted_run_leaves_nothing_behind(db, settings, tmp_path, monkeypatch) -> None:
    settings.DATA_DIR = tmp_path

    def stop(*args: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo.current, "write", stop)
    with pytest.raises(KeyboardInterrupt):
        call_command("seed_demo", "--records", "20")
    assert not User.objects.exists()
    assert not Ticket.objects.exists()
    assert not list(tmp_path.iterdir())


def test_passwords_differ_each_time_and_pass_the_house_rules() -> None:
    drawn = {accounts.draw_password() for _n in range(20)}
    assert len(drawn) == 20
    for password in drawn:
        validate_password(password)


@pytest.mark.slow
@pytest.mark.drill("house")
@pytest.mark.skipif(not DRILL, reason="a minute each: a matter for script/drill")
@pytest.mark.django_db
@pytest.mark.parametrize("now", INSTANTS)
def test_a_house_can_be_opened_at_any_instant(now: str) -> None:
    began = at(now) + timedelta(seconds=9)
    demo.seed(now=at(now), present=lambda: began, password=PASSWORD, number=3, records=900)
    calls = Ticket.objects.exclude(kind=Kind.CHANGE)  # these are planned, not called in
    reported = list(calls.order_by("pk").values_list("reported_at", flat=True))
    assert reported == sorted(reported)
    assert not Entry.objects.filter(at__gt=began).exists()
    assert set(Ticket.objects.values_list("status", flat=True)) == set(Status)
    assert problems(began) == []
    call_command("load_defaults")  # as the server does, at each start
    assert Assessment.objects.filter(state="final").values("month").distinct().count() == 2
    assert SchemeVersion.objects.count() == 1


@pytest.mark.slow
@pytest.mark.drill("house")
@pytest.mark.skipif(not DRILL, reason="a minute: a matter for script/drill")
@pytest.mark.django_db
def test_a_whole_house_keeps_most_limits_and_has_a_rhythm() -> None:
    demo.seed(now=NOW, present=lambda: NOW, password=PASSWORD)
    assert 5900 <= Ticket.objects.count() <= 6200
    assert problems(NOW) == []
    for kind, low, high in [
        (ClockKind.RESPONSE, 0.96, 0.985),
        (ClockKind.DIAGNOSIS, 0.93, 0.97),
        (ClockKind.RESOLUTION, 0.92, 0.96),
    ]:
        stopped = Clock.objects.current().filter(kind=kind, stopped_at__isnull=False)
        assert low < stopped.filter(stopped_at__lte=F("due_at")).count() / stopped.count() < high, kind
    faults = Ticket.objects.filter(kind=Kind.FAULT).exclude(grade=None)
    shares = [faults.filter(grade=grade).count() / faults.count() for grade in Grade]
    assert shares == pytest.approx([0.06, 0.22, 0.72], abs=0.02)
    mondays = Ticket.objects.filter(reported_at__iso_week_day=1).count()
    sundays = Ticket.objects.filter(reported_at__iso_week_day=7).count()
    assert mondays > 3 * sundays
