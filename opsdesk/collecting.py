"""How seldom a process that lives long looks for garbage."""

from __future__ import annotations

import gc

# Objects made between two rounds, by generation. With Python's own 700 a list's page is looked through a
# dozen times while it is made, and now and then every model and module with it, which never become garbage.
BETWEEN_ROUNDS = (50_000, 20, 50)


def collect_seldom() -> None:
    """Leave all that is loaded by now alone for good, and look at the rest seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*BETWEEN_ROUNDS)
