"""The one way in which a channel posts to the network (S14): no detours, no surprises, no secrets in errors.

The address must lie on an allowed host. It is resolved once, every address found is checked, and the
connection goes to the very one that was checked: a name that answers differently the next time leads nowhere.
Redirects and proxies are not followed. The whole exchange, the resolving too, takes 5 seconds at most.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import json
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext_noop as _

from staff.channels.message import NotSent

PATIENCE = 5.0  # seconds
MOST_READ = 64 * 1024  # bytes of an answer
LONGEST_WAIT = timedelta(minutes=10)
# Translating prefixes: an IPv4 address, perhaps a private one, is inside.
TRANSLATED = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"))
ODD = re.compile(r"[^\x21-\x7e]|\\")


@dataclass(frozen=True, slots=True)
class Hosts:
    """Hosts that may be posted to, as `name` (port 443) or `name:port`.

    `private`: names that may have a private address, any port, and plain http, because whoever runs the
    house says so.
    """

    allowed: frozenset[str]
    private: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content: bytes
    wait: timedelta | None

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """The answer as an object; an empty one when it is none."""
        try:
            found = json.loads(self.content)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def check(url: str, hosts: Hosts) -> SplitResult:
    """Return the parts of an address that may be posted to. Raises NotSent, final, saying why it may not."""
    if ODD.search(url):
        raise NotSent(_("the address has signs that belong in none"), is_final=True)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotSent(_("this is no address"), is_final=True) from None
    name = (parts.hostname or "").rstrip(".")
    is_private = name in hosts.private
    if parts.scheme != "https" and not (parts.scheme == "http" and is_private):
        raise NotSent(_("the address must begin with https://"), is_final=True)
    if not name or "#" in url:
        raise NotSent(_("this is no address"), is_final=True)
    if parts.username is not None or parts.password is not None:
        raise NotSent(_("the address may hold no name and password"), is_final=True)
    if not is_private and (name if port in (None, 443) else f"{name}:{port}") not in hosts.allowed:
        raise NotSent(_("this host is not on the list of allowed hosts"), is_final=True)
    return parts


def post(url: str, body: bytes, *, hosts: Hosts, headers: Mapping[str, str] | None = None) -> Answer:
    """Post a body and return the answer of whatever status but a redirect. Raises NotSent."""
    parts = check(url, hosts)
    name = (parts.hostname or "").rstrip(".")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    until = time.monotonic() + PATIENCE
    address = _resolve(name, port, may_be_private=name in hosts.private)
    connection = _Pinned(name, port, address, is_secure=parts.scheme == "https", until=until)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(
            "POST",
            path,
            body,
            {
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "OpsDesk",
                "Connection": "close",
                **(headers or {}),
            },
        )
        answer = connection.answer()
        content = answer.read(MOST_READ)
    except TimeoutError:
        raise NotSent(_("timed out")) from None
    except ssl.SSLError as error:
        raise NotSent(f"no secure connection: {error.reason or type(error).__name__}") from None
    except (OSError, http.client.HTTPException) as error:
        raise NotSent(_words(error)) from None
    finally:
        connection.close()
    if 300 <= answer.status < 400:
        raise NotSent(f"HTTP {answer.status}: redirects are not followed", is_final=True)
    return Answer(answer.status, content, _wait(answer.headers.get("Retry-After", "")))


def expect_good(answer: Answer) -> None:
    """Raise NotSent for an HTTP status that is no success; what the body says is not repeated."""
    if answer.is_good:
        return
    is_final = answer.status in (401, 403, 404, 410)
    raise NotSent(f"HTTP {answer.status}", is_final=is_final, wait=answer.wait)


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public network."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip.teredo is not None or any(ip in net for net in TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def masked(text: str, secrets: Collection[str]) -> str:
    """Put dots where a secret stands in a text, in whole or with what an address carries of it."""
    pieces = {piece for secret in secrets for piece in (secret, *re.split(r"[/?&=:]+", secret))}
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) >= 8 and not piece.startswith("http"):
            text = text.replace(piece, "••••")
    return text


class _Pinned(http.client.HTTPConnection):
    """A connection to an address already chosen, that knows when its time is over."""

    def __init__(self, name: str, port: int, address: str, *, is_secure: bool, until: float) -> None:
        super().__init__(name, port)
        self.address, self.is_secure, self.until = address, is_secure, until
        if is_secure:
            self.default_port = 443

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), timeout=self.left())
        if self.is_secure:
            self.sock.settimeout(self.left())
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def answer(self) -> http.client.HTTPResponse:
        """The answer's head, read through a clock; its body is read by the caller."""
        answer = http.client.HTTPResponse(_Timed(self.sock, self), method="POST")  # type: ignore[arg-type]
        answer.begin()
        return answer

    def left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Timed(io.RawIOBase):
    """Reads from a socket until the connection's time is over, however slowly the bytes drip."""

    def __init__(self, sock: socket.socket, connection: _Pinned) -> None:
        self._sock, self._connection = sock, connection

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._connection.left())
        return self._sock.recv_into(buffer)


def _resolve(name: str, port: int, *, may_be_private: bool) -> str:
    """The address to connect to. Raises NotSent where one of those found is not public."""
    try:
        found = _asked(name, port)
    except queue.Empty:
        raise NotSent(_("timed out")) from None
    if not found:
        raise NotSent(_("the host's name cannot be resolved"))
    addresses = [str(sockaddr[0]) for *_rest, sockaddr in found]
    if not may_be_private and not all(map(is_public, addresses)):
        raise NotSent(_("the host has an address that is not public"), is_final=True)
    return addresses[0]


def _asked(name: str, port: int) -> list[Any]:
    """What the system's resolver finds, nothing where it finds nothing. Raises queue.Empty when it is slow.

    It knows no time limit of its own that is short enough, so somebody else waits for it.
    """
    answers: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            answers.put([])

    threading.Thread(target=ask, daemon=True).start()
    return answers.get(timeout=PATIENCE)


def _words(error: Exception) -> str:
    """An error of the network in few words: the system's, never what the other side has sent."""
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else type(error).__name__


def _wait(header: str) -> timedelta | None:
    if not (header.isascii() and header.isdecimal() and len(header) < 7):
        return None
    return min(timedelta(seconds=int(header)), LONGEST_WAIT)
