"""`manage.py replay FILE`: feed a real incident log through the actions (docs/replay.md)."""

import sys
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from opsdesk.replay import replay
from opsdesk.replay.rows import Unreadable
from staff.models import Group

WIDTH = 40


class Command(BaseCommand):
    help = "Feed an incident log (CSV, one row an update) through the same actions that people use."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--group", metavar="CODE", help="the O&M group that the log's clients belong to")
        parser.add_argument("--limit", type=int, metavar="N", help="only the first N incidents of the file")

    def handle(
        self, *args: object, file: Path, group: str | None, limit: int | None, **options: object
    ) -> None:
        home = Group.objects.filter(code=group).first() if group else None
        if group and home is None:
            raise CommandError(f"There is no group with the code {group}.")
        began = time.monotonic()
        try:
            with translation.override("en"):
                summary = replay(file, home=home, limit=limit, progress=self.show)
        except Unreadable as error:
            raise CommandError(f"{file} cannot be read: {error}", returncode=2) from error
        except KeyboardInterrupt:
            text = "Stopped. What is done stays; another run goes on from here."
            raise CommandError(text, returncode=130) from None
        for line in summary.lines():
            self.stdout.write(line)
        if summary.replayed:
            self.stdout.write(f"in {time.monotonic() - began:.0f} s")

    def show(self, done: int, total: int) -> None:
        """Show how far it is: a bar on a terminal, a line every tenth of the way elsewhere."""
        if self.stdout.isatty():
            filled = WIDTH * done // total
            bar = "█" * filled + "░" * (WIDTH - filled)
            self.stdout.write(f"\r{bar} {done}/{total}", ending="\n" if done == total else "")
            self.stdout.flush()
        elif done * 10 // total > (done - 1) * 10 // total:
            self.stdout.write(f"{done} of {total} incidents")
            sys.stdout.flush()
