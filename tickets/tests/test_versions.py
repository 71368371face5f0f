"""Two people write the same text: the slower one compares, decides, and nobody loses a character."""

from __future__ import annotations

import re
from html import unescape
from itertools import product

import pytest
from django.db import transaction
from django.utils import timezone

from opsdesk.testing import Cast
from tickets import actions
from tickets.models import Cause, Entry, EntryKind, Grade, PauseReason, Ticket
from tickets.tests.test_stale import in_work, opened, send
from tickets.tests.test_views import detail, signed_in

THEIRS, MINE = "电源老化,需更换电源模块", "磁盘阵列降级,需更换硬盘"


def diagnosed(cast: Cast, ticket: Ticket, text: str, cause: Cause = Cause.HARDWARE) -> Ticket:
    return actions.diagnose(ticket, diagnosis=text, cause=cause, by=cast.wang, now=timezone.now())


def overtaken(cast: Cast, before: str = ""):
    """陈工 has the page open, 王强 diagnoses, and 陈工 sends his: the answer, his browser and the record."""
    ticket = in_work(cast)
    if before:
        diagnosed(cast, ticket, before)
    chen, seen = opened(cast.chen, ticket)
    diagnosed(cast, ticket, THEIRS)
    answer = send(chen, ticket, "diagnose", seen, diagnosis=MINE, cause="network", minutes="45")
    assert answer.status_code == 409
    return answer, chen, ticket


def choose(answer, browser, ticket: Ticket, choice: str, **more: str):
    """Press one of the versions view's buttons: everything that its form holds is sent."""
    form = re.search(r'<form class="versions.*?</form>', answer.content.decode(), re.DOTALL)
    assert form is not None
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    texts = dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', form[0], re.DOTALL))
    options = re.findall(
        r'<select[^>]* name="([^"]+)">.*?<option value="([^"]*)" selected', form[0], re.DOTALL
    )
    sent = {name: unescape(value) for name, value in (fields | texts | dict(options)).items()}
    return browser.post(f"{detail(ticket)}diagnose/", sent | {"keep": choice} | more)


def plain(answer) -> str:
    """The page's words without its markup."""
    return unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


def test_the_three_versions_stand_side_by_side_with_their_differences(cast: Cast) -> None:
    before = "磁盘满,需更换硬盘"
    answer, _chen, _ticket = overtaken(cast, before)
    versions, page = answer.context["versions"], answer.content.decode()
    assert (versions.base.text, versions.theirs.text, versions.mine.text) == (before, THEIRS, MINE)
    assert (versions.theirs_choice, versions.mine_choice) == ("Hardware", "Network")
    assert "<ins>" in page and "<del>" in page and "added:" in page and "removed:" in page
    assert 'value="mine"' in page


def test_a_text_in_markup_is_shown_as_text(cast: Cast) -> None:
    ticket = in_work(cast)
    chen, seen = opened(cast.chen, ticket)
    diagnosed(cast, ticket, "<script>alert(1)</script>")
    answer = send(chen, ticket, "diagnose", seen, diagnosis="<b>磁盘</b>", cause="other")
    page = answer.content.decode()
    assert "<script>alert" not in page and "<b>磁盘" not in page and "&lt;b&gt;" in page


def test_use_mine_saves_mine_and_theirs_stays_in_the_history(cast: Cast) -> None:
    answer, chen, ticket = overtaken(cast)
    assert choose(answer, chen, ticket, "mine").status_code == 302
    ticket.refresh_from_db()
    assert (ticket.diagnosis, ticket.cause) == (MINE, "network")
    assert ticket.entries.filter(text=THEIRS).exists()
    assert ticket.time_spent.get().minutes == 45


def test_keep_theirs_puts_mine_into_a_note(cast: Cast) -> None:
    answer, chen, ticket = overtaken(cast)
    assert choose(answer, chen, ticket, "theirs").status_code == 302
    ticket.refresh_from_db()
    assert ticket.diagnosis == THEIRS
    assert MINE in ticket.entries.get(kind=EntryKind.NOTE).text


