"""The process register: what is published is frozen, suggestions are answered, nobody's sinks (§1.1)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import Error, transaction

from audits.actions import clauses, suggestions
from audits.models import Clause, ProcessEvent, ProcessTerms, ProcessVersion, Reading, Suggestion
from audits.register import (
    clause_links,
    may_answer,
    may_see_readers,
    staff_of,
    version_in_force,
    with_reading,
)
from audits.tests.processes import DAY, changed, filed, loaded
from opsdesk.testing import MONDAY, Cast, at
from staff.models import Notice
from staff.refused import Refused

pytestmark = pytest.mark.django_db
TODAY = MONDAY.date()


def told(kind: str) -> list[tuple[str, str]]:
    rows = Notice.objects.filter(kind=kind).order_by("pk")
    return [(row.recipient.username, row.params.get("what", "")) for row in rows.select_related("recipient")]


def refused(code: str, field: str | None = None):  # type: ignore[no-untyped-def]
    return pytest.raises(Refused, check=lambda error: (error.code, error.field) == (code, field))


def adopted_in_two(cast: Cast) -> ProcessVersion:
    suggestions.adopt(filed(cast), answer="写进下一版", by=cast.zhou, now=MONDAY)
    draft = ProcessVersion.objects.get(number=2)
    changed(draft, "3.2", cast, text="夜里由值班人员跟进。")
    draft.refresh_from_db()
    return draft


def published(cast: Cast, day: date = TODAY) -> ProcessVersion:
    return clauses.publish_version(
        adopted_in_two(cast), in_force_on=day, note="夜间责任", by=cast.zhao, now=MONDAY
    )


def test_our_text_is_loaded_once(cast: Cast) -> None:
    version = loaded()
    clauses.load_defaults(now=MONDAY + DAY)
    assert ProcessVersion.objects.count() == 1 and version_in_force(TODAY) == version
    assert version.clauses.count() > 25 and version.clauses.get(number="5.4.1.2").title_en


def test_a_published_version_is_frozen(cast: Cast) -> None:
    version = published(cast)
    clause = version.clauses.get(number="3.2")
    with refused("published"):
        clauses.save_clause(version, {"number": "9", "title": "x"}, line=None, by=cast.zhou)
    with refused("published"):
        clauses.remove_clause(version, clause.line, by=cast.zhou)
    with refused("published"):
        clauses.publish_version(version, in_force_on=TODAY, note="x", by=cast.zhou, now=MONDAY)
    event = ProcessEvent.objects.first()
    assert event is not None
    for write in (
        lambda: Clause.objects.filter(pk=clause.pk).update(text="x"),
        lambda: Clause.objects.filter(pk=clause.pk).delete(),
        lambda: Clause.objects.create(version=version, line=999, position=1, number="9", title="x"),
        lambda: ProcessVersion.objects.filter(pk=version.pk).update(note="x"),
        lambda: ProcessEvent.objects.filter(pk=event.pk).update(text="x"),
    ):
        with pytest.raises(Error), transaction.atomic():
            write()
    assert Clause.objects.get(version__number=1, number="3.2").text != clause.text


def test_a_later_day_waits_and_the_links_follow_it(cast: Cast) -> None:
    version = published(cast, TODAY + 3 * DAY)
    assert version_in_force(TODAY).number == 1  # type: ignore[union-attr]
    assert version_in_force(TODAY + 3 * DAY) == version
    links = clause_links(TODAY)
    assert links["5.4.1.2"][0] == "/process/clause/5.4.1.2/" and "9.9" not in links


def test_what_a_draft_refuses(cast: Cast) -> None:
    draft = adopted_in_two(cast)
    for number, title, code, field in [
        ("", "x", "invalid", "number"),
        ("1.0", "x", "invalid", "number"),
        ("3.1", "x", "duplicate", "number"),
        ("9", " ", "required", "title"),
    ]:
        with refused(code, field):
            clauses.save_clause(draft, {"number": number, "title": title}, line=None, by=cast.zhou)
    with refused("moved"):
        clauses.remove_clause(draft, 1, by=cast.zhou, edition=draft.edition - 1)
    with refused("past", "in_force_on"):
        clauses.publish_version(draft, in_force_on=TODAY - DAY, note="x", by=cast.zhou, now=MONDAY)
    with refused("required", "note"):
        clauses.publish_version(draft, in_force_on=TODAY, note=" ", by=cast.zhou, now=MONDAY)
    clauses.publish_version(draft, in_force_on=TODAY + 9 * DAY, note="x", by=cast.zhou, now=MONDAY)
    third = clauses.begin_version(by=cast.zhou, now=MONDAY)
    assert clauses.begin_version(by=cast.admin, now=MONDAY) == third
    with refused("before_the_last", "in_force_on"):
        clauses.publish_version(third, in_force_on=TODAY, note="x", by=cast.zhou, now=MONDAY)


def test_clauses_stand_in_the_order_of_their_numbers(cast: Cast) -> None:
    draft = adopted_in_two(cast)
    for number in ("5.10", "5.9"):
        clauses.save_clause(draft, {"number": number, "title": number}, line=None, by=cast.zhou)
    numbers = list(draft.clauses.values_list("number", flat=True))
    assert numbers[numbers.index("5.9") : numbers.index("5.9") + 3] == ["5.9", "5.10", "6"]


def test_publication_is_told_to_all_staff_and_asks_for_their_reading(cast: Cast) -> None:
    version = published(cast)
    # Not 孙, who is a client's contact, and not 赵, who has published it.
    heard = {name for name, _what in told("process_version")}
    assert heard == {
        "li",
        "chen",
        "wang",
        "liu",
        "zhou",
        "qian",
        "outsider",
        "admin",
    }
    clauses.confirm_reading(version, by=cast.li, now=MONDAY)
    clauses.confirm_reading(version, by=cast.li, now=MONDAY + DAY)
    assert Reading.objects.get().at == MONDAY
    with refused("forbidden"):
        clauses.confirm_reading(version, by=cast.sun, now=MONDAY)
    with refused("wrong_status"):
        clauses.confirm_reading(clauses.begin_version(by=cast.zhou, now=MONDAY), by=cast.li, now=MONDAY)
    missing = with_reading(staff_of(cast.wang), version).filter(has_read=False)
    assert {person.username for person in missing} == {"chen", "wang"}  # of his group
    everybody = with_reading(staff_of(cast.zhao), version)
    assert everybody.count() == 9 and everybody.filter(has_read=True).count() == 1


def test_who_answers_and_who_sees_readers(cast: Cast) -> None:
    people = [cast.li, cast.chen, cast.wang, cast.liu, cast.zhou, cast.zhao, cast.qian, cast.admin, cast.sun]
    assert [one.username for one in people if may_answer(one)] == ["zhou", "zhao", "qian", "admin"]
    assert [one.username for one in people if may_see_readers(one)] == [
        "wang",
        "liu",
        "zhou",
        "zhao",
        "qian",
        "admin",
    ]


def test_an_answer_is_due_after_ten_working_days_over_the_spring_festival(cast: Cast) -> None:
    """2026: off from 15 to 23 February, Saturdays 14 and 28 worked."""
    assert filed(cast, at("2026-02-12 10:00")).due_at == at("2026-03-05 00:00")
    suggestions.set_terms(ProcessTerms(answer=2), by=cast.zhou, now=MONDAY)
    assert filed(cast, at("2026-02-12 10:00")).due_at == at("2026-02-15 00:00")
    assert Suggestion.objects.earliest("pk").due_at == at("2026-03-05 00:00")  # keeps its day


def test_the_way_of_a_suggestion(cast: Cast) -> None:
    one = filed(cast)
    assert told("suggestion") == [("zhou", "filed")]
    suggestions.review(one, by=cast.zhou, now=MONDAY)
    done = suggestions.adopt(one, answer="有道理", by=cast.zhou, now=MONDAY + DAY)
    assert (done.adopted_in.number, done.tell_at) == (2, None)  # type: ignore[union-attr]
    assert told("suggestion")[1:] == [("li", "adopted")]
    other = filed(cast, text="另一条")
    suggestions.decline(other, answer="合同里已有", by=cast.zhao, now=MONDAY)
    assert told("suggestion")[-1] == ("li", "declined")
    third = suggestions.withdraw(filed(cast, text="x"), by=cast.li, now=MONDAY)
    assert [event.kind for event in one.events.all()] == ["filed", "reviewed", "adopted"]
    assert [event.kind for event in third.events.all()] == ["filed", "withdrawn"]
    assert list(ProcessVersion.objects.get(number=2).adopted.all()) == [one]


def test_what_is_refused_of_a_suggestion(cast: Cast) -> None:
    one = filed(cast)
    for person in (cast.chen, cast.wang, cast.liu, cast.sun):
        for verb in (suggestions.adopt, suggestions.decline):
            with refused("forbidden"):
                verb(one, answer="x", by=person, now=MONDAY)
    with refused("forbidden"):
        suggestions.withdraw(one, by=cast.zhou, now=MONDAY)
    with refused("required", "answer"):
        suggestions.decline(one, answer="  ", by=cast.zhou, now=MONDAY)
    with refused("forbidden"):  # nobody answers his own
        suggestions.adopt(filed(cast, by=cast.zhou), answer="x", by=cast.zhou, now=MONDAY)
    with refused("required", "text"):
        filed(cast, text=" ")
    with refused("forbidden"):
        filed(cast, by=cast.sun)
    suggestions.decline(one, answer="x", by=cast.zhou, now=MONDAY)
    with refused("moved"):
        suggestions.adopt(one, answer="x", by=cast.zhao, now=MONDAY)
    draft = clauses.begin_version(by=cast.zhou, now=MONDAY)
    with refused("wrong_status"):
        suggestions.file_suggestion(
            draft.clauses.select_related("version").get(number="1"), text="x", by=cast.li, now=MONDAY
        )
    for person in (cast.li, cast.wang, cast.sun):
        with refused("forbidden"):
            clauses.begin_version(by=person, now=MONDAY)
    with pytest.raises(Error), transaction.atomic():
        Suggestion.objects.filter(pk=filed(cast).pk).update(tell_at=None)  # it would sink


def test_who_did_not_answer_is_told_up_the_levels_and_it_never_sinks(cast: Cast) -> None:
    one = filed(cast)
    due = one.due_at
    suggestions.tend_suggestions(now=due - timedelta(seconds=1))
    assert not told("suggestion_overdue")
    heard = []
    for days in range(40):
        for _twice in range(2):
            suggestions.tend_suggestions(now=due + days * DAY)
        heard.append([name for name, _what in told("suggestion_overdue")])
    assert heard[0] == ["zhou"]
    assert heard[5] == ["zhou", "zhao"]
    assert heard[-1][:3] == ["zhou", "zhao", "qian"] and heard[-1].count("qian") >= 4
    one.refresh_from_db()
    assert one.tell_at is not None and one.tell_at > due + 39 * DAY
    suggestions.decline(one, answer="x", by=cast.zhao, now=due + 40 * DAY)
    suggestions.tend_suggestions(now=due + 400 * DAY)
    assert [name for name, _what in told("suggestion_overdue")] == heard[-1]


def test_a_sweep_that_comes_late_tells_all_levels_at_once(cast: Cast) -> None:
    late = filed(cast).due_at + 60 * DAY
    suggestions.tend_suggestions(now=late)
    assert [name for name, _what in told("suggestion_overdue")] == ["zhou", "zhao", "qian"]
