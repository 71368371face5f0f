"""`manage.py load_defaults`: the reference rows without which no record can be kept. Safe to run again."""

from django.core.management.base import BaseCommand
from django.utils import timezone

import audits.actions
import audits.actions.clauses
import clients.actions
import duty.actions
import reports.assessment.actions
import surveys.actions
import tickets.actions.policy
import visits.actions
from duty.official import plan_of

FIRST_YEAR = 2024


class Command(BaseCommand):
    help = (
        "Create missing reference rows: time limits, report-up rules, client types, service hours, calendar, "
        "callback plans, questionnaires, checklists of audits, the process, the scheme of assessment."
    )

    def handle(self, *args: object, **options: object) -> None:
        clients.actions.load_defaults()
        tickets.actions.policy.load_defaults()
        tickets.actions.load_work_types()
        visits.actions.load_defaults(now=timezone.now())
        surveys.actions.load_defaults(now=timezone.now())
        audits.actions.load_defaults(now=timezone.now())
        audits.actions.clauses.load_defaults(now=timezone.now())
        reports.assessment.actions.load_defaults(now=timezone.now())
        this_year = timezone.localdate().year
        for year in range(min(FIRST_YEAR, this_year), this_year + 2):
            changed = duty.actions.load_year(plan_of(year))
            if changed:
                self.stdout.write(f"calendar {year}: {changed} days")
