"""`manage.py what_if`: what a draft of the policy would have meant for the past, without Celery and Redis."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tickets.actions.rehearsal import LONGEST, ask_what_if, rehearse
from tickets.models import PolicyVersion, WhatIf
from tickets.whatif import Sums


class Command(BaseCommand):
    help = (
        "Carry on all what-if runs that wait. With --of, first ask what that version of the policy would "
        "have meant for the records of the last months, and print it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--of", type=int, metavar="NUMBER", help="the version; without it none is asked")
        parser.add_argument("--months", type=int, default=18, help=f"how far back, 1 to {LONGEST}")

    def handle(self, *args: object, of: int | None, months: int, **options: object) -> None:
        run = self._asked(of, months) if of is not None else None
        while rehearse(now=timezone.now(), seconds=60):
            pass
        if run is not None:
            self._print(run)

    def _asked(self, number: int, months: int) -> WhatIf:
        version = PolicyVersion.objects.filter(number=number).first()
        if version is None:
            raise CommandError(f"There is no version {number}.")
        if not 1 <= months <= LONGEST:
            raise CommandError(f"Choose 1 to {LONGEST} months.")
        return ask_what_if(version, months=months, by=None, now=timezone.now())

    def _print(self, run: WhatIf) -> None:
        run.refresh_from_db()
        if run.failed_at:
            raise CommandError(f"It failed after {run.done} of {run.total} records: {run.error}")
        sums = Sums.from_json(run.result)
        self.stdout.write(f"{run.done} records, {sums.changed} would have gone otherwise")
        for thing, total in sorted(sums.by_thing.items(), key=str):
            about = f"{thing.kind} {thing.grade or '-'} {thing.what} {thing.target}".rstrip()
            self.stdout.write(f"{about:<60}{total.old:>8}{total.new:>8}{total.difference:>+8}")
