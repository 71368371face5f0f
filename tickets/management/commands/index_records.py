"""`manage.py index_records`: write anew by what records are found."""

from django.core.management.base import BaseCommand

from tickets.actions import forget_stale
from tickets.actions.indexing import index_all
from tickets.models import Ticket


class Command(BaseCommand):
    help = (
        "Write the search index of all records anew, some hundred at a time while people go on working. "
        "It may be run at any time; new names of clients, systems and contacts are followed without it."
    )

    def handle(self, *args: object, **options: object) -> None:
        forget_stale()
        total = Ticket.objects.count()
        done = index_all(say=lambda done: self._say(done, total))
        self.stdout.write(f"{done} records indexed.")

    def _say(self, done: int, total: int) -> None:
        if done % 10_000 == 0:
            self.stdout.write(f"{done} of {total} records")
            self.stdout.flush()
