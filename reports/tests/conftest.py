"""Fixtures of tests of figures, reports and assessments."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from opsdesk.testing import Cast, build_cast
from reports.tests.assessing import drafted


@pytest.fixture(scope="module")
def october(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """The assessments of October drafted, for a whole module: each test writes inside its own transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = build_cast()
        drafted(cast)
        yield cast
        transaction.set_rollback(True)
