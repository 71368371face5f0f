"""The dictionary as a whole: every KPI says what it is; its pages, and the targets set on them."""

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from opsdesk.testing import at
from reports.actions.targets import set_target
from reports.dictionarydoc import written
from reports.figures import figures
from reports.kpis import KPIS, SUBJECTS
from reports.kpis.figure import Figure, Unit
from reports.kpis.shapes import Computed
from reports.management.commands.kpi_dictionary import PAGE
from reports.models import KpiTarget
from reports.periods import parse_period
from reports.scope import DEPARTMENT, Scope
from reports.sources import SOURCES
from reports.targets import targets_for
from reports.tests.making import NOVEMBER, NOW, clock, day, record
from staff.refused import Refused


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def signed_in(person) -> Browser:
    person.language = "en"
    person.save()
    browser = Browser()
    browser.force_login(person)
    return browser


def test_every_kpi_says_what_it_is_in_both_languages():
    assert len(KPIS) == sum(len(subject.kpis) for subject in SUBJECTS) >= 50
    for key, kpi in KPIS.items():
        assert kpi.key == key and kpi.clause.startswith("§") and kpi.source in SOURCES
        assert set(kpi.beside) <= set(KPIS)
        for language, limit in (("en", 40), ("zh-hans", 8)):
            with override(language):
                assert str(kpi.name) and len(str(kpi.formula)) > limit


def test_the_page_of_the_documentation_is_current():
    assert PAGE.read_text(encoding="utf-8") == written(), "run ./script/manage kpi_dictionary"


def test_all_are_counted_in_one_statement_and_the_computed_ones_in_a_few(cast, django_assert_max_num_queries):
    computed = [kpi for kpi in KPIS.values() if isinstance(kpi, Computed)]
    months = [NOVEMBER.plus(-n) for n in range(3)]
    with django_assert_max_num_queries(1 + 4 * len(computed)):
        found = figures(KPIS.values(), DEPARTMENT, months, now=NOW)
    assert set(found) == {(key, month) for key in KPIS for month in months}


@pytest.mark.parametrize("axis", ["group", "person", "client"])
def test_what_can_be_narrowed_is(cast, axis):
    scope = Scope(**{axis: {"group": cast.south, "person": cast.chen, "client": cast.hospital}[axis].pk})
    found = figures(KPIS.values(), scope, [NOVEMBER], now=NOW)
    assert {key for key, _month in found} == {key for key, kpi in KPIS.items() if kpi.measures(scope)}


# Targets


def test_past_months_keep_the_target_that_was_in_force(cast):
    set_up = {"reason": "新合同", "by": cast.zhou, "minimum_sample": None}
    set_target("response", since=day("2026-09-10"), target=90.0, **set_up, now=at("2026-09-20 09:00"))
    set_target("response", since=day("2026-11-01"), target=97.0, **set_up, now=NOW)
    set_target("response", since=day("2026-11-01"), target=98.0, **set_up | {"minimum_sample": 9}, now=NOW)
    aims = {text: targets_for(parse_period(text))["response"] for text in ("2026-08", "2026-10", "2026-11")}
    assert [aim.target for aim in aims.values()] == [95, 90, 98]
    assert aims["2026-11"].minimum_sample == 9 and aims["2026-10"].minimum_sample == 5
    assert targets_for(parse_period("2026-Q3"))["response"].target == 90
    assert targets_for(parse_period("2026-11"))["mttr"].target is None
    assert KpiTarget.objects.count() == 3
    ninety_seven = Figure(Unit.PERCENT, 97, 100)
    assert [aim.is_reached(ninety_seven) for aim in aims.values()] == [True, True, False]
    assert aims["2026-11"].is_reached(Figure(Unit.PERCENT, 0, 0)) is None


@pytest.mark.parametrize(
    ("who", "wrong", "field"),
    [
        ("wang", {}, None),
        ("zhao", {}, None),
        ("zhou", {"since": day("2026-10-31")}, "since"),
        ("zhou", {"target": 101.0}, "target"),
        ("zhou", {"target": float("nan")}, "target"),
        ("zhou", {"reason": " "}, "reason"),
        ("zhou", {"reason": "长" * 501}, "reason"),
        ("zhou", {"kpi": "none"}, "kpi"),
    ],
)
def test_who_may_set_which_target(cast, who, wrong, field):
    facts = {
        "kpi": "response",
        "since": day("2026-12-01"),
        "target": 96.0,
        "minimum_sample": 5,
        "reason": "新",
    }
    with pytest.raises(Refused) as refused:
        set_target(**facts | wrong, by=getattr(cast, who), now=NOW)
    assert refused.value.field == field and not KpiTarget.objects.exists()


def test_a_target_is_set_on_the_page(cast):
    address, typed = reverse("reports:kpi", args=["response"]), {"since": "2026-12", "target": "96.5"}
    auditor = signed_in(cast.zhou)
    refused = auditor.post(address, typed | {"since": "2026-10", "reason": "新合同"})
    assert (
        refused.status_code == 422
        and "96.5" in refused.content.decode()
        and "新合同" in refused.content.decode()
    )
    assert auditor.post(address, typed | {"reason": "新合同"}).status_code == 302
    page = auditor.get(address).content.decode()
    assert "96.5 %" in page and "新合同" in page and "周姐" in page
    assert signed_in(cast.wang).post(address, typed | {"reason": "x"}).status_code == 403


# Pages


def test_the_dictionary_is_for_the_house_to_read(cast, django_assert_max_num_queries):
    clock(record(cast), "2026-11-10 10:00", "2026-11-10 09:00")
    for who in (cast.chen, cast.wang, cast.zhao, cast.zhou):
        browser = signed_in(who)
        with django_assert_max_num_queries(12):
            assert browser.get(reverse("reports:kpis")).status_code == 200
        with django_assert_max_num_queries(12):
            page = browser.get(reverse("reports:kpi", args=["response"]))
        assert page.status_code == 200
        (now, *_before) = page.context["lines"]
        assert (now.figure.numerator, now.figure.denominator) == (1, 1) and now.is_small
    for key in KPIS:
        assert signed_in(cast.zhao).get(reverse("reports:kpi", args=[key])).status_code == 200
    assert browser.get(reverse("reports:kpi", args=["none"])).status_code == 404
    contact = signed_in(cast.sun)
    assert contact.get(reverse("reports:kpis")).status_code == 403
    assert contact.get(reverse("reports:kpi", args=["response"])).status_code == 403


def test_an_engineer_reads_his_own_figures_on_the_page_and_no_others(cast):
    clock(record(cast, owner=cast.li), "2026-11-10 10:00", "2026-11-10 09:00")
    address = reverse("reports:kpi", args=["response"])
    chen = signed_in(cast.chen)
    assert chen.get(address).context["lines"][0].figure.denominator == 0
    assert chen.get(address, {"person": "li"}).status_code == 404
    assert chen.get(address, {"group": "south"}).status_code == 403
    assert chen.get(reverse("reports:kpi", args=["availability"])).context["lines"] is None
