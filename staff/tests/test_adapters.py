"""Each adapter speaks as its provider wants it; signatures are checked here by other code than wrote them."""

import base64
import hashlib
import hmac
import json
import logging
from datetime import timedelta

import pytest
from django.core import mail

from opsdesk.testing import MONDAY
from staff.channels import Item, Message, NotSent, Route, http, send
from staff.channels.message import shortened
from staff.channels.webhook import key_of, new_secret
from staff.models import WebhookHost
from staff.tests.provider import Reply

pytestmark = pytest.mark.django_db

KEY = "/?key=693a91f6-very-secret-4bc4"
SECRET = "SEC0123456789abcdef0123456789"
ONE = Message("notice-7", (Item("T-10001 逾期", "市一医院", "https://desk.test/records/1/"),), MONDAY)
MANY = Message(
    "digest-9",
    tuple(Item(f"T-{n} 逾期", "市一医院", f"https://desk.test/records/{n}/") for n in range(50)),
    MONDAY,
    heading="50 条通知",
    rest="另有 {n} 条:",
    link="https://desk.test/",
)
KINDS = ["wecom", "dingtalk", "feishu", "webhook", "sms"]
PATHS = {"webhook": "/hook"}
CODES = {"wecom": ("errcode", "errmsg"), "dingtalk": ("errcode", "errmsg"), "feishu": ("code", "msg")}


def route(provider, kind: str, secret: str = "") -> Route:
    if kind == "sms":
        return Route("sms", "13800001111")
    if kind == "webhook":
        secret = secret or "whsec_" + base64.b64encode(b"k" * 32).decode()
    return Route(kind, f"{provider.url}{PATHS.get(kind, '/' + kind)}{KEY.removeprefix('/')}", secret)


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_a_robot_says_the_notice(provider, kind):
    assert send(route(provider, kind), ONE) == ""
    [request] = provider.requests
    assert request.text == "T-10001 逾期\n市一医院\nhttps://desk.test/records/1/"
    assert request.query["key"] == "693a91f6-very-secret-4bc4"
    assert {"sign", "timestamp"}.isdisjoint(request.query | request.json)  # no secret, no signature


def test_dingtalk_is_signed_in_the_address(provider):
    send(route(provider, "dingtalk", SECRET), ONE)
    query = provider.requests[0].query
    assert query["timestamp"] == str(int(MONDAY.timestamp()) * 1000)
    to_sign = (query["timestamp"] + "\n" + SECRET).encode()
    expected = hmac.new(SECRET.encode(), to_sign, hashlib.sha256).digest()
    assert base64.b64decode(query["sign"]) == expected
    assert query["key"] == "693a91f6-very-secret-4bc4"


def test_feishu_is_signed_in_the_body(provider):
    send(route(provider, "feishu", SECRET), ONE)
    body = provider.requests[0].json
    assert body["timestamp"] == str(int(MONDAY.timestamp()))
    expected = hmac.new((body["timestamp"] + "\n" + SECRET).encode(), digestmod=hashlib.sha256).digest()
    assert base64.b64decode(body["sign"]) == expected


def verified(secret: str, headers: dict[str, str], body: bytes, *, now: float) -> bool:
    """What a receiver of Standard Webhooks does, written from its description."""
    if abs(now - int(headers["webhook-timestamp"])) > 300:
        return False
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    key = base64.b64decode(secret.split("_", 1)[1])
    good = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    versions = (part.split(",", 1) for part in headers["webhook-signature"].split(" "))
    return any(version == "v1" and hmac.compare_digest(given, good) for version, given in versions)


