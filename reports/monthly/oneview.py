"""One view of the database for all that a report asks, however long it takes to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from django.db import connection, transaction

ONE_VIEW = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@contextmanager
def one_view() -> Iterator[Callable[[], AbstractContextManager[object]]]:
    """Give transactions that all see the database as it was when the first of them could have begun.

    A connection of its own holds the view meanwhile, so that between two of them something can be written:
    how far the counting is. Within a transaction of the caller's there is no view but his.
    """
    if connection.in_atomic_block:
        yield nullcontext
        return
    holder = connection.copy()
    try:
        holder.set_autocommit(False)
        with holder.cursor() as cursor:
            cursor.execute(ONE_VIEW)
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()

        @contextmanager
        def within() -> Iterator[None]:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(ONE_VIEW)
                    cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
                yield

        yield within
    finally:
        holder.close()
