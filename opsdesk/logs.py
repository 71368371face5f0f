"""What never stands in a log: secret addresses, which let in whoever reads them."""

from __future__ import annotations

import logging
import re

# The part of an address that is the secret. Django logs the address of every answer 404 and 500.
SECRET = re.compile(r"(/feeds/|/s/)[^/\s\"'?]+")


class MaskSecrets(logging.Filter):
    """Put an ellipsis in the place of each secret before anything is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        masked = SECRET.sub(r"\1…", said)
        if masked != said:
            record.msg, record.args = masked, None
        return True


def mask_web_server() -> None:
    """Mask the web server's own log of requests too, where one is kept: its lines do not pass ours."""
    logging.getLogger("gunicorn.access").addFilter(MaskSecrets())
