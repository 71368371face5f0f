"""A person's assessment is read by himself, the supervisor of his group and the leaders: by nobody else, on
no page, by no address of the interface, in no list, file, notice or search (§5.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, reverse, reverse_lazy
from django.utils import timezone
from openpyxl import load_workbook

from opsdesk.testing import Cast, build_cast
from opsdesk.tests.rest import caller
from reports import urls
from reports.assessment import actions
from reports.assessment.section import AssessedLine
from reports.chosen import may_read_person
from reports.models import Assessment, AssessmentFile
from reports.monthly.sections import assessment as section
from reports.tests.assessing import CHECKED, OCTOBER, SENTINEL, appealed, of, second_engineer
from staff.models import ManagementLevel, Notice, Role, User
from staff.shelving import shelve_all
from staff.tests.hostile import PDF, upload

TABLE, EXPORT = reverse_lazy("reports:assessment_table"), reverse_lazy("reports:assessment_export")
World = tuple[Cast, Assessment, list[User]]


def patterns(found: list[Any], before: str = "") -> Iterator[str]:
    """Every address of the figures, as Django spells it."""
    for one in found:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, before + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield before + str(one.pattern)


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield _world(build_cast())
        transaction.set_rollback(True)


@pytest.fixture
def world(house: World, db: None) -> World:
    return house


def _world(cast: Cast) -> World:
    """陈工's assessment of October, appealed against, with evidence; and all who may know nothing of it."""
    colleague = second_engineer(cast)
    one = appealed(cast)
    [item] = one.items.all()
    [file] = shelve_all([upload("praise.pdf", PDF)])
    AssessmentFile.objects.create(item=item, by=cast.wang, at=timezone.now(), **file.facts)

    def person(name: str, role: Role, group: Any = None, level: int = 0) -> User:
        return User.objects.create_user(
            name, f"{name}@example.test", "x", name=name, role=role, group=group, management_level=level
        )

    specialist = person("specialist", Role.SPECIALIST)
    neighbour = person("neighbour", Role.SUPERVISOR, cast.north, ManagementLevel.SUPERVISOR)
    strangers = [cast.li, colleague, cast.zhou, cast.admin, cast.sun, cast.outsider, specialist, neighbour]
    return cast, one, strangers


def addresses(one: Assessment) -> list[str]:
    """Of the figures all, with the ids of this assessment; and where the house lists, searches and tells."""
    [item] = one.items.all()
    [file] = item.files.all()
    facts = {"pk": one.pk, "item": item.pk, "file": file.pk, "step": "rule", "number": 1}
    own = [
        re.sub(r"<(?:\w+:)?(\w+)>", lambda named: str(facts.get(named[1], 1)), f"/reports/{path}")
        for path in patterns(urls.urlpatterns)
    ]
    month = f"month={OCTOBER}"
    return [
        *own,
        f"{TABLE}?{month}&group=south",
        f"{EXPORT}?{month}&group=south",
        f"{EXPORT}?{month}",
        f"{reverse('reports:dashboard')}?person=chen",
        reverse("home"),
        reverse("staff:inbox"),
        f"{reverse('tickets:list')}?q=表扬信",
        "/admin/",
        f"/admin/reports/assessment/{one.pk}/change/",
    ]


def test_strangers_find_nothing_by_any_address_and_change_nothing(
    world: World,
) -> None:
    _cast, one, strangers = world
    before = Assessment.objects.values().get(pk=one.pk)
    paths = addresses(one)
    assert len(paths) > 25
    for who in strangers:
        browser = Browser()
        browser.force_login(who)
        for path in paths:
            for method in (browser.get, browser.post) if "assessment" in path else (browser.get,):
                answer = method(path)
                content = b"".join(answer) if answer.streaming else answer.content
                assert SENTINEL not in content.decode(errors="replace"), (who, path)
                assert answer.status_code < 500, (who, path)
                if f"/assessment/{one.pk}/" in path and not path.startswith("/admin/"):
                    assert answer.status_code in (403, 404, 405), (who, path, answer.status_code)
        assert not Notice.objects.filter(
            recipient=who, kind="assessment", params__person=one.subject
        ).exists()
    assert Assessment.objects.values().get(pk=one.pk) == before