def test_a_webhook_is_signed_and_a_single_changed_byte_is_seen(provider):
    secret, now = new_secret(), MONDAY.timestamp()
    send(route(provider, "webhook", secret), ONE)
    [request] = provider.requests
    assert verified(secret, request.headers, request.body, now=now)
    assert request.headers["webhook-id"] == "notice-7"
    assert request.json["data"]["notices"][0]["url"] == "https://desk.test/records/1/"
    for place in range(0, len(request.body), 7):
        changed = bytearray(request.body)
        changed[place] ^= 1
        assert not verified(secret, request.headers, bytes(changed), now=now)
    assert not verified(secret, request.headers | {"webhook-id": "notice-8"}, request.body, now=now)
    assert not verified(secret, request.headers, request.body, now=now + 301)
    assert not verified(new_secret(), request.headers, request.body, now=now)


@pytest.mark.parametrize(
    ("secret", "good"),
    [
        (new_secret(), True),
        (base64.b64encode(b"k" * 24).decode(), True),
        (base64.b64encode(b"k" * 23).decode(), False),
        (base64.b64encode(b"k" * 65).decode(), False),
        ("whsec_not base64", False),
        ("", False),
    ],
    ids=["a new one", "24 bytes", "too short", "too long", "not base64", "none"],
)
def test_which_secrets_sign_a_webhook(secret, good):
    assert (key_of(secret) is not None) is good


def test_the_gateway_is_asked_as_the_settings_say(provider):
    odd = Message("notice-7", (Item('"}, {phone} \\ {id}', "", "https://desk.test/"),), MONDAY)
    assert send(route(provider, "sms"), odd) == "sms-77"
    [request] = provider.requests
    assert request.headers["authorization"] == "Bearer gateway-key-1"
    assert request.json == {
        "to": ["13800001111"],
        "content": '[OpsDesk] "}, {phone} \\ {id}\nhttps://desk.test/',
        "ref": "notice-7",
    }


def test_no_text_message_without_a_gateway(provider, settings):
    settings.SMS_URL = ""
    with pytest.raises(NotSent, match="no gateway") as refused:
        send(route(provider, "sms"), ONE)
    assert refused.value.is_final


def test_an_e_mail_bears_the_name_of_the_message():
    send(Route("email", "li@home.test"), ONE)
    [message] = mail.outbox
    assert (message.to, message.subject) == (["li@home.test"], "T-10001 逾期")
    assert message.extra_headers["Message-ID"] == "<notice-7@opsdesk>"


@pytest.mark.parametrize("kind", CODES)
def test_a_robot_that_says_no_with_http_200_has_not_taken_it(provider, kind):
    code, text = CODES[kind]
    provider.replies = [Reply({code: 93000, text: f"invalid webhook url {KEY}"})]
    with pytest.raises(NotSent) as refused:
        send(route(provider, kind), ONE)
    assert str(refused.value).startswith("93000: invalid webhook url")
    assert "693a91f6" not in str(refused.value)


@pytest.mark.parametrize(
    "odd",
    [
        Reply(b"<html>ok</html>"),
        Reply([]),
        Reply({"errcode": "0", "code": "0"}),
        Reply({"errcode": False, "code": False}),
        Reply({"errcode": None, "code": None}),
        Reply({"errcode": {}, "code": {}}),
        Reply(b'{"errcode": 0, "code": 0', headers={}),
        Reply(b"[" * 50_000),
    ],
)
@pytest.mark.parametrize("kind", CODES)
def test_an_answer_that_is_not_understood_is_no_success(provider, kind, odd):
    provider.replies = [odd]
    with pytest.raises(NotSent):
        send(route(provider, kind), ONE)


@pytest.mark.parametrize(
    ("kind", "code", "minutes"), [("wecom", 45009, 1), ("dingtalk", 130101, 10), ("feishu", 11232, 1)]
)
def test_a_robot_that_spoke_too_often_says_so_by_a_code(provider, kind, code, minutes):
    provider.replies = [Reply({CODES[kind][0]: code, CODES[kind][1]: "too fast"})]
    with pytest.raises(NotSent) as refused:
        send(route(provider, kind), ONE)
    assert refused.value.wait == timedelta(minutes=minutes) and not refused.value.is_final


