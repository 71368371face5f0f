"""Which figures an address asks for: whose, and of which period (§3.2b)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.http import Http404, QueryDict
from django.utils.functional import Promise
from django.utils.timezone import get_default_timezone, localdate
from django.utils.translation import gettext_lazy as _

from reports.chosen import Chosen
from reports.periods import EARLIEST, Period, parse_period, period_of

UNITS: Mapping[str, str | Promise] = {
    "week": _("Week"),
    "month": _("Month"),
    "quarter": _("Quarter"),
    "year": _("Year"),
}
# How many periods a trend shows, the one that is looked at among them.
SHOWN = {"week": 12, "month": 12, "quarter": 8, "year": 4}


@dataclass(frozen=True, slots=True)
class Board:
    """Whose figures, the period that is looked at, and the instant at which they hold."""

    chosen: Chosen
    period: Period
    now: datetime

    @property
    def before(self) -> Period:
        return self.period.plus(-1)

    @property
    def shown(self) -> Sequence[Period]:
        """The periods of a trend, the one that is looked at last."""
        number = SHOWN[self.period.unit]
        found = (self.period.plus(n - number + 1) for n in range(number))
        return [period for period in found if period.first >= EARLIEST]

    @property
    def span(self) -> tuple[datetime, datetime]:
        """What of the period has come: months are the house's, not the reader's."""
        start, end = self.period.span(get_default_timezone())
        return start, min(end, self.now)

    @property
    def is_running(self) -> bool:
        """Whether the period goes on, so that its figures are those so far."""
        return self.period.until > today(self.now)

    @property
    def so_far(self) -> str:
        """What is said of its figures where the period goes on; empty where it is over."""
        return str(_("so far")) if self.is_running else ""

    @property
    def later(self) -> Period | None:
        """The period after it; None where that is still to come."""
        return None if self.is_running else self.period.plus(1)

    @property
    def earlier(self) -> Period | None:
        return self.before if self.before.first >= EARLIEST else None

    @property
    def earlier_address(self) -> str:
        return self.query(self.earlier)

    @property
    def later_address(self) -> str:
        return self.query(self.later)

    @property
    def is_own(self) -> bool:
        """Whether they are the reader's own figures."""
        return self.chosen.person is not None and self.chosen.person.pk == self.chosen.reader.pk

    def query(self, period: Period | None = None, **more: object) -> str:
        """Return the query string of these figures, of another period where one is given."""
        return self.chosen.query(period=period or self.period, **more)

    def units(self) -> list[tuple[str | Promise, str, bool]]:
        """Each unit: its name, the address of its period in which this one ends, whether it is this."""
        last = min(self.period.until, today(self.now)).toordinal() - (self.period.until <= today(self.now))
        day = max(date.fromordinal(last), self.period.first)
        return [
            (name, self.query(period_of(day, unit)), unit == self.period.unit) for unit, name in UNITS.items()
        ]


def board_of(chosen: Chosen, asked: QueryDict, now: datetime) -> Board:
    """Read the period of an address: this month where it names none. Http404 for none, or one to come."""
    text = asked.get("period", "")
    if not text:
        return Board(chosen, period_of(today(now), "month"), now)
    try:
        period = parse_period(text)
    except ValueError:
        raise Http404 from None
    if period.first > today(now):
        raise Http404
    return Board(chosen, period, now)


def today(now: datetime) -> date:
    """The day of an instant in the house."""
    return localdate(now, get_default_timezone())
