"""The dictionary as a whole: every KPI says what it is, and is counted as its rows are."""

import pytest
from django.utils import timezone

from opsdesk.testing import at
from reports.figures import figures
from reports.kpis import KPIS, SUBJECTS
from reports.kpis.shapes import Computed
from reports.periods import parse_period
from reports.scope import DEPARTMENT, Scope

NOW = at("2026-11-23 12:00")
NOVEMBER = parse_period("2026-11")


def test_every_kpi_says_what_it_is():
    assert len(KPIS) == sum(len(subject.kpis) for subject in SUBJECTS)
    for key, kpi in KPIS.items():
        assert kpi.key == key and kpi.name and kpi.formula and kpi.clause.startswith("§")
        assert set(kpi.beside) <= set(KPIS)


def test_all_are_counted_in_one_statement_and_the_computed_ones_in_a_few(cast, django_assert_max_num_queries):
    computed = [kpi for kpi in KPIS.values() if isinstance(kpi, Computed)]
    months = [NOVEMBER.plus(-n) for n in range(12)]
    with django_assert_max_num_queries(1 + 4 * len(computed)):
        found = figures(KPIS.values(), DEPARTMENT, months, now=NOW)
    assert set(found) == {(key, month) for key in KPIS for month in months}


@pytest.mark.parametrize("axis", ["group", "person", "client"])
def test_what_can_be_narrowed_is(cast, axis):
    scope = Scope(**{axis: {"group": cast.south, "person": cast.chen, "client": cast.hospital}[axis].pk})
    found = figures(KPIS.values(), scope, [NOVEMBER], now=NOW)
    assert {key for key, _month in found} == {key for key, kpi in KPIS.items() if kpi.measures(scope)}


def test_every_part_can_be_listed(cast):
    span = NOVEMBER.span(timezone.get_default_timezone())
    for kpi in KPIS.values():
        for part in kpi.parts:
            assert list(kpi.part(part, DEPARTMENT, *span, now=NOW)) == []