def test_strangers_find_nothing_through_the_interface(world: World) -> None:
    _cast, one, strangers = world
    for who in strangers:
        ask = caller(who)
        for path in ("/assessments/", "/assessments/?person=chen", "/kpis/", "/tickets/?q=表扬信", "/me/"):
            assert SENTINEL not in ask.get(path).content.decode(), (who, path)
        own, ruling = f"/assessments/{one.pk}/", {"outcome": "dismissed", "reason": "x"}
        answers = ask.get(own), ask.post(f"{own}show/", {}), ask.post(f"{own}rule/", ruling)
        assert {answer.status_code for answer in answers} <= {403, 404}, who
        listed = ask.get("/assessments/")
        assert who.is_contact or not [
            row for row in listed.json()["results"] if row["group"]["id"] == "south"
        ], who


def test_himself_his_supervisor_leaders_and_who_rules_read_it(
    world: World,
) -> None:
    cast, one, strangers = world
    path = reverse("reports:assessment", args=[one.pk])
    for who in (cast.chen, cast.wang, cast.liu, cast.zhao, cast.qian):
        browser = Browser()
        browser.force_login(who)
        assert SENTINEL in browser.get(path).content.decode(), who
        assert caller(who).get(f"/assessments/{one.pk}/").json()["appeal"].startswith(SENTINEL)
    for who in (cast.chen, cast.wang, cast.zhao, cast.qian, *strangers):
        seen = Assessment.objects.visible_to(who).filter(pk=one.pk).exists()
        assert seen == may_read_person(who, cast.chen), who


def test_a_draft_is_for_those_who_check_it_alone(world: World) -> None:
    cast, _one, _strangers = world
    li, wang, group = of(cast.li), of(cast.wang), of(None, group=cast.south)
    for who, readable in ((cast.li, []), (cast.wang, [li]), (cast.liu, []), (cast.zhao, [li, wang, group])):
        seen = Assessment.objects.visible_to(who).filter(state="draft", group=cast.south, month=OCTOBER.first)
        wanted = {one.pk for one in readable}
        assert {one.pk for one in seen} & {li.pk, wang.pk, group.pk} == wanted, who


def test_of_two_supervisors_of_a_group_neither_reads_what_is_said_of_the_other(world: World) -> None:
    cast, one, _strangers = world
    facts: dict[str, Any] = {"role": Role.SUPERVISOR, "group": cast.south, "name": "同组主管"}
    other = User.objects.create_user("deng", "deng@example.test", "x", management_level=1, **facts)
    own, ask, browser = of(cast.wang), caller(other), Browser()
    browser.force_login(other)
    place, month = reverse("reports:assessment", args=[own.pk]), f"month={OCTOBER}&group=south"
    for done in ("draft", "shown"):
        if done == "shown":
            own = actions.show(own, note=SENTINEL, by=cast.zhao, now=CHECKED)
        assert browser.get(place).status_code == 404, done
        assert ask.get(f"/assessments/{own.pk}/").status_code == 404, done
        assert ask.get("/assessments/?person=wang").json()["results"] == [], done
        assert f"/assessment/{own.pk}/" not in browser.get(f"{TABLE}?{month}").content.decode(), done
        sheet = load_workbook(BytesIO(browser.get(f"{EXPORT}?{month}").content)).active
        assert {row[2] for row in sheet.values} & {cast.wang.name, cast.chen.name} == {cast.chen.name}, done
    assert Assessment.objects.visible_to(other).filter(pk=one.pk).exists()
    assert Assessment.objects.visible_to(cast.wang).filter(pk=own.pk).exists()
    period = own.period
    lines = [
        AssessedLine(cast.south, "甲", "", False, None, "", None, "final", True, is_supervisor=is_supervisor)
        for is_supervisor in (False, True)
    ]
    with patch.object(section, "assessment_section", return_value=lines):
        for group, left in ((cast.south, lines[:1]), (None, lines)):
            about = SimpleNamespace(month=period, group=group)
            assert section.gather(about) == left  # type: ignore[arg-type]


def test_notices_say_that_there_is_something_and_not_what(world: World) -> None:
    for notice in Notice.objects.filter(kind="assessment"):
        said = f"{notice.params}"
        assert SENTINEL not in said and "94" not in said.replace(notice.params["month"], ""), said
