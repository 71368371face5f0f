"""Replay of a real incident log through the same actions that people use (docs/replay.md).

`rows` reads the file, `cast` finds or creates who and what it names, `feeding` turns each row into the verb
that it means, `summary` counts. `replay` does it all; the command `manage.py replay` only prints.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from django.db import DatabaseError, connection

from opsdesk.replay.cast import find_cast, groups_of_everyone
from opsdesk.replay.feeding import Impossible, feed
from opsdesk.replay.rows import read
from opsdesk.replay.summary import Summary
from staff.models import Group
from tickets.models import Ticket

log = logging.getLogger(__name__)


def replay(
    path: Path,
    *,
    home: Group | None = None,
    limit: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Summary:
    """Feed a log through the actions, one transaction an incident; what is there already stays as it is.

    Raises `opsdesk.replay.rows.Unreadable` for a file that is no log. One incident that fails, for whatever
    reason, leaves nothing behind and does not keep the others.
    """
    summary = Summary(read(path))
    chosen = summary.log.incidents[:limit]
    numbers = [incident.number for incident in chosen]
    known = set(Ticket.objects.filter(external_ref__in=numbers).values_list("external_ref", flat=True))
    summary.already_there = len(known)
    wanted = [incident for incident in chosen if incident.number not in known]
    if not wanted:
        return summary
    everyone = groups_of_everyone(summary.log.incidents)
    cast = find_cast(wanted, home=home, everyone=everyone)
    for done, incident in enumerate(wanted, 1):
        try:
            summary.outcome.add(feed(incident, cast))
        except Impossible as reason:
            summary.failed[incident.number] = str(reason)
        except DatabaseError as error:
            if not connection.is_usable():
                raise
            log.exception("%s could not be replayed", incident.number)
            summary.failed[incident.number] = str(error).partition("\n")[0]
        else:
            summary.replayed.append(incident.number)
            summary.rows += len(incident.rows)
        progress(done, len(wanted))
    return summary