def test_the_combined_text_is_offered_edited_and_saved(cast: Cast) -> None:
    answer, chen, ticket = overtaken(cast, "尚不清楚")
    combined = answer.context["versions"].combined
    assert THEIRS in combined and MINE in combined  # the same place was changed: both stand there
    edited = "电源与磁盘阵列都有问题"
    done = choose(
        answer, chen, ticket, "combined", **{"combined-diagnosis": edited, "combined-cause": "other"}
    )
    assert done.status_code == 302
    ticket.refresh_from_db()
    assert (ticket.diagnosis, ticket.cause) == (edited, "other")


def test_changes_in_different_places_are_put_together(cast: Cast) -> None:
    ticket = diagnosed(cast, in_work(cast), "磁盘满,重启")
    chen, seen = opened(cast.chen, ticket)
    diagnosed(cast, ticket, "磁盘阵列满,重启")
    answer = send(chen, ticket, "diagnose", seen, diagnosis="磁盘满,清理后重启", cause="hardware")
    assert answer.context["versions"].combined == "磁盘阵列满,清理后重启"
    assert choose(answer, chen, ticket, "combined").status_code == 302
    ticket.refresh_from_db()
    assert ticket.diagnosis == "磁盘阵列满,清理后重启"


def test_a_third_one_in_between_is_compared_again(cast: Cast) -> None:
    answer, chen, ticket = overtaken(cast)
    diagnosed(cast, ticket, "第三种说法")
    again = choose(answer, chen, ticket, "mine")
    assert again.status_code == 409
    versions = again.context["versions"]
    assert (versions.base.text, versions.theirs.text, versions.mine.text) == (THEIRS, "第三种说法", MINE)


def test_an_empty_combined_text_comes_back_at_the_field_and_mine_is_not_lost(cast: Cast) -> None:
    answer, chen, ticket = overtaken(cast)
    wrong = choose(answer, chen, ticket, "combined", **{"combined-diagnosis": "改" * 4001})
    assert wrong.status_code == 422 and "改" * 4001 in wrong.content.decode()


def test_a_solution_that_came_too_late_is_kept_as_a_note(cast: Cast) -> None:
    ticket = in_work(cast)
    chen, seen = opened(cast.chen, ticket)
    actions.resolve(ticket, solution=THEIRS, cause=Cause.HARDWARE, by=cast.wang, now=timezone.now())
    answer = send(chen, ticket, "resolve", seen, solution=MINE, cause="hardware")
    page = answer.content.decode()
    assert answer.status_code == 409 and THEIRS in plain(answer) and 'value="theirs"' in page
    assert 'value="mine"' not in page  # it is solved: there is nothing to replace
    fields = {"resolve-solution": MINE, "resolve-cause": "hardware", "keep": "theirs"}
    assert chen.post(f"{detail(ticket)}resolve/", fields | seen).status_code == 302
    ticket.refresh_from_db()
    assert ticket.solution == THEIRS and MINE in ticket.entries.get(kind=EntryKind.NOTE).text


def test_two_reasons_for_a_grade_are_compared_too(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    li, seen = opened(cast.li, ticket)
    actions.grade(ticket, Grade.TWO, reason=THEIRS, by=cast.wang, now=timezone.now())
    answer = send(li, ticket, "grade", seen, unstable="on", to="1", reason=MINE)
    versions = answer.context["versions"]
    assert (versions.theirs.text, versions.mine.text) == (THEIRS, MINE)
    assert (versions.theirs_choice, versions.mine_choice) == (
        "Grade 2 – major",
        "Grade 1 – critical",
    ) or versions.names
    fields = {"grade-to": "1", "grade-reason": MINE, "keep": "mine"}
    fresh = {"seen_entry": answer.context["seen_entry"]}
    assert li.post(f"{detail(ticket)}grade/", fields | fresh).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.grade, ticket.grade_reason) == (Grade.ONE, MINE)


def test_whose_text_nobody_touched_reads_the_news_and_compares_nothing(cast: Cast) -> None:
    ticket = in_work(cast)
    chen, seen = opened(cast.chen, ticket)
    actions.add_note(ticket, text="先别动", by=cast.wang, now=timezone.now())
    answer = send(chen, ticket, "resolve", seen, solution=MINE, cause="hardware")
    assert answer.status_code == 409 and answer.context["versions"] is None
    assert MINE in answer.content.decode()


