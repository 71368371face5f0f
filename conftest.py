"""Fixtures for every app's tests."""

import pytest
from pytest_django.plugin import DjangoDbBlocker

from opsdesk.testing import Cast, build_cast, load_reference_rows


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Load the reference rows once; only a test that flushes the tables makes the cast load them again."""
    with django_db_blocker.unblock():
        load_reference_rows()


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()
