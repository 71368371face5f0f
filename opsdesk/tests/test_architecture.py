"""The house has rooms, and the walls between them hold (docs/architecture.md)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db.models import Model

ROOT = Path(settings.BASE_DIR)
APPS: list[str] = settings.OUR_APPS
INTERFACES = {
    "views",
    "api",
    "tasks",
    "management",
    "tests",
    "admin",
    "apps",
    "forms",
    "templatetags",
    "tokens",
}
# What stands at the edge under its own name: authentication of a request, the frame, health, test data.
EDGES = {
    "staff/authentication.py",
    "staff/restaddresses.py",
    "staff/styleguide.py",
    "tickets/documentapi.py",
    "tickets/worksapi.py",
    "tickets/fileapi.py",
    "tickets/handoverapi.py",
    "tickets/overrunapi.py",
}


def sources(app: str, *, tests: bool = False) -> Iterator[Path]:
    for path in sorted((ROOT / app).rglob("*.py")):
        parts = path.relative_to(ROOT).parts
        if "migrations" not in parts and (tests or "tests" not in parts):
            yield path


def imported(path: Path) -> set[str]:
    """Top-level names of everything a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def is_interface(path: Path) -> bool:
    relative = path.relative_to(ROOT)
    return bool(INTERFACES & {*relative.parts, path.stem}) or str(relative) in EDGES


@pytest.mark.parametrize("app", APPS)
def test_an_app_imports_only_apps_above_it(app: str) -> None:
    below = set(APPS[APPS.index(app) + 1 :])
    found = {f"{path.relative_to(ROOT)}: {sorted(imported(path) & below)}" for path in sources(app)}
    assert not {line for line in found if not line.endswith("[]")}


def test_foreign_keys_between_apps_point_upwards() -> None:
    for model in apps.get_models():
        if model._meta.app_label not in APPS:
            continue
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if not field.concrete or not isinstance(target, type) or not issubclass(target, Model):
                continue
            if target._meta.app_label in APPS:
                assert APPS.index(target._meta.app_label) <= APPS.index(model._meta.app_label), field


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


CLOCKS = re.compile(
    r"(timezone\.(now|localtime|localdate)|datetime\.(now|utcnow|today)|date\.today|time\.time)$"
)


@pytest.mark.parametrize("app", [app for app in APPS if app != "opsdesk"])
def test_only_interfaces_read_the_clock(app: str) -> None:
    for path in sources(app):
        if is_interface(path):
            continue
        for name, call in calls(path):
            # localtime(x) converts an instant; without an argument it reads the clock.
            reads = CLOCKS.search(name) and not (name.endswith(("localtime", "localdate")) and call.args)
            assert not reads, f"{path.relative_to(ROOT)}:{call.lineno} {name}"


@pytest.mark.parametrize("app", APPS)
def test_tasks_are_never_sent_from_code_nor_set_for_later(app: str) -> None:
    """Postgres holds every deadline; the broker holds none, and no request waits for it."""
    for path in sources(app):
        for name, call in calls(path):
            assert not name.endswith((".delay", ".apply_async", ".send_task")), f"{path}:{call.lineno}"
            keywords = {keyword.arg for keyword in call.keywords}
            assert not keywords & {"eta", "countdown"}, f"{path}:{call.lineno}"


@pytest.mark.parametrize("app", APPS)
def test_models_have_no_hidden_writes(app: str) -> None:
    for path in sources(app):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and "models" in path.parts + (path.stem,):
                methods = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
                assert not methods & {"save", "delete", "asave"}, f"{path}: {node.name}"
            if isinstance(node, ast.ImportFrom):
                assert "signals" not in (node.module or ""), path


