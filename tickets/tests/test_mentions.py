"""@somebody: told once, marked in the history, and never somebody who may not see the record."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from opsdesk.tests.rest import caller, faults
from staff.models import Notice, User
from tickets import actions
from tickets.actions.people import may_read, reads
from tickets.lifecycle import Refused
from tickets.models import Ticket
from tickets.tests.test_views import act, detail, signed_in


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return cast.ticket(timezone.now())


def note(cast: Cast, ticket: Ticket, text: str, by: User | None = None):
    return actions.add_note(ticket, text=text, by=by or cast.li, now=timezone.now())


def told() -> set[str]:
    return set(Notice.objects.filter(kind="mentioned").values_list("recipient__username", flat=True))


def test_who_is_mentioned_is_told_once_and_the_text_stays_as_it_is(cast: Cast, ticket: Ticket) -> None:
    entry = note(cast, ticket, "请@王强和@chen看一下,@王强 尤其;抄送@李敏 root@wang")
    assert entry.changes == {"mentioned": {"王强": "wang", "chen": "chen", "李敏": "li"}}
    assert told() == {"wang", "chen"}  # not himself
    notice = Notice.objects.get(recipient=cast.wang)
    assert notice.key == f"mention:{entry.pk}" and notice.url == detail(ticket)
    inbox = signed_in(cast.wang).get(reverse("staff:inbox")).content.decode()
    assert "李敏 mentions you" in inbox and "请@王强和@chen看一下" in inbox


def test_a_mention_is_marked_in_the_history_and_nothing_in_it_is_markup(cast: Cast, ticket: Ticket) -> None:
    note(cast, ticket, "<b>@王强</b> root@wang")
    page = signed_in(cast.li).get(detail(ticket)).content.decode()
    marked = '&lt;b&gt;<span class="mention" title="@wang">@王强</span>&lt;/b&gt; root@wang'
    assert marked in page


def test_who_may_not_see_the_record_cannot_be_mentioned(cast: Cast, ticket: Ticket) -> None:
    for text in ("请@外人看", "@outsider"):
        with pytest.raises(Refused) as refused:
            note(cast, ticket, text)
        assert refused.value.field == "text" and refused.value.code == "mention"
    answer = act(signed_in(cast.li), ticket, "note", text="请@外人看一下")
    assert answer.status_code == 422 and "请@外人看一下" in answer.content.decode()
    assert "may not see" in str(answer.context["forms"]["note"].errors["text"])
    assert not told() and ticket.entries.count() == 1
    problem = caller(cast.li).post(f"/tickets/{ticket.number}/notes/", {"text": "@外人"})
    assert problem.status_code == 422 and faults(problem) == {"#/text": "mention"}


def test_two_of_a_name_are_told_apart_by_their_sign_in_names(cast: Cast, ticket: Ticket) -> None:
    User.objects.create_user("li2", name="李敏", role="engineer", group=cast.south)
    with pytest.raises(Refused, match="@li, @li2"):
        note(cast, ticket, "@李敏", by=cast.wang)
    note(cast, ticket, "@li2", by=cast.wang)
    assert told() == {"li2"}


def test_nobodys_name_is_text_and_a_client_mentions_nobody(cast: Cast, ticket: Ticket) -> None:
    assert note(cast, ticket, "@Override @谁也不是 a@b.cn @").changes == {}
    assert note(cast, ticket, "@王强 怎么还没好 @外人", by=cast.sun).changes == {}
    assert note(cast, ticket, "@孙主任 已回电").changes == {}  # the client is nobody of the house
    assert not told()


def test_those_offered_are_those_who_may_see_the_record(cast: Cast, ticket: Ticket) -> None:
    readers = set(User.objects.filter(may_read(ticket), is_active=True))
    house = User.objects.filter(is_active=True).exclude(role="contact")
    assert readers == {user for user in house if Ticket.objects.visible_to(user).filter(pk=ticket.pk)}
    url, li = reverse("tickets:mentionable", args=[ticket.pk]), signed_in(cast.li)
    page = li.get(url, {"q": ""}).content.decode()
    assert "王强" in page and "外人" not in page and 'data-handle="李敏"' not in page
    assert 'data-handle="王强"' in li.get(url, {"q": "WAN"}).content.decode()
    assert "王强" not in li.get(url, {"q": "陈"}).content.decode()
    assert li.get(url, {"q": "\0" * 50}).status_code == 200
    User.objects.create_user("wang2", name="王强", role="engineer", group=cast.south)
    assert 'data-handle="wang2"' in li.get(url, {"q": "王"}).content.decode()
    assert signed_in(cast.outsider).get(url).status_code == 404
    assert signed_in(cast.sun).get(url).status_code == 403


@pytest.mark.parametrize("change", [{}, {"owner": "outsider"}, {"owner": None}, {"taken_by": "sun"}])
def test_who_may_see_a_record_is_one_answer_however_it_is_asked(
    cast: Cast, ticket: Ticket, change: dict[str, str | None]
) -> None:
    """Of all people by query, of one without, and from the other side: which records he sees."""
    User.objects.filter(pk=cast.sun.pk).update(group=cast.south)  # a contact is nobody of the house even so
    for name, who in change.items():
        setattr(ticket, name, getattr(cast, who) if who else None)
    ticket.save()
    everybody = list(User.objects.all())
    by_query = set(User.objects.filter(may_read(ticket)))
    assert by_query == {person for person in everybody if reads(person, ticket)}
    seen_by = {person for person in everybody if Ticket.objects.visible_to(person).filter(pk=ticket.pk)}
    assert by_query == {person for person in seen_by if not person.is_contact}
    assert cast.zhou in by_query and cast.sun not in by_query and len(by_query) < len(everybody)


def test_the_page_says_who_is_told(cast: Cast, ticket: Ticket) -> None:
    browser = signed_in(cast.li)
    act(browser, ticket, "note", text="@王强 看")
    assert "Told: @王强." in browser.get(detail(ticket)).content.decode()
