"""The figures on the page and in the files: the same numbers, never without n, and to each what is his."""

from __future__ import annotations

import csv
import io
import re
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pypdf import PdfReader

from clients.models import System
from opsdesk.testing import Cast
from staff.models import Role, User
from surveys.figures import gather
from surveys.figuretables import lines
from surveys.models import Campaign, Question, QuestionnaireVersion
from surveys.scope import USUAL_DAYS, scope_of
from surveys.tests.correcting import DAY, answered, planned, questionnaire
from surveys.tests.test_corrective_pages import signed_in
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
PAGE = "satisfaction:statistics"


@pytest.fixture
def version(cast: Cast) -> QuestionnaireVersion:
    """Two waves: twelve answers each, better in the second; three of them about 李敏's work."""
    found = questionnaire(cast)
    Question.objects.filter(kind="scale").update(dimension="overall")
    now = timezone.now()
    for wave, good in enumerate([3, 9]):
        campaign = Campaign.objects.create(
            name=f"第{wave + 1}波",
            name_en=f"Wave {wave + 1}",
            version=found,
            state="closed",
            closed_at=now,
            started_at=now - (60 - 30 * wave) * DAY,
        )
        for number in range(12):
            points = 5 if number < good else 2
            at = now - (50 - 30 * wave) * DAY
            answered(
                cast,
                found,
                points,
                "很好 <b>" if number == 0 else "",
                now=at,
                campaign=campaign,
                is_exception=True,  # one contact stands for twelve
                sent_at=at - DAY,
                engineer=cast.li if number < 2 and wave else cast.chen,
            )
    return found


def figures_of(cast: Cast, who: User, **query: str):  # type: ignore[no-untyped-def]
    now = timezone.now()
    return gather(scope_of(query, who, now), now)


def test_the_figures_are_those_of_the_answers(cast: Cast, version: QuestionnaireVersion) -> None:
    found = figures_of(cast, cast.zhao)
    assert found.n == 24
    assert (found.satisfied.count, found.satisfied.n) == (12, 24)
    assert found.mean.value == pytest.approx(70.0) and found.mean.n == 24
    assert (found.bad.count, found.response.count, found.response.n) == (12, 24, 24)
    with override("en"):
        first, second = figures_of(cast, cast.zhao).waves
    assert (first.label, str(first.satisfied), str(second.satisfied)) == (
        "Wave 1",
        "25.0 % (n = 12)",
        "75.0 % (n = 12)",
    )
    assert second.change is not None and second.change.is_significant
    [scale] = [one for one in found.distributions if one.kind == "scale"]
    assert {label.split()[0]: share.count for label, share in scale.rows} == {
        "5": 12,
        "4": 0,
        "3": 0,
        "2": 12,
        "1": 0,
    }


def test_of_systems_those_with_the_most_answers_are_shown(cast: Cast, version: QuestionnaireVersion) -> None:
    now = timezone.now()
    for number, points in enumerate([(5, 2, 2), (5, 4), (None, 5), (None,)]):
        system = System.objects.create(client=cast.hospital, name=f"System {number}")
        for one in points:
            at = now - 2 * DAY
            answered(cast, version, one, now=at, sent_at=at - DAY, is_exception=True, system=system)
    scope = scope_of({}, cast.zhao, now)
    with override("en"):
        whole, short = (
            next(one for one in gather(scope, now, most=most).breakdowns if one.title == "By system")
            for most in (None, 2)
        )
        assert f"System 0 · {cast.hospital.label}" in {row.label for row in whole.rows}
    assert [row.n for row in whole.rows][-3:] == [3, 2, 1] and whole.more == 0  # nothing of who said nothing
    assert short.rows == whole.rows[:2] and short.more == len(whole.rows) - 2 > 0


def test_of_two_answers_about_a_person_nothing_is_said(cast: Cast, version: QuestionnaireVersion) -> None:
    found = figures_of(cast, cast.zhao)
    [engineers] = [one for one in found.breakdowns if one.is_of_persons]
    rows = {row.label: row for row in engineers.rows}
    assert rows["李敏"].is_hidden and rows["李敏"].mean.value is None and rows["李敏"].n == 2
    assert not rows["陈工"].is_hidden and rows["陈工"].n == 22
    page = signed_in(cast, "zhao").get(reverse(PAGE)).content.decode()
    assert "fewer than 5 answers: not shown" in page


def test_whose_work_it_was_is_frozen(cast: Cast, version: QuestionnaireVersion) -> None:
    User.objects.filter(pk=cast.chen.pk).update(group=cast.north)
    found = figures_of(cast, cast.wang)
    assert found.n == 24  # the group was his when they were asked


@pytest.mark.parametrize("who", ["zhao", "wang", "chen", "zhou", "liu"])
def test_no_percentage_stands_without_its_n(cast: Cast, version: QuestionnaireVersion, who: str) -> None:
    planned(cast, timezone.now())
    page = signed_in(cast, who).get(reverse(PAGE)).content.decode()
    text = re.sub(r"<style.*?</style>|<[^>]+>", " ", page.split('id="content"')[1])
    for found in re.finditer(r"\d+\.\d %", text):
        behind = text[found.start() : found.end() + 40]
        assert re.match(r"\d+\.\d %\s*\(?n = \d+", behind), behind


def test_engineers_see_their_own_and_nobody_elses_name(cast: Cast, version: QuestionnaireVersion) -> None:
    found = figures_of(cast, cast.li)
    assert found.n == 2 and not any(one.is_of_persons for one in found.breakdowns)
    page = signed_in(cast, "li").get(reverse(PAGE)).content.decode()
    assert "陈工" not in page.split('id="content"')[1]
    assert not found.causes


