"""Whether it is the database that is away, or what was asked of it that is wrong."""

from django.db import DatabaseError, InterfaceError, OperationalError


def is_away(error: BaseException) -> bool:
    """Say whether an error means that PostgreSQL cannot be spoken to just now, so that a retry makes sense.

    A server that ends in the middle of an answer leaves an error without a code, of no class more exact than
    `DatabaseError`.
    """
    return isinstance(error, (OperationalError, InterfaceError)) or type(error) is DatabaseError
