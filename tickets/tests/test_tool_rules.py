"""The pure rules of the working tools, as tables: spans of time, variables, mentions, differences."""

from __future__ import annotations

import random
import time
from itertools import product

import pytest

from tickets.comparing import Change, combined, differences, words
from tickets.mentions import Reader, mentions_in, split
from tickets.timespent import parse_minutes
from tickets.variables import GAP, fill, unknown


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("45", 45),
        (" 45 ", 45),
        ("４５", 45),
        ("45m", 45),
        ("45 min", 45),
        ("45分", 45),
        ("45 分钟", 45),
        ("1h", 60),
        ("1H30", 90),
        ("1h 30m", 90),
        ("1 h 5 min", 65),
        ("1.5h", 90),
        ("1,5 h", 90),
        ("0.25h", 15),
        ("1:30", 90),
        ("0:05", 5),
        ("1：30", 90),
        ("1小时", 60),
        ("1小时30分", 90),
        ("1小时30分钟", 90),
        ("1个小时 5分", 65),
        ("2个钟头", 120),
        ("1.5小时", 90),
        ("半小时", 30),
        ("半个小时", 30),
        ("1个半小时", 90),
        ("2小时半", 150),
        ("24h", 1440),
        ("1440", 1440),
    ],
)
def test_a_span_of_time_is_read_as_people_write_it(text: str, minutes: int) -> None:
    assert parse_minutes(text) == minutes


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "0",
        "0h",
        "-5",
        "1441",
        "25h",
        "abc",
        "1.5",
        "1h75x",
        "1:75",
        "1:5",
        "h",
        "半",
        "45 45",
        "1d",
        "1e3",
    ],
)
def test_what_is_no_span_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_minutes(text)


VALUES = {"client": "市一医院", "number": "T-10001", "title": "{me} 登录不了 {client}", "system": " "}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{client}您好", "市一医院您好"),
        ("{ client } {number}", "市一医院 T-10001"),
        ("{system}由{owner}处理", f"{GAP}由{GAP}处理"),
        ("{title}", "{me} 登录不了 {client}"),  # what stands in a value is never looked at again
        ('{"a": 1} {} {} { }', '{"a": 1} {} {} { }'),
        ("{nonsense}", "{nonsense}"),
        ("{{client}}", "{市一医院}"),
    ],
)
def test_variables_are_filled_in_once_and_gaps_are_seen(text: str, filled: str) -> None:
    assert fill(text, VALUES) == filled


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{client} {due} {me} {today} {caller} {owner} {title} {system} {number}", []),
        ("{clinet}", ["{clinet}"]),
        ("{客户} {客户}", ["{客户}"]),
        ("{me.password} {client!r} {0} {client:>99}", ["{me.password}", "{client!r}", "{0}", "{client:>99}"]),
        ("{% load x %} {{ x }}", ["{ x }"]),
    ],
)
def test_unknown_variables_are_named(text: str, wrong: list[str]) -> None:
    assert unknown(text) == wrong


WANG = Reader(1, "wang", ("王强", "Wang Qiang"))
WANG_LI = Reader(2, "wangli", ("王强力", ""))
LI = Reader(3, "li", ("李敏", ""))
OTHER_LI = Reader(4, "li2", ("李敏", ""))
OUTSIDER = Reader(5, "outsider", ("外人", ""), may_see=False)
HOUSE = [WANG, WANG_LI, LI, OUTSIDER]


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("@王强 请看", ["王强"]),
        ("请@王强看一下,也请@李敏", ["王强", "李敏"]),
        ("＠王强", ["王强"]),
        ("@王强力一起去", ["王强力"]),  # the longest name that fits
        ("@wang.", ["wang"]),
        ("@WANG, please", ["WANG"]),
        ("@wangli", ["wangli"]),
        ("@wangxyz @wang-x @wang.x", []),
        ("@Wang Qiang has it", ["Wang Qiang"]),
        ("root@wang ops.li@wang.cn x+@li", []),
        ("@王强 @王强", ["王强"]),
        ("@谁也不是 @ @@", []),
        ("@@王强", ["王强"]),
        ("@外人", ["外人"]),
    ],
)
def test_who_is_mentioned(text: str, handles: list[str]) -> None:
    assert [mention.handle for mention in mentions_in(text, HOUSE)] == handles


