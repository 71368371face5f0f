"""Channels of one's own and robots of a group: who may, what is shown, and what never is."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.views.debug import ExceptionReporter

from opsdesk.testing import MONDAY
from staff.actions import notify, remove_channel, save_channel, try_channel
from staff.delivery import deliver
from staff.models import ChannelChange, Delivery, NoticeChannel, User, WebhookHost
from staff.refused import Refused
from staff.tests.provider import Reply
from staff.topics import Topic

URL, LOG = reverse("staff:channels"), reverse("staff:deliveries")
GROUPS = reverse("staff:group_channels")
KEY = "k-very-secret-1234"
SIGNING = "SEC-signing-secret-5678"
PARAMS = {"number": "T-10001", "title": "系统崩溃", "client": "市一医院", "client_en": "First Hospital"}


@pytest.fixture
def chen(cast, client):
    client.force_login(cast.chen)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return cast.chen


def address(provider, kind="wecom") -> str:
    return f"{provider.url}/{kind}?key={KEY}"


def add(client, provider, kind="wecom", **more):
    facts = {"name": "My robot", "address": address(provider, kind), "is_active": "on"} | more
    return client.post(reverse("staff:new_channel", args=[kind]), facts)


def the_channel() -> NoticeChannel:
    return NoticeChannel.objects.get()


def made(owner, provider, by=None, kind="wecom", **more) -> NoticeChannel:
    owned = {"owner": owner} if isinstance(owner, User) else {"group": owner}
    new = NoticeChannel(kind=kind, name="robot", topics=[Topic.MINE], **owned, **more)
    return save_channel(new, address=address(provider, kind), by=by or owner, now=MONDAY)[0]


def test_a_person_adds_a_channel_and_tries_it(client, chen, provider):
    assert add(client, provider, "dingtalk", secret=SIGNING, language="en").url == URL
    channel = the_channel()
    assert (channel.owner, channel.kind, channel.hint) == (chen, "dingtalk", "127.0.0.1 ••••1234")
    answer = client.post(reverse("staff:test_channel", args=[channel.pk]), follow=True)
    assert "has taken the test message" in answer.content.decode()
    [request] = provider.requests
    assert "Test message from OpsDesk" in request.text and request.query["sign"]
    assert "works" in client.get(URL).content.decode()


@pytest.mark.parametrize("part", ["seal", "hint_of"])
def test_no_report_of_an_error_tells_a_secret(client, chen, provider, caplog, monkeypatch, part):
    def fails(*_args):
        raise RuntimeError("the library is broken")

    monkeypatch.setattr(f"staff.actions.channels.{part}", fails)
    client.raise_request_exception = False
    assert add(client, provider, "dingtalk", secret=SIGNING).status_code == 500
    [record] = [each for each in caplog.records if each.exc_info and each.name == "django.request"]
    reporter = ExceptionReporter(record.request, *record.exc_info)
    text, page = reporter.get_traceback_text(), reporter.get_traceback_html()
    assert "My robot" in text  # the control: the report does tell of the request
    assert not [secret for secret in (KEY, SIGNING) if secret in text + page]


def test_the_test_shows_what_the_provider_answers(client, chen, provider):
    channel = made(chen, provider)
    provider.replies = [Reply({"errcode": 93000, "errmsg": f"bad key {KEY}"})]
    page = client.post(reverse("staff:test_channel", args=[channel.pk]), follow=True).content.decode()
    assert "93000: bad key ••••" in page and "test failed" in page and KEY not in page


def test_a_channel_can_be_tested_twenty_times_a_minute_and_no_more(cast, provider):
    channel = made(cast.chen, provider)
    for _time in range(20):
        try_channel(channel, by=cast.chen, now=MONDAY)
    with pytest.raises(Refused):
        try_channel(channel, by=cast.chen, now=MONDAY + timedelta(seconds=59))
    assert len(provider.requests) == 20
    assert not try_channel(channel, by=cast.chen, now=MONDAY + timedelta(seconds=60)).error


@pytest.mark.parametrize(
    ("kind", "wrong", "field"),
    [
        ("wecom", {"address": ""}, "address"),
        ("wecom", {"address": "http://127.0.0.2/robot"}, "address"),
        ("wecom", {"address": "https://evil.example/robot"}, "address"),
        ("wecom", {"address": "https://user:word@qyapi.weixin.qq.com/"}, "address"),
        ("webhook", {"address": "https://qyapi.weixin.qq.com/"}, "address"),
        ("webhook", {"secret": "too short"}, "secret"),
        ("sms", {"address": "call me"}, "address"),
        ("email", {"address": "nobody"}, "address"),
        ("wecom", {"name": " "}, "name"),
        ("wecom", {"quiet_from": "22:00"}, "quiet_until"),
        ("wecom", {"language": "xx"}, "language"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    client, chen, provider, kind, wrong, field
):
    page = add(client, provider, kind, **{"name": "Night robot"} | wrong)
    assert page.status_code == 422 and set(page.context["form"].errors) == {field}
    assert not NoticeChannel.objects.exists() and provider.requests == []
    for text in ("Night robot", wrong.get("address", "")):
        if wrong.get("name") is None:
            assert text in page.content.decode()


def test_a_webhooks_new_secret_is_shown_once(client, chen, provider):
    page = add(client, provider, "webhook", address=f"{provider.url}/hook")
    secret = page.context["new_secret"]
    assert secret.startswith("whsec_") and secret in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert the_channel().plain_secret == secret
    again = client.get(reverse("staff:channel", args=[the_channel().pk]))
    assert again.context["new_secret"] == "" and secret not in again.content.decode()


def test_an_edit_keeps_the_secrets_that_were_left_empty(client, chen, provider):
    add(client, provider, "feishu", secret=SIGNING)
    before = the_channel()
    NoticeChannel.objects.update(failing_since=MONDAY, failures=3)
    url = reverse("staff:channel", args=[before.pk])
    client.post(url, {"name": "Renamed", "address": "", "secret": "", "is_active": "on"})
    after = the_channel()
    assert (after.name, after.plain_address, after.plain_secret) == (
        "Renamed",
        address(provider, "feishu"),
        SIGNING,
    )
    assert after.failing_since == MONDAY  # nothing has been mended
    client.post(url, {"name": "Renamed", "address": f"{address(provider, 'feishu')}9", "is_active": "on"})
    assert (the_channel().hint[-4:], the_channel().failing_since) == ("2349", None)


def test_a_removed_channel_forgets_its_secrets_and_is_no_fallback_any_more(client, chen, provider):
    one = made(chen, provider)
    two = made(chen, provider, fallback=one)
    client.post(reverse("staff:remove_channel", args=[one.pk]))
    one.refresh_from_db(), two.refresh_from_db()
    assert (one.address, one.secret, two.fallback) == ("", "", None) and one.removed_at
    assert client.get(reverse("staff:channel", args=[one.pk])).status_code == 404
    remove_channel(one, by=chen, now=MONDAY)
    assert ChannelChange.objects.filter(channel=one, kind="removed").count() == 1


def test_who_changed_a_channel_is_kept_and_shown(client, chen, provider):
    add(client, provider, "dingtalk", secret=SIGNING)
    url = reverse("staff:channel", args=[the_channel().pk])
    client.post(url, {"name": "My robot", "quiet_from": "22:00", "quiet_until": "07:00", "is_active": "on"})
    client.post(reverse("staff:test_channel", args=[the_channel().pk]))
    client.post(url, {"name": "My robot", "quiet_from": "22:00", "quiet_until": "07:00", "is_active": "on"})
    changes = [(change.kind, change.fields) for change in the_channel().changes.order_by("pk")]
    assert changes == [
        ("created", ["name", "is_active", "address", "secret"]),
        ("changed", ["quiet_from", "quiet_until"]),
        ("tested", []),
    ]
    assert "quiet_from" in client.get(url).content.decode()


def test_the_table_says_what_goes_where(client, chen, provider):
    channel = made(chen, provider)
    client.post(
        reverse("staff:topics"),
        {"email:client": "on", f"{channel.pk}:mention": "on", f"{channel.pk + 1}:mine": "on"},
    )
    chen.refresh_from_db(), channel.refresh_from_db()
    assert (chen.email_topics, channel.topics) == (["client"], ["mention"])
    page = client.get(URL)
    on = {cell.name for _topic, cells in page.context["rows"] for cell in cells if cell.is_on}
    assert on == {"email:client", f"{channel.pk}:mention"}


# Whose is what


def test_a_channel_of_somebody_else_is_not_there(client, cast, provider):
    foreign = made(cast.chen, provider)
    for person in (cast.li, cast.wang, cast.outsider, cast.liu, cast.admin):
        client.force_login(person)
        for name in ("channel", "test_channel", "remove_channel"):
            url = reverse(f"staff:{name}", args=[foreign.pk])
            answer = client.post(url, {"name": "mine", "address": address(provider)})
            assert answer.status_code == 404, (person, name)
        assert client.get(URL).context["channels"] == []
    foreign.refresh_from_db()
    assert foreign.name == "robot" and provider.requests == []


def test_a_fallback_of_somebody_else_is_refused(client, cast, chen, provider):
    foreign = made(cast.wang, provider)
    page = add(client, provider, fallback=foreign.pk)
    assert page.status_code == 422 and "fallback" in page.context["form"].errors
    with pytest.raises(Refused):
        made(chen, provider, fallback=foreign)


def test_supervisors_have_robots_for_their_group_and_administrators_for_any(client, cast, provider):
    facts = {"name": "South chat", "address": address(provider), "is_active": "on"}
    south = reverse("staff:new_group_channel", args=["south", "wecom"])
    north = reverse("staff:new_group_channel", args=["north", "wecom"])
    for person, url, status in [
        (cast.chen, south, 403),
        (cast.li, south, 403),
        (cast.zhao, south, 403),
        (cast.liu, south, 403),
        (cast.wang, north, 404),
        (cast.wang, south, 302),
        (cast.admin, north, 302),
        (cast.wang, reverse("staff:new_group_channel", args=["south", "sms"]), 404),
    ]:
        client.force_login(person)
        assert client.post(url, facts).status_code == status, (person, url)
    robots = {robot.group.code: robot for robot in NoticeChannel.objects.select_related("group")}
    assert set(robots) == {"south", "north"} and robots["south"].topics == ["report_up"]
    client.force_login(cast.wang)
    assert client.post(reverse("staff:test_channel", args=[robots["north"].pk])).status_code == 404
    assert client.post(reverse("staff:test_channel", args=[robots["south"].pk])).url == GROUPS
    assert [group for group, _robots in client.get(GROUPS).context["places"]] == [cast.south]
    client.force_login(cast.outsider)
    assert client.post(reverse("staff:remove_channel", args=[robots["south"].pk])).status_code == 404


def test_a_contact_has_no_channels(client, cast):
    client.force_login(cast.sun)
    for url in (URL, GROUPS, LOG, reverse("staff:new_channel", args=["sms"])):
        assert client.get(url).status_code == 403


def test_no_state_is_changed_by_get(client, chen, provider):
    channel = made(chen, provider)
    for name in ("test_channel", "remove_channel"):
        assert client.get(reverse(f"staff:{name}", args=[channel.pk])).status_code == 405
    assert client.get(reverse("staff:topics")).status_code == 405
    assert client.get(reverse("staff:new_channel", args=["nonsense"])).status_code == 404


def test_only_so_many_channels(cast, provider):
    for _number in range(12):
        made(cast.chen, provider)
    with pytest.raises(Refused):
        made(cast.chen, provider)


# The log


def told(person: User, key: str, **params) -> None:
    notify([person], "assigned", PARAMS | params, url="/records/1/", key=key, now=MONDAY)


def test_the_log_says_how_each_copy_fared(client, chen, provider):
    User.objects.filter(pk=chen.pk).update(email_topics=[])
    channel = made(chen, provider)
    provider.replies = [Reply(status=404), Reply(status=500)]
    told(User.objects.get(pk=chen.pk), "a")
    deliver(now=MONDAY)
    deliver(now=MONDAY + timedelta(seconds=1))
    page = client.get(LOG).content.decode()
    assert "given up" in page and "HTTP 404" in page and "sent by e-mail instead" in page
    assert "instead of robot" in page and "T-10001 is yours" in page
    row = Delivery.objects.get(via=channel)
    assert client.post(reverse("staff:resend", args=[row.pk]), {"next": LOG + "?own=1"}).url == LOG + "?own=1"
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 0)
    assert (
        "on its way already"
        in client.post(reverse("staff:resend", args=[row.pk]), follow=True).content.decode()
    )
    only_failed = client.get(LOG, {"state": "failed"}).context["lines"]
    assert only_failed == []


def test_who_sees_which_copies(client, cast, provider):
    robot = made(cast.south, provider, by=cast.wang)
    for number, person in enumerate((cast.chen, cast.wang, cast.outsider, cast.liu)):
        told(person, str(number))
    notice = cast.chen.notices.get()
    Delivery.objects.create(notice=notice, channel=robot.slug, via=robot, next_try_at=MONDAY)
    mine, others = {"chen email"}, {"wang email"}
    everything = mine | others | {"outsider email", "liu email", f"chen {robot.slug}"}
    for person, expected in [
        (cast.chen, mine),
        (cast.li, set()),
        (cast.wang, mine | others | {f"chen {robot.slug}"}),
        (cast.liu, {"liu email"}),
        (cast.zhou, set()),
        (cast.zhao, set()),
        (cast.admin, everything),
    ]:
        client.force_login(person)
        lines = client.get(LOG).context["lines"]
        seen = {f"{line.delivery.notice.recipient.username} {line.delivery.channel}" for line in lines}
        assert seen == expected, person
        for row in Delivery.objects.exclude(pk__in=[line.delivery.pk for line in lines]):
            assert client.post(reverse("staff:resend", args=[row.pk])).status_code == 404


def test_of_other_peoples_notices_the_log_shows_number_and_topic_alone(client, cast):
    told(cast.chen, "a", title="病人隐私")
    client.force_login(cast.admin)
    page = client.get(LOG).content.decode()
    assert "T-10001" in page and "病人隐私" not in page


def test_the_log_costs_the_same_however_long_it_is(client, cast, provider, django_assert_max_num_queries):
    client.force_login(cast.wang)
    made(cast.chen, provider)
    for number in range(60):
        told(cast.chen, str(number))
    with django_assert_max_num_queries(9):
        assert len(client.get(LOG).context["lines"]) == 50


# A failing channel is seen


def test_a_failing_channel_is_seen_at_once_by_whoever_answers_for_it(client, cast, provider):
    made(cast.chen, provider)
    NoticeChannel.objects.update(failing_since=MONDAY, error="HTTP 500")
    robot = made(cast.south, provider, by=cast.wang)
    sees = {cast.chen: 1, cast.wang: 0, cast.admin: 0, cast.li: 0}
    for failing in (False, True):
        if failing:
            NoticeChannel.objects.filter(pk=robot.pk).update(failing_since=MONDAY)
            sees |= {cast.wang: 1, cast.admin: 1}
        for person, count in sees.items():
            client.force_login(person)
            client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
            live = client.get(reverse("frame")).content.decode()
            assert ("A notice channel fails" in live) is bool(count), person
            settings = client.get(reverse("staff:settings")).content.decode()
            assert ("1 fails" in settings) is bool(count), person
    client.force_login(cast.chen)
    assert "HTTP 500" in client.get(URL).content.decode()
    client.force_login(cast.wang)
    assert client.get(URL).context["failing_robots"] == 1


def test_a_given_up_e_mail_is_seen_too(client, chen):
    told(chen, "a")
    Delivery.objects.update(state="failed", error="550 no such user")
    assert "550 no such user" in client.get(URL).content.decode()


# Secrets


def test_no_page_list_or_dump_tells_a_secret(client, cast, provider):
    User.objects.filter(pk=cast.admin.pk).update(is_staff=True, is_superuser=True)
    channel = made(cast.admin, provider)
    robot = made(cast.south, provider, by=cast.admin, kind="dingtalk")
    save_channel(robot, secret=SIGNING, by=cast.admin, now=MONDAY)
    told(User.objects.get(pk=cast.admin.pk), "a")
    deliver(now=MONDAY)
    client.force_login(User.objects.get(pk=cast.admin.pk))
    urls = [URL, GROUPS, LOG, reverse("staff:settings")]
    urls += [reverse("staff:channel", args=[row.pk]) for row in (channel, robot)]
    urls += [reverse("admin:staff_noticechannel_changelist")]
    urls += [reverse("admin:staff_noticechannel_change", args=[row.pk]) for row in (channel, robot)]
    shown = "".join(client.get(url).content.decode() for url in urls) + repr(robot) + str(robot)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            shown += "".join(row[0] for row in cursor.fetchall())
    assert "••••1234" in shown
    assert KEY not in shown and SIGNING not in shown


def test_the_administrators_list_of_hosts_opens_a_host(client, cast, provider, settings):
    User.objects.filter(pk=cast.admin.pk).update(is_staff=True, is_superuser=True)
    client.force_login(User.objects.get(pk=cast.admin.pk))
    facts = {"name": "hooks.example.com", "note": "ITSM"}
    assert client.post(reverse("admin:staff_webhookhost_add"), facts).status_code == 302
    assert WebhookHost.objects.get().name == "hooks.example.com"
    client.force_login(cast.chen)
    assert add(client, provider, "webhook", address="https://hooks.example.com/in").status_code == 200
    assert mail.outbox == []
