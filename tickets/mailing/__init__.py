"""What an e-mail says and what is to become of it. Pure: no database, no network, no clock.

`reading` makes a `Letter` of whatever bytes have come, `quoting` tells what is new in it, `deciding` says
where it belongs.
"""

from tickets.mailing.deciding import Facts, Outcome, Reason, Thread, Verdict, decide, ignored, ticket_in
from tickets.mailing.letter import File, Letter
from tickets.mailing.reading import read

__all__ = [
    "Facts",
    "File",
    "Letter",
    "Outcome",
    "Reason",
    "Thread",
    "Verdict",
    "decide",
    "ignored",
    "read",
    "ticket_in",
]
