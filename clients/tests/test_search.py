"""How clients are found."""

import pytest

from clients.models import Client
from clients.search import search


@pytest.mark.parametrize(
    "words",
    [
        "市一",
        "first",
        "HOSP",
        " 医院 ",
        "0755-8888 8877",
        "88888877",
        "8888",
        "+86 755 88888877",
        "0755",
        "075588888877",
    ],
)
def test_a_client_is_found_by_code_name_or_number(cast, words):
    assert list(search(Client.objects.all(), words)) == [cast.hospital]


@pytest.mark.parametrize("words", ["市二", "13800138000", "00000", "%", "_"])
def test_what_fits_nobody_finds_nobody(cast, words):
    assert list(search(Client.objects.all(), words)) == []


@pytest.mark.parametrize("words", ["", "   ", "\0"])
def test_no_words_no_search(cast, words):
    assert list(search(Client.objects.all(), words)) == [cast.hospital]


def test_several_numbers_that_fit_find_the_client_once(cast):
    cast.contact.phones.create(number="0755-8888 8878", digits="8675588888878")
    assert list(search(Client.objects.all(), "8888")) == [cast.hospital]


def test_the_search_stays_within_what_one_may_see(cast):
    assert list(search(Client.objects.visible_to(cast.outsider), "8888")) == []
    assert list(search(Client.objects.visible_to(cast.sun), "8888")) == [cast.hospital]
