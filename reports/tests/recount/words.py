"""Each KPI of the dictionary counted anew, from its words alone, as SQL over the raw rows.

A statement gives the rows that ever count: where each falls (`at`), from when on it counts (`ripe`), whose it
is (`grp`, `person`, `client`), and what of it counts: `yes` of a share, `amount` of a mean or a total,
`amount` and `whole` of a ratio. Of a stock a row stands after `since` and up to `until`.

Written from the name, the formula and the clause of each KPI, docs/kpi.md and `domain.md` C1; not from the
definitions' code, so that the two can differ.
"""

from __future__ import annotations

from reports.tests.recount.recordwords import OF_RECORDS
from reports.tests.recount.roundwords import OF_ROUNDS
from reports.tests.recount.shapes import Words

WORDS: dict[str, Words] = OF_RECORDS | OF_ROUNDS
