"""What changes after somebody was assessed: his office, the scheme's items; and figures asked for at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from opsdesk.testing import Cast
from reports.assessment import actions
from reports.assessment.gathering import readings, readings_of_people, scope_of
from reports.assessment.section import assessment_section
from reports.assessment.simulating import simulate
from reports.assessment.standing import checkers, checks
from reports.kpis import KPIS
from reports.models import Assessment, SchemeVersion
from reports.tests.assessing import CHECKED, OCTOBER, of, second_engineer, shown
from staff.models import Role, User


@pytest.fixture
def cast(october: Cast, db: None) -> Cast:
    return october


def test_what_was_said_of_a_supervisor_is_the_leaders_also_when_he_is_none_any_more(cast: Cast) -> None:
    """And what was said of an engineer stays his supervisor's, also when he has become one."""
    facts = {"role": Role.SUPERVISOR, "group": cast.south, "name": "新主管"}
    other = User.objects.create_user("deng", "deng@example.test", "x", management_level=1, **facts)
    own = actions.show(of(cast.wang), note="x", by=cast.zhao, now=CHECKED)
    User.objects.filter(pk=cast.wang.pk).update(role=Role.ENGINEER)
    own = of(cast.wang)
    assert not Assessment.objects.visible_to(other).filter(pk=own.pk).exists() and not checks(other, own)
    assert next(line for line in assessment_section(OCTOBER) if line.name == cast.wang.name).is_supervisor

    User.objects.filter(pk=cast.chen.pk).update(role=Role.SUPERVISOR)
    chen = of(cast.chen)
    assert Assessment.objects.visible_to(other).filter(pk=chen.pk).exists() and checks(other, chen)
    assert checkers(chen) == [other]  # and never himself, who supervises the group now
    User.objects.filter(pk=other.pk).update(is_active=False)
    assert set(checkers(of(cast.chen))) == {cast.zhao, cast.qian}


def test_an_item_that_the_scheme_dropped_is_said_not_to_count(cast: Cast) -> None:
    november = OCTOBER.plus(1)
    actions.draft_group(cast.south, november, by=cast.wang, now=CHECKED)
    draft = actions.add_item(
        of(cast.chen, november),
        code="praise",
        reason="表扬信",
        record=cast.ticket(CHECKED),
        by=cast.wang,
        now=CHECKED,
    )
    version = actions.begin_scheme(by=cast.zhao, now=CHECKED)
    left = tuple(item for item in version.says.items if item.code != "praise")
    content = replace(version.says, items=left)
    version = actions.save_scheme(version, content, title="第二版", why="", by=cast.zhao, now=CHECKED)
    actions.adopt_scheme(version, from_month=november.first, by=cast.zhao, now=CHECKED)
    browser = Browser()
    browser.force_login(cast.wang)
    answer = browser.get(reverse("reports:assessment", args=[draft.pk]))
    [(item, _form)] = answer.context["items"]
    assert item["is_dropped"] and not item["counts"]
    page = answer.content.decode()
    assert "+0</span>" not in page and "+</span>" not in page


def test_figures_of_many_people_are_asked_for_at_once_and_are_the_same(cast: Cast) -> None:
    shown(cast)
    people = [cast.chen, cast.li, cast.wang]
    months = [OCTOBER, OCTOBER.plus(-1)]
    found = readings_of_people(KPIS, people, months, now=CHECKED)
    for person in people:
        assert found[person.pk] == readings(KPIS, scope_of(cast.south, person), months, now=CHECKED)
    assert any(reading.n for reading in found[cast.chen.pk][OCTOBER].values())

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            simulate(SchemeVersion.objects.get(number=1).says, cast.south, months, now=CHECKED)
        return len(queries)

    few = asked()
    second_engineer(cast)
    assert asked() == few
