"""How much of a request's files is ever written down, before any view looks at it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler


class BoundedUploadHandler(FileUploadHandler):
    """Let through of each file what is needed to see that it is too large, and nothing of a stranger's.

    The rest is read and dropped, so that the form comes through whole: the file is refused at its field, and
    what was typed beside it is not lost.
    """

    passed = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            return None
        most = settings.ATTACHMENT_MAX_BYTES + 1
        room = min(most - start, settings.ATTACHMENTS_AT_ONCE * most - self.passed)
        piece = raw_data[: max(0, room)]
        self.passed += len(piece)
        return piece or None

    def file_complete(self, file_size: int) -> Any:
        """The handlers behind this one make the file."""
        return None
