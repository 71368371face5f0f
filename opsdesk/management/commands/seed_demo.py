"""`manage.py seed_demo`: fill an empty installation with a believable house, and leave any other alone."""

from datetime import datetime

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from opsdesk import demo
from opsdesk.demo import accounts
from staff.models import User

LOGINS = "demo-logins.txt"


class Command(BaseCommand):
    help = "Create the demo data and its sign-ins in an installation that has no users yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", metavar="ISO", help="the instant at which the demo's history ends")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, another house")
        parser.add_argument(
            "--records", type=int, default=demo.RECORDS, metavar="N", help="about how many records"
        )

    def handle(self, *args: object, now: str | None, seed: int, records: int, **options: object) -> None:
        if User.objects.exists():
            self.stdout.write("There are users already: no demo data needed.")
            return
        fixed = _instant(now) if now else None
        password = accounts.draw_password()
        with transaction.atomic():
            self.fill(fixed, seed, records, password)
            # Before the commit: the accounts never exist without their password being known.
            accounts.write(settings.DATA_DIR / LOGINS, password)
        self.stdout.write(f"Sign-ins, also in {settings.DATA_DIR / LOGINS}:")
        for line in accounts.table(password):
            self.stdout.write(f"  {line}")

    def fill(self, fixed: datetime | None, number: int, records: int, password: str) -> None:
        demo.seed(
            now=fixed or timezone.now(),
            present=lambda: fixed or timezone.now(),
            password=password,
            number=number,
            records=records,
            say=self.say,
        )

    def say(self, line: str) -> None:
        self.stdout.write(f"demo data: {line}")
        self.stdout.flush()


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--now {text}: not an instant such as 2026-11-23T09:30+08:00") from error
    return instant if instant.tzinfo else timezone.make_aware(instant)
