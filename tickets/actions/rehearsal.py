"""What-if runs: asked for, worked off in portions, and carried on wherever they stopped."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from staff.models import User
from tickets.actions.drafting import refuse_others
from tickets.histories import Archive, terms_of
from tickets.lifecycle import Refused
from tickets.models import PolicyVersion, Ticket, WhatIf
from tickets.terms import as_json, from_json
from tickets.whatif import Policy, Sums, compare

log = logging.getLogger(__name__)
PORTION = 500  # records
LONGEST = 60  # months
MONTH = timedelta(days=365) / 12


def ask_what_if(version: PolicyVersion, *, months: int, by: User | None, now: datetime) -> WhatIf:
    """Ask what a version would have meant for the records reported in the last `months` months.

    It is compared with the version in force. Writes down both as they stand; the replaying is left to
    `rehearse`. Raises `Refused` naming the field at fault.
    """
    refuse_others(by)
    if not 1 <= months <= LONGEST:
        raise Refused(_("Choose 1 to 60 months."), field="months", code="invalid")
    base = PolicyVersion.objects.adopted().get()
    since = now - months * MONTH
    return WhatIf.objects.create(
        version=version,
        base=base,
        since=since,
        until=now,
        asked_by=by,
        asked_at=now,
        terms={"old": as_json(terms_of(base)), "new": as_json(terms_of(version))},
        total=_reported(since, now).count(),
    )


def rehearse(*, now: datetime, seconds: float) -> bool:
    """Work off what-if runs, the oldest first, for about so many seconds; say whether any is left.

    Each portion is one transaction on the locked run: it counts once, whoever works and wherever he dies. A
    run that another worker holds is left to him. One that raises has failed, for good and with its reason.
    """
    begun = time.monotonic()
    while True:
        if not _rehearse_portion(now):
            return WhatIf.objects.waiting().exists()
        if time.monotonic() - begun > seconds:
            return WhatIf.objects.waiting().exists()


def _rehearse_portion(now: datetime) -> bool:
    with transaction.atomic():
        run = WhatIf.objects.waiting().select_for_update(skip_locked=True, of=("self",)).first()
        if run is None:
            return False
        try:
            with transaction.atomic():
                _carry_on(run, now)
        except OperationalError:
            raise  # the database's trouble, not the run's: it is tried again
        except Exception as error:
            log.exception("what-if run %s has failed", run.pk)
            what = f"{type(error).__name__}: {error}"[:300]
            WhatIf.objects.filter(pk=run.pk).update(failed_at=now, error=what)
    return True


def _carry_on(run: WhatIf, now: datetime) -> None:
    rows = _reported(run.since, run.until).filter(pk__gt=run.upto).order_by("pk")
    tickets = list(rows.without_texts().select_related("client")[:PORTION])
    if tickets:
        _replay(run, tickets)
    if len(tickets) < PORTION:
        run.finished_at, run.total = now, run.done
    run.carried_on_at = now
    run.save()


def _replay(run: WhatIf, tickets: list[Ticket]) -> None:
    old, new = (Policy(from_json(run.terms[name])) for name in ("old", "new"))
    sums = Sums.from_json(run.result)
    compare(Archive(since=run.since).histories(tickets), old, new, until=run.until, sums=sums)
    run.result, run.upto = sums.as_json(), tickets[-1].pk
    run.done += len(tickets)


def _reported(since: datetime, until: datetime):  # type: ignore[no-untyped-def]
    return Ticket.objects.filter(reported_at__gte=since, reported_at__lte=until)
