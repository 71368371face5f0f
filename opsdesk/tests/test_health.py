"""Health is deadline lag, not "a process is up"."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from duty.actions import raise_all
from duty.models import Shift
from opsdesk.health import Trouble, Why, engine_state
from opsdesk.testing import Cast
from tickets import actions
from tickets.audit import audit
from tickets.models import Clock, ClockKind, Heartbeat, TimeLimit

SEC, HOUR = timedelta(seconds=1), timedelta(hours=1)


def beat(*names: str, age: float = 0, **more: object) -> None:
    """Let these have come round so many seconds ago: the sweep and the auditor, unless others are named."""
    for name in names or ("tick", "audit"):
        Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now() - age * SEC} | more)


def overdue_by(cast: Cast, seconds: float) -> None:
    now = timezone.now()
    ticket = cast.ticket(now - timedelta(days=1))
    Clock.objects.filter(ticket=ticket, kind=ClockKind.RESPONSE).update(next_at=now - seconds * SEC)


@pytest.mark.parametrize("probe", ["live", "ready", "deadlines", "mail", "duty"])
def test_probes_need_nobody_signed_in_and_change_nothing(client, db, probe: str) -> None:
    assert client.get(f"/healthz/{probe}").headers["Content-Type"] == "application/json"
    assert client.post(f"/healthz/{probe}").status_code == 405


def test_alive_without_a_single_query(client, db, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz/live").status_code == 200


def test_ready_when_tables_and_limits_are_there(client, db) -> None:
    assert client.get("/healthz/ready").status_code == 200


def test_not_ready_without_the_limits_that_every_record_needs(client, db) -> None:
    TimeLimit.objects.all().delete()
    response = client.get("/healthz/ready")
    assert response.status_code == 503
    assert "load_defaults" in response.json()["detail"]
    assert response.headers["Retry-After"]


def test_not_ready_while_a_migration_is_missing(client, db) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'reports' OR app = 'tickets'")
    response = client.get("/healthz/ready")
    assert response.status_code == 503
    assert "migrate" in response.json()["detail"]


def test_deadlines_are_kept(client, cast: Cast, django_assert_max_num_queries) -> None:
    beat()
    overdue_by(cast, -30)
    with django_assert_max_num_queries(3):
        response = client.get("/healthz/deadlines")
    assert (response.status_code, response.json()["status"]) == (200, "ok")


@pytest.mark.parametrize(
    ("lag", "status", "state"), [(19, 200, "ok"), (30, 200, "late"), (59, 200, "late"), (62, 503, "dead")]
)
def test_a_lag_of_more_than_a_minute_is_an_alarm(
    client, cast: Cast, lag: int, status: int, state: str
) -> None:
    beat()
    overdue_by(cast, lag)
    response = client.get("/healthz/deadlines")
    assert (response.status_code, response.json()["status"]) == (status, state)
    assert lag <= response.json()["lag_seconds"] <= lag + 2


@pytest.mark.parametrize("age", [62, 3600, -3600])
def test_no_sweep_for_a_minute_is_an_alarm_though_nothing_is_due(client, db, age: int) -> None:
    """Nor does a sweep of an hour from now count: somebody has set a clock back since."""
    beat()
    beat("tick", age=age)
    assert client.get("/healthz/deadlines").status_code == 503


def test_an_engine_that_never_ran_is_dead(client, db) -> None:
    response = client.get("/healthz/deadlines")
    assert (response.status_code, response.json()["last_sweep_seconds_ago"]) == (503, None)


def test_the_guard_keeps_the_deadlines_as_well_as_a_tick(client, db) -> None:
    beat("tick", age=500)
    beat("guard")
    beat("audit")
    assert client.get("/healthz/deadlines").status_code == 200


def test_the_audit_alone_keeps_no_deadline(client, db) -> None:
    beat("audit")
    assert client.get("/healthz/deadlines").status_code == 503


def test_what_the_auditor_has_found_is_an_alarm_until_it_is_mended(client, cast: Cast) -> None:
    beat("tick")
    ticket = cast.ticket(timezone.now())
    Clock.objects.filter(ticket=ticket).update(next_at=None)
    audit(now=timezone.now())
    found = client.get("/healthz/deadlines")
    assert (found.status_code, found.json()["why"], found.json()["found"]) == (503, "found", 1)
    actions.enforce_deadlines(now=timezone.now())
    Clock.objects.filter(ticket=ticket).update(next_at=F("near_at"))
    audit(now=timezone.now())
    mended = client.get("/healthz/deadlines")
    assert (mended.status_code, mended.json()["why"], mended.json()["found"]) == (200, None, 0)


@pytest.mark.parametrize(("age", "status"), [(290, 200), (310, 503), (-310, 503)])
def test_an_auditor_who_does_not_look_is_an_alarm_as_well(client, db, age: int, status: int) -> None:
    beat("tick")
    beat("audit", age=age)
    assert client.get("/healthz/deadlines").status_code == status


def test_the_gravest_trouble_is_named(cast: Cast) -> None:
    beat("tick", age=70)
    beat("audit", age=600, found=2, since=timezone.now() - HOUR)
    overdue_by(cast, 80)
    at = dict(Heartbeat.objects.values_list("name", "at"))
    now, soonest = timezone.now(), Clock.objects.earliest("next_at").next_at
    assert engine_state(now).trouble == Trouble(Why.SILENT, at["tick"])
    beat("tick")
    assert engine_state(now).trouble == Trouble(Why.LATE, soonest)
    Clock.objects.update(next_at=None)
    assert engine_state(now).trouble == Trouble(Why.FOUND, Heartbeat.objects.get(name="audit").since, 2)
    Heartbeat.objects.update(found=0, since=None)
    assert engine_state(now).trouble == Trouble(Why.UNAUDITED, at["audit"])
    beat("audit")
    assert engine_state(timezone.now()).trouble is None


def test_a_group_with_nobody_on_duty_is_an_alarm_and_a_gap_ahead_is_said(client, cast: Cast) -> None:
    now = timezone.now()

    def state() -> tuple[int, dict]:
        answer = client.get("/healthz/duty")
        return answer.status_code, answer.json()

    status, facts = state()
    assert (status, facts["status"], facts["groups"], facts["groups_without_a_roster"]) == (200, "ok", 0, 2)
    shift = Shift.objects.create(
        group=cast.south, user=cast.chen, starts_at=now - HOUR, ends_at=now + 30 * HOUR
    )
    assert state()[1]["status"] == "ok"
    Shift.objects.update(ends_at=now + 10 * HOUR)
    status, facts = state()
    assert (status, facts["status"], facts["gaps_within_24_hours"]) == (200, "near", 1)
    assert (facts["gaps_not_told_of"], facts["groups_with_nobody_now"]) == (1, 0)
    raise_all(now=now)
    assert state()[1]["gaps_not_told_of"] == 0
    Shift.objects.update(starts_at=now - 2 * HOUR, ends_at=now - HOUR)
    status, facts = state()
    assert (status, facts["status"], facts["groups_with_nobody_now"]) == (503, "gap", 1)
    assert cast.south.name not in json.dumps(facts, ensure_ascii=False) and shift.pk


ASK = """
import django, json; django.setup()
from django.test import Client
probes = "live", "ready", "deadlines", "duty"
print(json.dumps({name: Client().get(f"/healthz/{name}").status_code for name in probes}))
"""


def test_the_mailbox_is_read_or_said_to_be_silent(client, db, settings) -> None:
    assert client.get("/healthz/mail").json() == {"status": "off"}
    settings.MAIL_IN_URL = "imaps://desk:word@mail.test/INBOX"
    assert client.get("/healthz/mail").status_code == 503
    beat("mail", age=290)
    assert client.get("/healthz/mail").json()["status"] == "ok"
    Heartbeat.objects.update(at=timezone.now() - 310 * SEC)
    silent = client.get("/healthz/mail")
    assert (silent.status_code, silent.json()["status"]) == (503, "silent")
    assert "word" not in silent.content.decode()


def test_a_dead_database_is_said_and_not_crashed_upon(tmp_path) -> None:
    nowhere = {"DATABASE_URL": f"postgres://opsdesk@/opsdesk?host={tmp_path}", "LOG_LEVEL": "CRITICAL"}
    env = os.environ | nowhere | {"DJANGO_SETTINGS_MODULE": "opsdesk.settings"}
    said = subprocess.run(
        [sys.executable, "-c", ASK],
        env=env,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(said.stdout) == {"live": 200, "ready": 503, "deadlines": 503, "duty": 503}
