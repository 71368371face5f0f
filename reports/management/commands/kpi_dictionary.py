"""Write `docs/kpi.md` from the definitions."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from reports.dictionarydoc import written

PAGE = Path(settings.BASE_DIR) / "docs" / "kpi.md"


class Command(BaseCommand):
    help = "Write docs/kpi.md from the definitions of the KPIs."

    def handle(self, *args: Any, **options: Any) -> None:
        PAGE.write_text(written(), encoding="utf-8")
        self.stdout.write(f"{PAGE.relative_to(settings.BASE_DIR)} written")