RULES = [
    "reports/assessment/following.py",
    "reports/assessment/kinds.py",
    "reports/assessment/scheme.py",
    "reports/assessment/scoring.py",
    "audits/drawing.py",
    "audits/following.py",
    "audits/kinds.py",
    "audits/planning.py",
    "meetings/agenda.py",
    "meetings/kinds.py",
    "meetings/minutes.py",
    "meetings/weeks.py",
    "audits/clauses.py",
    "audits/suggesting.py",
    "duty/alarms.py",
    "duty/balancing.py",
    "duty/cover.py",
    "duty/counting.py",
    "duty/drafting.py",
    "duty/eligibility.py",
    "duty/fairness.py",
    "duty/hours.py",
    "duty/inspecting.py",
    "duty/readings.py",
    "duty/recurrence.py",
    "duty/news.py",
    "duty/reminding.py",
    "duty/resolving.py",
    "duty/roster.py",
    "duty/rotation.py",
    "duty/seating.py",
    "duty/suitability.py",
    "duty/trendline.py",
    "tickets/changeconflicts.py",
    "tickets/changes.py",
    "tickets/clocks.py",
    "tickets/grading.py",
    "tickets/handover.py",
    "tickets/lifecycle.py",
    "tickets/escalation.py",
    "tickets/dispatching.py",
    "tickets/accountability.py",
    "tickets/documents/facts.py",
    "tickets/documents/kinds.py",
    "tickets/documents/notice.py",
    "tickets/documents/report.py",
    "tickets/documents/structure.py",
    "tickets/documents/words.py",
    "tickets/terms.py",
    "tickets/policychanges.py",
    "tickets/whatif.py",
    "tickets/quiet.py",
    "tickets/comparing.py",
    "tickets/linking.py",
    "tickets/coordination.py",
    "tickets/repeats.py",
    "tickets/grams.py",
    "staff/files.py",
    "staff/containers.py",
    "staff/images.py",
    "tickets/mailing/charsets.py",
    "tickets/mailing/deciding.py",
    "tickets/mailing/letter.py",
    "tickets/mailing/plain.py",
    "tickets/mailing/quoting.py",
    "tickets/mailing/reading.py",
    "tickets/plain.py",
    "tickets/remote.py",
    "tickets/mentions.py",
    "tickets/timespent.py",
    "tickets/variables.py",
    "clients/phones.py",
    "meetings/reporting.py",
    "visits/kinds.py",
    "visits/placing.py",
    "visits/planning.py",
    "staff/pacing.py",
    "staff/quiet.py",
    "staff/topics.py",
    "staff/channels/message.py",
    "surveys/numbers.py",
    "surveys/pursuing.py",
    "surveys/questions.py",
    "surveys/sampling.py",
    "surveys/scoring.py",
]


@pytest.mark.parametrize("rule", RULES)
def test_rules_are_pure(rule: str) -> None:
    """A rule knows facts and time: no ORM, no settings. Names and labels may be translated."""
    text = (ROOT / rule).read_text(encoding="utf-8")
    modules = {
        node.module or ""
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django")
    }
    assert modules <= {"django.utils.translation", "django.db.models"}
    assert not re.search(r"\.objects\b|\bsettings\.[A-Z]", text)
    if "django.db.models" in modules:
        assert set(re.findall(r"from django\.db\.models import (.+)", text)) <= {
            "TextChoices",
            "IntegerChoices",
        }


@pytest.mark.parametrize("app", APPS)
def test_no_han_characters_in_code_or_templates(app: str) -> None:
    """Every word goes through the catalogue; Chinese data lives in data files."""
    exempt = {ROOT / "opsdesk" / "testing.py"}
    for path in [*sources(app), *(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]:
        if path in exempt:
            continue
        found = re.search(r"[\u3400-\u9fff]", path.read_text(encoding="utf-8"))
        assert not found, path


def test_no_inline_script_or_style_in_templates() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
    for path in (ROOT / "templates").rglob("*.html"):
        found = inline.search(path.read_text(encoding="utf-8"))
        assert not found, f"{path.relative_to(ROOT)}: {found and found.group()}"


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
