"""The client that channels post with: nowhere but where it may, and never for long (S14)."""

import socket
import time

import pytest

from staff.channels import http
from staff.channels.http import Answer, Hosts, check, expect_good, is_public, masked, post
from staff.channels.message import NotSent
from staff.tests.provider import Reply

ALLOWED = Hosts(frozenset({"hooks.example.com", "hooks.example.com:8443", "localhost", "rebind.example"}))
LOOPBACK = Hosts(frozenset(), frozenset({"127.0.0.1"}))

NEVER = [
    "http://hooks.example.com/",
    "https://evil.example/",
    "https://hooks.example.com.evil.example/",
    "https://evil.example#hooks.example.com",
    "https://evil.example/?hooks.example.com",
    "https://hooks.example.com/#part",
    "https://hooks.example.com:22/",
    "https://hooks.example.com:0/",
    "https://hooks.example.com:99999/",
    "https://hooks.example.com:x/",
    "https://user@hooks.example.com/",
    "https://user:word@hooks.example.com/",
    "https://hooks.example.com@evil.example/",
    "https://evil.example\\@hooks.example.com/",
    "https://hooks.example.com\\.evil.example/",
    "https://hooks.example.com\r\nHost: evil.example/",
    "https://hooks.example.com/a b",
    "https://hooks.example.com/\x00",
    "https://hooks。example.com/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::1",
    "https://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/",
    "ftp://hooks.example.com/",
    "file:///etc/passwd",
    "gopher://hooks.example.com/",
    "//hooks.example.com/",
    "hooks.example.com",
    "https:///path",
    "",
]


@pytest.mark.parametrize("url", NEVER)
def test_an_address_that_is_not_on_an_allowed_host_is_never_posted_to(url, monkeypatch):
    def reached(*_args, **_more):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", reached)
    with pytest.raises(NotSent) as refused:
        post(url, b"{}", hosts=ALLOWED)
    assert refused.value.is_final


@pytest.mark.parametrize(
    "url",
    ["https://hooks.example.com/x?y=1", "https://HOOKS.example.com./", "https://hooks.example.com:8443/"],
)
def test_an_address_on_an_allowed_host_passes(url):
    assert check(url, ALLOWED).scheme == "https"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("::ffff:93.184.216.34", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("ff02::1", False),
    ],
)
def test_which_addresses_are_public(address, public):
    assert is_public(address) is public


def answering(*addresses):
    """A name server that gives another address each time it is asked."""
    left = list(addresses)

    def ask(name, port, *_args, **_more):
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    return ask


def test_a_name_that_leads_inside_is_refused_and_nothing_connects(monkeypatch):
    monkeypatch.setattr(http.socket, "getaddrinfo", answering(["93.184.216.34", "127.0.0.1"]))
    monkeypatch.setattr(http.socket, "create_connection", lambda *_a, **_m: pytest.fail("connected"))
    for name in ("rebind.example", "localhost"):
        with pytest.raises(NotSent, match="not public") as refused:
            post(f"https://{name}/", b"{}", hosts=ALLOWED)
        assert refused.value.is_final


def test_a_name_that_changes_its_mind_leads_to_the_address_that_was_checked(monkeypatch):
    connected = []

    def connect(address, **_more):
        connected.append(address)
        raise OSError(111, "Connection refused")

    monkeypatch.setattr(http.socket, "getaddrinfo", answering(["93.184.216.34"], ["127.0.0.1"]))
    monkeypatch.setattr(http.socket, "create_connection", connect)
    with pytest.raises(NotSent, match="Connection refused"):
        post("https://rebind.example/", b"{}", hosts=ALLOWED)
    assert connected == [("93.184.216.34", 443)]


def test_the_loopback_is_posted_to_only_by_leave(provider):
    assert post(f"{provider.url}/wecom?key=k", b"{}", hosts=LOOPBACK).json()["errcode"] == 0
    [request] = provider.requests
    assert (request.path, request.query, request.headers["host"]) == (
        "/wecom",
        {"key": "k"},
        provider.url.removeprefix("http://"),
    )
    with pytest.raises(NotSent):
        post(f"{provider.url}/wecom", b"{}", hosts=ALLOWED)
    assert len(provider.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(provider, status):
    provider.replies = [Reply(status=status, headers={"Location": f"{provider.url}/hook"})]
    with pytest.raises(NotSent, match="redirects are not followed") as refused:
        post(f"{provider.url}/wecom", b"{}", hosts=LOOPBACK)
    assert refused.value.is_final and len(provider.requests) == 1


@pytest.mark.parametrize("slow", [Reply(silence=2), Reply(b"x" * 100, drip=0.1)], ids=["silent", "dripping"])
def test_a_slow_answer_is_given_up_when_its_time_is_over(provider, monkeypatch, slow):
    monkeypatch.setattr(http, "PATIENCE", 0.3)
    provider.replies, begun = [slow], time.monotonic()
    with pytest.raises(NotSent, match="timed out") as refused:
        post(f"{provider.url}/wecom", b"{}", hosts=LOOPBACK)
    assert time.monotonic() - begun < 1 and not refused.value.is_final


def test_a_slow_resolver_is_given_up_too(monkeypatch):
    monkeypatch.setattr(http, "PATIENCE", 0.1)
    monkeypatch.setattr(http.socket, "getaddrinfo", lambda *_a, **_m: time.sleep(0.5))
    with pytest.raises(NotSent, match="timed out"):
        post("https://rebind.example/", b"{}", hosts=ALLOWED)


def test_of_a_long_answer_only_the_beginning_is_read(provider):
    provider.replies = [Reply(b"x" * 1_000_000)]
    assert len(post(f"{provider.url}/x", b"{}", hosts=LOOPBACK).content) == http.MOST_READ


def test_nobody_there_is_said_without_the_address():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotSent) as refused:
        post(f"http://127.0.0.1:{port}/robot?key=very-secret-key", b"{}", hosts=LOOPBACK)
    assert "Connection refused" in str(refused.value) and "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("status", "final"), [(404, True), (410, True), (401, True), (500, False), (429, False)]
)
def test_a_status_that_is_no_success_is_an_error_that_repeats_nothing_of_the_body(status, final):
    with pytest.raises(NotSent) as refused:
        expect_good(Answer(status, b"internal secret", None))
    assert (str(refused.value), refused.value.is_final) == (f"HTTP {status}", final)


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("999999", 600), ("", None), ("soon", None), ("²", None)]
)
def test_how_long_to_wait_is_believed_up_to_ten_minutes(provider, header, seconds):
    provider.replies = [Reply(status=429, headers={"Retry-After": header.encode().decode("latin-1")})]
    wait = post(f"{provider.url}/x", b"{}", hosts=LOOPBACK).wait
    assert (wait and wait.total_seconds()) == seconds


def test_secrets_are_masked_in_whole_and_in_parts():
    url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0"
    words = masked(f"bad key 693a91f6-7xxx-4bc4-97a0 in {url}, SECabcdefgh1234", (url, "SECabcdefgh1234", ""))
    assert "693a91f6" not in words and "SECabc" not in words and words.startswith("bad key ••••")
