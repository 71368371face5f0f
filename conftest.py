"""Fixtures for every app's tests."""

from collections.abc import Iterator

import pytest
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.db.models.signals import post_migrate
from django.test import override_settings
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from opsdesk.processes import hold
from opsdesk.testing import Cast, build_cast, load_reference_rows

PATIENCE = 1800  # seconds


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Load the reference rows once; only a test that flushes the tables makes the cast load them again."""
    with django_db_blocker.unblock():
        load_reference_rows()
    # Nothing of ours reads them, and to make them anew whenever tables are emptied takes most of that time.
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)


@pytest.fixture(scope="session", autouse=True)
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files that tests attach lie in a folder of the run's own."""
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("uploads")):
        yield


@pytest.fixture
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let no two such tests run at once: those that ask how prompt something is, or load the machine."""
    of_all_workers = tmp_path_factory.getbasetemp().parent
    with hold(of_all_workers / "undisturbed", patience=PATIENCE):
        yield


@pytest.fixture(autouse=True)
def as_if_alone() -> None:
    """Content types of the test before may be remembered that went with it, and the language of its pages."""
    ContentType.objects.clear_cache()
    translation.deactivate()


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()
