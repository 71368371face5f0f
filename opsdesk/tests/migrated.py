"""Databases that begin with all tables: copies of the one that was migrated for the whole run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.conf import settings

from opsdesk.embedded import Place

TEMPLATE = "TEST_DATABASE_TEMPLATE"  # set where the run's own server is embedded


@contextmanager
def copied_database(name: str) -> Iterator[str]:
    """A database beside that of the run, where the run has a server of its own; else an empty URL."""
    if TEMPLATE not in os.environ:
        yield ""
        return
    url = os.environ["DATABASE_URL"]
    _run(url, f"CREATE DATABASE {name} TEMPLATE {os.environ[TEMPLATE]}")
    yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    _run(url, f"DROP DATABASE {name} WITH (FORCE)")


def migrate(place: Place) -> None:
    """Give the empty database of a server its tables: copied where there are some, for that is faster."""
    if TEMPLATE in os.environ:
        dump = [place.postgres_bin / "pg_dump", "--format=custom", os.environ["DATABASE_URL"]]
        restore = [place.postgres_bin / "pg_restore", "--exit-on-error", "--dbname", place.database_url]
        dumped = subprocess.run(dump, check=True, capture_output=True).stdout
        subprocess.run(restore, check=True, input=dumped)
        return
    command = [sys.executable, "-m", "manage", "migrate", "-v", "0"]
    env = os.environ | {"OPSDESK_ENV": "test", "DATABASE_URL": place.database_url}
    subprocess.run(command, env=env, cwd=settings.BASE_DIR, check=True)


def _run(url: str, statement: str) -> None:
    elsewhere = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    with closing(psycopg2.connect(elsewhere)) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)
