"""Keyset pages: every row once, in order, whatever happens to the list meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F
from django.test import RequestFactory

from staff.models import ApiToken, User
from staff.paging import page

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
BY_EXPIRY = ("expires_at", "-pk")


@pytest.fixture
def owner(db) -> User:
    return User.objects.create(username="zhou", name="周姐", role="auditor")


@pytest.fixture
def tokens(owner) -> list[ApiToken]:
    """Ten rows; three at a time share an instant, so that the second column decides."""
    return ApiToken.objects.bulk_create(
        ApiToken(
            user=owner,
            name=f"n{number}",
            digest=str(number),
            created_at=NOON,
            expires_at=NOON + timedelta(microseconds=number // 3),
        )
        for number in range(10)
    )


def asked(url: str | None, rows=None, order=BY_EXPIRY, size=4):
    rows = ApiToken.objects.all() if rows is None else rows
    return page(rows, request=RequestFactory().get(f"/list/{url or ''}"), order=order, size=size)


def names(found) -> list[str]:
    return [row.name for row in found.rows]


def walked(order, rows=None) -> list[str]:
    found = asked(None, rows, order)
    seen = names(found)
    while found.older_url:
        found = asked(found.older_url, rows, order)
        seen += names(found)
    return seen


@pytest.mark.parametrize(
    "order",
    [("pk",), ("-pk",), BY_EXPIRY, ("-expires_at", "pk"), ("user__name", "-expires_at", "-pk")],
    ids=",".join,
)
def test_walking_to_the_end_shows_every_row_once_in_order(tokens, order):
    assert walked(order) == [row.name for row in ApiToken.objects.order_by(*order)]


def test_an_annotation_can_order_the_list(tokens):
    rows = ApiToken.objects.annotate(until=F("expires_at"))
    assert walked(("-until", "pk"), rows) == [row.name for row in rows.order_by("-until", "pk")]


def test_walking_back_shows_the_same_pages(tokens):
    first = asked(None)
    second = asked(first.older_url)
    third = asked(second.older_url)
    back = asked(third.newer_url)
    assert (names(back), back.older_url) == (names(second), second.older_url)
    again = asked(back.newer_url)
    assert (names(again), again.newer_url) == (names(first), None)


def test_the_ends_of_the_list_have_no_neighbour(tokens):
    assert asked(None).newer_url is None
    assert asked(None, size=10).older_url is None
    assert asked(None, size=9).older_url is not None


def test_a_row_that_arrives_meanwhile_shifts_nothing(tokens, owner):
    first = asked(None, order=("-pk",))
    ApiToken.objects.create(user=owner, name="new", digest="new", created_at=NOON, expires_at=NOON)
    assert names(asked(first.older_url, order=("-pk",))) == ["n5", "n4", "n3", "n2"]


def test_going_back_to_less_than_a_page_shows_the_first_page_whole(tokens):
    second = asked(asked(None).older_url)
    ApiToken.objects.filter(name__in=names(asked(None))[:2]).delete()
    back = asked(second.newer_url)
    assert len(back.rows) == 4 and back.newer_url is None and back.older_url is not None


def test_a_cursor_whose_rows_are_gone_gives_the_first_page(tokens):
    last = asked(asked(asked(None).older_url).older_url)
    url = asked(asked(None).older_url).older_url
    ApiToken.objects.filter(pk__in=[row.pk for row in last.rows]).delete()
    assert names(asked(url)) == names(asked(None))


@pytest.mark.parametrize(
    "broken", ["?cursor=", "?cursor=nonsense", "?cursor=WyJhZnRlciIsWzFdXQ:abc", "?cursor=%00"]
)
def test_a_tampered_cursor_gives_the_first_page(tokens, broken):
    assert names(asked(broken)) == names(asked(None))


def test_a_cursor_of_another_list_gives_the_first_page(tokens):
    foreign = asked(None, order=("-pk",)).older_url
    assert names(asked(foreign)) == names(asked(None))


def test_filters_stay_in_the_address(tokens):
    found = asked("?status=open&q=%E5%B8%82&cursor=old")
    assert found.older_url.startswith("?status=open&q=%E5%B8%82&cursor=")
    assert found.older_url.count("cursor=") == 1


def test_a_page_costs_one_query(tokens, django_assert_num_queries):
    with django_assert_num_queries(1):
        first = asked(None)
    with django_assert_num_queries(1):
        asked(first.older_url)


def test_an_empty_list_is_one_empty_page(db):
    assert asked(None).rows == [] and asked(None).older_url is None


def test_an_empty_column_is_refused_rather_than_losing_rows(tokens):
    with pytest.raises(ValueError, match="revoked_at"):
        asked(None, order=("revoked_at", "pk"))
