"""Issue a bearer token of the REST interface from the command line."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from staff.actions import issue_token
from staff.models import User


class Command(BaseCommand):
    help = "Issue a bearer token for a person and print it, and nothing else."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="command line", help="what the token is for")
        parser.add_argument("--days", type=int, default=90, help="how long it is valid (1 to 366)")
        parser.add_argument("--read-only", action="store_true", help="the token may not change anything")

    def handle(self, *, username: str, name: str, days: int, read_only: bool, **options: object) -> None:
        if not 1 <= days <= 366:
            raise CommandError("--days must lie between 1 and 366")
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"there is no active user {username!r}")
        _token, secret = issue_token(user, name[:80], days=days, may_write=not read_only, now=timezone.now())
        self.stdout.write(secret)
