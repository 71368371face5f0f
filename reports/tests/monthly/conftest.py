"""A month in which much happened, to the hospital and to another client, counted and published."""

from __future__ import annotations

import pytest

from opsdesk.testing import Cast
from reports.tests.monthly.world import World, build


@pytest.fixture
def world(cast: Cast) -> World:
    return build(cast)
