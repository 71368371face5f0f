import pytest

from staff.tests.provider import Provider, serving


@pytest.fixture
def provider(settings):
    """A provider that may be posted to although it is on this very machine."""
    with serving() as server:
        settings.NOTICE_PRIVATE_HOSTS = ["127.0.0.1"]
        settings.SMS_URL = f"{server.url}/sms"
        settings.SMS_OK, settings.SMS_ID = "code=0", "data.id"
        settings.SMS_BODY = '{"to": ["{phone}"], "content": "[OpsDesk] {text}", "ref": "{id}"}'
        settings.SMS_HEADERS = {"Authorization": "Bearer gateway-key-1"}
        yield server


__all__ = ["Provider"]