def test_of_several_of_a_name_those_who_may_see_are_meant_and_a_username_is_one_persons() -> None:
    blind = Reader(6, "li3", ("李敏", ""), may_see=False)
    assert mentions_in("@李敏", [*HOUSE, OTHER_LI, blind])[0].readers == (LI, OTHER_LI)
    assert mentions_in("@李敏", [*HOUSE, blind])[0].readers == (LI,)
    assert mentions_in("@li2", [*HOUSE, OTHER_LI])[0].readers == (OTHER_LI,)


def test_a_text_is_cut_up_at_its_mentions_and_stays_itself() -> None:
    text = "请@王强看,root@王强 不是"
    parts = list(split(text, ["王强"]))
    assert "".join(part for part, _is in parts) == text
    assert [part for part, is_mention in parts if is_mention] == ["@王强"]


def old_and_new(old: str, new: str) -> tuple[str, str]:
    found = differences(old, new)
    left = "".join(piece.text for piece in found if piece.change != Change.ADDED)
    right = "".join(piece.text for piece in found if piece.change != Change.REMOVED)
    return left, right


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("磁盘已满", "磁盘已坏", [("removed", "满"), ("added", "坏")]),
        ("restart the server", "restart the old server", [("added", "old ")]),
        ("重启HIS服务", "重启PACS服务", [("removed", "HIS"), ("added", "PACS")]),
        ("same", "same", []),
        ("", "new", [("added", "new")]),
        ("a\nb", "a\r\nb", [("removed", "\n"), ("added", "\r\n")]),
    ],
)
def test_differences_are_found_by_word_and_by_character(old: str, new: str, marked: list) -> None:
    found = differences(old, new)
    assert [(str(piece.change), piece.text) for piece in found if piece.change != Change.SAME] == marked
    assert old_and_new(old, new) == (old, new)


def test_no_character_is_lost_in_any_comparison() -> None:
    dice = random.Random(58)
    for _round in range(300):
        old, new = ("".join(dice.choices("磁盘已满 ab\n。<>&", k=dice.randrange(40))) for _ in range(2))
        assert old_and_new(old, new) == (old, new)
        assert "".join(words(old)) == old


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "together"),
    [
        ("磁盘满,重启", "磁盘阵列满,重启", "磁盘满,清理后重启", "磁盘阵列满,清理后重启"),
        ("甲乙丙", "甲乙丙", "甲乙丁", "甲乙丁"),
        ("甲乙丙", "甲乙丁", "甲乙丙", "甲乙丁"),
        ("甲乙丙", "甲乙丁", "甲乙戊", "甲乙丁\n甲乙戊"),  # the same place: a person decides
        ("", "电源老化", "换了硬盘", "电源老化\n换了硬盘"),
        ("", "同样", "同样", "同样"),
        ("甲", "", "甲乙", "甲乙"),
        ("甲", "甲乙", " ", "甲乙"),
    ],
)
def test_two_changes_are_put_together(base: str, theirs: str, mine: str, together: str) -> None:
    assert combined(base, theirs, mine) == together


def test_what_either_added_is_in_the_combined_text() -> None:
    pieces = ["甲", "乙", "丙", ""]
    for parts in product(pieces, repeat=3):
        base = "一" + "二".join(pieces[:3]) + "三"
        theirs, mine = base.replace("二", f"二{parts[0]}X{parts[1]}"), base + f"{parts[2]}Y"
        both = combined(base, theirs, mine)
        assert both.count("X") >= theirs.count("X") and "Y" in both


def test_two_long_texts_are_compared_in_a_blink() -> None:
    dice = random.Random(7)
    han = [chr(0x4E00 + number) for number in range(400)]
    old, new = ("".join(dice.choices(han, k=4000)) for _ in range(2))
    begun = time.process_time()
    assert old_and_new(old, new) == (old, new)
    assert time.process_time() - begun < 2