def test_causes_are_those_of_complaints_made_and_faults_solved(
    cast: Cast, version: QuestionnaireVersion
) -> None:
    now = timezone.now()
    before = now - 2 * USUAL_DAYS * DAY
    for kind, cause, reported, resolved, status in [
        ("complaint", "operation", now - DAY, None, "logged"),
        ("complaint", "operation", before, now - DAY, "resolved"),  # made before the period
        ("fault", "network", before, now - DAY, "resolved"),
        ("fault", "hardware", now - DAY, None, "in_progress"),  # not solved yet
        ("complaint", "hardware", now - DAY, None, "merged"),
        ("fault", "", now - 2 * DAY, now - DAY, "resolved"),
    ]:
        ticket = cast.ticket(reported, kind=kind)
        Ticket.objects.filter(pk=ticket.pk).update(
            cause=cause,
            acknowledged_at=reported,
            resolved_at=resolved,
            status=status,
            next_due_at=None if status == "merged" else now,
        )
    with override("en"):
        found = figures_of(cast, cast.wang).causes
    assert [[(row.key, row.share.count) for row in one.rows] for one in found] == [
        [],
        [("Operating error", 1)],
        [("Network", 1)],
    ]


@pytest.mark.parametrize(("who", "n"), [("wang", 24), ("outsider", 0), ("zhou", 24), ("chen", 22)])
def test_to_each_what_is_his(cast: Cast, version: QuestionnaireVersion, who: str, n: int) -> None:
    assert figures_of(cast, getattr(cast, who)).n == n


def test_a_supervisor_asks_for_no_other_group(cast: Cast, version: QuestionnaireVersion) -> None:
    assert signed_in(cast, "wang").get(f"{reverse(PAGE)}?group=north").status_code == 404
    other = cast.outsider
    other.role = Role.SUPERVISOR
    other.save()
    assert figures_of(cast, other).n == 0


def test_contacts_see_nothing_of_it(cast: Cast, version: QuestionnaireVersion) -> None:
    browser = signed_in(cast, "sun")
    for address in (
        reverse(PAGE),
        reverse("satisfaction:comments"),
        reverse("satisfaction:statistics_export", args=["csv"]),
    ):
        assert browser.get(address).status_code == 403


@pytest.mark.parametrize("query", ["questionnaire=99999", "campaign=99999", "campaign=x", "group=none"])
def test_what_an_address_names_must_exist(cast: Cast, version: QuestionnaireVersion, query: str) -> None:
    assert signed_in(cast, "zhao").get(f"{reverse(PAGE)}?{query}").status_code == 404


@pytest.mark.parametrize("query", ["since=x", "since=2026-12-01&until=2026-01-01", "until=9999-99-99"])
def test_a_period_that_is_none_is_the_usual_one(
    cast: Cast, version: QuestionnaireVersion, query: str
) -> None:
    assert signed_in(cast, "zhao").get(f"{reverse(PAGE)}?{query}").status_code == 200


def test_without_a_questionnaire_there_is_an_empty_page(cast: Cast) -> None:
    page = signed_in(cast, "zhao").get(reverse(PAGE))
    assert page.status_code == 200 and "No answers yet" in page.content.decode()


def test_all_files_say_the_same(cast: Cast, version: QuestionnaireVersion) -> None:
    planned(cast, timezone.now())
    browser = signed_in(cast, "zhao", "zh-hans")
    now = timezone.now()
    wanted = [line.cells for line in lines(gather(scope_of({}, cast.zhao, now), now))]

    def fetch(form: str) -> bytes:
        answer = browser.get(reverse("satisfaction:statistics_export", args=[form]))
        assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
        return b"".join(answer) if answer.streaming else answer.content

    table = list(csv.reader(io.StringIO(fetch("csv").decode("utf-8-sig"))))
    assert len(table) == len(wanted) + 1
    for row, cells in zip(table[1:], wanted, strict=True):
        assert [row[2], row[4]] == ["" if cell is None else str(cell) for cell in (cells[2], cells[4])]
    with ZipFile(io.BytesIO(fetch("xlsx"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    numbers = re.findall(r'<c r="E\d+"[^>]*><v>([^<]+)</v>', sheet)
    values = [cells[4] for cells in wanted if cells[4] is not None]
    assert [float(number) for number in numbers] == pytest.approx(values)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(fetch("pdf"))).pages)
    page = browser.get(reverse(PAGE)).content.decode()
    for share in ("25.0 % (n = 12)", "75.0 % (n = 12)"):
        assert share in page
    assert "25.0 %" in text and "75.0 %" in text and "(n = 12)" in text


def test_what_they_wrote_is_found_and_harmless(cast: Cast, version: QuestionnaireVersion) -> None:
    browser, address = signed_in(cast, "zhao"), reverse("satisfaction:comments")
    page = browser.get(address).content.decode()
    assert "很好 &lt;b&gt;" in page and "太慢" in page
    found = browser.get(f"{address}?q=很好").content.decode()
    assert "很好" in found and "太慢" not in found
    assert "Nothing written here" in browser.get(f"{address}?q=nothing").content.decode()
    assert browser.get(f"{address}?q=%00%25_").status_code == 200


def test_the_page_costs_the_same_however_many_answer(cast: Cast, version: QuestionnaireVersion) -> None:
    browser, counts = signed_in(cast, "zhao"), []
    for _round in range(2):
        browser.get(reverse(PAGE))
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse(PAGE))
        counts.append(len(queries))
        for _number in range(5):
            answered(cast, version, 4, "x", now=timezone.now() - DAY, sent_at=timezone.now() - DAY)
    assert counts[0] == counts[1]
