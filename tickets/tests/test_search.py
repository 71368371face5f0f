"""Records are found by any part of any of their texts, by those who may see them, and quickly."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.actions import save_contact
from clients.models import Client, Contact, System
from opsdesk.testing import MONDAY, Cast
from staff.models import User
from tickets import actions, search
from tickets.actions import indexing
from tickets.excerpts import excerpts
from tickets.grams import asked, excerpt, fold, grams, key, split, words_of
from tickets.models import Cause, Grade, SearchText, Ticket
from tickets.names import names_of
from tickets.similar import similar

# Rules -----------------------------------------------------------------------------------------------------

TEXTS = st.text(
    st.one_of(
        st.sampled_from("系统崩溃无法登录数据库漏水机房0123456789abcXYZ -/,。(１２Ａｂ"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)


@given(text=TEXTS, data=st.data())
@settings(max_examples=400, deadline=None)
def test_any_part_of_a_text_asks_only_for_pieces_that_the_text_has(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    part = text[start : data.draw(st.integers(start, len(text)))]
    words = words_of(part)
    if all(len(word) > 1 for word in words):
        assert set(asked(words)) <= grams([text])


@given(text=TEXTS)
def test_folding_works_on_each_character_alone(text: str) -> None:
    assert fold(text) == "".join(fold(c) for c in text)
    assert fold(fold(text)) == fold(text)


@given(text=TEXTS, word=TEXTS)
def test_what_is_marked_are_the_words_and_together_it_is_the_text(text: str, word: str) -> None:
    words = words_of(word)
    parts = split(text, words)
    assert "".join(part for part, _hit in parts) == text
    assert any(hit for _part, hit in parts) == any(w in fold(text) for w in words)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("漏水", ("漏水",)),
        ("机房 漏水", ("机房", "漏水")),
        ("Ｔ－１０２３４", ("10234",)),
        ("HIS　住院", ("his", "住院")),
        ("0755-8888 8877", ("0755", "8888", "8877")),
        ("漏 机房", ("机房",)),
        ("漏", ("漏",)),
        ("a", ()),
        ("🔥!?", ()),
        (" \0 ", ()),
    ],
)
def test_what_is_typed_becomes_words(typed: str, words: tuple[str, ...]) -> None:
    assert words_of(typed) == words


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("漏水", ["漏水"]),
        ("系统崩溃", ["系统", "统崩", "崩溃"]),
        ("ab", ["ab"]),
        ("his", ["his"]),
        ("oracle", ["oracl", "racle"]),
        ("his住院", ["his", "s住", "住院"]),
    ],
)
def test_a_word_asks_for_the_widest_pieces(word: str, pieces: list[str]) -> None:
    assert asked([word]) == pieces


def test_an_excerpt_stands_around_the_word() -> None:
    text = "用" * 50 + "机房\n漏水" + "户" * 90
    cut = excerpt(text, "漏水")
    assert cut.startswith("…用") and cut.endswith("户…") and "机房 漏水" in cut and len(cut) < 90
    assert excerpt("ＨＩＳ坏了", "his") == "ＨＩＳ坏了"
    assert excerpt(text, "大象") == ""


def test_a_gram_has_the_same_key_for_ever() -> None:
    assert key("漏水") == 343175035


# What is found ---------------------------------------------------------------------------------------------


def found(text: str, user: User) -> list[int]:
    result = search.find(Ticket.objects.visible_to(user), text, user)
    return list(result.rows.order_by(*result.order(("-pk",))).values_list("pk", flat=True))


@pytest.fixture
def li(cast: Cast) -> Browser:
    return signed_in(cast.li)


def signed_in(user: User) -> Browser:
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


@pytest.fixture
def worked(cast: Cast) -> Ticket:
    """A record with words of its own in every place."""
    now = timezone.now()
    ticket = cast.ticket(
        now, details="三楼护士站蓝屏", callback_number="0755-2345 6789", external_ref="ER-2026-0117"
    )
    actions.grade(ticket, Grade.TWO, reason="影响窗口", by=cast.li, now=now)
    actions.acknowledge(ticket, by=cast.chen, now=now)
    actions.add_note(ticket, text="已联系机柜供应商 Oracle Linux", by=cast.chen, now=now)
    actions.diagnose(ticket, diagnosis="归档目录写满", cause=Cause.DATABASE, by=cast.chen, now=now)
    return actions.resolve(
        ticket, solution="扩大表空间并清理日志", cause=Cause.DATABASE, by=cast.chen, now=now
    )


@pytest.mark.parametrize(
    "words",
    [
        "崩溃",
        "系统崩溃",
        "蓝屏",
        "供应商",
        "oracle",
        "ＯＲＡＣ",
        "归档",
        "表空间",
        "影响窗口",
        "市一",
        "first hosp",
        "HIS 住院",
        "inpatient",
        "孙主任",
        "蓝屏 表空间 市一医院",
        "8888 8877",
        "075588888877",
        "88888877",
        "23456789",
        "0755-2345 6789",
        "ER-2026-0117",
        "崩 表空间",
        "溃",
    ],
)
def test_a_record_is_found_by_what_stands_anywhere_in_it(cast: Cast, worked: Ticket, words: str) -> None:
    other = cast.ticket(
        title="打印机不工作",
        system=None,
        contact=None,
        caller_name="某人",
        client=_other_client(cast),
    )
    assert found(words, cast.wang) == [worked.pk]
    assert other.pk in found("打印", cast.admin)


@pytest.mark.parametrize(
    "words", ["大象", "崩溃 大象", "统无", "🔥", "%_", "\0", "'; DROP TABLE", "\\", "((("]
)
def test_what_stands_nowhere_is_not_found(cast: Cast, worked: Ticket, words: str) -> None:
    assert found(words, cast.wang) == []


def test_a_number_is_found_however_it_is_typed_and_comes_first(cast: Cast) -> None:
    ticket = cast.ticket()
    mentions = cast.ticket(title=f"又是 {ticket.number}", details="同一故障")
    in_body = cast.ticket(details=f"见 {ticket.number}")
    for typed in (f"T-{ticket.pk}", str(ticket.pk), f"t {ticket.pk}", f"ｔ-{ticket.pk} "):
        assert found(typed, cast.li) == [ticket.pk, mentions.pk, in_body.pk], typed


def test_nul_and_odd_characters_break_nothing(cast: Cast) -> None:
    odd = "坏了🔥\u200b\u202e\ufdfa𠮷野家 e\u0301té İ ß"
    ticket = cast.ticket(title=odd)
    for words in ("坏了", "𠮷野", "野家", "été", "ETE", "坏\u200b了", "ss" if "ss" in fold(odd) else "坏了"):
        assert found(words, cast.li) == [ticket.pk], words


@pytest.mark.parametrize("way", ["few", "walk", "index"])
def test_rare_and_frequent_words_find_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    hits = [cast.ticket(title="机房漏水").pk for _ in range(4)]
    cast.ticket(title="打印机坏了")
    if way != "few":
        monkeypatch.setattr(search, "FEW", 2)
        monkeypatch.setattr(search, "LONGEST_WALK", 10**9 if way == "walk" else 0)
    result = search.find(Ticket.objects.visible_to(cast.li), "漏水", cast.li)
    assert result.is_ranked is (way == "few")
    assert found("漏水", cast.li) == hits[::-1]
    assert found("漏水", cast.outsider) == []


def test_statistics_spare_the_index_where_words_are_frequent_together(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [cast.ticket(title="机房漏水了").pk for _ in range(4)]
    apart = [cast.ticket(title="打印机坏了").pk for _ in range(4)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_searchtext")
    search.statistics.cache_clear()

    def looked(words: str) -> list[int] | None:
        keys = [key(piece) for piece in asked(words_of(words))]
        return search._first_hits(keys, search._rarest(keys))

    assert sorted(looked("漏水") or []) == both  # too few records for anybody to trust statistics
    monkeypatch.setattr(search, "FEW", 2)
    assert looked("漏水") is None and looked("机房漏水了") is None  # one piece, several together
    assert looked("漏水 打印") == []  # each is frequent, but never in the same record
    for words, hits in (("漏水", both), ("机房漏水了", both), ("打印", apart), ("漏水 打印", [])):
        result = search.find(Ticket.objects.visible_to(cast.li), words, cast.li)
        assert sorted(result.rows.values_list("pk", flat=True)) == hits, words
    search.statistics.cache_clear()


def test_statistics_that_are_wrong_by_now_find_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hits = [cast.ticket(title="机房漏水").pk for _ in range(4)]
    pieces = [key(piece) for piece in asked(words_of("漏水"))]
    for kept in (
        {None: 1.0},
        {None: 9e9, **dict.fromkeys(pieces, 1.0)},
        {None: 1.0, **dict.fromkeys(pieces, 0.0)},
    ):
        monkeypatch.setattr(search, "statistics", lambda _minute, kept=kept: kept)
        result = search.find(Ticket.objects.visible_to(cast.li), "漏水", cast.li)
        assert sorted(result.rows.values_list("pk", flat=True)) == hits


@pytest.mark.django_db
def test_every_part_of_a_text_that_like_finds_is_found(cast: Cast) -> None:
    text = "HIS住院系统崩溃,三楼0755-88888877打不通;Oracle 19c 报错ORA-00600"
    ticket = cast.ticket(title=text, details="")
    for start in range(len(text)):
        for end in range(start + 2, min(start + 9, len(text)) + 1):
            if any(len(word) > 1 for word in words_of(text[start:end])):
                assert found(text[start:end], cast.li) == [ticket.pk], text[start:end]


# Who finds what --------------------------------------------------------------------------------------------


def test_another_group_finds_nothing_and_learns_no_number(cast: Cast, worked: Ticket) -> None:
    browser = signed_in(cast.outsider)
    for words in ("崩溃", worked.number, "88888877", "供应商"):
        assert found(words, cast.outsider) == []
        page = browser.get(reverse("tickets:list"), {"queue": "all", "q": words}).content.decode()
        assert reverse("tickets:detail", args=[worked.pk]) not in page and "record found" not in page
    assert similar("系统崩溃,无法登录", user=cast.outsider) == []


def test_a_contact_finds_his_own_records_and_not_by_the_houses_own_notes(cast: Cast, worked: Ticket) -> None:
    somebody = save_contact(
        Contact(client=cast.hospital, name="别人", user=User.objects.create_user("bieren", role="contact")),
        [],
    )
    assert found("崩溃", somebody.user) == []
    assert found("崩溃", cast.sun) == [worked.pk]
    assert found("表空间", cast.sun) == [worked.pk]
    assert found(worked.number, cast.sun) == [worked.pk]
    assert found("供应商", cast.sun) == [] and found("供应商", cast.chen) == [worked.pk]


def test_excerpts_come_from_what_one_may_read(cast: Cast, worked: Ticket) -> None:
    tickets = list(Ticket.objects.select_related("client", "system"))
    assert excerpts(tickets, names_of(tickets), ("崩溃",), cast.chen) == {}
    assert excerpts(tickets, names_of(tickets), ("供应商",), cast.sun) == {}
    assert "机柜供应商" in excerpts(tickets, names_of(tickets), ("供应商",), cast.chen)[worked.pk].text
    assert "扩大表空间" in excerpts(tickets, names_of(tickets), ("崩溃", "表空间"), cast.sun)[worked.pk].text


# Keeping the index -----------------------------------------------------------------------------------------


def test_what_is_refused_is_not_indexed(cast: Cast) -> None:
    ticket = cast.ticket()
    before = SearchText.objects.get().grams
    with pytest.raises(actions.work.Refused):
        actions.diagnose(ticket, diagnosis="归档", cause=Cause.DATABASE, by=cast.chen, now=MONDAY)
    assert SearchText.objects.get().grams == before


def test_no_piece_stands_twice_however_often_something_is_said(cast: Cast) -> None:
    ticket = cast.ticket()
    for text in ("重启过了", "又重启过了", "重启过了"):
        actions.add_note(ticket, text=text, by=cast.li, now=MONDAY)
    kept = SearchText.objects.get().grams
    assert len(kept) == len(set(kept))


def test_a_note_does_not_read_the_history_again(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.add_note(ticket, text="第一", by=cast.li, now=MONDAY)
    with CaptureQueriesContext(connection) as captured:
        actions.add_note(ticket, text="第二", by=cast.li, now=MONDAY)
    statements = [query["sql"] for query in captured if "searchtext" in query["sql"]]
    assert len(statements) == 1
    assert not any('FROM "tickets_entry"' in query["sql"] for query in captured)


def test_index_records_builds_what_the_actions_keep_and_may_run_again(cast: Cast, worked: Ticket) -> None:
    kept = {row.pk: sorted(row.grams) for row in SearchText.objects.all()}
    SearchText.objects.all().delete()
    assert found("蓝屏", cast.li) == []
    for _ in range(2):
        out = StringIO()
        call_command("index_records", stdout=out)
        assert "1 records indexed." in out.getvalue()
        assert {row.pk: sorted(row.grams) for row in SearchText.objects.all()} == kept


def test_a_new_name_is_found_after_indexing(cast: Cast, worked: Ticket) -> None:
    Client.objects.filter(pk=cast.hospital.pk).update(name="人民医院")
    assert found("人民", cast.li) == []
    assert indexing.index_all() == 1
    assert found("人民", cast.li) == [worked.pk]


# Pages -----------------------------------------------------------------------------------------------------


def test_the_list_marks_the_words_and_says_where_they_stand(cast: Cast, worked: Ticket, li: Browser) -> None:
    url = reverse("tickets:list")
    page = li.get(url, {"queue": "all", "q": "崩溃 供应商"}).content.decode()
    assert "系统<mark>崩溃</mark>" in page and "机柜<mark>供应商</mark>" in page
    assert "1 record found." in page
    page = li.get(url, {"queue": "all", "q": "<b>崩溃"}).content.decode()
    assert "<b>崩溃" not in page
    assert "at least two characters" in li.get(url, {"queue": "all", "q": "🔥"}).content.decode()


def test_a_search_goes_with_filters_and_queues(cast: Cast, worked: Ticket, li: Browser) -> None:
    def finds(**query: str) -> bool:
        page = li.get(reverse("tickets:list"), {"q": "崩溃", **query}).content.decode()
        return reverse("tickets:detail", args=[worked.pk]) in page

    assert finds(queue="all", grade="2") and finds(queue="open") and finds(status="resolved")
    assert not finds(queue="all", grade="1") and not finds(queue="overdue")


def test_pages_of_a_ranked_search_have_every_record_once(cast: Cast, li: Browser) -> None:
    wanted = {cast.ticket(timezone.now(), title=f"漏水 {n}").pk for n in range(40)}
    wanted |= {cast.ticket(timezone.now(), details=f"漏水 {n}").pk for n in range(40)}
    url, seen = reverse("tickets:list") + "?queue=all&q=漏水", []
    while url:
        answer = li.get(url)
        seen += [row.ticket.pk for row in answer.context["rows"]]
        older = answer.context["page"].older_url
        url = reverse("tickets:list") + older if older else ""
    assert len(seen) == 80 and set(seen) == wanted
    assert {Ticket.objects.get(pk=pk).title[:2] for pk in seen[:40]} == {"漏水"}


def test_a_search_costs_the_same_number_of_queries_however_much_is_found(
    cast: Cast, li: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Once a minute one search asks for statistics besides: not between two of these.
    monkeypatch.setattr(search, "_minute", lambda: 0)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert li.get(reverse("tickets:list") + "?queue=all&q=漏水").status_code == 200
        return len(captured)

    cast.ticket(timezone.now(), details="漏水")
    queries()
    few = queries()
    for _ in range(20):
        cast.ticket(timezone.now(), details="漏水")
    assert queries() == few <= 12


# Similar records -------------------------------------------------------------------------------------------


def _solved(cast: Cast, title: str, **more: object) -> Ticket:
    now = timezone.now()
    ticket = cast.ticket(now, title=title, **more)
    actions.grade(ticket, Grade.THREE, reason="一般", by=cast.li, now=now)
    actions.acknowledge(ticket, by=cast.chen, now=now)
    return actions.resolve(ticket, solution="重建索引", cause=Cause.DATABASE, by=cast.chen, now=now)


def _other_client(cast: Cast) -> Client:
    return Client.objects.create(
        code="bureau",
        name="税务局",
        type=cast.hospital.type,
        group=cast.south,
        hours=cast.hospital.hours,
    )


def test_similar_records_are_solved_ones_of_the_same_system_first(cast: Cast) -> None:
    pacs = System.objects.create(client=cast.hospital, name="影像")
    other = _solved(cast, "报表查询超时,数据打不开", system=pacs)
    same = _solved(cast, "报表查询超时")
    _solved(cast, "打印机卡纸")
    cast.ticket(timezone.now(), title="报表查询超时")  # not solved
    asked_for = "报表查询超时,数据打不开"
    assert similar(asked_for, user=cast.li, system=cast.his) == [same, other]
    assert similar(asked_for, user=cast.li) == [other, same]
    assert similar("大象", user=cast.li) == similar("", user=cast.li) == similar("a", user=cast.li) == []


def test_the_call_form_shows_similar_records(cast: Cast, li: Browser) -> None:
    _solved(cast, "报表查询超时")
    url = reverse("tickets:similar")
    query = {"title": "报表查询超时", "client": "hospital", "system": str(cast.his.pk)}
    page = li.get(url, query).content.decode()
    assert "<mark>报表查询超时</mark>" in page and "重建索引" in page and "Database" in page
    for odd in ({}, {"title": "\0"}, {"title": "报表", "system": "9" * 30, "client": "\0"}, {"system": "x"}):
        assert li.get(url, odd).status_code == 200
    assert signed_in(cast.sun).get(url, query).status_code == 403
    assert li.post(url).status_code == 405