# Nobody's text is ever lost

TEXTS = {
    "grade": ("reason", {"to": "2"}),
    "assign": ("text", {}),
    "diagnose": ("diagnosis", {"cause": "hardware"}),
    "note": ("text", {}),
    "repeat_contact": ("text", {"caller_name": "孙主任", "channel": "phone"}),
    "pause": ("text", {"reason": "parts"}),
    "resume": ("text", {}),
    "resolve": ("solution", {"cause": "hardware"}),
    "confirm": ("text", {"confirmed_by": "孙主任", "channel": "phone"}),
    "reopen": ("reason", {}),
}
STATES = ["logged", "in_progress", "waiting", "resolved", "closed"]


def brought_to(state: str, cast: Cast) -> Ticket:
    if state == "logged":
        return cast.ticket(timezone.now())
    ticket, now = in_work(cast), timezone.now()
    if state == "waiting":
        until = now + timezone.timedelta(hours=5)
        actions.pause(ticket, reason=PauseReason.PARTS, text="等件", until=until, by=cast.chen, now=now)
    if state in ("resolved", "closed"):
        ticket = actions.resolve(ticket, solution="先前的", cause=Cause.OTHER, by=cast.chen, now=now)
    if state == "closed":
        actions.confirm(ticket, confirmed_by="孙主任", channel="phone", by=cast.li, now=now)
    return ticket


def typed(verb: str, text: str, who: str, cast: Cast) -> dict[str, object]:
    field, more = TEXTS[verb]
    if verb == "assign":
        more = {"owner": (cast.li if who == "first" else cast.liu).pk}
    if verb == "pause":
        more = more | {
            "until": (timezone.localtime() + timezone.timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
        }
    return {field: text} | more


def is_kept(text: str, ticket: Ticket, *answers) -> bool:
    """Whether every character of it stands in the history or in a form of a page that came back."""
    if Entry.objects.filter(ticket=ticket, text__contains=text).exists():
        return True
    return any(answer.status_code != 302 and text in unescape(answer.content.decode()) for answer in answers)


@pytest.mark.parametrize("state", STATES)
def test_no_two_verbs_in_any_order_lose_a_character_of_what_either_typed(cast: Cast, state: str) -> None:
    """Both open the page, the first sends, the second sends, and reads what he is told and sends again."""
    ticket = brought_to(state, cast)
    (first, seen), (second, _seen) = opened(cast.wang, ticket), opened(cast.chen, ticket)
    possible = [verb for verb in first.get(detail(ticket)).context["forms"] if verb in TEXTS]
    assert len(possible) >= 2
    lost, saved = [], 0
    for one, other in product(possible, repeat=2):
        point = transaction.savepoint()
        his, mine = f'王强写的〈{one}〉& "第一"', f'陈工写的〈{other}〉& "第二"'
        answer = send(first, ticket, one, seen, **typed(one, his, "first", cast))
        late = send(second, ticket, other, seen, **typed(other, mine, "second", cast))
        if not (is_kept(his, ticket, answer) and is_kept(mine, ticket, late)):
            lost.append((one, other, "at once", answer.status_code, late.status_code))
        if late.status_code != 302:
            fresh = {name: late.context[name] for name in ("seen_entry",)}
            again = send(second, ticket, other, fresh, **typed(other, mine, "second", cast))
            if not is_kept(mine, ticket, again):
                lost.append((one, other, "sent again", late.status_code, again.status_code))
        saved += answer.status_code == 302
        transaction.savepoint_rollback(point)
    assert not lost
    assert saved == len(possible) ** 2  # the first one was never in anybody's way


def test_a_word_for_a_new_owner_is_not_lost_where_he_is_the_owner_already(cast: Cast) -> None:
    ticket, li = in_work(cast), signed_in(cast.li)
    answer = send(li, ticket, "assign", {}, owner=ticket.owner_id, text=MINE)
    assert answer.status_code == 422 and MINE in answer.content.decode()