@pytest.mark.parametrize("kind", KINDS)
def test_429_says_how_long_to_wait(provider, kind):
    provider.replies = [Reply(status=429, headers={"Retry-After": "90"})]
    with pytest.raises(NotSent, match="HTTP 429") as refused:
        send(route(provider, kind), ONE)
    assert refused.value.wait == timedelta(seconds=90)


@pytest.mark.parametrize("kind", KINDS)
def test_a_provider_that_does_not_answer_is_given_up(provider, kind, monkeypatch):
    monkeypatch.setattr(http, "PATIENCE", 0.2)
    provider.replies = [Reply(silence=0.6)]
    with pytest.raises(NotSent, match="timed out"):
        send(route(provider, kind), ONE)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_led_elsewhere(provider, kind):
    provider.replies = [Reply(status=302, headers={"Location": f"{provider.url}/elsewhere"})]
    with pytest.raises(NotSent, match="redirects"):
        send(route(provider, kind), ONE)
    assert len(provider.requests) == 1


def test_a_gateway_that_says_no_is_believed_and_not_quoted_at_length(provider):
    provider.replies = [Reply({"code": 4021, "message": "template 13800001111 not approved"})]
    with pytest.raises(NotSent) as refused:
        send(route(provider, "sms"), ONE)
    assert str(refused.value) == "code=4021"


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu", "webhook"])
def test_no_kind_posts_to_a_host_that_is_not_allowed(provider, kind, settings):
    settings.NOTICE_PRIVATE_HOSTS = []
    with pytest.raises(NotSent):
        send(route(provider, kind), ONE)
    with pytest.raises(NotSent, match="allowed hosts"):
        send(Route(kind, "https://hooks.example.com/x"), ONE) if kind != "webhook" else send(
            Route(kind, "https://hooks.example.com/x", new_secret()), ONE
        )
    assert provider.requests == []


def test_an_administrator_allows_a_host(monkeypatch):
    WebhookHost.objects.create(name="Hooks.example.com:8443")
    asked = []

    def nowhere(name, port, **_more):
        asked.append((name, port))
        raise OSError

    monkeypatch.setattr(http.socket, "getaddrinfo", nowhere)
    with pytest.raises(NotSent, match="cannot be resolved"):
        send(Route("webhook", "https://hooks.example.com:8443/x", new_secret()), ONE)
    assert asked == [("hooks.example.com", 8443)]


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_is_ever_shown(provider, kind, caplog):
    caplog.set_level(logging.DEBUG)
    there = route(provider, kind, SECRET if kind in ("dingtalk", "feishu") else "")
    provider.replies = [Reply({"code": 1, "errcode": 1, "msg": there.address, "errmsg": there.secret}, 400)]
    with pytest.raises(NotSent) as refused:
        send(there, ONE)
    shown = repr(there) + str(refused.value) + repr(refused.value) + caplog.text
    for secret in filter(None, (there.address, there.secret, "693a91f6-very-secret-4bc4")):
        assert secret not in shown


def test_a_long_message_ends_with_how_many_more_there_are(provider):
    send(route(provider, "wecom"), MANY)
    [request] = provider.requests
    assert len(request.text.encode()) <= 2048
    shown = request.text.count("逾期")
    assert 5 < shown < 50 and f"另有 {50 - shown} 条:\nhttps://desk.test/" in request.text
    send(route(provider, "webhook"), MANY)
    assert len(json.loads(provider.requests[1].body)["data"]["notices"]) == 50


@pytest.mark.parametrize(
    ("text", "most", "in_bytes", "short"),
    [
        ("abc", 3, False, "abc"),
        ("abcd", 3, False, "ab…"),
        ("维护记录", 9, True, "维护…"),
        ("维护", 6, True, "维护"),
    ],
)
def test_a_text_is_never_cut_through_a_character(text, most, in_bytes, short):
    assert shortened(text, most, in_bytes=in_bytes) == short
