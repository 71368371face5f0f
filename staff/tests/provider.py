"""A provider on the loopback: it writes down what it is sent, and answers what a test tells it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(slots=True)
class Request:
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """What a chat robot is asked to say."""
        said = self.json
        return (said.get("text") or said["content"])["content" if "text" in said else "text"]


@dataclass(slots=True)
class Reply:
    content: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0  # seconds between the bytes of the body
    silence: float = 0  # seconds before anything is said


GOOD = {
    "/wecom": Reply({"errcode": 0, "errmsg": "ok"}),
    "/dingtalk": Reply({"errcode": 0, "errmsg": "ok"}),
    "/feishu": Reply({"code": 0, "msg": "success", "data": {}}),
    "/hook": Reply(status=204),
    "/sms": Reply({"code": 0, "data": {"id": "sms-77"}}),
}


class Provider(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Request] = []
        self.replies: list[Reply] = []  # the next ones, before it is good again
        self.always: Reply | None = None
        self.meanwhile: Callable[[], None] = bool

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def reply(self, path: str) -> Reply:
        if self.replies:
            return self.replies.pop(0)
        return self.always or GOOD.get(path, Reply(status=404))


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(Request(parts.path, query, headers, body))
        reply = self.server.reply(parts.path)
        self.server.meanwhile()
        time.sleep(reply.silence)
        content = reply.content if isinstance(reply.content, bytes) else json.dumps(reply.content).encode()
        try:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            for sign in content if reply.drip else ():
                time.sleep(reply.drip)
                self.wfile.write(bytes([sign]))
                self.wfile.flush()
            if not reply.drip:
                self.wfile.write(content)
        except OSError:
            pass  # nobody waits for it any more

    do_GET = do_POST

    def log_message(self, *_words: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[Provider]:
    provider = Provider()
    thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        provider.shutdown()
        thread.join()
        provider.server_close()
