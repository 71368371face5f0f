"""Create the first administrator of an empty installation."""

import secrets

from django.core.management.base import BaseCommand
from django.db import transaction

from staff.models import Role, User

USERNAME = "admin"


class Command(BaseCommand):
    help = "Create the administrator of an empty installation, with a one-time password that is printed once."

    @transaction.atomic
    def handle(self, **options: object) -> None:
        if User.objects.exists():
            self.stdout.write("Nothing is needed: there are people already.")
            return
        password = secrets.token_urlsafe(12)
        User.objects.create_superuser(USERNAME, password=password, name=USERNAME, role=Role.ADMINISTRATOR)
        self.stdout.write(f"Sign in as {USERNAME} with the one-time password {password}")
        self.stdout.write("and change it under Settings: it is not shown again.")
