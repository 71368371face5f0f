"""The first administrator, and tokens from the command line."""

import re

import pytest
from django.core.management import CommandError, call_command

from staff.actions import digest_of
from staff.models import ApiToken, User


def test_the_first_administrator_gets_a_password_that_is_printed_once(db, capsys):
    call_command("first_admin")
    said = capsys.readouterr().out
    password = re.search(r"password (\S+)", said)[1]
    admin = User.objects.get()
    assert (admin.username, admin.role, admin.is_superuser, admin.is_staff) == (
        "admin",
        "administrator",
        True,
        True,
    )
    assert admin.check_password(password)
    call_command("first_admin")
    assert "Nothing is needed" in capsys.readouterr().out
    assert User.objects.count() == 1


def test_nothing_is_needed_where_there_are_people(cast, capsys):
    before = User.objects.count()
    call_command("first_admin")
    assert "Nothing is needed" in capsys.readouterr().out and User.objects.count() == before


def test_a_token_is_all_that_is_printed(cast, capsys):
    call_command("create_token", "li")
    secret = capsys.readouterr().out
    assert re.fullmatch(r"opsd_\S+\n", secret)
    assert ApiToken.objects.get().digest == digest_of(secret.strip())


def test_the_command_s_options_reach_the_token(cast, capsys):
    call_command("create_token", "li", "--name", "probe", "--days", "1", "--read-only")
    token = ApiToken.objects.get()
    assert (token.name, token.may_write, (token.expires_at - token.created_at).days) == ("probe", False, 1)


@pytest.mark.parametrize("wrong", [("nobody",), ("li", "--days", "0"), ("li", "--days", "367")])
def test_a_wrong_command_issues_nothing(cast, wrong):
    with pytest.raises(CommandError):
        call_command("create_token", *wrong)
    assert not ApiToken.objects.exists()
