"""The same request sent twice does one thing: `Idempotency-Key` of the REST interface.

The key's row is written in the transaction of what it guards, so that both stand or neither does. A twin that
arrives meanwhile waits at the row's unique index until the first has ended. Nothing is kept of a request that
failed: it may be sent again under the same key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from staff.models import IdempotencyKey, User
from staff.rest import Json

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
KEPT_FOR = timedelta(hours=24)
PATIENCE = "5s"
# The patience is for the twin alone: whoever has written the row has the usual timeout again.
CLAIM = """
WITH usual AS MATERIALIZED (
    SELECT current_setting('lock_timeout') AS timeout
), claimed AS (
    INSERT INTO staff_idempotencykey (user_id, key, endpoint, body_digest, created_at, headers, body)
    SELECT %s, %s, %s, %s, %s::timestamptz, '{}', ''
    FROM usual WHERE set_config('lock_timeout', left(timeout, 0) || %s, true) IS NOT NULL
    ON CONFLICT (user_id, key) DO NOTHING RETURNING id
)
SELECT id, set_config('lock_timeout', timeout, true) FROM claimed, usual
"""
LOCK_NOT_AVAILABLE = "55P03"
REPLAYED_HEADERS = ("Location", "ETag")
KEY, REQUIRED_KEY = (
    OpenApiParameter(
        HEADER,
        {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
        OpenApiParameter.HEADER,
        required=required,
        description=_("A random value of yours: the same request sent twice under one key does one thing."),
    )
    for required in (False, True)
)


class KeyMissing(APIException):
    status_code = 400
    default_code = "idempotency_key_required"
    default_detail = _(
        "Send an Idempotency-Key header: a new random value for each new call, the same for a retry."
    )


class KeyInvalid(APIException):
    status_code = 400
    default_code = "idempotency_key_invalid"
    default_detail = _("An Idempotency-Key has 1 to 255 visible ASCII characters.")


class KeyReused(APIException):
    status_code = 422
    default_code = "idempotency_key_reused"
    default_detail = _("This Idempotency-Key was used for another request.")


class InFlight(APIException):
    status_code = 409
    default_code = "in_flight"
    default_detail = _("The same request is still under way. Try again in a second.")
    wait = 1


def once(request: Request, act: Callable[[], Response], *, required: bool, now: datetime) -> Response:
    """Run `act` in one transaction, at most once for the person and key; a repetition gets the first answer.

    Without a key it simply runs, unless one is `required`. Raises KeyMissing, KeyInvalid, KeyReused when the
    key came with another request before, and InFlight when its twin takes longer than 5 s.
    """
    key = _key(request, required)
    with transaction.atomic():
        if key is None:
            return act()
        row = _claim(request, key, now)
        if row.status is not None:
            return _replay(row)
        response = act()
        _keep(row, response)
        return response


def forget_keys(*, now: datetime) -> int:
    """Delete the keys that were first seen more than 24 hours before `now`; return how many."""
    return IdempotencyKey.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]


def _key(request: Request, required: bool) -> str | None:
    key = request.headers.get(HEADER)
    if key is None:
        if required:
            raise KeyMissing
        return None
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable() and " " not in key):
        raise KeyInvalid
    return key


def _claim(request: Request, key: str, now: datetime) -> IdempotencyKey:
    """The key's row, locked: written now, or as the first request left it. Waits for a twin that is at it."""
    user: User = request.user
    endpoint, body_digest = f"{request.method} {request.path}", _digest(request.data)
    row = IdempotencyKey(user=user, key=key, endpoint=endpoint, body_digest=body_digest, created_at=now)
    with connection.cursor() as cursor:
        try:
            cursor.execute(CLAIM, [user.pk, key, endpoint, body_digest, now, PATIENCE])
            written = cursor.fetchone()
            found = None if written else _left_by_the_first(user, key)
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) == LOCK_NOT_AVAILABLE:
                raise InFlight from error
            raise
        if not written:
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    if written:
        row.pk, _timeout = written
        return row
    if found is None:  # deleted for its age at this very moment
        raise InFlight
    if (found.endpoint, found.body_digest) != (endpoint, body_digest):
        raise KeyReused
    return found


def _left_by_the_first(user: User, key: str) -> IdempotencyKey | None:
    return IdempotencyKey.objects.select_for_update().filter(user=user, key=key).first()


def _digest(data: object) -> str:
    """SHA-256 of the body's meaning: its spaces and the order of its fields do not matter, its files do."""
    meaning = dict(data.lists()) if isinstance(data, MultiValueDict) else data
    return hashlib.sha256(json.dumps(meaning, sort_keys=True, default=_file_digest).encode()).hexdigest()


def _file_digest(file: UploadedFile) -> list[str]:
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return [file.name or "", digest]


def _keep(row: IdempotencyKey, response: Response) -> None:
    headers = {name: response.headers[name] for name in REPLAYED_HEADERS if name in response.headers}
    body = Json().render(response.data).decode()
    written = IdempotencyKey.objects.filter(pk=row.pk)
    written.update(status=response.status_code, headers=headers, body=body)


def _replay(row: IdempotencyKey) -> Response:
    body = json.loads(row.body) if row.body else None
    return Response(body, status=row.status, headers={**row.headers, "Idempotent-Replayed": "true"})
