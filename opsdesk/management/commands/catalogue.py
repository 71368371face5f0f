"""`manage.py catalogue`: bring the Chinese catalogue in step with the sources, and compile it."""

from django.core.management.base import BaseCommand

from opsdesk.catalogue import update


class Command(BaseCommand):
    help = "Gather the messages of code and templates into the Chinese catalogue and compile it."

    def handle(self, *args: object, **options: object) -> None:
        catalogue = update()
        missing = [message.id for message in catalogue if message.id and not _is_translated(message.string)]
        self.stdout.write(f"{len(catalogue)} messages, {len(missing)} without Chinese")
        for message in missing:
            self.stdout.write(f"  {message}")


def _is_translated(string: object) -> bool:
    return bool(string) and (isinstance(string, str) or all(string))
