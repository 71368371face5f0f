"""The web server as a process of the house, and an operator who calls it with a token."""

from __future__ import annotations

import json
import time
import urllib.request
from urllib.error import HTTPError

from django.utils import timezone

from opsdesk.tests.faults.conftest import House, free_port
from staff.actions import issue_token

NO_ANSWER = 0
READ = ["/healthz/live", "/api/v1/tickets/", "/api/v1/clients/", "/api/v1/systems/"]


class Web:
    def __init__(self, house: House) -> None:
        self.house, self.port = house, free_port()
        self.system = house.cast.his.pk
        _row, self.token = issue_token(house.cast.li, "faults", days=1, now=timezone.now())
        self.start()

    def start(self) -> None:
        """Start it, anew at the same address where it was killed."""
        words = ["gunicorn", "opsdesk.wsgi", "--bind", f"127.0.0.1:{self.port}", "--threads", "2"]
        self.house.start("web", *words, "--no-control-socket")
        self.house.wait("the web server", lambda: self.get("/healthz/live")[0] == 200, 20)

    def get(self, path: str) -> tuple[int, str]:
        """The status of an answer, and what its JSON says of one."""
        status, said = self._ask(urllib.request.Request(self.url(path)))
        return status, said.get("status", "")

    def status(self, number: int) -> int:
        """Read something as the operator: the pages of the interface by turns."""
        request = urllib.request.Request(self.url(READ[number % len(READ)]), headers=self._headers())
        return self._ask(request)[0]

    def log_call(self) -> int:
        """Log a call through REST; return the record's id. Fails unless it is created within 5 s."""
        status, number = self.log_call_once(str(time.time()), timeout=5)
        assert status == 201
        return number

    def log_call_once(self, key: str, timeout: float = 10) -> tuple[int, int]:
        """Log a call under an idempotency key; return the status and, where it is recorded, its id."""
        call = {"client": "hospital", "system": self.system, "caller_name": "孙主任", "title": "系统崩溃"}
        request = urllib.request.Request(
            self.url("/api/v1/tickets/"),
            data=json.dumps(call).encode(),
            headers=self._headers() | {"Content-Type": "application/json", "Idempotency-Key": key},
        )
        status, said = self._ask(request, timeout)
        return status, int(said["id"].removeprefix("T-")) if status == 201 else 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _ask(self, request: urllib.request.Request, timeout: float = 10) -> tuple[int, dict[str, str]]:
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                said = json.load(answer)
                return answer.status, said if isinstance(said, dict) else {}
        except HTTPError as error:
            return error.code, {}
        except OSError:
            return NO_ANSWER, {}
