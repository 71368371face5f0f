"""The visual language: words of time, badges, and what style sheets and templates promise."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import timezone, translation

from staff.styleguide import SampleClock, SampleForm, icons, sample_clocks
from staff.templatetags import look

NOW = datetime.fromisoformat("2026-11-23T14:00:00+08:00")
TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
TOKENS = Path(settings.BASE_DIR, "static/css/tokens.css").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"), timezone.override("Asia/Shanghai"):
        yield


def shown(source: str, **context: object) -> str:
    return Template(source).render(Context({"now": NOW} | context))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (42, "42 s"),
        (60, "1 min"),
        (291, "4 min 51 s"),
        (599.9, "9 min 59 s"),
        (601, "10 min"),
        (4800, "1 h 20 min"),
        (7200, "2 h"),
        (86400 * 2 + 14400 + 59, "2 d 4 h"),
        (86400 + 60, "1 d"),
        (-291, "4 min 51 s"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(seconds: float, words: str):
    assert look.in_words(seconds) == words


def test_a_time_of_this_year_has_no_year_and_tells_the_exact_one_in_its_tooltip():
    html = shown("{% when at %}", at=datetime.fromisoformat("2026-11-23T06:35:07+00:00"))
    assert ">11-23 14:35<" in html
    assert 'title="2026-11-23 14:35:07+08:00"' in html


def test_a_time_of_another_year_says_its_year_by_the_calendar_of_the_reader():
    new_year = datetime.fromisoformat("2025-12-31T16:30:00+00:00")
    assert ">01-01 00:30<" in shown("{% when at %}", at=new_year)
    assert ">2025-12-31 23:30<" in shown("{% when at %}", at=new_year - timedelta(hours=1))


def test_a_reader_with_twelve_hours_sees_twelve_hours():
    user = SimpleNamespace(time_format="12")
    assert ">11-23 2:00 PM<" in shown("{% when now %}", user=user)


def test_a_missing_time_is_a_dash_and_a_day_has_no_hours():
    assert shown("{% when nothing %}", nothing=None) == "–"
    assert ">11-05<" in shown("{% when day %}", day=date(2026, 11, 5))


def test_the_instant_of_the_deadline_is_already_overdue():
    assert look.remaining(NOW + timedelta(seconds=1), NOW) == "1 s left"
    assert look.remaining(NOW, NOW) == "0 s overdue"


@pytest.mark.parametrize("clock", sample_clocks(NOW), ids=lambda clock: f"{clock.kind}-{clock.state}")
def test_every_state_of_a_clock_has_words_and_a_mark_of_its_own(clock: SampleClock):
    html = shown("{% clock_badge clock now %}", clock=clock)
    assert f'data-state="{clock.state}"' in html
    assert look.clock_text(clock.state, clock.due_at, NOW) in html
    if clock.state != "running":
        css = Path(settings.BASE_DIR, "static/css/clock.css").read_text(encoding="utf-8")
        assert f'.clock[data-state="{clock.state}"] .clock-mark[data-mark="{clock.state}"]' in css
        assert f'data-mark="{clock.state}"' in html


def test_a_clock_without_a_start_counts_from_its_limit():
    clock = SimpleNamespace(
        kind="response", kind_label="Response", state="running", near_at=None,
        due_at=NOW + timedelta(minutes=5), limit=600,
    )  # fmt: skip
    assert 'stroke-dasharray="50 100"' in shown("{% clock_badge clock now %}", clock=clock)


def test_a_clock_whose_state_depends_on_the_time_is_asked_for_it():
    clock = SimpleNamespace(
        kind="response", kind_label="Response", near_at=None, due_at=NOW, started_at=NOW - timedelta(hours=1),
        limit=timedelta(hours=1), state=lambda now: "breached" if now >= NOW else "running",
    )  # fmt: skip
    assert 'data-state="breached"' in shown("{% clock_badge clock now %}", clock=clock)


def test_names_are_escaped_wherever_they_are_drawn():
    bad = '"><script>'
    clock = replace(sample_clocks(NOW)[0], kind_label=bad)
    html = shown(
        "{% clock_badge clock now %}{% status_badge bad bad %}{% avatar bad %}{% icon 'dot' label=bad %}"
        "{% trend 'worse' bad %}{% empty_state 'inbox' bad bad bad bad %}{% ring 5 bad %}",
        clock=clock,
        bad=bad,
    )
    assert "<script" not in html


def test_the_summary_of_errors_leads_to_the_fields():
    html = shown("{% error_summary form %}", form=SampleForm({"title": "too long for twelve"}))
    assert 'href="#id_client"' in html and 'role="alert"' in html
    assert shown("{% error_summary form %}", form=SampleForm()).strip() == ""


def test_the_theme_button_holds_until_the_setting_changes():
    request = HttpRequest()
    request.COOKIES["theme"] = "dark.auto"
    asked = {"request": request, "user": SimpleNamespace(theme="auto", density="compact")}
    assert 'data-theme="dark"' in shown("{% html_attributes %}", **asked)
    asked["user"].theme = "light"
    assert 'data-theme="light"' in shown("{% html_attributes %}", **asked)
    request.COOKIES["theme"] = 'x" onload="alert(1).light'
    assert 'data-theme="light"' in shown("{% html_attributes %}", **asked)


@pytest.mark.parametrize("name", ["400.html", "404.html", "429.html", "500.html", "503.html"])
def test_an_error_page_needs_no_request(name: str):
    assert "OpsDesk" in render_to_string(name)


def test_every_icon_that_a_template_asks_for_is_in_the_sprite():
    known = set(icons())
    for path in TEMPLATES:
        asked = re.findall(r"{% (?:icon|empty_state) ['\"]([^'\"]+)['\"]", path.read_text(encoding="utf-8"))
        assert set(asked) <= known, f"{path.name}: {set(asked) - known}"
    assert set(look.STATUS_ICONS.values()) <= known


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_script_or_style_that_the_policy_would_stop(path: Path):
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"<[a-z][^>]*\s(?:style|on[a-z]+)\s*=", source)
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|javascript:|hx-on", source)


def scope(selector: str) -> dict[str, str]:
    block = re.search(re.escape(selector) + r" \{(.*?)\n *\}", TOKENS, re.S)
    assert block
    return dict(re.findall(r"--([a-z0-9-]+): ([^;]+);", block[1]))


def test_dark_by_choice_and_dark_by_the_system_are_the_same():
    assert scope('[data-theme="dark"]') == scope('[data-theme="auto"]')
    assert scope('[data-theme="dark"]').keys() == scope('[data-theme="light"]').keys()


STATES = ("crimson", "amber", "slate", "green")
INK = [
    *((ink, ground) for ink in ("text", "muted") for ground in ("page", "card", "inset", "hover")),
    *((ink, ground) for ink in ("accent", *STATES) for ground in ("page", "card")),
    *((ink, f"{ink}-soft") for ink in STATES), ("accent-strong", "accent-soft"),
    ("on-accent", "accent"), ("on-accent", "accent-strong"), ("on-crimson", "crimson"), ("paused", "card"),
]  # fmt: skip
MARKS = [
    (mark, "card") for mark in ("control", "amber-mark", *(f"series-{number}" for number in range(1, 7)))
]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_marks_stand_out_from_their_ground(theme: str):
    tokens = scope(f'[data-theme="{theme}"]')
    for pairs, least in ((INK, 4.5), (MARKS, 3.0)):
        for ink, ground in pairs:
            assert contrast(tokens[ink], tokens[ground]) >= least, f"{theme}: {ink} on {ground}"


def contrast(first: str, second: str) -> float:
    """WCAG 2.2, 1.4.3."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_what_is_kept_is_kept_for_each_language_and_each_value() -> None:
    drawn = {}
    for language in ("en", "zh-hans", "en"):
        for keys in (True, False):
            with translation.override(language):
                drawn.setdefault((language, keys), set()).add(look.kept("_shortcuts.html", single_keys=keys))
    assert {len(parts) for parts in drawn.values()} == {1}
    assert len(set().union(*drawn.values())) == 4


def test_paper_has_a_value_of_its_own_for_every_colour_that_the_dark_theme_changes():
    dark = TOKENS.partition('\n[data-theme="dark"] {')[2].partition("}")[0]
    paper = Path(settings.BASE_DIR, "static/css/print.css").read_text(encoding="utf-8")
    wanted, given = (set(re.findall(r"(--[a-z0-9-]+):", text)) for text in (dark, paper))
    assert len(wanted) > 30 and not wanted - given
