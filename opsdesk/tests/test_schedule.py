"""The one schedule reads aloud, and somebody works off all of it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from celery.schedules import crontab

from opsdesk.celery import app
from opsdesk.installation import read_installation
from opsdesk.schedule import SCHEDULE
from opsdesk.supervisor import Supervisor

SENTENCE = re.compile(
    r"every (second|five seconds|ten seconds|half minute|minute|hour|day|Monday)"
    r"[^,]*, [a-z][^.]+?( \(§[\d.]+\))?"
)


@pytest.fixture
def commands(tmp_path: Path) -> dict[str, tuple[str, ...]]:
    """What `script/server` would start, by name."""
    started: dict[str, tuple[str, ...]] = {}

    class Dry(Supervisor):
        def spawn_python(self, name: str, *words: str, **options):
            started[name] = words

        def wait_for_web(self) -> None:
            pass

    Dry(read_installation({"OPSDESK_DATA": str(tmp_path)})).start_processes()
    return started


@pytest.mark.parametrize("sentence", SCHEDULE)
def test_every_entry_reads_as_a_sentence(sentence: str) -> None:
    assert SENTENCE.fullmatch(sentence)


@pytest.mark.parametrize("entry", SCHEDULE.values(), ids=lambda entry: entry["task"])
def test_every_entry_names_a_task_that_exists(entry: dict) -> None:
    app.loader.import_default_modules()
    task = app.tasks[entry["task"]]
    assert task.name == f"{task.run.__module__}.{task.run.__name__}"
    assert isinstance(entry["schedule"], timedelta | crontab)


def test_every_task_of_ours_is_on_the_schedule() -> None:
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == {entry["task"] for entry in SCHEDULE.values()}


@pytest.mark.parametrize("entry", SCHEDULE.values(), ids=lambda entry: entry["task"])
def test_a_tick_that_nobody_took_expires_so_that_none_pile_up(entry: dict) -> None:
    assert entry["options"]["expires"] > 0
    if isinstance(entry["schedule"], timedelta):
        assert entry["options"]["expires"] <= max(60, entry["schedule"].total_seconds())


def test_beat_has_this_schedule_and_no_other() -> None:
    app.finalize()
    assert app.conf.beat_schedule == SCHEDULE


def test_workers_take_from_every_queue_that_is_filled(commands: dict[str, tuple[str, ...]]) -> None:
    taken: set[str] = set()
    for words in commands.values():
        if "worker" in words:
            taken |= set(words[words.index("-Q") + 1].split(","))
    filled = {entry["options"].get("queue", app.conf.task_default_queue) for entry in SCHEDULE.values()}
    assert filled == taken


def test_the_server_starts_a_worker_a_beat_and_the_guard(commands: dict[str, tuple[str, ...]]) -> None:
    assert any("worker" in words for words in commands.values())
    assert any("beat" in words for words in commands.values())
    assert ("manage", "guard") in commands.values()


def test_a_lost_tick_is_never_waited_for() -> None:
    """Tasks carry no facts, only "wake up and look": their time limits and Redis' patience are short."""
    assert not app.conf.task_acks_late
    assert app.conf.task_ignore_result
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit
    assert app.conf.task_time_limit < app.conf.broker_transport_options["visibility_timeout"] <= 120
