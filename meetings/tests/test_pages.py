"""The pages of meetings: what they show, to whom, what each number opens, and what they cost."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audits.tests.auditing import begun, raised
from audits.tests.processes import filed, loaded
from meetings import actions
from meetings.actions import Decided
from meetings.agenda import read
from meetings.drawing import agenda_of
from meetings.kinds import MeetingState
from meetings.models import Decision, Meeting, MeetingPlan
from meetings.sources import SOURCES
from meetings.tests.meetings import DAY, HOUR, START, THURSDAY, ended, running, written
from meetings.tests.reports import submitted
from meetings.tests.world import busy
from opsdesk.testing import Cast, at
from staff.models import User
from tickets.documents.making import Form, made
from tickets.tests.works import scheduled

pytestmark = pytest.mark.django_db
MOST_QUERIES = 14


def browser(user: User) -> Browser:
    found = Browser(headers={"Accept-Language": "en"})
    found.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return found


def get(user: User, name: str, *args: object, query: str = ""):  # type: ignore[no-untyped-def]
    return browser(user).get(reverse(f"meetings:{name}", args=args) + query)


@pytest.fixture
def on_friday():  # type: ignore[no-untyped-def]
    with time_machine.travel(at("2026-11-20 16:00"), tick=False) as clock:
        yield clock


def improving(cast: Cast, now: datetime) -> None:
    """A change in the week ahead, a report with problems, a finding and a suggestion."""
    scheduled(cast, now, opens=4 * DAY)
    submitted(cast, now, problems="备件不足")
    raised(cast, begun(cast, now), now)
    loaded(now - 30 * DAY)
    filed(cast, now)


def test_every_number_opens_the_rows_behind_it(cast: Cast, on_friday: object) -> None:
    meeting = busy(cast)
    improving(cast, at("2026-11-20 16:00"))
    page = get(cast.li, "meeting", meeting.pk).content.decode()
    sections = agenda_of(meeting, at("2026-11-20 16:00"))
    assert [section.source for section in sections] == list(SOURCES)
    assert all(section.count for section in sections), "nothing would be shown"
    for section in sections:
        address = reverse("meetings:rows", args=[meeting.pk, section.source])
        assert re.search(rf'<a class="agenda-number" href="{address}"[^>]*>{section.count}</a>', page)
        rows = browser(cast.li).get(address)
        assert len(rows.context["drawn"].lines) == rows.context["drawn"].count == section.count
        for line in rows.context["drawn"].lines:
            answer = browser(cast.wang).get(line.url)
            assert answer.status_code in (200, 302), line
    actions.tend_meetings(now=START - timedelta(minutes=30))
    meeting.refresh_from_db()
    page = get(cast.li, "meeting", meeting.pk).content.decode()
    for section in read(meeting.agenda):
        address = reverse("meetings:rows", args=[meeting.pk, section.source]) + "?frozen=1"
        assert f'href="{address}"' in page
        rows = browser(cast.li).get(address).context["drawn"]
        assert rows.count == len(rows.lines) == section.count


def test_the_lights_open_the_limits_that_were_missed(cast: Cast, on_friday: object) -> None:
    meeting = busy(cast)
    lights = next(one for one in agenda_of(meeting, at("2026-11-20 16:00")) if one.source == "lights")
    assert lights.count
    for one in lights.lines:
        kept, due = re.fullmatch(r"(\d+)/(\d+)", one.line.bits[0].value).groups()  # type: ignore[union-attr]
        rows = browser(cast.li).get(one.line.url).context["drawn"]
        assert rows.count == len(rows.lines) == int(due) - int(kept)


def test_the_agenda_costs_a_fixed_number_of_queries(cast: Cast, on_friday: object) -> None:
    meeting = busy(cast)
    pages = [reverse("meetings:meeting", args=[meeting.pk])]
    for now in (at("2026-11-20 16:00"), START):
        if now == START:
            actions.tend_meetings(now=START - timedelta(minutes=30))
            actions.start_meeting(meeting, by=cast.wang, now=START)
            pages.append(reverse("meetings:room", args=[meeting.pk]) + "?item=leftovers")
        for page in pages:
            reader = browser(cast.wang)
            reader.get(page)
            with CaptureQueriesContext(connection) as captured:
                assert reader.get(page).status_code == 200
            queries = [query for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]
            assert len(queries) <= MOST_QUERIES, "\n".join(query["sql"][:120] for query in queries)


def test_lists_cost_a_fixed_number_of_queries(cast: Cast, on_friday: object) -> None:
    meeting = busy(cast)
    names = [("list", []), ("decisions", []), ("plans", []), ("rows", [meeting.pk, "leftovers"])]
    for name, args in names:
        reader, page = browser(cast.wang), reverse(f"meetings:{name}", args=args)
        with CaptureQueriesContext(connection) as captured:
            assert reader.get(page).status_code == 200
        assert len(captured.captured_queries) <= 12, name


def test_nobody_else_sees_a_groups_meeting(cast: Cast) -> None:
    meeting = ended(cast)
    names = ["meeting", "invitation", "minutes", "room"]
    addresses = [reverse(f"meetings:{name}", args=[meeting.pk]) for name in names]
    addresses.append(reverse("meetings:rows", args=[meeting.pk, "faults"]))
    for address in addresses:
        assert browser(cast.outsider).get(address).status_code == 404
        assert browser(cast.sun).get(address).status_code == 403
    assert get(cast.sun, "list").status_code == get(cast.sun, "decisions").status_code == 403
    assert get(cast.li, "room", meeting.pk).status_code == 403
    assert get(cast.li, "minutes", meeting.pk).status_code == 404  # only a draft yet
    assert get(cast.li, "plan", "south").status_code == 403
    for step in ("start", "end", "move", "cancel", "note", "decide", "publish"):
        answer = browser(cast.li).post(reverse("meetings:step", args=[meeting.pk, step]), {})
        assert answer.status_code in (403, 422), step
        assert browser(cast.zhou).post(reverse("meetings:step", args=[meeting.pk, step])).status_code in (
            403,
            422,
        )
    meeting.refresh_from_db()
    assert meeting.state == MeetingState.ENDED


def test_what_was_typed_is_kept_when_it_is_refused(cast: Cast, on_friday: object) -> None:
    meeting = written(cast, THURSDAY)
    reader = browser(cast.wang)
    address = reverse("meetings:step", args=[meeting.pk, "move"])
    typed = {"starts_at": "2026-12-01T14:00", "place": "301", "reason": "领导出差", "seen": "1"}
    answer = reader.post(address, typed)
    text = answer.content.decode()
    assert answer.status_code == 422 and "领导出差" in text and "2026-12-01T14:00" in text
    assert "Each week has one meeting" in text
    answer = reader.post(address, typed | {"starts_at": "2026-11-24T14:00"})
    assert answer.status_code == 302
    answer = reader.post(address, typed | {"starts_at": "2026-11-25T14:00"})  # as it was before
    assert answer.status_code == 409
    meeting.refresh_from_db()
    assert meeting.starts_at == at("2026-11-24 14:00") and meeting.place == "301"


def test_in_the_room_a_note_and_a_decision_are_kept(cast: Cast) -> None:
    with time_machine.travel(START + 5 * timedelta(minutes=1), tick=False):
        meeting, ticket = running(cast), cast.ticket(START - 3 * DAY)
        reader = browser(cast.wang)

        def send(step: str, **typed: object):  # type: ignore[no-untyped-def]
            return reader.post(reverse("meetings:step", args=[meeting.pk, step]), typed)

        assert send("note", item="faults", note="说明原因", then="lights")["Location"].endswith(
            "?item=lights"
        )
        assert send("note", item="nothing", note="x").status_code == 422
        answer = send("note", item="faults", note="别人的", seen_version=1)
        assert answer.status_code == 409 and "别人的" in answer.content.decode()
        decided = {"item": "faults", "text": "换盘", "owner": cast.chen.pk, "due_on": "2026-11-27"}
        answer = send("decide", **decided, record="T-1", order="")
        assert answer.status_code == 422 and "换盘" in answer.content.decode()
        assert send("decide", **decided, record=ticket.number, order="assign").status_code == 302
        ticket.refresh_from_db()
        assert ticket.owner == cast.chen
        made_ = Decision.objects.get()
        page = reader.get(reverse("meetings:room", args=[meeting.pk]) + "?item=faults").content.decode()
        assert "说明原因" in page and made_.number in page
        send("attend", user=cast.li.pk, presence="absent", item="attendance")
        assert meeting.attendance.get(user=cast.li).presence == "absent"
        assert send("attend", user=cast.li.pk, presence="deputy", item="attendance").status_code == 422
        assert send("end").status_code == 302
        draft = reader.get(reverse("meetings:minutes", args=[meeting.pk]) + "?language=en")
        assert draft.status_code == 200 and "Minutes of the weekly meeting" in draft.content.decode()
        assert send("publish", language="zh-hans").status_code == 302
        assert get(cast.li, "minutes", meeting.pk).status_code == 200
        assert send("add_to", text=" ").status_code == 422
        assert send("add_to", text="更正").status_code == 302
        for form, kind in ((Form.PDF, "application/pdf"), (Form.WORD, Form.WORD.media_type)):
            answer = get(cast.li, "minutes_file", meeting.pk, form)
            assert answer.status_code == 200 and answer["Content-Type"] == kind
            assert f"WM-south-2026-W48.{form}" in answer["Content-Disposition"]


def test_a_decision_is_settled_on_its_page(cast: Cast) -> None:
    meeting = running(cast)
    one = actions.decide(
        meeting, "faults", Decided("x", cast.chen, date(2026, 11, 27)), by=cast.wang, now=START
    )
    address = reverse("meetings:decision", args=[one.pk])
    with time_machine.travel(START + DAY, tick=False):
        assert browser(cast.outsider).get(address).status_code == 404
        assert browser(cast.li).post(address, {"step": "settle", "result": "x"}).status_code == 403
        chen = browser(cast.chen)
        assert chen.post(address, {"step": "drop", "reason": "x"}).status_code == 403
        assert chen.post(address, {"step": "settle", "result": ""}).status_code == 422
        wang = browser(cast.wang)
        change = {"step": "change", "owner": cast.li.pk, "due_on": "2026-11-30", "reason": "换人"}
        assert wang.post(address, change).status_code == 302
        assert wang.post(address, {"step": "drop", "reason": "不再需要", "seen": "1"}).status_code == 409
        assert browser(cast.li).post(address, {"step": "settle", "result": "完成"}).status_code == 302
        rows = get(cast.li, "decisions", query="?list=all").context["rows"]
    assert [(row.owner, row.state) for row, _late in rows] == [(cast.li, "done")]


def test_the_plan_is_edited_by_its_supervisor(cast: Cast, on_friday: object) -> None:
    written(cast, THURSDAY)
    reader = browser(cast.wang)
    address = reverse("meetings:plan", args=["south"])
    assert reader.get(address).status_code == 200
    typed = {"weekday": 1, "at": "09:30", "minutes": 5, "place": "301", "seen_version": 1}
    answer = reader.post(address, typed)
    assert answer.status_code == 422 and "301" in answer.content.decode()
    assert reader.post(address, typed | {"minutes": 45}).status_code == 302
    assert reader.post(address, typed | {"minutes": 50}).status_code == 409
    assert MeetingPlan.objects.get(group=cast.south).minutes == 45
    starts = Meeting.objects.filter(group=cast.south).earliest("week").starts_at
    assert starts == datetime(2026, 11, 24, 9, 30, tzinfo=START.tzinfo)


def test_the_files_say_what_the_page_says(cast: Cast) -> None:
    meeting = ended(cast)
    minutes = actions.publish_minutes(meeting, language="zh-hans", by=cast.wang, now=START + 2 * HOUR)
    minutes.refresh_from_db()
    texts = [text for text in minutes.document.texts() if text]
    page = get(cast.li, "minutes", meeting.pk).content.decode()
    for text in texts:
        assert text.split("\n")[0] in page
    assert made(minutes.document, Form.PDF).startswith(b"%PDF")
