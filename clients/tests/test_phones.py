"""However a number is written, it is one number; and it is found while it is typed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.phones import MAX_DIGITS, MESSAGES, Candidate, InvalidPhone, PhoneNumber, candidates, normalise

LANDLINE = "8675588888877"
MOBILE = "8613800138000"

SPELLINGS = [
    ("075588888877", LANDLINE, ""),
    ("0755-88888877", LANDLINE, ""),
    ("0755 8888 8877", LANDLINE, ""),
    ("0755-8888-8877", LANDLINE, ""),
    ("0755/88888877", LANDLINE, ""),
    ("0755.8888.8877", LANDLINE, ""),
    ("(0755)88888877", LANDLINE, ""),
    ("（0755）8888-8877", LANDLINE, ""),
    ("【0755】88888877", LANDLINE, ""),
    ("755-88888877", LANDLINE, ""),
    ("75588888877", LANDLINE, ""),
    ("+86 755 8888 8877", LANDLINE, ""),
    ("+86-0755-88888877", LANDLINE, ""),
    ("+86 (0)755 8888 8877", LANDLINE, ""),
    ("＋８６－７５５－８８８８８８７７", LANDLINE, ""),
    ("０７５５－８８８８８８７７", LANDLINE, ""),
    ("0086 755 88888877", LANDLINE, ""),
    ("0086-0755-88888877", LANDLINE, ""),
    ("86 755 88888877", LANDLINE, ""),
    ("8675588888877", LANDLINE, ""),
    ("0755—88888877", LANDLINE, ""),
    ("0755–8888‑8877", LANDLINE, ""),
    ("0755·88888877", LANDLINE, ""),
    ("\u200e0755\u00a088888877\u202c", LANDLINE, ""),
    ("tel:+86-755-8888-8877", LANDLINE, ""),
    ("0755-88888877转8001", LANDLINE, "8001"),
    ("0755-88888877 转 8001", LANDLINE, "8001"),
    ("0755-88888877轉8001", LANDLINE, "8001"),
    ("0755-88888877转接8001", LANDLINE, "8001"),
    ("0755-88888877（转8001）", LANDLINE, "8001"),
    ("0755-88888877分机8001", LANDLINE, "8001"),
    ("0755-88888877 分機號8001", LANDLINE, "8001"),
    ("0755-88888877转分机：8001", LANDLINE, "8001"),
    ("0755-88888877内线8001", LANDLINE, "8001"),
    ("0755-88888877 ext 8001", LANDLINE, "8001"),
    ("0755-88888877 EXT. 8001", LANDLINE, "8001"),
    ("0755-88888877, extension 8001", LANDLINE, "8001"),
    ("0755-88888877x8001", LANDLINE, "8001"),
    ("0755-88888877ｘ８００１", LANDLINE, "8001"),
    ("0755-88888877#8001", LANDLINE, "8001"),
    ("0755-88888877＃8001#", LANDLINE, "8001"),
    ("0755-88888877-8001", LANDLINE, "8001"),
    ("0755 88888877 8001", LANDLINE, "8001"),
    ("tel:+86-755-88888877;ext=8001", LANDLINE, "8001"),
    ("75588888877-8001", LANDLINE, "8001"),
    ("13800138000", MOBILE, ""),
    ("138 0013 8000", MOBILE, ""),
    ("138-0013-8000", MOBILE, ""),
    ("+8613800138000", MOBILE, ""),
    ("+86 138-0013-8000", MOBILE, ""),
    ("8613800138000", MOBILE, ""),
    ("0086 13800138000", MOBILE, ""),
    ("013800138000", MOBILE, ""),
    ("13800138000-1", MOBILE, "1"),
    ("010-65529988", "861065529988", ""),
    ("10 65529988", "861065529988", ""),
    ("021-61234567转0", "862161234567", "0"),
    ("0551-5551234", "865515551234", ""),
    ("400-810-8888", "864008108888", ""),
    ("4008-108-888", "864008108888", ""),
    ("4008108888转2", "864008108888", "2"),
    ("400-810-8888-1", "864008108888", "1"),
    ("+86 400 810 8888", "864008108888", ""),
    ("800-810-8888", "868008108888", ""),
    ("+852 2123 4567", "85221234567", ""),
    ("00852-2123-4567", "85221234567", ""),
    ("+1 (650) 253-0000", "16502530000", ""),
    ("+1 650 253 0000 x12", "16502530000", "12"),
    ("12345", "12345", ""),
    ("+86 12345", "12345", ""),
    ("0755-12345", "8675512345", ""),
    ("+86 755 12345", "8675512345", ""),
    ("110", "110", ""),
    ("95588", "95588", ""),
    ("95588转1", "95588", "1"),
    ("88888877", "88888877", ""),
    ("8888-8877", "88888877", ""),
    ("88888877-801", "88888877", "801"),
    ("6552-9988-801", "65529988", "801"),
    ("5551234转801", "5551234", "801"),
]


@pytest.mark.parametrize(("written", "digits", "extension"), SPELLINGS)
def test_a_number_in_any_spelling(written, digits, extension):
    assert normalise(written) == PhoneNumber(digits, extension)


WRONG = [
    ("", "empty"),
    ("   ", "empty"),
    ("-", "empty"),
    ("转8001", "empty"),
    ("abc", "letters"),
    ("电话 0755-88888877", "letters"),
    ("0755-8888O877", "letters"),
    ("12", "too_short"),
    ("+86", "too_short"),
    ("1380013800", "invalid"),
    ("138001380000", "invalid"),
    ("0755-88888877/78", "invalid"),
    ("0755+88888877", "invalid"),
    ("0755-88888877;1", "invalid"),
    ("088888877", "invalid"),
    ("+999 1234567", "invalid"),
    ("١٢٣٤٥٦٧", "invalid"),
    ("0755-88888877\x00", "invalid"),
    ("0755-88888877/88888878", "too_long"),
    ("0755-88888877转123456789", "too_long"),
    ("9" * 30, "too_long"),
    ("0755-88888877" + " " * 100 + "1", "too_long"),
]


@pytest.mark.parametrize(("written", "code"), WRONG)
def test_what_is_no_number_is_refused_with_a_code(written, code):
    with pytest.raises(InvalidPhone) as refused:
        normalise(written)
    assert refused.value.code == code
    assert refused.value.message is MESSAGES[code]
    assert isinstance(refused.value, ValueError)


# While somebody types --------------------------------------------------------------------------------------

STORED = [LANDLINE, MOBILE, "864008108888", "85221234567", "88888877", "12345", "861065529988"]


def found(typed: str) -> list[str]:
    """What a database would find, in the order of the candidates."""
    tests = {"exact": str.__eq__, "startswith": str.startswith, "contains": str.__contains__}
    hits = [d for c in candidates(typed) for d in STORED if tests[c.lookup](d, c.digits)]
    return list(dict.fromkeys(hits))


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("0755-888", LANDLINE),
        ("0755888", LANDLINE),
        ("755888", LANDLINE),
        ("+86 755", LANDLINE),
        ("+86 0755 888", LANDLINE),
        ("86 0755 888", LANDLINE),
        ("0086755", LANDLINE),
        ("０７５５－８８８", LANDLINE),
        ("0755-88888877转80", LANDLINE),
        ("0755-88888877-8", LANDLINE),
        ("138", MOBILE),
        ("1380013", MOBILE),
        ("0138", MOBILE),
        ("00138000", MOBILE),
        ("8000", MOBILE),
        ("400-8", "864008108888"),
        ("+852 21", "85221234567"),
        ("2123 45", "85221234567"),
        ("123", "12345"),
        ("010", "861065529988"),
    ],
)
def test_a_part_of_a_number_finds_it_first(typed, first):
    assert found(typed)[0] == first


def test_a_number_without_its_area_code_finds_it_with_and_without():
    assert found("88888877") == ["88888877", LANDLINE]
    assert found("8888 88") == ["88888877", LANDLINE]


def test_a_whole_number_finds_the_one_that_was_stored_without_its_area_code():
    assert found("0755-88888877") == [LANDLINE, "88888877"]
    assert candidates("0755-88888877") == [Candidate("startswith", LANDLINE), Candidate("exact", "88888877")]


@pytest.mark.parametrize("typed", ["", "1", "12", "00", "08", "abc", "转", "+", "88 abc 88", "1" * 1000])
def test_too_little_and_nonsense_find_nothing(typed):
    assert found(typed) == []


# Properties ------------------------------------------------------------------------------------------------

thorough = settings(max_examples=100, derandomize=True, deadline=None, database=None)

nationals = st.one_of(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"(10|2[0-9])[2-9][0-9]{7}", fullmatch=True),
    st.from_regex(r"(?!400|800|86)[3-9][0-9]{2}[2-9][0-9]{6,7}", fullmatch=True),
)
separators = st.sampled_from(["", "", " ", "-", "/", ".", "－", "　"])
prefixes = st.sampled_from(["0", "+86", "0086", "+86 0", "+86-(0)", "86-0"])
extensions = st.tuples(
    st.sampled_from(["转", " ext. ", "x", "#", " 分机"]), st.from_regex(r"[0-9]{1,6}", fullmatch=True)
)


@thorough
@given(nationals, prefixes, st.lists(separators, min_size=12, max_size=12), st.booleans(), extensions)
def test_any_two_spellings_of_one_number_give_the_same_digits(national, prefix, between, is_wide, extension):
    written = prefix + "".join(digit + mark for digit, mark in zip(national, between, strict=False))
    if is_wide:
        written = written.translate({ord("0") + n: chr(ord("０") + n) for n in range(10)})
    assert normalise(written).digits == "86" + national
    assert normalise(written + "".join(extension)) == PhoneNumber("86" + national, extension[1])


@thorough
@given(nationals, prefixes, st.integers(4, 11))
def test_whoever_types_on_keeps_finding_it(national, prefix, length):
    typed = prefix + national[:length]
    tests = {"exact": str.__eq__, "startswith": str.startswith, "contains": str.__contains__}
    assert any(tests[c.lookup]("86" + national, c.digits) for c in candidates(typed))
    assert any(tests[c.lookup]("86" + national, c.digits) for c in candidates(national[-length:]))


@thorough
@given(st.text(alphabet=st.one_of(st.sampled_from("0123456789+-()/ x转#86"), st.characters()), max_size=40))
def test_any_text_is_a_number_or_refused_and_never_breaks_the_search(text):
    for candidate in candidates(text):
        assert candidate.digits.isdecimal()
    try:
        number = normalise(text)
    except InvalidPhone as refused:
        assert refused.code in MESSAGES
    else:
        assert number.digits.isdecimal()
        assert len(number.digits) <= MAX_DIGITS
        assert number.extension == "" or number.extension.isdecimal()


@thorough
@given(nationals)
def test_digits_are_their_own_spelling(national):
    assert normalise("86" + national).digits == "86" + national
    assert normalise("+86" + national) == normalise("86" + national)
